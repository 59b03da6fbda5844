"""CSV, TSV and their kin: everything is text, `NA` stays "NA" and `01` stays "01"."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from longshort.data.files import DataFile
from longshort.data.textfile import damage, lines
from longshort.data.texts.rows import Table
from longshort.errors import DataError

__all__ = ["DelimitedTable"]

_QUOTING = 'A cell with a quote, separator or line end in it stands in quotes, its own quotes doubled: "say ""hi""".'

_QUOTED = re.compile('"[^"]*("|$)')


class DelimitedTable(Table):
    """A file of records with a header (RFC 4180); a cell may be of any size and span lines.

    What separates the cells is seen in the header: a comma, or a tab in a .tsv; if there is none of these, then a
    semicolon, a tab, a bar or a comma.

    Args:
        path: the file.
        encoding: its encoding, by Python's name.
        skip_bad: as for any `Table`. A quoted cell that never ends is an error all the same: nobody knows where the
            next row begins.

    Raises:
        DataError: the file is empty or its header is damaged.
    """

    def __init__(self, path: Path, encoding: str, *, skip_bad: bool = False) -> None:
        super().__init__(str(path), skip_bad=skip_bad)
        self.path = path
        self._file = DataFile(path)
        self._encoding = encoding
        self._separator = self._look()
        self.columns = tuple(self._header())

    def _look(self) -> str:
        usual = "\t" if self.path.suffix.lower() == ".tsv" else ","
        header = _QUOTED.sub("", next(lines(self.path, self._encoding, marking=self.refusals.skip), ""))
        return next((mark for mark in (usual, ";", "\t", "|", ",") if mark in header), usual)

    def _header(self) -> list[str]:
        for _, cells in self._records():
            if isinstance(cells, DataError):
                raise cells
            return cells
        raise DataError("the file must hold a header and rows. It is empty.", "Check the path.", path=self.path)

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the cells of these columns; the place is the line on which the record begins."""
        places = {name: place for place, name in enumerate(self.columns)}
        where = [places[name] for name in columns]
        with self._file.unchanged():
            records = self._records()
            next(records)
            for line, cells in records:
                if isinstance(cells, DataError):
                    self.refusals.refuse(cells, line)
                elif len(cells) != len(self.columns):
                    self.refusals.refuse(self._ragged(line, len(cells)), line)
                else:
                    yield line, tuple([cells[i] for i in where])

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the line."""
        return self._file.blame(DataError(message, hint, path=self.path, line=place))

    def _records(self) -> Iterator[tuple[int, list[str] | DataError]]:
        """All records, the header too, each with its first line; or what is wrong with it.

        Raises:
            DataError: the quotes of a record do not match, so that nobody knows where the next one begins.
        """
        # The limit is one for the whole process, 128 KiB at first; a cell of 10 MB is a text like any other.
        csv.field_size_limit(sys.maxsize)
        feed = _Feed(lines(self.path, self._encoding, marking=self.refusals.skip))
        reader = csv.reader(feed, delimiter=self._separator, strict=True)
        first, blank = 1, 0
        while True:
            record: list[str] | DataError
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                record = self._unparsable(error, first, reader.line_num)
                if first != reader.line_num or feed.last.count('"') % 2:
                    raise record from None
            if record and blank:
                yield from ((line, self._blank(line)) for line in range(blank, first))
                blank = 0
            if record:
                yield first, self._damage(record, first) or record
            else:
                blank = blank or first
            first = reader.line_num + 1

    def _damage(self, record: list[str] | DataError, line: int) -> DataError | None:
        if not self.refusals.skip or isinstance(record, DataError):
            return None
        return damage("".join(record), self._encoding, self.path, line)

    def _blank(self, line: int) -> DataError:
        return self.error(
            "a blank line may stand at the end alone. More rows follow this one.",
            'Delete it; an empty text is written "".',
            line,
        )

    def _unparsable(self, error: csv.Error, first: int, last: int) -> DataError:
        if "end of data" in str(error):
            return self.error("a quoted cell must end with a quote. This row has one that never ends.", _QUOTING, first)
        reason = str(error).replace(f"'{self._separator}'", "the separator").split(" - ")[0]
        place = "" if first == last else f" (the row begins on line {first})"
        return self.error(f"the quotes of a row must match. Here {reason}{place}.", _QUOTING, last)

    def _ragged(self, line: int, cells: int) -> DataError:
        names = ", ".join(self.columns[:20]) + (", ..." if len(self.columns) > 20 else "")
        return self.error(
            f"a row has {len(self.columns)} columns, as the header says ({names}). Got {cells}.", _QUOTING, line
        )


class _Feed:
    """Lines for the parser; the last one that it took can be inspected."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        return self.last
