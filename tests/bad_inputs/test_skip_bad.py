"""`skip_bad`: rows that alone are at fault are left out, counted and named; what was counted is what was planted."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longshort.config import ForecastDataSettings, SequenceDataSettings, TextDataSettings
from longshort.data import open_source, scan
from longshort.data.sequences import open_sequences
from longshort.data.series import open_series
from longshort.errors import DataError

TS = "@univariate true\n@classLabel true a b\n@data\n"


@dataclass(frozen=True)
class Format:
    """How a file is written line by line.

    Args:
        file: its name.
        head: what comes before the rows.
        good: the line of row i.
        bad: lines that alone are at fault.
        read: the rows that are read, as what identifies each, and the notes.
    """

    file: str
    head: str
    good: Callable[[int], str]
    bad: tuple[bytes, ...]
    read: Callable[[Path, bool], tuple[list[str], list[str]]]


def texts(path: Path, skip: bool) -> tuple[list[str], list[str]]:
    source = open_source(path, TextDataSettings(skip_bad=skip))
    rows = [row.text for row in source.rows()]
    assert [row.text for row in source.rows()] == rows
    assert len(scan(source)) == len(rows)
    return rows, source.notes


def sequences(path: Path, skip: bool) -> tuple[list[str], list[str]]:
    found = open_sequences(path, SequenceDataSettings(skip_bad=skip))
    return [f"{value:g}" for value in found.values[:, 0]], [note for note in found.notes if "skipped" in note]


def series(path: Path, skip: bool) -> tuple[list[str], list[str]]:
    found = open_series(path, ForecastDataSettings(skip_bad=skip, fill="linear", value="value", time="time"))
    return [f"{value:g}" for value in found.series[0].values], [note for note in found.notes if "skipped" in note]


FORMATS = {
    "csv": Format(
        "a.csv",
        "text,label\n",
        lambda i: f"text {i},{'ab'[i % 2]}\n",
        (b"x\n", b"x,a,b\n", b"x,\n", b"caf\xe9,a\n", b"x\0,a\n", b'"x" y,a\n', b"\n", b'"two \xff\nlines",a\n'),
        texts,
    ),
    "tsv": Format("a.tsv", "text\tlabel\n", lambda i: f"text {i}\t{'ab'[i % 2]}\n", (b"x\n", b"\xff\ta\n"), texts),
    "jsonl": Format(
        "a.jsonl",
        "",
        lambda i: json.dumps({"text": f"text {i}", "label": "ab"[i % 2]}) + "\n",
        (
            *(b"{\n", b"[1]\n", b'{"text": "x"}\n', b'{"text": null, "label": "a"}\n', b'{"text": "x", "label": ""}\n'),
            *(b'{"text": "\\ud800", "label": "a"}\n', b'{"text": "x\xff", "label": "a"}\n', b"\n"),
            *(b'{"text": "x", "text": "y", "label": "a"}\n', b'{"text": "x", "label": NaN}\n'),
        ),
        texts,
    ),
    "ts": Format(
        "a.ts",
        TS,
        lambda i: f"{i},1:{'ab'[i % 2]}\n",
        (b"1,x:a\n", b"1,2:c\n", b"1,inf:a\n", b":a\n", b"1:2:a\n", b"1,\xff:a\n", b"1,2\0:a\n"),
        lambda path, skip: (sequences(path, skip)[0][::2], sequences(path, skip)[1]),
    ),
    "wide": Format(
        "a.csv",
        "t0,label\n",
        lambda i: f"{i},{'ab'[i % 2]}\n",
        (b"x,a\n", b"1\n", b"1,\n", b",a\n", b"inf,a\n", b"\xff,a\n"),
        sequences,
    ),
    "long": Format(
        "a.csv",
        "id,time,v,label\n",
        lambda i: f"{'pq'[i % 2]},{i},{i},{'ab'[i % 2]}\n",
        (b"p,5,x,a\n", b"p,soon,1,a\n", b",5,1,a\n", b"p,5,1,\n", b"p,5,1\n", b"p,5,1e999,a\n", b"p,5,\xff,a\n"),
        lambda path, skip: (sorted(sequences(path, skip)[0], key=int), sequences(path, skip)[1]),
    ),
    "series": Format(
        "a.csv",
        "time,value\n",
        lambda i: f"{i},{i}\n",
        (b"soon,1\n", b"1,x\n", b"1\n", b"1,inf\n", b",1\n", b"1,\xff\n"),
        series,
    ),
}


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_counted_is_what_was_planted(form: str, tmp_path: Path, data: Any) -> None:
    chosen = FORMATS[form]
    count = data.draw(st.integers(4, 30))
    planted = data.draw(st.lists(st.sampled_from(chosen.bad), max_size=count, min_size=1))
    order = data.draw(st.permutations([*range(count), *(f"bad {i}" for i in range(len(planted)))]))
    # What stands at the end is good, for blank lines there are none at all.
    order = [*order, count] if form != "jsonl" else [count + 1, *order, count]
    lines = [chosen.good(e).encode() if isinstance(e, int) else planted[int(e[4:])] for e in order]
    if form in ("long", "series"):
        good = iter(sorted(e for e in order if isinstance(e, int)))
        lines = [chosen.good(next(good)).encode() if isinstance(e, int) else planted[int(e[4:])] for e in order]
    path = tmp_path / chosen.file
    path.write_bytes(chosen.head.encode() + b"".join(lines))
    expected = chosen.head.encode() + b"".join(line for e, line in zip(order, lines, strict=True) if isinstance(e, int))
    (tmp_path / "good").mkdir(exist_ok=True)
    (tmp_path / "good" / chosen.file).write_bytes(expected)

    rows, notes = chosen.read(path, True)

    assert rows == chosen.read(tmp_path / "good" / chosen.file, False)[0]
    total = len(order)
    assert [note.partition(": ")[2].partition(":")[0] for note in notes] == [
        f"skipped {len(planted)} of {total} rows"
    ], notes
    with pytest.raises(DataError):
        chosen.read(path, False)


def test_the_first_are_named_with_their_lines_and_reasons(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,label\ngood,a\nx\nfine,b\n\xff,a\nbad,b\ny,\nok,a\nz,a,b\n,b\n")
    rows, notes = texts(path, True)
    assert rows == ["good", "fine", "bad", "ok", ""]
    assert notes == [
        f"{path}: skipped 4 of 9 rows: line 3: a row has 2 columns, as the header says (text, label). Got 1; "
        "line 5: the text must be utf-8. Byte 0xff is not; line 7: the label must not be empty; and 1 more."
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_more_than_half_is_an_error(form: str, tmp_path: Path) -> None:
    chosen, path = FORMATS[form], tmp_path / FORMATS[form].file
    good, bad = [chosen.good(i).encode() for i in range(4)], chosen.bad[0]
    start, end = chosen.head.encode() + good[0], b"".join(good[1:])
    path.write_bytes(start + bad * 4 + end)
    assert "skipped 4 of 8 rows" in chosen.read(path, True)[1][0]
    path.write_bytes(start + bad * 5 + end)
    with pytest.raises(
        DataError, match=r"no more than half of the rows may be skipped. 5 of 9 rows would be: line "
    ) as c:
        chosen.read(path, True)
    assert c.value.hint == "Is this the right file, with the right columns and encoding?"
    path.write_bytes(chosen.head.encode() + bad * 3)
    with pytest.raises(DataError):
        chosen.read(path, True)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b'text,label\nx,a\n"never ends,a\ny,b\nz,a\n', "a quoted cell must end with a quote"),
        ("a.csv", b'text,label\nx,a\n"ends\n" late,a\ny,b\nz,a\n', "the quotes of a row must match"),
        ("a.csv", b"text,lab\xffel\nx,a\ny,b\n", "the text must be utf-8. Byte 0xff is not"),
        ("a.csv", b"text,other\nx,a\n", "no column has a usual name for the label"),
    ],
)
def test_what_is_no_fault_of_one_row_is_an_error_all_the_same(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        texts(tmp_path / name, True)


def test_data_in_memory_and_parquet_are_sieved_too(tmp_path: Path) -> None:
    columns = {"text": ["x", None, "y", "z"], "label": ["a", "b", None, "b"]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    for data, where in (
        (pd.DataFrame(columns), "row 1 (counted from 0)"),
        ((columns["text"], columns["label"]), "row 1 (counted from 0)"),
        (tmp_path / "a.parquet", "row 2"),
    ):
        source = open_source(data, TextDataSettings(skip_bad=True))
        assert [row.text for row in source.rows()] == ["x", "z"]
        assert source.notes[0].startswith(f"{source.name}: skipped 2 of 4 rows: {where}: the text must be a string.")


def test_files_of_a_folder_are_sieved_too(tmp_path: Path) -> None:
    for name, content in (("neg/1", b"bad"), ("neg/2", b"caf\xe9"), ("pos/1", b"good"), ("pos/2", b"\0")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.txt").write_bytes(content)
    source = open_source(tmp_path, TextDataSettings(skip_bad=True))
    assert [row.text for row in source.rows()] == ["bad", "good"]
    assert source.notes[0].startswith(f"{tmp_path}: skipped 2 of 4 files: /neg/2.txt, line 1: the text must be utf-8.")


def test_classes_are_chosen_among_the_rows_that_are_left(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nx,a\ny\nz,b\nv,c\n")
    source = open_source(path, TextDataSettings(skip_bad=True, classes=("a", "b")))
    assert [row.text for row in source.rows()] == ["x", "z"]
    assert [note.partition(": ")[2][:20] for note in source.notes] == ["only rows with these", "skipped 1 of 4 rows:"]


# --- the command line ---


def reviews(path: Path) -> Path:
    draw = random.Random(0)
    words = ["film", "story", "actor", "scene"]
    lines = [f"{' '.join(draw.choices(words, k=4))} {('bad', 'good')[i % 2]} {i},{'np'[i % 2]}\n" for i in range(60)]
    lines.insert(10, "no label\n")
    lines.insert(20, "empty,\n")
    path.write_text("text,label\n" + "".join(lines), encoding="utf-8")
    return path


TINY = ("--epochs", "2", "--pretraining-epochs", "0", "--embedding-size", "4", "--hidden-size", "4")


def test_a_training_says_and_keeps_what_it_left_out(longshort: Any, tmp_path: Path) -> None:
    path, run = reviews(tmp_path / "a.csv"), tmp_path / "run"
    refused = longshort("train", str(path), "--run", str(run), *TINY)
    assert refused.exit_code == 2
    assert "line 12: a row has 2 columns" in refused.stderr

    trained = longshort("train", str(path), "--skip-bad", "--run", str(run), *TINY)
    note = f"{path}: skipped 2 of 62 rows: line 12: a row has 2 columns"
    assert trained.exit_code == 0, trained.stderr
    assert note in trained.stderr
    kept = json.loads((run / "metrics.json").read_text())
    assert [each.startswith(note) for each in kept["data"]["notes"]] == [True]
    assert sum(part["rows"] for part in kept["data"]["parts"].values()) == 60
    assert "skipped 2 of 62 rows" in (run / "report.html").read_text()

    for command in (("evaluate", str(run), str(path)), ("predict", str(run), "--file", str(path))):
        asked, plain = longshort(*command, "--skip-bad"), longshort(*command)
        assert (asked.exit_code, plain.exit_code) == (0, 2)
        assert "skipped " in asked.stderr
    assert len(asked.stdout.splitlines()) == 61  # the one without a label has a text


def test_lines_of_text_are_sieved_too(longshort: Any, tmp_path: Path) -> None:
    run, lines = tmp_path / "run", b"good film\ncaf\xe9\nbad film\n"
    assert longshort("train", str(reviews(tmp_path / "a.csv")), "--skip-bad", "--run", str(run), *TINY).exit_code == 0
    (tmp_path / "new.txt").write_bytes(lines)
    for where, args, extra in (
        (tmp_path / "new.txt", ("--file", str(tmp_path / "new.txt")), {}),
        ("stdin", (), {"input": lines}),
    ):
        assert longshort("predict", str(run), *args, **extra).exit_code == 2
        found = longshort("predict", str(run), "--skip-bad", *args, **extra)
        assert (found.exit_code, len(found.stdout.splitlines())) == (0, 2)
        assert found.stderr == f"{where}: skipped 1 of 3 lines: line 2: the text must be utf-8. Byte 0xe9 is not.\n"
