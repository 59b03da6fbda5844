"""JSON Lines: one object a line; numbers, true and false are kept as they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from longshort.data.files import DataFile
from longshort.data.strict_json import RepeatedKeyError, unique_keys
from longshort.data.textfile import damage, lines
from longshort.data.texts.rows import Table
from longshort.errors import DataError
from longshort.plain import Plain

__all__ = ["JsonLinesTable"]

_ARRAY = "One array of all rows is another format: write each object on a line of its own, as jq -c '.[]' does."
_HINT = 'A line is one JSON object, for example {"text": "A fine film.", "label": "positive"}.'


class JsonLinesTable(Table):
    """A file with one JSON object a line. Its columns are the keys of the first object.

    Args:
        path: the file.
        encoding: its encoding, by Python's name.
        skip_bad: as for any `Table`.

    Raises:
        DataError: the file holds no object, or its first line is not one that may be left out.
    """

    def __init__(self, path: Path, encoding: str, *, skip_bad: bool = False) -> None:
        super().__init__(str(path), skip_bad=skip_bad)
        self.path = path
        self._file = DataFile(path)
        self._encoding = encoding
        self.columns = tuple(self._first())

    def _first(self) -> Plain:
        bad: DataError | None = None
        for _, record in self._records():
            if not isinstance(record, DataError):
                return record
            bad = bad or record
            if not self.refusals.skip:
                break
        raise bad or DataError("the file must hold rows. It is empty.", _HINT, path=self.path)

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these keys; the place is the line."""
        with self._file.unchanged():
            for line, record in self._records():
                missing = None if isinstance(record, DataError) else next((c for c in columns if c not in record), None)
                if isinstance(record, DataError):
                    self.refusals.refuse(record, line)
                elif missing is not None:
                    self.refusals.refuse(self._lacking(missing, record, line), line)
                else:
                    yield line, tuple([_literal(record[name]) for name in columns])

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the line."""
        return self._file.blame(DataError(message, hint, path=self.path, line=place))

    def _lacking(self, key: str, record: Plain, line: int) -> DataError:
        found = ", ".join(list(record)[:20]) + (", ..." if len(record) > 20 else "") or "none"
        return self.error(
            f"each object must have the key {key!r}, as the first has. Got the keys: {found}.", _HINT, line
        )

    def _records(self) -> Iterator[tuple[int, Plain | DataError]]:
        """Each object with its line; or what is wrong with the line."""
        blank = 0
        for line, text in enumerate(lines(self.path, self._encoding, marking=self.refusals.skip), 1):
            if not text.strip():
                blank = blank or line
                continue
            if blank:
                yield from ((place, self._blank(place)) for place in range(blank, line))
                blank = 0
            yield line, self._read(text, line)

    def _read(self, text: str, line: int) -> Plain | DataError:
        damaged = damage(text, self._encoding, self.path, line) if self.refusals.skip else None
        try:
            return damaged or self._parse(text, line)
        except DataError as error:
            return error

    def _blank(self, line: int) -> DataError:
        return self.error("a blank line may stand at the end alone. More rows follow this one.", "Delete it.", line)

    def _parse(self, text: str, line: int) -> Plain:
        try:
            record = json.loads(
                text, parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=unique_keys
            )
        except json.JSONDecodeError as error:
            hint = _ARRAY if line == 1 and text.lstrip().startswith("[") else _HINT
            raise self.error(
                f"a line must be valid JSON. At character {error.pos + 1}: {error.msg}.", hint, line
            ) from None
        except _ConstantError as error:
            raise self.error(f"a line must be valid JSON, which has no {error}.", _HINT, line) from None
        except RepeatedKeyError as error:
            raise self.error(
                f"the keys of an object must differ. {error.key!r:.80} stands in it twice.", _HINT, line
            ) from None
        except RecursionError:
            raise self.error("a line must not nest objects or lists so deeply.", _HINT, line) from None
        if not isinstance(record, dict):
            hint = _ARRAY if isinstance(record, list) else _HINT
            raise self.error(f"a line must be a JSON object. Got a {_kind(record)}.", hint, line)
        return record


class _ConstantError(Exception):
    """NaN, Infinity or -Infinity, which Python writes and JSON does not know."""


def _refuse(constant: str) -> None:
    raise _ConstantError(constant)


def _literal(value: object) -> object:
    """Numbers are strings already; true and false are read as they are written, in lists too."""
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _kind(value: object) -> str:
    return {list: "list", str: "string or number", bool: "boolean", type(None): "null"}[type(value)]
