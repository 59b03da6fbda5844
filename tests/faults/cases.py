"""Small trainings that use every feature, in separate processes with injected faults, and checksums of their results."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import multiprocessing
import os
import random
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

__all__ = ["CASES", "Case", "Faults", "digest", "outcome", "processes", "start", "write_data"]

SHARED = {"epochs": 3, "averaging": 0.9, "patience": 2}
SEQUENCES = {
    "hidden_size": 4,
    "filters": 4,
    "num_layers": 2,
    "batch_tokens": 64,
    "validation_share": 0.2,
    **SHARED,
}
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
    "sequence-classification": {"class_weights": "balanced", **SEQUENCES},
    "sequence-regression": SEQUENCES,
    "forecast": {
        "hidden_size": 4,
        "horizon": 3,
        "season": 6,
        "context": 12,
        "members": 2,
        "trend": "last",
        "batch_tokens": 96,
        **SHARED,
    },
}


@dataclass(frozen=True)
class Case:
    """The task, and the backend of the LSTM."""

    task: str
    backend: str

    def __str__(self) -> str:
        return f"{self.task}, {self.backend}"


CASES = [Case(task, backend) for task in FLAT for backend in ("native", "torch", "equations")]


@dataclass(frozen=True)
class Faults:
    """Faults injected into a process.

    Args:
        die_at: SIGKILL at this file operation in the run directory, counted from 1.
        full_at: the disk is full from this `fsync` on; `filler`, if given, really fills it.
        filler: a file on a separate small file system.
        largest: largest file size in bytes.
        ignore_signals: ignore SIGINT and SIGTERM, as under nohup.
    """

    die_at: int | None = None
    full_at: int | None = None
    filler: Path | None = None
    largest: int | None = None
    ignore_signals: bool = False


def processes() -> ForkServerContext:
    """Make a fork server with the imports of a training preloaded, so that processes start fast."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["longshort.runs.job", "sklearn.linear_model", "pyarrow.pandas_compat", "torch._dynamo", "torch._inductor"]
    )
    return context


def start(
    context: ForkServerContext, case: Case, folder: Path, faults: Faults | None = None, *, drawn: bool = False
) -> BaseProcess:
    """Train in a separate process: start a run, or resume an existing one.

    Args:
        context: from `processes`.
        case: the task and backend.
        folder: holds `data.csv`; receives the run in `run`, and the output in `stdout` and `stderr`.
        faults: the injected faults.
        drawn: also make figures and report, which take most of the time.
    """
    process = context.Process(target=_perform, args=(case, folder, faults or Faults(), drawn))
    process.start()
    return process


def _perform(case: Case, folder: Path, faults: Faults, drawn: bool) -> None:
    os.chdir(folder)
    os.environ["LONGSHORT_BACKEND"] = case.backend
    sys.stdout, sys.stderr = (open(name, "w", encoding="utf-8") for name in ("stdout", "stderr"))  # noqa: PTH123, SIM115
    signal.signal(signal.SIGINT, signal.SIG_IGN if faults.ignore_signals else signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if faults.ignore_signals else signal.SIG_DFL)
    import torch

    torch.set_num_threads(1)
    from longshort.cli import main
    from longshort.runs import writing
    from longshort.training import checkpoint

    checkpoint.SHARE, checkpoint.SECONDS = 0.5, 0.0  # a checkpoint after about every second step
    if not drawn:
        writing.report_html, writing.save = (lambda *_: ("", [])), (lambda *_: None)
    _watch_the_ends(folder)
    _break(faults, folder)
    if Path("run/run.json").exists():
        main(["train", "--resume", "run"])
    options = [word for name, value in FLAT[case.task].items() for word in (f"--{name.replace('_', '-')}", str(value))]
    main(["train", "data.csv", "--task", case.task, "--run", "run", *options])


def write_data(task: str, folder: Path) -> Path:
    """Write a small data set that the task can learn."""
    draw = random.Random(1)
    path = folder / "data.csv"
    if task == "text-classification":
        words = ["film", "story", "actor", "scene", "music", "end"]
        lines = ["text,label"] + [
            f"{' '.join(draw.choices(words, k=draw.randint(1, 6)))} {('bad', 'good')[i % 3 > 0]} {i},{'np'[i % 3 > 0]}"
            for i in range(60)
        ]
    elif task.startswith("sequence"):
        targets = "ab" if task == "sequence-classification" else ("0.5", "2.5")
        lines = ["label,t0,t1,t2,t3,t4,t5,t6,t7"] + [
            ",".join([targets[i % 3 > 0], *(f"{draw.gauss(2 * (i % 3 > 0), 1):.3f}" for _ in range(8))])
            for i in range(60)
        ]
    else:
        lines = ["date,value"] + [
            f"{2000 + i // 12}-{1 + i % 12:02d}-01,{i / 10 + math.sin(i / 6 * math.tau) + draw.random():.3f}"
            for i in range(96)
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- faults ---


def _break(faults: Faults, folder: Path) -> None:
    if faults.die_at is not None:
        _die_at(faults.die_at, str(folder / "run"))
    if faults.full_at is not None:
        _fill_at(faults.full_at, faults.filler)
    if faults.largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (faults.largest, faults.largest))


def _die_at(count: int, place: str) -> None:
    """Kill this process at its n-th open, rename, remove or mkdir below `place`."""
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


def _fill_at(count: int, filler: Path | None) -> None:
    fsync, seen = os.fsync, 0

    def full(handle: int) -> None:
        nonlocal seen
        seen += 1
        if filler is None and seen >= count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if seen == count and filler is not None:
            _fill(filler)
        fsync(handle)

    os.fsync = full


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


# --- results ---


def _watch_the_ends(folder: Path) -> None:
    """Write the checksum of the state at the end of each training to `ends.json`."""
    from longshort.training import Training

    ends: list[str] = []
    plain: Callable[..., Any] = Training._run_epochs

    def run_epochs(self: Training, *arguments: Any) -> Any:
        ended = plain(self, *arguments)
        ends.append(digest(self.state()))
        (folder / "ends.json").write_text(json.dumps(ends), encoding="utf-8")
        return ended

    Training._run_epochs = run_epochs  # type: ignore[method-assign]


def digest(snapshot: Any) -> str:
    """Hash the whole state except times: weights, running mean, best weights, optimizer, generator, history."""
    found = hashlib.sha256(json.dumps(_timeless(snapshot.facts), sort_keys=True).encode())
    for name, tensor in sorted(snapshot.tensors.items()):
        found.update(name.encode() + tensor.detach().contiguous().numpy().tobytes())
    return found.hexdigest()


def _timeless(value: Any) -> Any:
    """Remove times at any depth."""
    if isinstance(value, dict):
        return {key: _timeless(each) for key, each in value.items() if key not in ("seconds", "created")}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


def outcome(folder: Path) -> dict[str, str]:
    """Return checksums of the files of a finished run, without times."""
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
