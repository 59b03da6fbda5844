"""A peer in its own process: requests and replies are lines of JSON, arrays go through files.

python -m benchmarks.engine.worker NAME THREADS
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Peer, Refusal, Task
from benchmarks.engine.peers import PEERS, PRODUCTS
from benchmarks.engine.problem import Problem
from benchmarks.engine.workload import Workload

__all__ = ["Worker", "main"]

PR_SET_PDEATHSIG = 1


class Worker:
    """Answers requests with one peer."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._task: Task | None = None

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        """Handle a request; an error becomes a reply, and the process continues."""
        arguments = {key: value for key, value in request.items() if key != "do"}
        try:
            return getattr(self, f"do_{request['do']}")(**arguments)  # type: ignore[no-any-return]
        except Refusal as refusal:
            return {"refused": str(refusal)}
        except Exception as error:
            traceback.print_exc()
            return {
                "failed": f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200] if str(error) else ''}"
            }

    def do_prepare(self, workload: dict[str, Any]) -> dict[str, Any]:
        """Draw the arrays and let the peer prepare them."""
        self._task = None
        wanted = Workload(**workload)
        self._task = self._peer.prepare(Epoch.of(wanted) if wanted.mode == "epoch" else Problem.of(wanted))
        return {"note": self._task.note, "tolerance": self._peer.tolerance}

    def do_answer(self, path: str) -> dict[str, Any]:
        """Compute once and store the arrays."""
        np.savez(path, **self._ready_task(0).answer())  # type: ignore[arg-type]  # our names do not clash with its other parameter
        return {}

    def do_turn(self, index: int, least: float) -> dict[str, Any]:
        """Repeat for `least` seconds, at least once; the first of several repetitions is a warm-up."""
        task = self._ready_task(index)
        seconds: list[float] = []
        busy, own, began = busy_seconds(), time.process_time(), time.perf_counter()
        while not seconds or time.perf_counter() - began < least:
            start = time.perf_counter()
            task.run(index)
            seconds.append(time.perf_counter() - start)
        wall, own, busy = time.perf_counter() - began, time.process_time() - own, busy_seconds() - busy
        return {"seconds": seconds[1:] or seconds, "wall": wall, "foreign": max(0.0, busy - own)}

    def do_drop(self) -> dict[str, Any]:
        """Forget the problem."""
        self._task = None
        gc.collect()
        return {}

    def _ready_task(self, index: int) -> Task:
        assert self._task is not None, "prepare comes first"
        self._task.ready(index)
        return self._task


def busy_seconds() -> float:
    """CPU seconds used by all processes, and by other guests of the hypervisor, since boot."""
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    ticks = dict(zip(names, map(int, Path("/proc/stat").read_text().split()[1:9]), strict=True))
    return (sum(ticks.values()) - ticks["idle"] - ticks["iowait"]) / os.sysconf("SC_CLK_TCK")


def make_peer(name: str, threads: int) -> Peer:
    """Import the peer's module and make the peer."""
    module, function = {**PEERS, **PRODUCTS}[name].split(":")
    peer: Peer = getattr(importlib.import_module(f"benchmarks.engine.peers.{module}"), function)(threads)
    return peer


def main() -> None:
    """Serve until the pipe closes. Output of libraries goes to stderr, so that stdout holds only replies."""
    name, threads = sys.argv[1], int(sys.argv[2])
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _depend_on_parent()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    worker = Worker(make_peer(name, threads))
    for line in sys.stdin:
        print(json.dumps(worker.reply(json.loads(line))), file=replies, flush=True)


def _depend_on_parent() -> None:
    """End with the parent, even while stopped; if memory runs out, be the process that is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    main()
