"""CSV and TSV: everything is text, `NA` stays "NA" and `01` stays "01"."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from longshort.data.rows import Table
from longshort.data.textfile import lines
from longshort.errors import DataError

__all__ = ["DelimitedTable"]

_QUOTING = 'A cell with a quote, separator or line end in it stands in quotes, its own quotes doubled: "say ""hi""".'


class DelimitedTable(Table):
    """A file of records with a header (RFC 4180); a cell may be of any size and span lines.

    Args:
        path: the file.
        encoding: its encoding, by Python's name.
        delimiter: one character, "," or a tab.

    Raises:
        DataError: the file is empty or its header is damaged.
    """

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        self.name = str(path)
        self.path = path
        self._encoding = encoding
        self._delimiter = delimiter
        self.columns = tuple(self._header())

    def _header(self) -> list[str]:
        for _, cells in self._records():
            return cells
        raise DataError("the file must hold a header and rows. It is empty.", "Check the path.", path=self.path)

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the cells of these columns; the place is the line on which the record begins."""
        where = [self.columns.index(name) for name in columns]
        records = self._records()
        next(records)
        for line, cells in records:
            if len(cells) != len(self.columns):
                raise self._ragged(line, len(cells))
            yield line, tuple(cells[i] for i in where)

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the line."""
        return DataError(message, hint, path=self.path, line=place)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """All records, the header too, each with its first line; blank lines may stand at the end alone."""
        # The limit is one for the whole process, 128 KiB at first; a cell of 10 MB is a text like any other.
        csv.field_size_limit(sys.maxsize)
        reader = csv.reader(lines(self.path, self._encoding), delimiter=self._delimiter, strict=True)
        first, blank = 1, 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._unparsable(error, first, reader.line_num) from None
            if cells and blank:
                raise self.error(
                    "a blank line may stand at the end alone. More rows follow this one.",
                    'Delete it; an empty text is written "".',
                    blank,
                )
            if cells:
                yield first, cells
            else:
                blank = blank or first
            first = reader.line_num + 1

    def _unparsable(self, error: csv.Error, first: int, last: int) -> DataError:
        if "end of data" in str(error):
            return self.error("a quoted cell must end with a quote. This row has one that never ends.", _QUOTING, first)
        reason = str(error).replace(f"'{self._delimiter}'", "the separator").split(" - ")[0]
        place = "" if first == last else f" (the row begins on line {first})"
        return self.error(f"the quotes of a row must match. Here {reason}{place}.", _QUOTING, last)

    def _ragged(self, line: int, cells: int) -> DataError:
        names = ", ".join(self.columns)
        return self.error(
            f"a row has {len(self.columns)} columns, as the header says ({names}). Got {cells}.", _QUOTING, line
        )
