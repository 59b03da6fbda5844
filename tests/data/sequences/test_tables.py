"""Tables: a sequence in each row, or a step of one in each row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

from longshort.config import SequenceDataSettings
from longshort.data.sequences import Sequences, open_sequences
from longshort.errors import DataError

WIDE = "t0,t1,t2,class\n1,2,3,up\n4,?,6,down\n7,8,,up\n9,NaN,NaN,up\n"
LONG = """\
id,time,x,subject,y1,label
b,0,1,s1,10,up
a,0,5,s2,50,down
b,0.5,2,s1,,up
a,1,6,s2,60,down
b,3,3,s1,30,up
"""


def read(folder: Path, text: str, *, name: str = "a.csv", labelled: bool = True, **settings: object) -> Sequences:
    path = folder / name
    path.write_text(text)
    return open_sequences(path, SequenceDataSettings.parse(settings), labelled=labelled)


def test_a_wide_table(tmp_path: Path) -> None:
    found = read(tmp_path, WIDE)
    assert found.channels == ("value",)
    assert found.targets == ("up", "down", "up", "up")
    assert found.origins == ("line 2", "line 3", "line 4", "line 5")
    assert found.lengths.tolist() == [3, 3, 2, 3]
    assert_array_equal(found.values[:, 0], [1, 2, 3, 4, np.nan, 6, 7, 8, 9, np.nan, np.nan])
    (note,) = found.notes
    assert note.startswith("1 of 4 sequences end before the last column: empty cells at the end of a row end it")


def test_a_wide_table_keeps_the_order_of_its_columns(tmp_path: Path) -> None:
    found = read(tmp_path, "label\tlast\tfirst\nup\t1\t2\ndown\t3\t4\n", name="a.tsv")
    assert found.values[:, 0].tolist() == [1, 2, 3, 4]


def test_an_id_of_a_wide_table_is_no_value(tmp_path: Path) -> None:
    found = read(tmp_path, "id,t0,t1,label\n7,1,2,up\n8,3,4,down\n")
    assert found.origins == ("id '7'", "id '8'")
    assert found.values[:, 0].tolist() == [1, 2, 3, 4]


def test_a_long_table(tmp_path: Path) -> None:
    found = read(tmp_path, LONG, group="subject")
    assert found.channels == ("x", "y1")
    assert found.origins == ("id 'b'", "id 'a'")
    assert found.targets == ("up", "down")
    assert found.groups == ("s1", "s2")
    assert_array_equal(found.sequence(0), [[1, 10], [2, np.nan], [3, 30]])
    assert_array_equal(found.sequence(1), [[5, 50], [6, 60]])


def test_names_of_a_long_table_can_be_given(tmp_path: Path) -> None:
    text = LONG.replace("id,time,x,subject,y1,label", "who,when,x,subject,y1,what")
    found = read(tmp_path, text, id="who", time="when", label="what", channels=("y1", "x"))
    assert found.channels == ("y1", "x")
    assert_array_equal(found.sequence(1), [[50, 5], [60, 6]])


def test_a_long_table_without_times_is_in_order(tmp_path: Path) -> None:
    found = read(tmp_path, "id,x,label\na,2,u\na,1,u\nb,3,v\n")
    assert found.sequence(0)[:, 0].tolist() == [2, 1]


def test_dates_are_times(tmp_path: Path) -> None:
    text = "id,date,x,label\na,2024-01-09,1,u\na,2024-01-10,2,u\nb,2024-01-01T10:00:00,3,v\n"
    assert read(tmp_path, text).lengths.tolist() == [2, 1]


def test_the_layout_is_asked_for_where_columns_do_not_show_it(tmp_path: Path) -> None:
    text = "id,x,y1,label\na,1,2,u\nb,3,4,v\n"
    assert read(tmp_path, text).lengths.tolist() == [2, 2]
    found = read(tmp_path, text, layout="long")
    assert (found.lengths.tolist(), found.channels) == ([1, 1], ("x", "y1"))
    assert read(tmp_path, "time,t1,label\n1,2,u\n", layout="wide").values[:, 0].tolist() == [1, 2]


def test_a_column_that_looks_like_a_group_is_told(tmp_path: Path) -> None:
    text = "subject,t0,label\n1,5,u\n1,6,v\n"
    (note,) = read(tmp_path, text).notes
    assert note == (
        "Column 'subject' is read as values; --group subject keeps the rows of each in one part of the split."
    )
    found = read(tmp_path, text, group="subject")
    assert (found.notes, found.groups, found.values[:, 0].tolist()) == ((), ("1", "1"), [5, 6])


def test_without_labels_none_is_read_and_none_is_a_value(tmp_path: Path) -> None:
    found = read(tmp_path, WIDE, labelled=False)
    assert found.targets is None
    assert found.lengths.tolist() == [3, 3, 2, 3]
    assert read(tmp_path, "t0,label\n1,\n2,b\n", labelled=False).values[:, 0].tolist() == [1, 2]
    assert read(tmp_path, "id,x,label\n1,5,a\n1,6,b\n", labelled=False).lengths.tolist() == [2]
    bare = read(tmp_path, "0,1\n5,6\n", labelled=False, label="class", group="subject")
    assert bare.values[:, 0].tolist() == [5, 6]


def test_y_beside_other_coordinates_is_no_target(tmp_path: Path) -> None:
    found = read(tmp_path, "id,time,x,y,z,label\na,0,1,2,3,u\na,1,4,5,6,u\nb,0,7,8,9,v\n")
    assert (found.channels, found.targets) == (("x", "y", "z"), ("u", "v"))
    text = "id,time,x,y,z\na,0,1,2,3\na,1,4,5,6\n"
    assert read(tmp_path, text, labelled=False).channels == ("x", "y", "z")
    assert read(tmp_path, "id,x,y\na,1,2\na,4,5\n", labelled=False).channels == ("x", "y")
    with pytest.raises(DataError, match="no column has a usual name for the target"):
        read(tmp_path, text)
    assert read(tmp_path, "id,z,y\na,1,2\na,4,2\n", label="y").targets == ("2",)


def test_channels_of_a_model_are_values_whatever_they_are_called(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,t,class,x\na,0,5,2\na,0,6,2\n")
    known = ("t", "class", "x")
    found = open_sequences(path, labelled=False, channels=known)
    assert (found.channels, found.lengths.tolist()) == (known, [2])
    with pytest.raises(DataError, match="no column has a usual name for the target"):
        open_sequences(path, channels=known)
    assert open_sequences(path, SequenceDataSettings(label="x"), channels=known).targets == ("2",)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "2", "1"], False),
        (["0.5", "2", "1"], True),
        (["0.5", "2", "high"], False),
        ([str(i) for i in range(20)], False),
        ([str(i) for i in range(21)], True),
        ([str(i) for i in range(20)] + ["0"], False),
        (["1.0", "2.0"], False),
    ],
)
def test_targets_are_classes_or_numbers_as_they_look(tmp_path: Path, cells: list[str], numbers: bool) -> None:
    text = "\n".join(["t0,y", *(f"1,{cell}" for cell in cells)])
    assert isinstance(read(tmp_path, text).targets, np.ndarray) is numbers
    path = tmp_path / "a.csv"
    assert open_sequences(path, numbers=False).targets == tuple(cells)


def test_numbers_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t0,y\n1,1\n1,2\n")
    found = open_sequences(path, numbers=True)
    assert isinstance(found.targets, np.ndarray)
    path.write_text("t0,y\n1,1\n1,\n")
    with pytest.raises(DataError, match=r"line 3: the target must be a finite number\. Got none"):
        open_sequences(path, numbers=True)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = {
        "id": [1, 1, 2],
        "time": [datetime(2024, 1, day) for day in (1, 2, 1)],
        "x": [0.1, None, float("nan")],
        "label": [True, True, False],
    }
    pq.write_table(pa.table(table), path)
    found = open_sequences(path)
    assert found.targets == ("True", "False")
    assert found.origins == ("id '1'", "id '2'")
    assert_array_equal(found.values[:, 0], [0.1, np.nan, np.nan])


def test_a_wide_parquet_ends_at_nulls_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"t0": [1.0, 2.0], "t1": [None, float("nan")], "label": ["a", "b"]}), path)
    found = open_sequences(path)
    assert found.lengths.tolist() == [1, 2]
    assert found.origins == ("row 1", "row 2")


def test_a_frame_is_read_as_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(LONG)
    settings = SequenceDataSettings(group="subject")
    file, frame = open_sequences(path, settings), open_sequences(pd.read_csv(path), settings)
    assert_array_equal(file.values, frame.values)
    assert (file.lengths.tolist(), file.targets, file.groups) == (frame.lengths.tolist(), frame.targets, frame.groups)
    assert file.fingerprint == frame.fingerprint


def test_rows_of_many_sequences_may_stand_among_each_other(tmp_path: Path) -> None:
    which = np.random.default_rng(0).integers(0, 5, 300)
    text = "\n".join(["id,x,label", *(f"s{one},{row},u" for row, one in enumerate(which.tolist()))])
    found = read(tmp_path, text)
    for index, origin in enumerate(found.origins):
        one = int(origin.removeprefix("id 's").removesuffix("'"))
        assert found.sequence(index)[:, 0].tolist() == np.flatnonzero(which == one).tolist()
