"""`Row`, and the two interfaces that bring rows: `Source`, and `Table` for what has named columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from longshort.data.refusals import Refusals
from longshort.errors import DataError

__all__ = ["Row", "Source", "Table"]


@dataclass(frozen=True, slots=True)
class Row:
    """One example as it was written: its text, and its labels.

    Args:
        text: the text, unchanged.
        labels: one label; none or several where the source is multi-label; none if there is no label column.
    """

    text: str
    labels: tuple[str, ...] = ()


class Source(ABC):
    """Rows that can be streamed again and again, always in the same order.

    Attributes:
        name: what messages and the model card call it, such as the path of a file.
        multi_label: a row may have no label or several.
        notes: sentences for the user about what was chosen or left out when the source was opened; a whole pass may add
            to them.
    """

    name: str
    multi_label: bool
    notes: list[str]

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """Stream all rows from the first one.

        Raises:
            DataError: a row does not hold what it must; the message says where.
        """

    def add_note(self, note: str) -> None:
        """Keep a sentence that a whole pass ends with, once."""
        if note and note not in self.notes:
            self.notes.append(note)


class Table(ABC):
    """Records with named columns, streamed.

    Args:
        name: what messages call it.
        skip_bad: leave out, and count, records that alone are at fault.

    Attributes:
        columns: the names of all columns, in order.
        refusals: what becomes of a record that does not hold what it must.
    """

    columns: tuple[str, ...]

    def __init__(self, name: str, *, skip_bad: bool = False) -> None:
        self.name = name
        self.refusals = Refusals(name, skip=skip_bad)

    @abstractmethod
    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these columns, each record with its place (a line or a row number), which rises."""

    @abstractmethod
    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error that says `message` about the record at `place`."""
