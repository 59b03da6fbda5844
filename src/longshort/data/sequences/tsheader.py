"""The header of a `.ts` file: what each of its lines says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from longshort.errors import DataError, nearest

__all__ = ["EXAMPLE", "Header", "read_header_line"]

EXAMPLE = 'Before "@data" stands "@classLabel true a b", after it lines such as "0.1,0.2:1.0,2.0:a".'

_YES_OR_NO = ("timestamps", "missing", "univariate", "equallength", "classlabel", "targetlabel")
_NUMBERS = ("dimensions", "dimension", "serieslength")
_KEYS = ("problemname", *_YES_OR_NO, *_NUMBERS, "data")


@dataclass
class Header:
    """What stands before @data, so far.

    Args:
        labels: names of the classes; empty if @classLabel names none; None if there is no class.
        numbers: whether targets are numbers.
        univariate, equal, missing: as the header says; None if it does not.
        dimensions, steps: channels, and the common length; None if the header does not say.
    """

    labels: frozenset[str] | None = None
    numbers: bool = False
    univariate: bool | None = None
    equal: bool | None = None
    missing: bool | None = None
    dimensions: int | None = None
    steps: int | None = None

    @property
    def has_targets(self) -> bool:
        """Whether a row ends with its target."""
        return self.labels is not None or self.numbers

    @property
    def channels(self) -> int | None:
        """How many each row must have; None if the header does not say."""
        return 1 if self.univariate else self.dimensions


def read_header_line(header: Header, text: str, path: Path, place: int) -> bool:
    """Take one line; True for @data.

    Raises:
        DataError: it is none, says what it cannot, or asks for time stamps.
    """
    key, *words = text.split()
    if not key.startswith("@"):
        raise DataError("a line before @data must begin with @ or #. Got a row.", EXAMPLE, path=path, line=place)
    name = key[1:].casefold()
    if name not in _KEYS:
        raise _unknown(key, path, place)
    said = words[0].casefold() if words else ""
    if name in _YES_OR_NO and said not in ("true", "false"):
        raise DataError(f"{key} must be followed by true or false. Got {said!r:.80}.", EXAMPLE, path=path, line=place)
    if name in _NUMBERS and not (said.isascii() and said.isdigit() and 0 < int(said[:18]) < 10**17):
        raise DataError(
            f"{key} must be followed by a whole number above 0. Got {said!r:.80}.", EXAMPLE, path=path, line=place
        )
    _take(header, name, said, words, path, place)
    return name == "data"


def _take(header: Header, name: str, said: str, words: list[str], path: Path, place: int) -> None:
    if name == "timestamps" and said == "true":
        raise DataError(
            "values must stand without time stamps. Got @timeStamps true.",
            "Write the values alone, at even steps, or a long table: a .csv with the columns id, time, the channels "
            "and label.",
            path=path,
            line=place,
        )
    if name in ("classlabel", "targetlabel") and said == "true":
        if header.has_targets:
            raise DataError(
                "a row must have one target. Got @classLabel or @targetLabel before.", EXAMPLE, path=path, line=place
            )
        header.labels = frozenset(words[1:]) if name == "classlabel" else None
        header.numbers = name == "targetlabel"
    elif name == "univariate":
        header.univariate = said == "true"
    elif name == "equallength":
        header.equal = said == "true"
    elif name == "missing":
        header.missing = said == "true"
    elif name == "serieslength":
        header.steps = int(said)
    elif name in _NUMBERS:
        header.dimensions = int(said)


def _unknown(key: str, path: Path, place: int) -> DataError:
    kind = key[1:].casefold()
    if kind in ("attribute", "relation"):
        hint = "This is a header of .arff or .tsf; the archive has each of its sets as .ts too."
    else:
        hint = nearest(key, [f"@{name}" for name in _KEYS]) or f"The lines are @{', @'.join(_KEYS)}."
    return DataError(f"the header must be one of a .ts file. Got {key!r:.80}.", hint, path=path, line=place)
