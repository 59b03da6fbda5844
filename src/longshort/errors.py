"""Every error that a user can meet.

One message says what must hold and what was received; the hint says what to do. The command line prints both and exits
with `exit_code`; nothing else of longshort raises on purpose.

    LongshortError            anything below                                          exit 1
    |-- UserError             something the user can put right                        exit 2
    |   |-- SettingError      a setting is unknown, of the wrong type or out of bounds
    |   |-- DataError         a file, a table or an array does not hold what it must
    |   |-- BundleError       a stored model is damaged, or is not what it says it is
    |   |-- RunError          a run directory is missing, taken, or not complete
    |   |-- StorageError      a file cannot be written: no room, no right to, a limit of its size
    |   |-- MemoryLimitError  there is not enough memory, or it may not take so much
    |   |-- BackendError      the LSTM backend asked for cannot do what is asked
    |   `-- MissingExtraError a feature needs a package that is not installed
    |-- NonFiniteError        the loss became NaN or infinite during training         exit 1
    `-- Interrupted           the user stopped the work: Ctrl-C (SIGINT), SIGTERM     exit 130, 143
"""

from __future__ import annotations

import difflib
import signal
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "BackendError",
    "BundleError",
    "DataError",
    "Interrupted",
    "LongshortError",
    "MemoryLimitError",
    "MissingExtraError",
    "NonFiniteError",
    "RunError",
    "SettingError",
    "StorageError",
    "UserError",
    "closest",
    "nearest",
]


class LongshortError(Exception):
    """Base of all errors raised by longshort.

    Args:
        message: what must hold, and what was received.
        hint: what to do about it; empty where nothing can be said.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\nhint: {self.hint}" if self.hint else self.message


class UserError(LongshortError):
    """Something that the user can put right."""

    exit_code = 2


class SettingError(UserError, ValueError):
    """A setting is unknown, of the wrong type or out of its bounds."""


class DataError(UserError, ValueError):
    """A file, a table or an array does not hold what it must.

    Args:
        message: what must hold, and what was received.
        hint: what to do about it.
        path: the file; put before the message.
        line: the line in it, counted from 1.
    """

    def __init__(
        self, message: str, hint: str = "", *, path: Path | str | None = None, line: int | None = None
    ) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}, line {line}: "
        super().__init__(where + message, hint)
        self.path = None if path is None else Path(path)
        self.line = line


class BundleError(UserError):
    """A stored model is damaged, or is not what it says it is."""


class RunError(UserError):
    """A run directory is missing, taken, or not complete."""


class StorageError(UserError, OSError):
    """A file cannot be written: there is no room or no right to, or it may not be so large. What was there stays."""

    @classmethod
    def of(cls, error: OSError, what: str, more: str = "") -> StorageError:
        """What the system said when `what`, as the start of a sentence, was to be written."""
        where = f" ({error.filename})" if error.filename else ""
        reason = f"{error.strerror or error}{where}" + (f"; {more}" if more else "")
        return cls(
            f"{what} could not be written: {reason}.", "Check that the folder may be written to and has room left."
        )


class BackendError(UserError, RuntimeError):
    """The LSTM backend that was asked for cannot do what is asked."""


class MissingExtraError(UserError, ImportError):
    """A feature needs a package that is not installed.

    Args:
        feature: what was asked for, as the start of a sentence.
        package: the package that is missing.
        extra: the extra of longshort that brings it.
    """

    def __init__(self, feature: str, package: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the package {package}, which is not installed.", f"pip install 'longshort[{extra}]'"
        )


class NonFiniteError(LongshortError, ArithmeticError):
    """The loss became NaN or infinite; the weights are those before the step that failed.

    Args:
        message: what was seen, and at which step.
        hint: what to do about it.
        step: the update that was not made, counted from 1.
        rows: the rows of the data source that were in its batch.
    """

    def __init__(self, message: str, hint: str, *, step: int, rows: list[int]) -> None:
        super().__init__(message, hint)
        self.step = step
        self.rows = rows


class MemoryLimitError(UserError, MemoryError):
    """There is not enough memory for what is asked, or it may not take so much; the update was not made."""


class Interrupted(LongshortError):
    """The user stopped the work; what was finished by then is kept.

    Args:
        message: when it was stopped.
        hint: how to go on.
        signal: what stopped it: `signal.SIGINT` (Ctrl-C), or `signal.SIGTERM`; the exit code is 128 more.
    """

    exit_code = 128 + signal.SIGINT

    def __init__(self, message: str, hint: str = "", *, signal: int = signal.SIGINT) -> None:
        super().__init__(message, hint)
        self.exit_code = 128 + signal


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The sentence "Did you mean 'x'?" for the candidate most like `word`; empty where none is like it."""
    found = closest(word, candidates)
    return f"Did you mean {found!r}?" if found else ""


def closest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that `word` was most likely meant to be: the fewest slips away; empty where none is like it.

    What difflib finds alike is not yet in the right order: to it "tets" is as like "text" as "test".
    """
    alike = difflib.get_close_matches(word, list(candidates), n=8, cutoff=0.5)
    slips = {each: _slips(word, each) for each in alike}
    enough = [each for each in alike if slips[each] == 1 or difflib.SequenceMatcher(None, each, word).ratio() >= 0.6]
    return min(enough, key=slips.__getitem__, default="")


def _slips(word: str, other: str) -> int:
    """Letters lost, added, changed, or exchanged with their neighbour (Damerau 1964)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word):
        last, before, row = before, row, [i + 1]
        for j, its in enumerate(other):
            least = min(before[j] + (letter != its), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == other[j - 1] and word[i - 1] == its:
                least = min(least, last[j - 1] + 1)
            row.append(least)
    return row[-1]
