from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from longshort.config import ForecastDataSettings
from longshort.data.series import from_arrays, open_series
from longshort.errors import DataError

MONTHS = "Month,Passengers\n1949-01,112\n1949-02,118\n1949-03,132\n1949-04,129\n"


def write(folder, text, name="data.csv"):
    path = folder / name
    path.write_text(text)
    return path


def read(folder, text, **settings):
    return open_series(write(folder, text), ForecastDataSettings.parse(settings))


def test_one_series_needs_no_names(tmp_path):
    found = read(tmp_path, MONTHS)
    (series,) = found
    assert (str(found.step), found.target, series.name, found.notes) == ("1 month", "Passengers", "", ())
    assert series.values.tolist() == [112, 118, 132, 129]
    assert [found.step.text(p) for p in series.positions] == ["1949-01", "1949-02", "1949-03", "1949-04"]


def test_several_series_may_stand_among_each_other(tmp_path):
    text = "date,shop,sales\n2020-01-01,a,1\n2020-01-01,b,10\n2020-01-02,b,20\n2020-01-02,a,2\n2020-01-03,a,3\n"
    found = read(tmp_path, text, series="shop")
    assert [(each.name, each.values.tolist()) for each in found] == [("a", [1, 2, 3]), ("b", [10, 20])]
    assert found.lengths.tolist() == [3, 2]


def test_covariates_are_known_ahead_or_of_the_past(tmp_path):
    text = "t,y,price,rain\n1,5,1.5,0\n2,6,1.5,1\n3,7,2,0\n4,,2.5,\n5,,3,\n"
    found = read(tmp_path, text, known=("price",), past=("rain",))
    (series,) = found
    assert series.values.tolist() == [5, 6, 7]
    assert series.known.tolist() == [[1.5], [1.5], [2], [2.5], [3]]
    assert series.past.tolist() == [[0], [1], [0]]
    early = series.until(2)
    assert (early.values.tolist(), early.known.tolist(), len(early.past)) == ([5, 6], series.known.tolist(), 2)


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "frame", "index", "series"])
def test_all_sources_give_the_same(tmp_path, kind):
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=5, freq="h"), "y": [1.0, 2.5, 3.0, 4.0, 5.0]})
    if kind == "csv":
        data = tmp_path / "a.csv"
        frame.to_csv(data, index=False)
    elif kind == "tsv":
        data = tmp_path / "a.tsv"
        frame.to_csv(data, index=False, sep="\t")
    elif kind == "parquet":
        data = tmp_path / "a.parquet"
        frame.to_parquet(data)
    else:
        data = {"frame": frame, "index": frame.set_index("date"), "series": frame.set_index("date")["y"]}[kind]
    found = open_series(data)
    assert (str(found.step), found.target) == ("1 hour", "y")
    assert found.series[0].values.tolist() == [1.0, 2.5, 3.0, 4.0, 5.0]
    assert found.step.text(found.series[0].start) == "2020-01-01 00:00"


def test_a_column_that_could_be_meant_too_is_told(tmp_path):
    assert read(tmp_path, "t,y,z\n1,2,3\n2,3,4\n").notes == (
        "Column 'y' is forecast, not 'z'; --value NAME chooses another.",
    )
    assert read(tmp_path, "t,id,y\n1,a,3\n2,a,4\n").notes == ("Column 'id' says which series a row belongs to.",)


def test_repairs_are_made_when_asked_for_and_told(tmp_path):
    text = "t,y\n3,30\n1,10\n2,\n6,60\n6,80\n"
    linear = read(tmp_path, text, fill="linear")
    assert linear.series[0].values.tolist() == [
        10,
        20,
        30,
        pytest.approx(43.3333, abs=1e-3),
        pytest.approx(56.667, abs=1e-3),
        70,
    ]
    assert linear.notes == (
        "Rows were out of order; they were sorted by time.",
        "1 rows had the time of another row; they were averaged.",
        "2 steps had no row; filled (linear).",
        "1 empty cell was filled (linear).",
    )
    assert read(tmp_path, text, fill="last").series[0].values.tolist() == [10, 10, 30, 30, 30, 70]
    assert read(tmp_path, text, fill="zero").series[0].values.tolist() == [10, 0, 30, 0, 0, 70]


def test_empty_rows_at_both_ends_are_told(tmp_path):
    found = read(tmp_path, "t,y\n1,\n2,5\n3,6\n4,\n", fill="last")
    assert found.series[0].values.tolist() == [5, 6]
    assert found.notes == (
        "1 rows before the first value were left out.",
        "1 rows after the last value carry none; the forecast begins there.",
    )
    assert found.step.text(found.series[0].start) == "2"


BAD = {
    "duplicate": (
        MONTHS + "1949-04,130\n",
        {},
        "line 6: a time must stand in one row. This one is the same as one above.",
    ),
    "unordered": (
        MONTHS + "1948-04,130\n",
        {},
        "line 6: times must rise from row to row. This one is before the one above.",
    ),
    "gap": (
        MONTHS + "1949-07,130\n",
        {},
        "line 6: a series must have a row for each step of 1 month. 2 are missing before 1949-07.",
    ),
    "uneven": (
        "t,y\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2020-01-03 07:00,4\n",
        {},
        "line 5: times must be even steps apart. Most are 1 day apart; this one stands beside that grid.",
    ),
    "empty value": ("t,y\n1,1\n2,\n3,3\n", {}, "line 3: 'y' must have a number in every row. It is empty here."),
    "first empty": ("t,y\n1,\n2,2\n3,3\n", {}, "line 2: 'y' must have a value. It is empty here."),
    "all empty": ("t,y\n1,\n2,\n", {}, "line 2: a series must have values. 'y' is empty in every row."),
    "text": ("t,y\n1,1\n2,many\n", {}, "line 3: 'y' must hold numbers. Got 'many'."),
    "comma": ('t,y\n1,1\n2,"1,5"\n', {}, "line 3: 'y' must hold numbers. Got '1,5'."),
    "infinite": ("t,y\n1,1\n2,inf\n", {}, "line 3: 'y' must hold finite numbers. Got 'inf'."),
    "no time": ("t,y\n1,1\nsoon,2\n", {}, "line 3: 't' must hold times. Got 'soon'."),
    "empty time": ("t,y\n1,1\n,2\n", {}, "line 3: 't' must hold times. The cell is empty."),
    "both clocks": (
        "t,y\n1,1\n2020-01-01,2\n",
        {},
        "line 3: 't' must hold whole numbers alone or dates alone. Got '2020-01-01' after the other.",
    ),
    "no rows": ("t,y\n", {}, "there must be rows. Got none but the header."),
    "no time column": ("a,b\n1,2\n", {}, "a column must hold the times. None has a usual name (time, timestamp, "),
    "no value column": ("t\n1\n", {}, "a column must hold the values. The columns are: 't'."),
    "several values": ("t,a,b\n1,2,3\n", {}, "one column must be what is forecast. 'a', 'b' all could be."),
    "unknown column": ("t,y\n1,2\n", {"value": "yy"}, "a column that is named must be one of: 't', 'y'. Got 'yy'."),
    "unknown covariate": (
        "t,y\n1,2\n",
        {"value": "y", "past": ("wind",)},
        "a column that is named must be one of: 't', 'y'. Got 'wind'.",
    ),
    "two roles": ("t,y\n1,2\n", {"value": "y", "known": ("y",)}, "a column must have one role. 'y' was given two."),
    "same header": ("t,y,y\n1,2,3\n", {}, "the names of columns must differ. 'y' stands in the header twice."),
    "nameless row": (
        "t,id,y\n1,a,1\n2,,2\n",
        {},
        "line 3: each row must say which series it belongs to. 'id' is empty.",
    ),
    "covariate": (
        "t,y,p\n1,1,1\n2,2,\n3,3,1\n",
        {"past": ("p",)},
        "line 3: 'p' must have a number in every row. It is empty here.",
    ),
    "mostly gaps": (
        "t,y\n1,1\n2,2\n1000000,3\n",
        {"fill": "last"},
        "line 2: gaps must not be most of a series. 3 rows stand on 1,000,000 steps of 1.",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_with_its_line_and_a_hint(tmp_path, name):
    text, settings, message = BAD[name]
    with pytest.raises(DataError) as caught:
        read(tmp_path, text, **settings)
    assert message in caught.value.message
    assert "data.csv" in caught.value.message
    assert caught.value.hint


def test_files_of_other_kinds_are_refused(tmp_path):
    for path in (tmp_path / "missing.csv", write(tmp_path, "x", "a.xlsx"), write(tmp_path, "x", "a.parquet"), 7):
        with pytest.raises(DataError) as caught:
            open_series(path)
        assert caught.value.hint
    pd.DataFrame({"t": [1], "y": [[1, 2]]}).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"column 'y' must hold times, numbers or text"):
        open_series(tmp_path / "b.parquet")


def test_new_data_must_stand_on_the_grid_of_the_training(tmp_path):
    step = read(tmp_path, "t,y\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n").step
    with pytest.raises(DataError, match=r"line 3: times must be even steps apart. Most are 1 hour apart"):
        open_series(write(tmp_path, "t,y\n2020-01-02 00:00,1\n2020-01-02 00:30,2\n"), step=step)
    with pytest.raises(DataError, match=r"times must be dates, as in training. Got whole numbers"):
        open_series(write(tmp_path, "t,y\n1,1\n2,2\n"), step=step)
    odd = read(tmp_path, "t,y\n1,1\n3,2\n").step
    with pytest.raises(DataError, match=r"Most are 2 apart") as caught:
        open_series(write(tmp_path, "t,y\n1,1\n4,2\n"), step=odd)
    assert "number the rows 0, 1, 2" in caught.value.hint
    alone = open_series(write(tmp_path, "t,y\n2020-01-02 05:00,1\n"), step=step)
    assert alone.step == step


@pytest.mark.parametrize(
    ("times", "hint"),
    [
        (["2020-01-31", "2020-02-28", "2020-03-31", "2020-04-30", "2020-05-29", "2020-06-30", "2020-07-31"], "('MS')"),
        (["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04 05:00"], "('1D')"),
        (["2020-01-01 00:00", "2020-01-01 00:15", "2020-01-01 00:30", "2020-01-01 00:46"], "('15min')"),
        (["2020-01-01 00:00", "2020-01-01 02:00", "2020-01-01 04:00", "2020-01-01 06:30"], "('2h')"),
    ],
)
def test_uneven_times_are_told_with_the_grid_that_is_near(tmp_path, times, hint):
    with pytest.raises(DataError, match="times must be even steps apart") as caught:
        read(tmp_path, "\n".join(["t,y", *(f"{time},1" for time in times)]))
    assert hint in caught.value.hint


# --- arrays ---


def test_arrays_are_one_series_or_several():
    assert [s.values.tolist() for s in from_arrays([1.0, 2.0, 3.0])] == [[1, 2, 3]]
    assert from_arrays(np.arange(6.0).reshape(2, 3)).lengths.tolist() == [3, 3]
    several = from_arrays({"a": [1, 2], "b": np.array([3, 4, 5])})
    assert [(s.name, s.values.tolist()) for s in several] == [("a", [1, 2]), ("b", [3, 4, 5])]


def test_arrays_may_have_times_and_gaps():
    moments = np.array(["2020-01-01", "2020-01-02", "2020-01-04"], dtype="datetime64[D]")
    with pytest.raises(DataError, match=r"index 2: a series must have a row for each step of 1 day. 1 are missing"):
        from_arrays([1.0, 2.0, 4.0], times=moments)
    found = from_arrays([1.0, np.nan, 4.0], times=moments, fill="linear")
    assert found.series[0].values.tolist() == [1, 2, 3, 4]
    texts = from_arrays([1.0, 2.0], times=["1949-01", "1949-02"])
    assert str(texts.step) == "1 month"


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([], {}, r"numbers of the shape \(steps,\), at least one"),
        (["a"], {}, r"numbers of the shape"),
        (np.zeros((2, 2, 2)), {}, r"numbers of the shape"),
        ([1.0, np.inf], {}, r"Series 0 holds an infinite one at index 1"),
        ([1.0, np.nan, 2.0], {}, r"index 1: 'value' must have a number in every row"),
        ([1.0, 2.0], {"times": [1]}, r"each value must have one time"),
        ([1.0, 2.0], {"times": [1, "soon"]}, r"index 1: a time must be a whole number or a date"),
        ([1.0, 2.0], {"times": ["1", "2020-01-01"]}, r"index 1: times must be all whole numbers or all dates"),
        ([[1.0], [2.0]], {"names": ["a"]}, r"each series must have one name"),
        ([[1.0, 2.0], [2.0, 3.0]], {"names": ["a", "a"]}, r"have names of their own"),
    ],
)
def test_bad_arrays_are_told(values, options, message):
    with pytest.raises(DataError, match=message) as caught:
        from_arrays(values, **options)
    assert caught.value.hint


def test_the_last_part_is_held_out():
    found = from_arrays({"a": np.arange(100.0), "b": np.arange(50.0)})
    assert found.holdout(share=0.2).tolist() == [80, 40]
    assert found.holdout(share=0.2, steps=24).tolist() == [76, 26]
    assert found.holdout(share=0.2, least=15).tolist() == [80, 35]
    with pytest.raises(DataError, match=r"the series 'b' must have at least 30 steps before and 30 within"):
        found.holdout(share=0.5, least=30)


def test_a_parquet_file_whose_names_are_no_text_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"time": range(9), "value": np.arange(9.0)}).to_parquet(path)
    path.write_bytes(path.read_bytes().replace(b"\x05value", b"\x05\xf6alue"))
    with pytest.raises(DataError, match=r"a\.parquet"):
        open_series(path, ForecastDataSettings())
