"""Parquet, streamed batch by batch; only the columns that are asked for are read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from longshort.data.files import DataFile
from longshort.data.texts.rows import Table
from longshort.errors import DataError

__all__ = ["ParquetNumbers", "ParquetTable"]

_DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
"""What pyarrow raises where a file is damaged; the last for names of columns."""


class _Parquet(Table):
    """A Parquet file.

    Args:
        path: the file.
        skip_bad: as for any `Table`.

    Raises:
        DataError: the file is not a Parquet file.
    """

    others: ClassVar[str]
    """The suffixes of other formats for the same."""

    def __init__(self, path: Path, *, skip_bad: bool = False) -> None:
        super().__init__(str(path), skip_bad=skip_bad)
        self.path = path
        self._file = DataFile(path)
        with self._open() as file:
            self._schema: Any = file.schema_arrow
        self.columns = tuple(self._schema.names)

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path)
        except _DAMAGE as error:
            raise self._damaged(error) from None

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these columns; the place is the row, counted from 1. A null is `None`."""
        cells = [self._cells(name) for name in columns]
        place = 0
        with self._file.unchanged(), self._open() as file:
            try:
                # Columns are asked for by name in their own order; a batch may have them in the file's.
                for batch in file.iter_batches(batch_size=1024, columns=list(columns)):
                    lists = [read(batch.column(name)) for name, read in zip(columns, cells, strict=True)]
                    for values in zip(*lists, strict=True):
                        place += 1
                        yield place, values
            except _DAMAGE as error:
                raise self._damaged(error) from None

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the row."""
        return self._file.blame(DataError(f"row {place}: {message}", hint, path=self.path))

    @abstractmethod
    def _cells(self, name: str) -> Callable[[pa.ChunkedArray], list[object]]:
        """What makes the cells of a batch of this column.

        Raises:
            DataError: the column is of a type that there is no use for.
        """

    def _must_be(self, name: str, rules: Sequence[str], what: str, hint: str, kind: object = None) -> None:
        """Refuse a column whose type, or the type `kind` within it, none of pyarrow's rules is for."""
        kind = self._schema.field(name).type if kind is None else kind
        if not any(getattr(pa.types, f"is_{rule}")(kind) for rule in rules):
            raise DataError(f"column {name!r} must hold {what}. It is of type {kind}.", hint, path=self.path)

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            f"the file must be a Parquet file that can be read: {str(error).splitlines()[0].rstrip('.')}.",
            f"Check that it was written to its end; other formats are {self.others}.",
            path=self.path,
        )


class ParquetTable(_Parquet):
    """A Parquet file of texts. Numbers, booleans and dictionaries become text as pyarrow casts them; lists of them stay
    lists. Arguments as for any file of Parquet.
    """

    others = ".csv, .tsv and .jsonl"

    def _cells(self, name: str) -> Callable[[pa.ChunkedArray], list[object]]:
        kind = self._cast(name)
        return lambda column: list(column.cast(kind).to_pylist())

    def _cast(self, name: str) -> pa.DataType:
        kind = self._schema.field(name).type
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            self._require_scalar(name, kind.value_type)
            return pa.large_list(pa.large_string())
        self._require_scalar(name, kind)
        return pa.large_string()

    def _require_scalar(self, name: str, kind: pa.DataType) -> None:
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        rules = ("string", "large_string", "string_view", "integer", "floating", "boolean", "null")
        hint = "Choose another column with --text NAME or --label NAME."
        self._must_be(name, rules, "text, numbers or booleans", hint, kind)


class ParquetNumbers(_Parquet):
    """A Parquet file of times and numbers, which stay what they are. Arguments as for any file of Parquet."""

    others = ".csv and .tsv"

    def _cells(self, name: str) -> Callable[[pa.ChunkedArray], list[object]]:
        plain = ("string", "large_string", "integer", "floating", "boolean", "null")
        rules = (*plain, "timestamp", "date", "dictionary", "decimal")
        self._must_be(name, rules, "times, numbers or text", "Choose other columns, or convert it.")
        return _as_they_are


def _as_they_are(column: pa.ChunkedArray) -> list[object]:
    if pa.types.is_timestamp(column.type):
        # Nanoseconds would come as objects of pandas, which need not be installed.
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return list(column.to_pylist())
