"""`Process`: the parent's side of a worker. A signal stops the worker whenever it is not its turn."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

__all__ = ["Process", "WorkerError", "environment"]


ROOT = Path(__file__).parents[2]


class WorkerError(Exception):
    """The worker refused, failed, died, or took too long."""

    def __init__(self, kind: Literal["refused", "failed"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


def environment(threads: int) -> dict[str, str]:
    """Return an environment that sets this number of threads for every library."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC", "TF_NUM_INTRAOP_THREADS")
    settings = dict.fromkeys(names, str(threads))
    quiet = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTEROP_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
    }
    return {**os.environ, **settings, **quiet}


class Process:
    """One peer at one number of threads.

    Args:
        name: name in `PEERS` or `PRODUCTS`.
        threads: number of threads and CPU cores that it may use.
        log: output of the libraries is appended to this file.
        limit: longest time of a request, in seconds.
    """

    def __init__(self, name: str, threads: int, log: Path, limit: float) -> None:
        self._limit = limit
        self._log = log.open("ab")
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.engine.worker", name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment(threads),
            cwd=ROOT,
        )

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Wake the worker, send a request, wait for the reply, and stop it again.

        Raises:
            WorkerError: the request failed; after a crash or timeout the process is unusable.
        """
        self._signal(signal.SIGCONT)
        try:
            reply = self._exchange({"do": do, **arguments})
        finally:
            self._stop()
        if "refused" in reply:
            raise WorkerError("refused", reply["refused"])
        if "failed" in reply:
            raise WorkerError("failed", reply["failed"])
        return reply

    @property
    def id(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it can still answer."""
        return self._popen.poll() is None

    def close(self) -> None:
        """Kill the process."""
        self._popen.kill()
        self._popen.communicate()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        try:
            self._popen.stdin.write(json.dumps(request).encode() + b"\n")
            self._popen.stdin.flush()
            line = self._read_line(self._popen.stdout.fileno(), time.monotonic() + self._limit)
        except BrokenPipeError:
            line = b""
        if not line:
            raise WorkerError("failed", f"its process ended with code {self._popen.wait()}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _read_line(self, source: int, until: float) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([source], [], [], max(0.0, until - time.monotonic()))[0]:
                self._popen.kill()
                raise WorkerError("failed", f"took more than {self._limit:.0f} s")
            piece = os.read(source, 65_536)
            if not piece:
                return b""
            line += piece
        return line

    def _stop(self) -> None:
        """Stop the worker, and wait until it has stopped: the next one needs the whole machine."""
        self._signal(signal.SIGSTOP)
        if self.alive:
            os.waitid(os.P_PID, self.id, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def _signal(self, number: int) -> None:
        if self.alive:
            self._popen.send_signal(number)
