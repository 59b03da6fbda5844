"""JSON Lines: one object a line; numbers, true and false are kept as they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from longshort.data.rows import Table
from longshort.data.textfile import lines
from longshort.errors import DataError

__all__ = ["JsonLinesTable"]

_HINT = 'A line is one JSON object, for example {"text": "A fine film.", "label": "positive"}.'


class JsonLinesTable(Table):
    """A file with one JSON object a line. Its columns are the keys of the first object.

    Args:
        path: the file.
        encoding: its encoding, by Python's name.

    Raises:
        DataError: the file holds no object, or its first line is not one.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.name = str(path)
        self.path = path
        self._encoding = encoding
        self.columns = tuple(self._first())

    def _first(self) -> dict[str, Any]:
        for _, record in self._records():
            return record
        raise DataError("the file must hold rows. It is empty.", _HINT, path=self.path)

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these keys; the place is the line."""
        for line, record in self._records():
            missing = next((name for name in columns if name not in record), None)
            if missing is not None:
                found = ", ".join(record) or "none"
                raise self.error(
                    f"each object must have the key {missing!r}, as the first has. Got the keys: {found}.", _HINT, line
                )
            yield line, tuple(_literal(record[name]) for name in columns)

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the line."""
        return DataError(message, hint, path=self.path, line=place)

    def _records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        blank = 0
        for line, text in enumerate(lines(self.path, self._encoding), 1):
            if not text.strip():
                blank = blank or line
                continue
            if blank:
                raise self.error(
                    "a blank line may stand at the end alone. More rows follow this one.", "Delete it.", blank
                )
            yield line, self._parse(text, line)

    def _parse(self, text: str, line: int) -> dict[str, Any]:
        try:
            record = json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_unique)
        except json.JSONDecodeError as error:
            raise self.error(
                f"a line must be valid JSON. At character {error.pos + 1}: {error.msg}.", _HINT, line
            ) from None
        except _DuplicateKeyError as error:
            raise self.error(
                f"the keys of an object must differ. {error.key!r} stands in it twice.", _HINT, line
            ) from None
        except RecursionError:
            raise self.error("a line must not nest objects or lists so deeply.", _HINT, line) from None
        if not isinstance(record, dict):
            raise self.error(f"a line must be a JSON object. Got a {_kind(record)}.", _HINT, line)
        return record


class _DuplicateKeyError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise _DuplicateKeyError(key)
        record[key] = value
    return record


def _literal(value: Any) -> Any:
    """Numbers are strings already; true and false are read as they are written, in lists too."""
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _kind(value: object) -> str:
    return {list: "list", str: "string or number", bool: "boolean", type(None): "null"}[type(value)]
