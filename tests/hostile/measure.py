"""Loads the models of the corpus, one after another, and says what came of each, one JSON object a line.

    python -m tests.hostile.measure FOLDER [--every]

What any task could be sent is sent to one of them, with "--every" to all: a thousand models, in a minute.

A process of its own, for what it looks at is the process: an audit hook, which cannot be taken away, hears of every file
that is opened to write, every socket, program, import and piece of code; the memory is that of the process, and that of
Python.
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

heard: list[str] = []
listening = False


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not listening:
        return
    if event == "open":
        path, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & WRITING):
            heard.append(f"open to write: {path}")
    elif event.startswith(FORBIDDEN):
        heard.append(f"{event}: {str(arguments)[:200]}")


@contextmanager
def listened() -> Iterator[None]:
    global listening
    listening = True
    try:
        yield
    finally:
        listening = False


def attempt(path: Path, load: Callable[[Path], object] = load_bundle) -> dict[str, Any]:
    """What came of one load: the error, or none; and its message and hint."""
    try:
        with listened():
            load(path)
    except LongshortError as error:
        return {"error": type(error).__name__, "message": error.message, "hint": error.hint}
    except BaseException as error:
        return {"error": type(error).__name__, "message": repr(error)[:500], "hint": ""}
    return {"error": None, "message": "", "hint": ""}


def memory() -> tuple[int, int]:
    """Bytes of the process: now, and at most since `forget_peak`."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def entries(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What stands in a folder, with sizes and times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        held = path.lstat()
        found[str(path)] = (held.st_mode, held.st_size, held.st_mtime_ns)
    return found


def measure(task: str, case: Case, good: Path, place: Path) -> dict[str, Any]:
    """Load one spoiled model, twice: for its time and the memory of the process, and for that of Python."""
    folder = shutil.copytree(good, place / "model")
    case.spoil(folder)
    before = entries(place)
    heard.clear()
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
        "heard": sorted(set(heard)),
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
"""What the hook must hear; so that its silence means something."""


def main(folder: Path, *, every: bool) -> None:
    sys.addaudithook(hook)
    os.chdir(folder)
    for name, load in PLANTED.items():
        heard.clear()
        with redirect_stdout(None):
            attempt(folder, load)
        print(json.dumps({"planted": name, "heard": heard}), flush=True)
    for task in MAKERS:
        good = folder / f"good {task}"
        save_bundle(good, make(task))
        answers(load_bundle(good))  # all that is loaded and made once is, by now
        attempt(folder / "nowhere")
        for number, case in enumerate(cases(task, every=every)):
            place = folder / f"{task} {number}"
            place.mkdir()
            print(json.dumps(measure(task, case, good, place)), flush=True)
            shutil.rmtree(place)


if __name__ == "__main__":
    main(Path(sys.argv[1]), every="--every" in sys.argv)
