"""Parquet, streamed batch by batch; only the columns that are asked for are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longshort.data.files import DataFile
from longshort.data.rows import Table
from longshort.errors import DataError

__all__ = ["DAMAGE", "ParquetTable"]

DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
"""What pyarrow raises where a file is damaged; the last for names of columns."""


class ParquetTable(Table):
    """A Parquet file. Numbers, booleans and dictionaries become text as pyarrow casts them; lists of them stay lists.

    Args:
        path: the file.
        skip_bad: as for any `Table`.

    Raises:
        DataError: the file is not a Parquet file.
    """

    def __init__(self, path: Path, *, skip_bad: bool = False) -> None:
        super().__init__(str(path), skip_bad=skip_bad)
        self.path = path
        self._file = DataFile(path)
        with self._open() as file:
            self._schema: Any = file.schema_arrow
        self.columns = tuple(self._schema.names)

    def _open(self) -> Any:
        try:
            return pq.ParquetFile(self.path)
        except DAMAGE as error:
            raise self._damaged(error) from None

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these columns; the place is the row, counted from 1. A null is `None`."""
        casts = [self._cast(name) for name in columns]
        place = 0
        with self._file.unchanged(), self._open() as file:
            try:
                # Columns are asked for by name in their own order; a batch may have them in the file's.
                for batch in file.iter_batches(batch_size=1024, columns=list(columns)):
                    texts = [
                        batch.column(name).cast(kind).to_pylist() for name, kind in zip(columns, casts, strict=True)
                    ]
                    for values in zip(*texts, strict=True):
                        place += 1
                        yield place, values
            except DAMAGE as error:
                raise self._damaged(error) from None

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the row."""
        return self._file.blame(DataError(f"row {place}: {message}", hint, path=self.path))

    def _cast(self, name: str) -> Any:
        kind = self._schema.field(name).type
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            self._require_scalar(name, kind.value_type)
            return pa.large_list(pa.large_string())
        self._require_scalar(name, kind)
        return pa.large_string()

    def _require_scalar(self, name: str, kind: Any) -> None:
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        rules = ("is_string", "is_large_string", "is_string_view", "is_integer", "is_floating", "is_boolean", "is_null")
        if not any(getattr(pa.types, rule)(kind) for rule in rules):
            raise DataError(
                f"column {name!r} must hold text, numbers or booleans. It is of type {kind}.",
                "Choose another column with --text NAME or --label NAME.",
                path=self.path,
            )

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            f"the file must be a Parquet file that can be read: {str(error).splitlines()[0].rstrip('.')}.",
            "Check that it was written to its end; other formats are .csv, .tsv and .jsonl.",
            path=self.path,
        )
