"""`Team`: the processes of all peers, kept from one workload to the next."""

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
        label: what it is called in the results.
        peer: its name in `PEERS` or `PRODUCTS`.
        threads: that it may use.
    """

    label: str
    peer: str
    threads: int


class Team:
    """Starts a process when it is first asked for something, and again where it has died.

    Args:
        log: a file for what the libraries print.
        limit: seconds that one request may take.
    """

    def __init__(self, log: Path, limit: float) -> None:
        self._log, self._limit = log, limit
        self._processes: dict[tuple[str, int], Process] = {}

    def ask(self, contestant: Contestant, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for the reply.

        Raises:
            WorkerError: it refused, failed, died or took too long.
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
