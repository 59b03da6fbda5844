"""`Team`: the processes of all peers, reused across workloads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.engine.process import Process

__all__ = ["Contestant", "Team"]


@dataclass(frozen=True)
class Contestant:
    """A peer in a workload.

    Args:
        label: its name in the results.
        peer: its name in `PEERS` or `PRODUCTS`.
        threads: number of threads that it may use.
    """

    label: str
    peer: str
    threads: int


class Team:
    """Starts a process at its first request, and restarts it if it has died.

    Args:
        log: file for the output of the libraries.
        limit: longest time of a request, in seconds.
    """

    def __init__(self, log: Path, limit: float) -> None:
        self._log, self._limit = log, limit
        self._processes: dict[tuple[str, int], Process] = {}

    def ask(self, contestant: Contestant, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for the reply.

        Raises:
            WorkerError: it refused, failed, crashed or took too long.
        """
        key = (contestant.peer, contestant.threads)
        if key not in self._processes or not self._processes[key].alive:
            if key in self._processes:
                self._processes[key].close()
            self._processes[key] = Process(*key, self._log, self._limit)
        return self._processes[key].ask(do, **arguments)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self._processes.values():
            process.close()
