"""How a bad input is written down: a function makes it, a line says what is answered.

    @refused("text", ", line 3: a row has 2 columns", "A cell with a quote")
    def a_cell_too_many(folder): return write(folder / "a.csv", ...)

The message is what follows the path of the file, from its beginning; the hint begins with the last argument. An input
that looks bad and is none is `@read`: its function gives the data, and what must be read.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["CASES", "Case", "Kind", "alarm", "as_nobody", "packed", "read", "refused", "write"]

Kind = Literal["text", "sequences", "series"]


@dataclass(frozen=True)
class Case:
    """One input.

    Args:
        name: its function's, in words.
        kind: who reads it.
        make: makes it in a folder; gives what is opened. Of an input that is read, also what must be found.
        message: how the message begins, after the path; None where the input is read.
        hint: how the hint begins.
        settings: beside the defaults.
    """

    name: str
    kind: Kind
    make: Callable[[Path], Any]
    message: str | None = None
    hint: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


CASES: dict[str, Case] = {}


def refused(kind: Kind, message: str, hint: str, **settings: Any) -> Callable[[Callable[[Path], Any]], Any]:
    """Write down an input that is refused with this message and this hint."""

    def keep(make: Callable[[Path], Any]) -> Callable[[Path], Any]:
        return _keep(Case(f"{kind}: {make.__name__.replace('_', ' ')}", kind, make, message, hint, settings))

    return keep


def read(kind: Kind, **settings: Any) -> Callable[[Callable[[Path], Any]], Any]:
    """Write down an input that is read; what must be found is the second thing that its function gives."""

    def keep(make: Callable[[Path], Any]) -> Callable[[Path], Any]:
        return _keep(Case(f"{kind}: {make.__name__.replace('_', ' ')}", kind, make, settings=settings))

    return keep


def _keep(case: Case) -> Callable[[Path], Any]:
    assert case.name not in CASES, f"two inputs are called {case.name}"
    CASES[case.name] = case
    return case.make


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def packed(path: Path, content: str) -> Path:
    """A gzip file of this text, whatever its suffix says."""
    return write(path, gzip.compress(content.encode()))


@contextlib.contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Whatever hangs is stopped."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, who may read everything."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(mine)
