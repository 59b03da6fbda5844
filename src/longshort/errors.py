"""All errors that longshort raises on purpose.

The message says what must hold and what was received; the hint says what to do. The command line prints both and exits
with `exit_code`.

    LongshortError            anything below                                          exit 1
    |-- UserError             something the user can correct                          exit 2
    |   |-- SettingError      a setting is unknown, of the wrong type or out of bounds
    |   |-- DataError         a file, table or array does not have the required content
    |   |-- BundleError       a stored model is damaged or inconsistent
    |   |-- RunError          a run directory is missing, in use or incomplete
    |   |-- StorageError      a file cannot be written: disk full, no permission, size limit
    |   |-- MemoryLimitError  there is not enough memory, or the limit is too small
    |   |-- BackendError      the requested LSTM backend cannot run the LSTM
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
    """Base of all errors that longshort raises.

    Args:
        message: what must hold, and what was received.
        hint: what to do; empty if there is no advice.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\nhint: {self.hint}" if self.hint else self.message


class UserError(LongshortError):
    """An error that the user can correct."""

    exit_code = 2


class SettingError(UserError, ValueError):
    """A setting is unknown, of the wrong type or out of bounds."""


class DataError(UserError, ValueError):
    """A file, table or array does not have the required content.

    Args:
        message: what must hold, and what was received.
        hint: what to do.
        path: the file; prepended to the message.
        line: its line, counted from 1.
    """

    def __init__(
        self, message: str, hint: str = "", *, path: Path | str | None = None, line: int | None = None
    ) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}, line {line}: "
        super().__init__(where + message, hint)
        self.path = None if path is None else Path(path)
        self.line = line


class BundleError(UserError):
    """A stored model is damaged or inconsistent."""


class RunError(UserError):
    """A run directory is missing, in use or incomplete."""


class StorageError(UserError, OSError):
    """A file cannot be written: the disk is full, permission is missing, or it is too large. An existing file stays."""

    @classmethod
    def of(cls, error: OSError, what: str, more: str = "") -> StorageError:
        """Make the error for a failed write of `what`, the start of a sentence, from its OSError."""
        where = f" ({error.filename})" if error.filename else ""
        reason = f"{error.strerror or error}{where}" + (f"; {more}" if more else "")
        return cls(
            f"{what} could not be written: {reason}.", "Free some disk space, or check that the folder is writable."
        )


class BackendError(UserError, RuntimeError):
    """The requested LSTM backend cannot run the LSTM."""


class MissingExtraError(UserError, ImportError):
    """A feature needs a package that is not installed.

    Args:
        feature: the requested feature, as the start of a sentence.
        package: the missing package.
        extra: the extra of longshort that installs it.
    """

    def __init__(self, feature: str, package: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the package {package}, which is not installed.", f"pip install 'longshort[{extra}]'"
        )


class NonFiniteError(LongshortError, ArithmeticError):
    """The loss, gradient or weights became NaN or infinite; earlier weights are kept.

    Args:
        message: what was not finite, and at which step.
        hint: what to do.
        step: number of the failed update, counted from 1.
        rows: rows of the data source in its batch.
    """

    def __init__(self, message: str, hint: str, *, step: int, rows: list[int]) -> None:
        super().__init__(message, hint)
        self.step = step
        self.rows = rows


class MemoryLimitError(UserError, MemoryError):
    """There is not enough memory, or the limit is too small; the update was not made."""


class Interrupted(LongshortError):
    """The user stopped the work; finished work is kept.

    Args:
        message: when it was stopped.
        hint: how to resume.
        signal: `signal.SIGINT` (Ctrl-C) or `signal.SIGTERM`; the exit code is 128 more.
    """

    exit_code = 128 + signal.SIGINT

    def __init__(self, message: str, hint: str = "", *, signal: int = signal.SIGINT) -> None:
        super().__init__(message, hint)
        self.exit_code = 128 + signal


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" for the candidate closest to `word`; empty if none is similar."""
    found = closest(word, candidates)
    return f"Did you mean {found!r}?" if found else ""


def closest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate with the smallest edit distance from `word`; empty if none is similar.

    difflib finds similar candidates but does not rank them well: to it "tets" is as close to "text" as to "test".
    """
    alike = difflib.get_close_matches(word, list(candidates), n=8, cutoff=0.5)
    slips = {each: _slips(word, each) for each in alike}
    enough = [each for each in alike if slips[each] == 1 or difflib.SequenceMatcher(None, each, word).ratio() >= 0.6]
    return min(enough, key=slips.__getitem__, default="")


def _slips(word: str, other: str) -> int:
    """Count letters deleted, inserted, substituted or transposed with a neighbour (Damerau 1964)."""
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
