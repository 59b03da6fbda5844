"""Measure the project's goals: start-up time, independence of the batch, accuracy, explanation time, overhead.

python benchmarks/goals.py help                   time of `longshort --help`, and what it loads
python benchmarks/goals.py alone RUN              a prediction alone, in a batch with 64 others, and padded by 500
python benchmarks/goals.py accuracy DATA [...]    `longshort train DATA ...`, its time and its accuracy
python benchmarks/goals.py explain RUN            time to explain the text closest to 230 tokens
python benchmarks/goals.py overhead DATA          shares of the training time taken by statistics, checkpoints and
                                                  the memory estimate
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LONGSHORT = [sys.executable, "-m", "longshort"]


def measure_help(times: int = 20) -> None:
    """Median wall time of the installed command, and whether torch is loaded."""
    command = str(Path(sys.executable).with_name("longshort"))
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([command, "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    imports = [sys.executable, "-X", "importtime", command, "--help"]
    loaded = subprocess.run(imports, check=True, capture_output=True, text=True).stderr
    modules = {line.rsplit("|", 1)[-1].strip() for line in loaded.splitlines()}
    print(f"longshort --help: median {statistics.median(seconds):.3f} s of {times}, slowest {max(seconds):.3f} s")
    print(f"  torch is {'loaded' if 'torch' in modules else 'not loaded'}; {len(modules)} modules are")


def measure_alone(run: str) -> None:
    """Largest difference in probability between a text alone, in a ragged batch of 65, and padded by 500."""
    import pyarrow.parquet as pq
    import torch

    from longshort.ragged import Ragged
    from longshort.runs import load_bundle

    bundle = load_bundle(run)
    texts = pq.read_table(Path(run) / "predictions.parquet")["text"].to_pylist()[:65]
    tokens = [torch.from_numpy(ids).long() for ids in bundle.task.encoding.encode(texts)]
    together = Ragged.from_list(tokens)
    padded = torch.nn.functional.pad(together.to_padded(), (0, 500))

    def answers(batch: Ragged) -> torch.Tensor:
        with torch.no_grad():
            return bundle.task.objective.probabilities(bundle.network(batch))

    alone = torch.cat([answers(Ragged.from_list([one])) for one in tokens])
    lengths = f"{together.lengths.min()} to {together.lengths.max()} tokens"
    print(f"{len(texts)} texts of {lengths}; largest difference in probability from the same text alone:")
    for name, batch in (
        ("in one ragged batch", together),
        ("padded by 500", Ragged.from_padded(padded, together.lengths)),
    ):
        print(f"  {name:<20} {float((answers(batch) - alone).abs().max()):.1e}")


def measure_accuracy(arguments: list[str]) -> None:
    """Time and evaluate one training, started like a user's."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        command = [*LONGSHORT, "train", *arguments, "--run", f"{folder}/run", "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        metrics = json.loads(Path(folder, "run", "metrics.json").read_text())
    test, baselines = metrics["test"], metrics["baselines"]
    low, high = test["accuracy_interval"]
    print(
        f"{' '.join(arguments)}: test accuracy {test['accuracy']:.4f} ({low:.4f} to {high:.4f}), {seconds:.0f} s in all"
    )
    for name, baseline in baselines.items():
        print(f"  {name}: {baseline['accuracy']:.4f}, {baseline['seconds']:.0f} s")
    print(f"  verdict: {metrics['verdict']['headline']}")


def measure_explain(run: str, wanted: int = 230, times: int = 10) -> None:
    """Median time of integrated gradients with contributions that sum to the score within 1 %."""
    import pyarrow.parquet as pq

    import longshort

    model = longshort.load(run)
    texts = pq.read_table(Path(run) / "predictions.parquet")["text"].to_pylist()
    lengths = [len(ids) for ids in model.bundle_.task.encoding.encode(texts)]
    text = texts[min(range(len(texts)), key=lambda place: abs(lengths[place] - wanted))]
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        found = longshort.explain(model, text)
        seconds.append(time.perf_counter() - began)
    print(f"{len(found)} tokens: median {statistics.median(seconds):.3f} s of {times}, slowest {max(seconds):.3f} s")
    print(f"  the contributions differ from the score difference by {found.completeness_error:.2%}")


def measure_overhead(data: str) -> None:
    """Time of statistics, checkpoints and memory estimate as shares of the training loop, in the preset "demo"."""
    from longshort.config import TextRunSettings
    from longshort.runs import train
    from longshort.training.checkpoint import Keeper
    from longshort.training.loop import Training
    from longshort.training.statistics import Statistics

    spent = {"training": 0.0, "recording": 0.0, "checkpoints": 0.0, "memory estimate": 0.0}

    def timed(owner: type, method: str, name: str) -> None:
        function = getattr(owner, method)

        def wrapped(*given: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                spent[name] += time.perf_counter() - began

        setattr(owner, method, wrapped)

    for method in ("epoch_started", "update_started", "update_ended", "epoch_ended"):
        timed(Statistics, method, "recording")
    timed(Keeper, "keep", "checkpoints")
    timed(Training, "_plan_memory", "memory estimate")
    timed(Training, "run", "training")
    with tempfile.TemporaryDirectory() as folder:
        train(data, settings=TextRunSettings.from_flat(TextRunSettings.presets["demo"]), directory=Path(folder, "run"))
    whole = spent.pop("training")
    for name, seconds in spent.items():
        print(f"{data}, {name}: {seconds:.2f} of {whole:.1f} s, {seconds / whole:.1%}")


def main() -> None:
    """Run the measurement named by the first argument."""
    match sys.argv[1:]:
        case ["help"]:
            measure_help()
        case ["alone", run]:
            measure_alone(run)
        case ["accuracy", *arguments] if arguments:
            measure_accuracy(arguments)
        case ["explain", run]:
            measure_explain(run)
        case ["overhead", data]:
            measure_overhead(data)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
