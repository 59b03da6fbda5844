from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.delimited import DelimitedTable

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=8)
ROWS = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5))


def table(folder: Path, text: str, name: str = "a.csv") -> DelimitedTable:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return DelimitedTable(folder / name, "utf-8")


@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from([".csv", ".tsv"]), st.sampled_from(["\n", "\r\n"]))
def test_whatever_separates_the_cells_they_are_those_that_were_written(tmp_path_factory, rows, mark, suffix, end):
    header = [f"c{i}" for i in range(len(rows[0]))]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=mark, lineterminator=end).writerows([header, *rows])
    read = table(tmp_path_factory.mktemp("a"), file.getvalue(), f"a{suffix}")
    assert read.columns == tuple(header)
    assert [list(cells) for _, cells in read.values(header)] == rows


@pytest.mark.parametrize(
    ("name", "header", "columns"),
    [
        ("a.csv", "a;b,c", ("a;b", "c")),
        ("a.csv", '"a, b";c', ("a, b", "c")),
        ("a.csv", '"a; ""b""",c', ('a; "b"', "c")),
        ("a.csv", '"a;b"', ("a;b",)),
        ("a.csv", "a|b;c", ("a|b", "c")),
        ("a.csv", "a", ("a",)),
        ("a.tsv", "a, b\tc; d", ("a, b", "c; d")),
        ("a.TSV", "a;b\tc", ("a;b", "c")),
    ],
)
def test_the_usual_separator_comes_first_and_quoted_ones_do_not_count(tmp_path, name, header, columns):
    assert table(tmp_path, header + "\n", name).columns == columns
