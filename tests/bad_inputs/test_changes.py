"""A file that changes while it is used is an error that says so, whatever the change makes of its rows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from longshort.config import TextDataSettings, TokenizerSettings
from longshort.data import TextEncoding, encode_rows, open_source, scan, texts_of
from longshort.data.delimited import DelimitedTable
from longshort.data.sequences import open_sequences
from longshort.data.series import open_series
from longshort.errors import DataError

ROWS = 20_000  # more than a block that is read at once
CHANGED = "the file must stay as it is while it is used. It has changed since it was first read."


def table(path: Path, rows: int = ROWS) -> Path:
    texts, labels = [f"text number {i}" for i in range(rows)], ["a", "b"] * (rows // 2)
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": texts, "label": labels}), path, row_group_size=1_000)
    elif path.suffix == ".jsonl":
        lines = (f'{{"text": "{text}", "label": "{label}"}}\n' for text, label in zip(texts, labels, strict=True))
        path.write_text("".join(lines))
    else:
        path.write_text("text,label\n" + "".join(f"{t},{c}\n" for t, c in zip(texts, labels, strict=True)))
    return path


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more,a\n")


def replace(path: Path) -> None:
    table(path.with_name(f"other{path.suffix}"), ROWS - 2).replace(path)


def swap_for_one_of_the_same_size(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.with_name("other").write_bytes(bytes(content))
    path.with_name("other").replace(path)


def rewrite_in_place(path: Path) -> None:
    time.sleep(0.02)  # a file system counts time in steps
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"0")


CHANGES = (truncate, grow, replace, swap_for_one_of_the_same_size, rewrite_in_place)


def message(act: Callable[[], Any], path: Path) -> str:
    with pytest.raises(DataError) as caught:
        act()
    assert caught.value.path == path
    assert caught.value.hint
    return caught.value.message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_between_two_passes(name: str, change: Callable[[Path], None], skip_bad: bool, tmp_path: Path) -> None:
    path = table(tmp_path / name)
    source = open_source(path, TextDataSettings(skip_bad=skip_bad))
    index = scan(source)
    encoding = TextEncoding.fit((row.text for row in source.rows()), TokenizerSettings(), labels=index.labels)
    change(path)
    assert message(lambda: encode_rows(source, np.arange(len(index)), encoding), path) == CHANGED
    assert message(lambda: texts_of(source, [3]), path) == CHANGED


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("change", [truncate, grow])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_in_the_middle_of_a_pass(name: str, change: Callable[[Path], None], skip_bad: bool, tmp_path: Path) -> None:
    path = table(tmp_path / name)
    rows = open_source(path, TextDataSettings(skip_bad=skip_bad)).rows()
    for _ in range(10):
        next(rows)
    change(path)
    assert message(lambda: list(rows), path) == CHANGED


@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_file_that_is_gone(tmp_path: Path, skip_bad: bool) -> None:
    source = open_source(table(tmp_path / "a.csv", 10), TextDataSettings(skip_bad=skip_bad))
    (tmp_path / "a.csv").unlink()
    assert message(lambda: scan(source), tmp_path / "a.csv") == "the file cannot be read: No such file or directory."


def test_a_text_of_a_folder_that_is_gone(tmp_path: Path) -> None:
    for name in ("neg", "pos"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(name)
    source = open_source(tmp_path)
    gone = tmp_path / "pos" / "1.txt"
    gone.unlink()
    assert message(lambda: scan(source), gone) == "the file cannot be read: No such file or directory."


@pytest.mark.parametrize("kind", ["ts", "long", "series"])
def test_while_numbers_are_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file loses its end when its first rows have been read."""
    rows = range(ROWS)
    path = tmp_path / ("a.ts" if kind == "ts" else "a.csv")
    path.write_text(
        "@classLabel true a b\n@data\n" + "".join(f"{i},{i}:a\n" for i in rows)
        if kind == "ts"
        else "id,time,v,label\n" + "".join(f"{i % 7},{i},{i},a\n" for i in rows)
        if kind == "long"
        else "time,value\n" + "".join(f"{i},{i}\n" for i in rows)
    )
    begun: list[int] = []

    def cutting(cell: Any, *_: Any) -> Any:
        begun.append(1)
        if len(begun) == 100:
            truncate(path)
        return original(cell)

    import longshort.data.sequences.tables as tables
    import longshort.data.sequences.ts as ts
    import longshort.data.series.reading as reading

    module, name = {"ts": (ts, "as_number"), "long": (tables, "as_number"), "series": (reading, "as_time")}[kind]
    original = getattr(module, name)
    monkeypatch.setattr(module, name, cutting)
    opener = open_series if kind == "series" else open_sequences
    assert message(lambda: opener(path), path) == CHANGED


def test_a_file_that_stays_is_read_again_and_again(tmp_path: Path) -> None:
    made = DelimitedTable(table(tmp_path / "a.csv", 10), "utf-8")
    first = list(made.values(["text"]))
    os.utime(tmp_path / "a.csv", ns=(0, (tmp_path / "a.csv").stat().st_mtime_ns))  # that it was read is no change
    assert list(made.values(["text"])) == first
