"""Everything that is not sequences of numbers is refused: what must hold, what was received and where, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort.config import SequenceDataSettings
from longshort.data.sequences import from_arrays, open_sequences, split_sequences
from longshort.errors import DataError

TS = "@problemName x\n@classLabel true a b\n@data\n"
LONG = "id,time,x,y1,label\n"

FILES: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    # name: file, its text, settings, the whole message after the path, the start of the hint
    "ts: no @data": (
        "a.ts",
        "@classLabel true a b\n",
        {},
        ": the file must hold sequences after @data. It holds none.",
        "Before",
    ),
    "ts: empty": ("a.ts", "", {}, ": the file must hold sequences after @data. It holds none.", "Before"),
    "ts: rows first": (
        "a.ts",
        "1,2:a\n",
        {},
        ", line 1: a line before @data must begin with @ or #. Got a row.",
        "Before",
    ),
    "ts: a word for a number": (
        "a.ts",
        TS + "1,2:a\n1,two:b\n",
        {},
        ", line 5: each value must be a number, or \"?\" where it is missing. Got 'two', step 2 of channel 0.",
        "Values are separated by commas",
    ),
    "ts: infinite": (
        "a.ts",
        TS + "1,2:a\n1,inf:b\n",
        {},
        ", line 5: each value must be finite. Got 'inf', step 2 of channel 0.",
        "A missing value is written",
    ),
    "ts: unequal channels": (
        "a.ts",
        TS + "1,2:3,4,5:a\n",
        {},
        ", line 4: the channels of a sequence must be equally long. Got 2, 3 values.",
        'Write "?"',
    ),
    "ts: a channel lost": (
        "a.ts",
        TS + "1,2:3,4:a\n1,2:b\n",
        {},
        ", line 5: a row must have 2 channels, as those before it have. Got 1.",
        "Colons stand between",
    ),
    "ts: not the header's channels": (
        "a.ts",
        "@dimensions 3\n" + TS + "1,2:3,4:a\n",
        {},
        ", line 5: a row must have 3 channels, as the header says. Got 2.",
        "Colons stand between",
    ),
    "ts: univariate with two": (
        "a.ts",
        "@univariate true\n" + TS + "1,2:3,4:a\n",
        {},
        ", line 5: a row must have 1 channel, as the header says. Got 2.",
        "Colons stand between",
    ),
    "ts: cut short": (
        "a.ts",
        "@equalLength true\n@seriesLength 3\n" + TS + "1,2,3:a\n1,2:b\n",
        {},
        ", line 7: all sequences must have 3 steps, as the header says that they are equally long. Got 2.",
        "Correct the row",
    ),
    "ts: an unknown class": (
        "a.ts",
        TS + "1,2:c\n",
        {},
        ", line 4: each class must be one of the header: a, b. Got 'c'.",
        "Correct the row",
    ),
    "ts: no class": (
        "a.ts",
        "@classLabel true\n@data\n1,2:?\n",
        {},
        ", line 3: the label must not be empty.",
        "Leave the row out",
    ),
    "ts: no colon": (
        "a.ts",
        TS + "1,2\n",
        {},
        ", line 4: a row must hold values, a colon, and its target. Got no colon.",
        "Before",
    ),
    "ts: no steps": (
        "a.ts",
        TS + "1:a\n:b\n",
        {},
        ", line 5: a sequence must have at least one step. This one has none.",
        "Leave it out",
    ),
    "ts: a target that is no number": (
        "a.ts",
        "@targetLabel true\n@data\n1,2:high\n",
        {},
        ", line 3: the target must be a number. Got 'high'.",
        "Mend it",
    ),
    "ts: an infinite target": (
        "a.ts",
        "@targetLabel true\n@data\n1,2:inf\n",
        {},
        ", line 3: the target must be a finite number. Got inf.",
        "Mend it",
    ),
    "ts: time stamps": (
        "a.ts",
        "@timeStamps true\n" + TS,
        {},
        ", line 1: values must stand without time stamps. Got @timeStamps true.",
        "Write the values alone",
    ),
    "ts: neither true nor false": (
        "a.ts",
        "@missing perhaps\n" + TS,
        {},
        ", line 1: @missing must be followed by true or false. Got 'perhaps'.",
        "Before",
    ),
    "ts: no whole number": (
        "a.ts",
        "@dimensions two\n" + TS,
        {},
        ", line 1: @dimensions must be followed by a whole number above 0. Got 'two'.",
        "Before",
    ),
    "ts: a key with a slip": (
        "a.ts",
        "@clasLabel true a b\n@data\n1:a\n",
        {},
        ", line 1: the header must be one of a .ts file. Got '@clasLabel'.",
        "Did you mean '@classlabel'?",
    ),
    "ts: another format": (
        "a.ts",
        "@attribute x numeric\n@data\n1:a\n",
        {},
        ", line 1: the header must be one of a .ts file. Got '@attribute'.",
        "This is a header of .arff",
    ),
    "ts: two targets": (
        "a.ts",
        "@targetLabel true\n" + TS,
        {},
        ", line 3: a row must have one target. Got @classLabel or @targetLabel before.",
        "Before",
    ),
    "ts: not utf-8": ("a.ts", TS + "1:caf\udce9\n", {}, ", line 4: the text must be utf-8", "If the file was written"),
    "wide: a word": (
        "a.csv",
        "t0,t1,label\n1,2,a\n1,two,b\n",
        {},
        ", line 3: each value must be a number. Got 'two' in column 't1'.",
        "A missing value is an empty cell",
    ),
    "wide: digits with an underscore": (
        "a.csv",
        "t0,t1,label\n1,1_000,a\n",
        {},
        ", line 2: each value must be a number. Got '1_000' in column 't1'.",
        "A missing value is an empty cell",
    ),
    "wide: infinite": (
        "a.csv",
        "t0,t1,label\n1,-inf,a\n",
        {},
        ", line 2: each value must be finite. Got '-inf' in column 't1'.",
        "A missing value is an empty cell",
    ),
    "wide: no value": (
        "a.csv",
        "t0,t1,label\n,,a\n",
        {},
        ", line 2: a row must hold at least one value. All of its cells are empty.",
        "Leave it out",
    ),
    "wide: no target": (
        "a.csv",
        "t0,t1\n1,2\n",
        {},
        ": no column has a usual name for the target (label, labels, sentiment, class, ...). The columns are: 't0', "
        "'t1'.",
        "Name it with --label NAME",
    ),
    "wide: an empty target": (
        "a.csv",
        "t0,t1,label\n1,2,\n",
        {},
        ", line 2: the label must not be empty.",
        "Leave the row out",
    ),
    "wide: a ragged row": (
        "a.csv",
        "t0,t1,label\n1,2\n",
        {},
        ", line 2: a row has 3 columns, as the header says (t0, t1, label). Got 2.",
        "A cell with a quote",
    ),
    "wide: no header": (
        "a.csv",
        "1,0.5,0.25\n2,0.5,0.5\n",
        {},
        ": the first line must name the columns. It holds numbers alone: 1, 0.5, 0.25.",
        "Write a line above it",
    ),
    "wide: only a header": ("a.csv", "t0,label\n", {}, ": the data must hold rows. There is none.", "Is this"),
    "wide: a sequence twice": (
        "a.csv",
        "id,t0,label\n7,1,a\n7,2,a\n",
        {"layout": "wide"},
        ", line 3: each row of a wide table must be a sequence of its own. id '7' stands in line 2 too.",
        "Where each row is a step, add --layout long.",
    ),
    "wide: no values": (
        "a.csv",
        "id,label\n7,a\n",
        {"layout": "wide"},
        ": a table must have columns of values. The columns are: 'id', 'label'.",
        "Is this",
    ),
    "a name twice": (
        "a.csv",
        "t0,t0,label\n1,2,a\n",
        {},
        ": the names of columns must differ. 't0' stands in the header twice.",
        "Rename one.",
    ),
    "a column that is not there": (
        "a.csv",
        "t0,t1,label\n1,2,a\n",
        {"group": "labels"},
        ": the column of --group must be one of the table. The columns are: 't0', 't1', 'label'. Got 'labels'.",
        "Did you mean 'label'?",
    ),
    "a column with two roles": (
        "a.csv",
        "id,t1,label\n1,2,a\n",
        {"id": "id", "group": "id"},
        ": a column must have one role. 'id' was given two.",
        "Name other columns",
    ),
    "the target as a value": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,2,2,3,a\n",
        {"channels": ("x", "label"), "label": "label"},
        ": each column of values must be one, and nothing else. 'label' is that of --label too.",
        "Name other columns",
    ),
    "long: no id": (
        "a.csv",
        "time,x,label\n1,2,a\n",
        {},
        ": a long table must have a column that says which sequence a row belongs to. Column 'time' looks like that of "
        "the time. The columns are: 'time', 'x', 'label'.",
        "Name it with --id NAME",
    ),
    "long: an empty id": (
        "a.csv",
        LONG + "1,1,2,3,a\n,2,2,3,a\n,3,2,3,a\n",
        {},
        ", line 3: 'id' must be filled in. It is empty.",
        "Fill it in",
    ),
    "long: a time twice": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,1,2,3,a\n",
        {},
        ", line 3: 'time' must rise within a sequence. In '1', 1 comes twice (line 2).",
        "Leave out one of the two",
    ),
    "long: out of order": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,3,2,3,a\n1,2.5,2,3,a\n",
        {},
        ", line 4: 'time' must rise within a sequence. In '1', 2.5 comes after a later time (line 3).",
        "Sort the rows",
    ),
    "long: dates out of order": (
        "a.csv",
        LONG + "1,2024-01-10,2,3,a\n1,2024-01-09,2,3,a\n",
        {},
        ", line 3: 'time' must rise within a sequence. In '1', 2024-01-09 comes after a later time (line 2).",
        "Sort the rows",
    ),
    "long: no time": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,soon,2,3,a\n",
        {},
        ", line 3: 'time' must hold times. Got 'soon'.",
        "Write them",
    ),
    "long: an empty time": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,,2,3,a\n",
        {},
        ", line 3: 'time' must hold times. The cell is empty.",
        "Write them",
    ),
    "long: two clocks": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,2024-01-09,2,3,a\n",
        {},
        ", line 3: 'time' must hold numbers alone or dates alone. Got '2024-01-09' after the other.",
        "Write all alike",
    ),
    "long: two targets": (
        "a.csv",
        LONG + "1,1,2,3,a\n1,2,2,3,b\n",
        {},
        ", line 3: all rows of a sequence must have the same 'label'. That of '1' is 'a' in line 2, and 'b' here.",
        "Correct the rows",
    ),
    "another suffix": (
        "a.xlsx",
        "x",
        {},
        ": a file of sequences must be one of .ts, .csv, .tsv, .parquet. Got the suffix '.xlsx'.",
        "Give the file",
    ),
    "no parquet": ("a.parquet", "x", {}, ": the file must be a Parquet file that can be read", "Check that it was"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_is_refused(case: str, tmp_path: Path) -> None:
    name, text, options, message, hint = FILES[case]
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(DataError) as caught:
        open_sequences(path, SequenceDataSettings.parse(options))
    found = caught.value.message.removeprefix(str(path))
    assert found == message or (not message.endswith(".") and found.startswith(message)), found
    assert caught.value.hint.startswith(hint), caught.value.hint


NAN, INF = float("nan"), float("inf")
X = [[1.0, 2.0], [3.0, 4.0]]

ARRAYS: dict[str, tuple[Any, Any, Any, str]] = {
    # name: x, y, groups, the whole message
    "infinite": (
        np.array([[1.0, 2.0], [3.0, INF]]),
        None,
        None,
        "the data: values must be finite numbers. Got inf at index 1, step 2, channel 'value'.",
    ),
    "infinite in a channel": (
        np.array([[[1.0, 2.0], [3.0, -INF]]]),
        None,
        None,
        "the data: values must be finite numbers. Got -inf at index 0, step 2, channel 'channel 1'.",
    ),
    "objects": (
        np.array([[1, None], [2, "x"]], dtype=object),
        None,
        None,
        "the data: values must be numbers. Got the type object.",
    ),
    "None in a list": (
        [[1.0, None], [1.0]],
        None,
        None,
        "the data: values must be numbers at index 0. Got the type object.",
    ),
    "text": (np.array([["1", "2"]]), None, None, "the data: values must be numbers. Got the type <U1."),
    "text in a list": ([[1.0], ["a"]], None, None, "the data: values must be numbers at index 1. Got the type <U1."),
    "complex": (np.array([[1j]]), None, None, "the data: values must be numbers. Got the type complex128."),
    "dates": (
        [np.array(["2024-01-01"], dtype="M8[D]")],
        None,
        None,
        "the data: values must be numbers at index 0. Got the type datetime64[D].",
    ),
    "ragged inside": (
        [[[1.0, 2.0], [3.0]]],
        None,
        None,
        "the data: values must be numbers at index 0. Setting an array element",
    ),
    "one sequence": (
        [1.0, 2.0],
        None,
        None,
        "the data: a sequence must be an array (steps,) or (steps, channels). Got shape () at index 0.",
    ),
    "one axis": (np.arange(3.0), None, None, "the data: sequences must have 2 or 3 axes. Got shape (3,)."),
    "four axes": (
        np.zeros((1, 1, 1, 1)),
        None,
        None,
        "the data: sequences must have 2 or 3 axes. Got shape (1, 1, 1, 1).",
    ),
    "three axes in a list": (
        [np.zeros((1, 1, 1))],
        None,
        None,
        "the data: a sequence must be an array (steps,) or (steps, channels). Got shape (1, 1, 1) at index 0.",
    ),
    "unequal channels": (
        [np.zeros((4, 2)), np.zeros((4, 3))],
        None,
        None,
        "the data: sequences must have as many channels each, and one at least. Got 2 at index 0, 3 at index 1.",
    ),
    "no channels": (
        np.zeros((2, 3, 0)),
        None,
        None,
        "the data: sequences must have as many channels each, and one at least. Got 0 at index 0, 0 at index 0.",
    ),
    "no steps": (
        [np.zeros(3), np.zeros(0)],
        None,
        None,
        "the data: each sequence must have at least one step. That at index 1 has none.",
    ),
    "no steps at all": (
        np.zeros((2, 0)),
        None,
        None,
        "the data: each sequence must have at least one step. That at index 0 has none.",
    ),
    "empty list": ([], None, None, "the data: there must be sequences. Got none."),
    "empty array": (np.zeros((0, 5)), None, None, "the data: there must be sequences. Got none."),
    "a number": (3, None, None, "the data: sequences must be arrays. Got int."),
    "a dictionary": ({"a": [1.0]}, None, None, "the data: sequences must be arrays. Got dict."),
    "None": (None, None, None, "the data: sequences must be arrays. Got NoneType."),
    "fewer targets": (X, ["a"], None, "the data: there must be as many targets as sequences. Got 1 and 2."),
    "targets of two axes": (
        X,
        np.zeros((2, 1)),
        None,
        "the data: targets must be a list, one for each sequence. Got an array of 2 axes.",
    ),
    "targets as text": (X, "ab", None, "the data: targets must be a list, one for each sequence. Got 'ab'."),
    "one target": (X, 5, None, "the data: targets must be a list, one for each sequence. Got 5."),
    "a target missing": (X, ["a", None], None, "the data, index 1: the label must not be missing. Got none."),
    "a target not a number": (X, [0.5, NAN], None, "the data, index 1: the target must be a finite number. Got none."),
    "an infinite target": (
        X,
        np.array([0.5, INF]),
        None,
        "the data, index 1: the target must be a finite number. Got inf.",
    ),
    "a list as target": (
        X,
        [["a"], ["b"]],
        None,
        "the data, index 0: the label must be one, as that of the first row is. Got a list.",
    ),
    "fewer groups": (X, None, ["a"], "the data: there must be as many groups as sequences. Got 1 and 2."),
    "a group missing": (X, None, ["a", None], "the data, index 1: a group must not be missing. Got none."),
    "a frame with a word": (
        pd.DataFrame({"t0": [1.0, 2.0], "t1": [1, "x"]}),
        None,
        None,
        "the frame, row 1 (counted from 0): each value must be a number. Got 'x' in column 't1'.",
    ),
    "a frame with infinity": (
        pd.DataFrame({"t0": [1.0, INF]}),
        None,
        None,
        "the frame, row 1 (counted from 0): each value must be finite. Got inf in column 't0'.",
    ),
    "a frame and targets twice": (
        pd.DataFrame({"t0": [1.0, 2.0], "label": ["a", "b"]}),
        ["a", "b"],
        None,
        "the frame: targets must be given once. There are some in y, and a column of them in the frame too.",
    ),
    "an empty frame": (pd.DataFrame({"t0": []}), None, None, "the frame: the data must hold rows. There is none."),
    "a long frame with too few targets": (
        pd.DataFrame({"id": [1, 1, 2], "time": [0, 1, 0], "x": [1.0, 2.0, 3.0]}),
        ["a", "b", "c"],
        None,
        "the data: there must be as many targets as sequences. Got 3 and 2.",
    ),
    "a long frame out of order": (
        pd.DataFrame({"id": [1, 1, 2], "time": [1, 0, 0], "x": [1.0, 2.0, 3.0]}),
        None,
        None,
        "the frame, row 1 (counted from 0): 'time' must rise within a sequence. In '1', 0 comes after a later time "
        "(row 0).",
    ),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_arrays_are_refused(case: str) -> None:
    x, y, groups, message = ARRAYS[case]
    with pytest.raises(DataError) as caught:
        from_arrays(x, y, groups)
    found = caught.value.message
    assert found == message or (not message.endswith(".") and found.startswith(message)), found
    assert caught.value.hint


def test_a_parquet_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"t0": ["1", "x"], "label": ["a", "b"]}), path)
    with pytest.raises(DataError, match=r"a.parquet: row 2: each value must be a number. Got 'x' in column 't0'"):
        open_sequences(path)


@pytest.mark.parametrize("data", [[[1.0]], np.zeros((2, 3)), 7, None])
def test_without_targets_nothing_is_learnt(data: object) -> None:
    with pytest.raises(DataError, match=r"must be a path, a frame or a pair \(x, y\)"):
        open_sequences(data)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "vowels_TRAIN.ts").write_text(TS + "1:a\n")
    with pytest.raises(DataError, match="there is no file") as caught:
        open_sequences(tmp_path / "vowel_TRAIN.ts")
    assert "vowels_TRAIN.ts" in caught.value.hint


def test_a_pair_without_targets_has_none() -> None:
    with pytest.raises(DataError, match=r"each sequence must have a target\. There are none"):
        open_sequences((X, None))


def test_shares_that_leave_nothing() -> None:
    with pytest.raises(DataError, match="must leave rows to train on"):
        split_sequences(from_arrays(X, ["a", "b"]), validation_share=0.5, test_share=0.5)


WORDS = (
    *(
        "@data",
        "@classLabel true a b",
        "@dimensions",
        "@univariate true",
        "id,time,x,label",
        "t0,t1,label",
        "#",
        "true",
    ),
    *(
        "a",
        "1",
        "-2.5",
        "?",
        "nan",
        "inf",
        "1e999",
        ",",
        ":",
        "\n",
        "\r\n",
        " ",
        '"',
        "\0",
        "\ufeff",
        "é",
        "2024-01-01",
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(st.sampled_from(WORDS), max_size=30),
    suffix=st.sampled_from([".ts", ".csv", ".tsv"]),
    labelled=st.booleans(),
)
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], suffix: str, labelled: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    path.write_text("".join(words), newline="")
    try:
        found = open_sequences(path, labelled=labelled)
    except DataError:
        return
    assert found.lengths.min() >= 1
    assert len(found.values) == found.lengths.sum()
    assert len(found) == len(found.origins)
    assert not np.isinf(found.values).any()
