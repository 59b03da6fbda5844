from __future__ import annotations

import codecs
import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import TextDataSettings
from longshort.data import Row, open_source
from longshort.errors import DataError, SettingError

ROWS = [Row('a "fine" film', ("01",)), Row("NA", ("1",)), Row("", ("1.0",)), Row(" two\nlines, é ", ("x",))]


def read(data: object, *, labelled: bool = True, **settings: object) -> list[Row]:
    source = open_source(data, TextDataSettings(**settings), labelled=labelled)  # type: ignore[arg-type]
    rows = list(source.rows())
    assert list(source.rows()) == rows, "a source can be streamed again"
    return rows


def refused(data: object, *, labelled: bool = True, **settings: object) -> tuple[str, str]:
    with pytest.raises((DataError, SettingError)) as caught:
        read(data, labelled=labelled, **settings)
    return caught.value.message, caught.value.hint


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_csv(path: Path, rows: list[Row], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([("text", "label"), *((row.text, row.labels[0]) for row in rows)])
    return path


# --- every format gives back what was written ---


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ","), (".tsv", "\t"), (".CSV", ",")])
def test_delimited_files_are_read_as_text(tmp_path: Path, suffix: str, delimiter: str) -> None:
    assert read(write_csv(tmp_path / f"a{suffix}", ROWS, delimiter)) == ROWS


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson"])
def test_json_lines_are_read_as_text(tmp_path: Path, suffix: str) -> None:
    content = "".join(json.dumps({"text": r.text, "label": r.labels[0]}) + "\n" for r in ROWS)
    assert read(write(tmp_path / f"a{suffix}", content + "\n\n")) == ROWS


def test_json_literals_stay_as_they_are_written(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": "a", "label": 1.50}\n{"text": "b", "label": true}\n')
    assert [row.labels for row in read(path)] == [("1.50",), ("true",)]


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    table = pa.table({"more": [0] * 4, "label": [r.labels[0] for r in ROWS], "text": [r.text for r in ROWS]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == ROWS


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([1, 0], ["1", "0"]),
        ([True, False], ["true", "false"]),
        (pa.array(["b", "a"]).dictionary_encode(), ["b", "a"]),
    ],
)
def test_parquet_labels_of_other_types_are_cast(tmp_path: Path, labels: object, expected: list[str]) -> None:
    pq.write_table(pa.table({"text": ["t", "u"], "label": labels}), tmp_path / "a.parquet")
    assert [row.labels for row in read(tmp_path / "a.parquet")] == [(label,) for label in expected]


def test_a_frame_is_read_without_its_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"review": ["a", "b"], "label": [3, 4]}, index=[7, 7])
    assert read(frame) == [Row("a", ("3",)), Row("b", ("4",))]


@pytest.mark.parametrize("as_column", [list, tuple, np.array, pd.Series])
def test_lists_arrays_and_series_are_read(as_column: type) -> None:
    assert read((as_column(["a", "b"]), as_column([1, 2]))) == [Row("a", ("1",)), Row("b", ("2",))]


def test_texts_alone_need_no_labels(tmp_path: Path) -> None:
    assert read(["a", "b"], labelled=False) == [Row("a"), Row("b")]
    assert read(("a", "b"), labelled=False) == [Row("a"), Row("b")]
    assert read(write(tmp_path / "a.csv", "text,label\nx,\n"), labelled=False) == [Row("x")]
    assert read(write(tmp_path / "b.csv", "text\nx\n"), labelled=False) == [Row("x")]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(cells, cells.filter(bool)), min_size=1, max_size=5))
def test_no_cell_is_changed(tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]) -> None:
    rows = [Row(text, (label,)) for text, label in pairs]
    folder = tmp_path_factory.mktemp("cells")
    content = "".join(json.dumps({"text": t, "label": x}, ensure_ascii=False) + "\n" for t, x in pairs)
    assert read(write_csv(folder / "a.csv", rows)) == rows
    assert read(write_csv(folder / "a.tsv", rows, "\t")) == rows
    assert read(write(folder / "a.jsonl", content)) == rows
    assert read(tuple(zip(*pairs, strict=True))) == rows


@pytest.mark.slow
def test_a_cell_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    rows = [Row("wörd\n" * 2_000_000, ("a",)), Row("short", ("b",))]
    assert read(write_csv(tmp_path / "a.csv", rows)) == rows


# --- columns ---


def test_columns_are_found_by_their_usual_names_ignoring_case(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", "id,Sentiment,REVIEW\n1,pos,good\n")) == [Row("good", ("pos",))]


def test_the_likelier_name_wins_and_a_note_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "title,text,rating,label\nt,x,5,p\n")
    assert read(path) == [Row("x", ("p",))]
    assert open_source(path).notes == [
        "Column 'text' is read as the text, not 'title'; --text NAME chooses another.",
        "Column 'label' is read as the label, not 'rating'; --label NAME chooses another.",
    ]


def test_named_columns_are_used(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label,b\nt,l,x\n")
    assert read(path, text="b", label="text") == [Row("x", ("t",))]
    assert read(path, label="text", text="label") == [Row("l", ("t",))]


HEADERS = [
    (
        "a,b",
        {},
        "no column has a usual name for the text (text, review, sentence, comment, ...). The columns are: 'a', 'b'.",
        "Name the columns with --text NAME and --label NAME.",
    ),
    (
        "text,reveiw,label",
        {"text": "review"},
        "the text column must be one of: 'text', 'reveiw', 'label'. Got 'review'.",
        "Did you mean 'reveiw'?",
    ),
    (
        "text,label",
        {"label": "LABEL"},
        "the label column must be one of: 'label'. Got 'LABEL'.",
        "Did you mean 'label'?",
    ),
    (
        "text,Text,label",
        {},
        "one column must be the text. 'text' and 'Text' both could be.",
        "Choose with --text NAME.",
    ),
    ("text,label,x,x", {}, "the names of columns must differ. 'x' stands in the header twice.", "Rename one."),
    (
        "text,label",
        {"text": "text", "label": "text"},
        "the text and the label must be two columns. Got 'text' for both.",
        "Name the columns with --text NAME and --label NAME.",
    ),
]


@pytest.mark.parametrize(("header", "settings", "message", "hint"), HEADERS)
def test_unclear_columns_are_refused(
    tmp_path: Path, header: str, settings: dict[str, str], message: str, hint: str
) -> None:
    path = write(tmp_path / "a.csv", f"{header}\n")
    assert refused(path, **settings) == (f"{path}: {message}", hint)


# --- damaged files ---

QUOTING = 'A cell with a quote, separator or line end in it stands in quotes, its own quotes doubled: "say ""hi""".'
OBJECT = 'A line is one JSON object, for example {"text": "A fine film.", "label": "positive"}.'
ARRAY = "One array of all rows is another format: write each object on a line of its own, as jq -c '.[]' does."

DAMAGED = [
    (
        "a.csv",
        'text,label,source\n"two\nlines",a,b\nx,y,z,"4"\n',
        ", line 4: a row has 3 columns, as the header says (text, label, source). Got 4.",
        QUOTING,
    ),
    (
        "a.csv",
        'text,label\nx,a\n"never ends,a\ny,b\n',
        ", line 3: a quoted cell must end with a quote. This row has one that never ends.",
        QUOTING,
    ),
    (
        "a.tsv",
        'text\tlabel\n"so" he said\ta\n',
        ", line 2: the quotes of a row must match. Here the separator expected after '\"'.",
        QUOTING,
    ),
    (
        "a.csv",
        "text,label\nx,a\n\ny,b\n",
        ", line 3: a blank line may stand at the end alone. More rows follow this one.",
        'Delete it; an empty text is written "".',
    ),
    (
        "a.csv",
        "text,label\nx,a\ny\0,b\n",
        ", line 3: text must not hold a NUL byte. Got one.",
        "Is it a text file? If it is UTF-16 without a byte order mark, add --encoding utf-16-le.",
    ),
    (
        "a.csv",
        "text,label\nx,\n",
        ", line 2: the label must not be empty.",
        "Leave the row out, or write its label.",
    ),
    ("a.csv", "", ": the file must hold a header and rows. It is empty.", "Check the path."),
    ("a.jsonl", "", ": the file must hold rows. It is empty.", OBJECT),
    (
        "a.jsonl",
        '{"text": "x", "label": "a"}\n{"text": "y" "label": "b"}\n',
        ", line 2: a line must be valid JSON. At character 14: Expecting ',' delimiter.",
        OBJECT,
    ),
    (
        "a.jsonl",
        '{"text": "x", "text": "y", "label": "a"}\n',
        ", line 1: the keys of an object must differ. 'text' stands in it twice.",
        OBJECT,
    ),
    ("a.jsonl", "[1]\n", ", line 1: a line must be a JSON object. Got a list.", ARRAY),
    ("a.jsonl", "[" * 100_000, ", line 1: a line must not nest objects or lists so deeply.", OBJECT),
    (
        "a.jsonl",
        '{"text": "x", "label": "a"}\n{"text": "y"}\n',
        ", line 2: each object must have the key 'label', as the first has. Got the keys: text.",
        OBJECT,
    ),
    (
        "a.jsonl",
        '{"text": "x", "label": "a"}\n\n{"text": "y", "label": "a"}\n',
        ", line 2: a blank line may stand at the end alone. More rows follow this one.",
        "Delete it.",
    ),
    (
        "a.jsonl",
        '{"text": "x", "label": null}\n',
        ", line 1: the label must not be missing. Got none.",
        "Leave the row out, or write its label.",
    ),
    (
        "a.jsonl",
        '{"text": null, "label": "a"}\n',
        ", line 1: the text must be a string. Got none.",
        "Leave the row out, or write its text.",
    ),
    (
        "a.jsonl",
        '{"text": "x\\ud800", "label": "a"}\n',
        ", line 1: text must be Unicode. Character 2 is half of a surrogate pair, '\\ud800'.",
        "Read the text again with its right encoding.",
    ),
    (
        "a.jsonl",
        '{"text": "x", "label": "a"}\n{"text": "x", "label": ["a", "b"]}\n',
        ", line 2: the label must be one, as that of the first row is. Got a list.",
        "Where a row may have several labels, write each as a list.",
    ),
    (
        "a.parquet",
        "PAR1",
        ": the file must be a Parquet file that can be read: "
        "Parquet file size is 4 bytes, smaller than the minimum file footer (8 bytes).",
        "Check that it was written to its end; other formats are .csv, .tsv and .jsonl.",
    ),
    (
        "a.xlsx",
        "x",
        ": a data file must be one of .csv, .tsv, .jsonl, .ndjson, .parquet. Got the suffix '.xlsx'.",
        "Give the file the suffix of its format, or write it in one of these.",
    ),
]


@pytest.mark.parametrize(("name", "content", "message", "hint"), DAMAGED)
def test_a_damaged_file_is_refused_with_its_line(
    tmp_path: Path, name: str, content: str, message: str, hint: str
) -> None:
    path = write(tmp_path / name, content)
    assert refused(path) == (f"{path}{message}", hint)


def test_a_null_in_parquet_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["x", None], "label": ["a", "b"]}), path)
    hint = "Leave the row out, or write its text."
    assert refused(path) == (f"{path}: row 2: the text must be a string. Got none.", hint)


def test_a_nested_parquet_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["x"], "label": [{"a": 1}]}), path)
    message = f"{path}: column 'label' must hold text, numbers or booleans. It is of type struct<a: int64>."
    assert refused(path) == (message, "Choose another column with --text NAME or --label NAME.")


# --- encodings ---


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", codecs.BOM_UTF8 + "text,label\né,a\n".encode())) == [Row("é", ("a",))]


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "latin-1", "utf-32", "UTF8"])
def test_the_encoding_can_be_named(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.csv", "text,label\né,a\n".encode(encoding))
    assert read(path, encoding=encoding) == [Row("é", ("a",))]


@pytest.mark.parametrize("before", [1, 200_000])
def test_an_undecodable_byte_is_named_with_its_offset_and_line(tmp_path: Path, before: int) -> None:
    good = "text,label\n" + "ünd,a\n" * before
    path = write(tmp_path / "a.csv", good.encode() + "olé,b\n".encode("cp1252"))
    assert refused(path) == (
        f"{path}, line {before + 2}: the text must be utf-8. "
        f"Byte 0xe9 at offset {len(good.encode()) + 2} is not: invalid continuation byte.",
        "If the file was written in another encoding, name it, for example --encoding cp1252.",
    )


def test_the_mark_of_another_encoding_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\né,a\n".encode("utf-16"))
    message = f"{path}: the file must be utf-8. Its first bytes are the byte order mark of utf-16."
    assert refused(path) == (message, "Add --encoding utf-16.")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("utf-9", "Did you mean 'utf-8'?"),
        (
            "base64",
            "Common encodings are utf-8, utf-16, utf-32, cp1252, latin-1, cp1251, gb18030, shift_jis, euc_kr, big5.",
        ),
    ],
)
def test_an_unknown_encoding_is_refused(tmp_path: Path, name: str, hint: str) -> None:
    message = f"encoding must be the name of a text encoding. Got {name!r}."
    assert refused(write_csv(tmp_path / "a.csv", ROWS), encoding=name) == (message, hint)


# --- what is not there ---


def test_a_missing_file_gets_the_nearest_name(tmp_path: Path) -> None:
    write_csv(tmp_path / "reviews.csv", ROWS)
    path = tmp_path / "review.csv"
    assert refused(path) == (
        f"there is no file, folder or sample '{path}'.",
        f"Did you mean '{tmp_path / 'reviews.csv'}'?",
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("movie-sentence", "Did you mean 'movie-sentences'?"),
        ("", "The samples are: movie-sentences, movie-reviews."),
        ("x" * 5000, "The samples are: movie-sentences, movie-reviews."),
        ("nowhere/at\0all", "The samples are: movie-sentences, movie-reviews."),
    ],
)
def test_a_missing_sample_gets_the_nearest_name(name: str, hint: str) -> None:
    assert refused(name) == (f"there is no file, folder or sample {name!r}.", hint)


# --- data in memory ---

FORMS = "Pass a path, the name of a sample, a pandas frame, a pair (texts, labels)"


@pytest.mark.parametrize(
    ("data", "labelled", "message", "hint"),
    [
        (3, True, "data must be of a kind that longshort reads. Got int.", FORMS + "."),
        (
            iter(["a"]),
            False,
            "data must be of a kind that longshort reads. Got list_iterator.",
            FORMS + ", or a list of texts.",
        ),
        (b"ab", False, "data must be of a kind that longshort reads. Got bytes.", FORMS + ", or a list of texts."),
        (["a"], True, "labels are needed. Got texts alone.", "Pass a pair: (texts, labels)."),
        (
            (["a", "b"], ["x"]),
            True,
            "there must be as many texts as labels. Got 2 texts and 1 labels.",
            "Pass one label for each text.",
        ),
        (
            (["a", 5], ["x", "y"]),
            True,
            "the data, row 1 (counted from 0): the text must be a string. Got an int.",
            "Leave the row out, or write its text.",
        ),
        (
            (["a"], [float("nan")]),
            True,
            "the data, row 0 (counted from 0): the label must not be missing. Got none.",
            "Leave the row out, or write its label.",
        ),
        (
            (["a"], [pd.NA]),
            True,
            "the data, row 0 (counted from 0): the label must not be missing. Got none.",
            "Leave the row out, or write its label.",
        ),
        (
            (["a"], [{}]),
            True,
            "the data, row 0 (counted from 0): the label must be a string or a number. Got a dict.",
            "Convert it to a string.",
        ),
        (
            pd.DataFrame({"text": ["a", None], "label": ["x", "y"]}),
            True,
            "the frame, row 1 (counted from 0): the text must be a string. Got none.",
            "Leave the row out, or write its text.",
        ),
    ],
)
def test_unfit_data_in_memory_is_refused(data: object, labelled: bool, message: str, hint: str) -> None:
    assert refused(data, labelled=labelled) == (message, hint)


# --- several labels ---


def test_a_separator_makes_rows_multi_label(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\nx,a|b\ny,\nz,c\n")
    assert [row.labels for row in read(path, label_separator="|")] == [("a", "b"), (), ("c",)]
    assert open_source(path, TextDataSettings(label_separator="|")).multi_label
    assert [row.labels for row in read(write(tmp_path / "b.csv", "text,label\nx,a|b\n"))] == [("a|b",)]


def test_lists_make_rows_multi_label(tmp_path: Path) -> None:
    expected = [("b", "1"), ()]
    path = write(tmp_path / "a.jsonl", '{"text": "x", "label": ["b", 1]}\n{"text": "y", "label": []}\n')
    pq.write_table(pa.table({"text": ["x", "y"], "label": [["b", "1"], []]}), tmp_path / "a.parquet")
    frame = pd.DataFrame({"text": ["x", "y"], "label": [["b", np.int64(1)], []]})
    for data in (path, tmp_path / "a.parquet", frame, (["x", "y"], [("b", 1), []])):
        assert [row.labels for row in read(data)] == expected
        assert open_source(data).multi_label
    assert [row.labels for row in read((["x"], [{"b", "a", "c"}]))] == [("a", "b", "c")]


def test_damaged_label_lists_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\nx,a||b\n")
    hint = "Leave the row out, or write its label."
    assert refused(path, label_separator="|") == (f"{path}, line 2: the label must not be empty.", hint)
    assert refused((["x", "y"], [["a"], "b"])) == (
        "the data, row 1 (counted from 0): the labels must be a list, as those of the first row are. Got a str.",
        'Write one label as a list too: ["a"].',
    )


# --- chosen classes ---


def test_chosen_classes_alone_are_read() -> None:
    data = (["x", "y", "z"], ["a", "b", "c"])
    assert [row.text for row in read(data, classes=("a", "c"))] == ["x", "z"]
    note = "the data: only rows with these labels are read: a, c."
    assert open_source(data, TextDataSettings(classes=("a", "c"))).notes == [note]


def test_a_chosen_class_that_no_row_has_is_refused() -> None:
    data = (["x", "y"], ["positive", "negative"])
    assert refused(data, classes=("positive", "negatif")) == (
        "the data: each of the classes must be the label of a row. None has 'negatif'.",
        "Did you mean 'negative'?",
    )
