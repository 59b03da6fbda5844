"""Load the models of the corpus one after another, and print the outcome of each as a line of JSON.

    python -m tests.hostile.measure FOLDER [--every]

Cases that suit every task run for one of them; with "--every" for all: a thousand models, in a minute.

Runs in its own process, because it measures the process: an audit hook, which cannot be removed, records every file
opened for writing, every socket, program, import and executed code; memory is that of the process and that of Python.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from tests.hostile.corpus import Case, cases
from tests.small_models import MAKERS, answers, make

from longshort.errors import LongshortError
from longshort.runs import load_bundle, save_bundle

FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "pickle.",
    "import",
    "exec",
    "compile",
    "marshal.",
    "code.",
    "ctypes.",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "os.utime",
    "shutil.",
    "tempfile.",
    "urllib.",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

events: list[str] = []
recording_on = False


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not recording_on:
        return
    if event == "open":
        path, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & WRITING):
            events.append(f"open to write: {path}")
    elif event.startswith(FORBIDDEN):
        events.append(f"{event}: {str(arguments)[:200]}")


@contextmanager
def recording() -> Iterator[None]:
    global recording_on
    recording_on = True
    try:
        yield
    finally:
        recording_on = False


def attempt(path: Path, load: Callable[[Path], object] = load_bundle) -> dict[str, Any]:
    """Load a model; return the error, if any, with its message and hint."""
    try:
        with recording():
            load(path)
    except LongshortError as error:
        return {"error": type(error).__name__, "message": error.message, "hint": error.hint}
    except BaseException as error:
        return {"error": type(error).__name__, "message": repr(error)[:500], "hint": ""}
    return {"error": None, "message": "", "hint": ""}


def memory() -> tuple[int, int]:
    """Return the bytes of the process now, and the peak since `forget_peak`."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def entries(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return the entries of a folder, with sizes and times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        held = path.lstat()
        found[str(path)] = (held.st_mode, held.st_size, held.st_mtime_ns)
    return found


def measure(task: str, case: Case, good: Path, place: Path) -> dict[str, Any]:
    """Load a spoiled model twice: for its time and the memory of the process, then for that of Python."""
    folder = shutil.copytree(good, place / "model")
    case.spoil(folder)
    before = entries(place)
    events.clear()
    forget_peak()
    start, began, used = memory()[0], time.perf_counter(), time.process_time()
    found = attempt(folder)
    seconds, used, peak = time.perf_counter() - began, time.process_time() - used, memory()[1] - start
    tracemalloc.start()
    attempt(folder)
    python = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "task": task,
        "case": case.name,
        **found,
        "seconds": seconds,
        "processor_seconds": used,
        "peak": peak,
        "python_peak": python,
        "events": sorted(set(events)),
        "changed": entries(place) != before,
    }


PLANTED: dict[str, Callable[[Path], object]] = {
    "a file is written": lambda path: (path / "new").write_text("x"),
    "a folder is made": lambda path: (path / "folder").mkdir(),
    "a file is taken away": lambda path: (path / "new").unlink(),
    "a socket is opened": lambda _: socket.create_connection(("127.0.0.1", 9), timeout=0.1),
    "a program is started": lambda _: subprocess.run(["true"], check=True),
    "a module is imported by name": lambda _: importlib.import_module("this"),
    "a pickle names a class": lambda _: pickle.loads(pickle.dumps(Path)),
    "a text is run": lambda _: exec("1"),
    "a text is compiled": lambda _: compile("1", "", "eval"),
}
"""Actions that the hook must record: a check of the hook itself."""


def main(folder: Path, *, every: bool) -> None:
    sys.addaudithook(hook)
    os.chdir(folder)
    for name, load in PLANTED.items():
        events.clear()
        with redirect_stdout(None):
            attempt(folder, load)
        print(json.dumps({"planted": name, "events": events}), flush=True)
    for task in MAKERS:
        good = folder / f"good {task}"
        save_bundle(good, make(task))
        answers(load_bundle(good))  # loads and makes everything that is made only once
        attempt(folder / "nowhere")
        for number, case in enumerate(cases(task, every=every)):
            place = folder / f"{task} {number}"
            place.mkdir()
            print(json.dumps(measure(task, case, good, place)), flush=True)
            shutil.rmtree(place)


if __name__ == "__main__":
    main(Path(sys.argv[1]), every="--every" in sys.argv)
