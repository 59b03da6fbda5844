"""Small trainings that use everything, and what each leaves, as checksums."""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CASES", "Case", "outcome", "perform"]

SHARED = {"epochs": 3, "averaging": 0.9, "patience": 2}
FLAT: dict[str, dict[str, Any]] = {
    "text-classification": {
        "pretraining_epochs": 1,
        "embedding_size": 4,
        "hidden_size": 4,
        "minimum_count": 1,
        "batch_tokens": 64,
        "class_weights": "balanced",
        "embedding_dropout": 0.1,
        **SHARED,
    },
    "sequence-classification": {
        "hidden_size": 4,
        "filters": 4,
        "num_layers": 2,
        "batch_tokens": 64,
        "validation_share": 0.2,
        "class_weights": "balanced",
        **SHARED,
    },
    "forecast": {
        "hidden_size": 4,
        "horizon": 3,
        "season": 6,
        "context": 12,
        "members": 2,
        "trend": "last",
        "transform": "none",
        "batch_tokens": 96,
        **SHARED,
    },
}


@dataclass(frozen=True)
class Case:
    """What is learnt, and which backend runs the LSTM."""

    task: str
    backend: str

    def __str__(self) -> str:
        return f"{self.task}, {self.backend}"


CASES = [Case(task, backend) for task in FLAT for backend in ("native", "torch", "equations")]


def write_data(task: str, folder: Path) -> Path:
    """A small file that the task can learn from."""
    draw = random.Random(1)
    path = folder / "data.csv"
    if task == "text-classification":
        words = ["film", "story", "actor", "scene", "music", "end"]
        lines = ["text,label"] + [
            f"{' '.join(draw.choices(words, k=draw.randint(1, 6)))} {('bad', 'good')[i % 3 > 0]} {i},{'np'[i % 3 > 0]}"
            for i in range(60)
        ]
    elif task == "sequence-classification":
        lines = ["label,t0,t1,t2,t3,t4,t5,t6,t7"] + [
            ",".join(["ab"[i % 3 > 0], *(f"{draw.gauss(2 * (i % 3 > 0), 1):.3f}" for _ in range(8))]) for i in range(60)
        ]
    else:
        lines = ["date,value"] + [
            f"{2000 + i // 12}-{1 + i % 12:02d}-01,{i / 10 + math.sin(i / 6 * math.tau) + draw.random():.3f}"
            for i in range(96)
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def perform(case: Case, folder: Path, *, resume: bool = False, die_at: int | None = None, drawn: bool = True) -> None:
    """Train in this process, in `folder`, which holds `data.csv`.

    Args:
        case: what.
        folder: the run is put into `run` below it; what the trainings end with into `ends.json`.
        resume: go on with that run.
        die_at: SIGKILL comes at this many file operations in the run directory, counted from 1.
        drawn: with pictures and report, which take most of the time.
    """
    os.chdir(folder)
    os.environ["LONGSHORT_BACKEND"] = case.backend
    sys.stderr = Path("stderr").open("a", encoding="utf-8")  # noqa: SIM115 - as long as the process
    import torch

    torch.set_num_threads(1)
    from longshort.config import TASKS
    from longshort.runs import train, writing
    from longshort.training import checkpoint

    checkpoint.SHARE, checkpoint.SECONDS = 0.5, 0.0  # a checkpoint after about every second step
    if not drawn:
        writing.report_html, writing.save = (lambda *_: ("", [])), (lambda *_: None)
    ends = _watch_the_ends()
    settings = TASKS[case.task].from_flat(FLAT[case.task])
    if die_at is not None:
        _die_at(die_at, str(folder / "run"))
    if resume:
        train(resume="run")
    else:
        train("data.csv", settings=settings, directory=Path("run"))
    Path("ends.json").write_text(json.dumps(ends), encoding="utf-8")


def _watch_the_ends() -> list[str]:
    """The checksum of all that each training is at its end: weights, optimizer, running mean, history, generator."""
    from longshort.training import Training

    ends: list[str] = []
    plain: Callable[..., Any] = Training._run_epochs

    def run_epochs(self: Training, *arguments: Any) -> Any:
        ended = plain(self, *arguments)
        ends.append(_digest(self.state()))
        return ended

    Training._run_epochs = run_epochs  # type: ignore[method-assign]
    return ends


def _digest(snapshot: Any) -> str:
    found = hashlib.sha256(json.dumps(_timeless(snapshot.facts), sort_keys=True).encode())
    for name, tensor in sorted(snapshot.tensors.items()):
        found.update(name.encode() + tensor.detach().contiguous().numpy().tobytes())
    return found.hexdigest()


def _timeless(value: Any) -> Any:
    """Without what a clock said, at any depth."""
    if isinstance(value, dict):
        return {key: _timeless(each) for key, each in value.items() if key not in ("seconds", "created")}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


def _die_at(count: int, place: str) -> None:
    """Kill this process at its n-th opening, renaming, removing or making of something below `place`."""
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"):
            return
        if any(place in str(each) or str(each).startswith("run/") for each in arguments[:2]):
            seen += 1
            if seen == count:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def outcome(folder: Path) -> dict[str, str]:
    """The checksums of what a finished run left; clocks apart."""
    run = folder / "run"
    history = [_timeless(json.loads(line)) for line in (run / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    metrics = _timeless(json.loads((run / "metrics.json").read_text(encoding="utf-8")))
    plain = {"history": history, "metrics": metrics, "ends": json.loads((folder / "ends.json").read_bytes())}
    files = ("predictions.parquet", "model/weights.safetensors", "model/config.json")
    return {
        **{name: hashlib.sha256(json.dumps(each).encode()).hexdigest() for name, each in plain.items()},
        **{name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in files},
        "files": " ".join(sorted(str(path.relative_to(run)) for path in run.rglob("*"))),
    }
