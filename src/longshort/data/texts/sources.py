"""`open_source`: a file, a folder, the name of a sample, or data in memory, as one stream of rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from longshort.config import TextDataSettings
from longshort.data.delimited import DelimitedTable
from longshort.data.files import kind_of, nearest_path, special
from longshort.data.texts.columns import Columns, find_columns
from longshort.data.texts.folders import FolderSource
from longshort.data.texts.in_memory import FrameTable, ListTable, is_column, is_frame
from longshort.data.texts.jsonlines import JsonLinesTable
from longshort.data.texts.parquet import ParquetTable
from longshort.data.texts.rows import Row, Source, Table
from longshort.data.texts.samples import SAMPLES, open_sample
from longshort.data.values import ValueProblem, as_labels, as_text, is_several
from longshort.errors import DataError, nearest

__all__ = ["open_source"]

_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_FORMS = "Pass a path, the name of a sample, a pandas frame, a pair (texts, labels)"


def open_source(data: object, settings: TextDataSettings | None = None, *, labelled: bool = True) -> Source:
    """Open data of any kind; nothing is read yet but headers and first rows.

    Args:
        data: the path of a .csv, .tsv, .jsonl, .ndjson or .parquet file; a folder with one subfolder of .txt files per
            class; the name of a sample; a pandas frame; a pair `(texts, labels)`; or, without labels, texts alone.
        settings: columns, label separator, classes and encoding.
        labelled: labels are needed. Without, no label column is read and the rows of a table have no labels.

    Raises:
        DataError: the data is missing, of an unknown kind, or does not hold what it must.
        MissingExtraError: a sample needs a package that is not installed.
        SettingError: there is no such encoding.
    """
    settings = settings or TextDataSettings()
    if isinstance(data, str) and data in SAMPLES:
        return _chosen(open_sample(data), settings, labelled)
    if isinstance(data, str) and not data:
        raise _missing(data, Path())
    if isinstance(data, str | os.PathLike):
        return _open_path(Path(data), settings, labelled)
    if is_frame(data):
        return _open_table(FrameTable(data, skip_bad=settings.skip_bad), settings, labelled)
    return _open_lists(data, settings, labelled)


def _open_path(path: Path, settings: TextDataSettings, labelled: bool) -> Source:
    kind = kind_of(path)
    if kind == "folder":
        return FolderSource(path, settings, labelled=labelled)
    if kind == "missing":
        raise _missing(str(path), path)
    if kind != "file":
        raise special(path, kind)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise DataError(
            f"a data file must be one of {', '.join(_SUFFIXES)}. Got the suffix {suffix!r}.",
            "Give the file the suffix of its format, or write it in one of these.",
            path=path,
        )
    return _open_table(_table(path, suffix, settings), settings, labelled)


def _table(path: Path, suffix: str, settings: TextDataSettings) -> Table:
    encoding, skip_bad = settings.encoding, settings.skip_bad
    if suffix == ".parquet":
        return ParquetTable(path, skip_bad=skip_bad)
    if suffix in (".jsonl", ".ndjson"):
        return JsonLinesTable(path, encoding, skip_bad=skip_bad)
    return DelimitedTable(path, encoding, skip_bad=skip_bad)


def _open_lists(data: object, settings: TextDataSettings, labelled: bool) -> Source:
    if isinstance(data, tuple) and len(data) == 2 and all(is_column(part) for part in data):
        table = ListTable({"text": data[0], "label": data[1]}, skip_bad=settings.skip_bad)
    elif (isinstance(data, Sequence) and not isinstance(data, bytes)) or is_column(data):
        if labelled:
            raise DataError("labels are needed. Got texts alone.", "Pass a pair: (texts, labels).")
        columns: dict[str, Any] = {"text": data}
        table = ListTable(columns, skip_bad=settings.skip_bad)
    else:
        last = "." if labelled else ", or a list of texts."
        raise DataError(f"data must be of a kind that longshort reads. Got {type(data).__name__}.", _FORMS + last)
    return _open_table(table, settings.replace(text=None, label=None), labelled)


def _open_table(table: Table, settings: TextDataSettings, labelled: bool) -> Source:
    columns = find_columns(table.columns, settings, labelled=labelled, name=table.name)
    return _chosen(_TableSource(table, columns, settings.label_separator), settings, labelled)


def _chosen(source: Source, settings: TextDataSettings, labelled: bool) -> Source:
    if settings.classes is None or not labelled:
        return source
    return _ChosenClasses(source, settings.classes)


class _TableSource(Source):
    """The rows of a table: its text column, and its label column if there is one."""

    def __init__(self, table: Table, columns: Columns, separator: str | None) -> None:
        self.name = table.name
        self.notes = list(columns.notes)
        self._table = table
        self._columns = [columns.text] if columns.label is None else [columns.text, columns.label]
        self._separator = separator
        self.multi_label = separator is not None or self._starts_with_several()

    def _starts_with_several(self) -> bool:
        if len(self._columns) == 1:
            return False
        first = next(self._table.values(self._columns[1:]), None)
        return first is not None and is_several(first[1][0])

    def rows(self) -> Iterator[Row]:
        """Stream the rows of the table."""
        kept, refusals = 0, self._table.refusals
        for place, values in self._table.values(self._columns):
            try:
                row = self._row(*values)
            except ValueProblem as problem:
                refusals.refuse(self._table.error(problem.message, problem.hint, place), place)
                continue
            kept += 1
            yield row
        self.add_note(refusals.note(kept))

    def _row(self, text: object, *label: object) -> Row:
        labels = (as_labels(value, self._separator, multi_label=self.multi_label) for value in label)
        return Row(as_text(text), *labels)


class _ChosenClasses(Source):
    """Only the rows of another source all of whose labels are among `classes`."""

    def __init__(self, source: Source, classes: tuple[str, ...]) -> None:
        self.name = source.name
        self.multi_label = source.multi_label
        self.notes = source.notes  # the same list, to which a pass may add
        self.add_note(f"{source.name}: only rows with these labels are read: {', '.join(classes)}.")
        self._source = source
        self._classes = frozenset(classes)

    def rows(self) -> Iterator[Row]:
        """Stream the rows that are kept; a class that none of them has is an error at the end."""
        others: set[str] = set()
        unseen = set(self._classes)
        for row in self._source.rows():
            unseen.difference_update(row.labels)
            if self._classes.issuperset(row.labels):
                yield row
            elif len(others) < 20:
                others.update(row.labels)
        if unseen:
            missing = min(unseen)
            raise DataError(
                f"each of the classes must be the label of a row. None has {missing!r}.",
                nearest(missing, others) or f"Other labels are: {', '.join(sorted(others)) or 'none'}.",
                path=self.name,
            )


def _missing(name: str, path: Path) -> DataError:
    """Like the names in the same folder, or like a sample."""
    samples = ", ".join(SAMPLES)
    return DataError(
        f"there is no file, folder or sample {name!r}.",
        nearest(name, SAMPLES) or nearest_path(path) or f"The samples are: {samples}.",
    )
