"""Texts with labels."""

from __future__ import annotations

import codecs
import datetime
import json
import os
import socket
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tests.bad_inputs.corpus import packed, read, refused, write

GOOD = "text,label\ngood film,a\nbad film,b\nfine film,a\npoor film,b\n"
ROWS = [("good film", "a"), ("bad film", "b"), ("fine film", "a"), ("poor film", "b")]
QUOTING = "A cell with a quote"
OBJECT = "A line is one JSON object"
TWO = "Is this the label column?"
NAME_THEM = "Name the columns with --text NAME and --label NAME."
READ_TWICE = "Data is read several times: write it to a file first."


# --- what is no text ---


@refused("text", ", line 1: text must not hold a NUL byte. Got one.", "Is it a text file? If it is UTF-16")
def utf_16_without_a_mark(folder: Path) -> Path:
    return write(folder / "a.csv", GOOD.encode("utf-16-le"))


@refused(
    "text", ": the file must be utf-8. Its first bytes are the byte order mark of utf-16.", "Add --encoding utf-16"
)
def utf_16_big_endian_with_a_mark(folder: Path) -> Path:
    return write(folder / "a.csv", codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"))


@refused(
    "text", ": the file must be utf-8. Its first bytes are the byte order mark of utf-32.", "Add --encoding utf-32"
)
def utf_32_lines_of_json(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "a", "label": "b"}\n'.encode("utf-32"))


@refused(
    "text", ", line 2: the text must be utf-8. Byte 0xe9 at offset 14 is not", "If the file was written in another"
)
def latin_1(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\ncafé,a\n".encode("latin-1"))


@refused(
    "text", ", line 3: the text must be utf-8. Byte 0xfc at offset 19 is not", "If the file was written in another"
)
def two_encodings_in_one_file(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\nfür,a\n".encode() + "für,b\n".encode("cp1252"))


@refused("text", ", line 3: the text must be utf-8. Byte 0xe2 at offset", "If the file was written in another")
def cut_in_the_middle_of_a_character(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\nx,a\n5 €".encode()[:-1])


@refused("text", ", line 1: the text must be shift_jis. Byte 0x", "If the file was", encoding="shift_jis")
def another_encoding_than_the_one_that_was_named(folder: Path) -> Path:
    return write(folder / "a.csv", codecs.BOM_UTF8 + GOOD.encode())


@refused("text", ": the file must be text. Its first bytes are those of a gzip file.", "Unpack it first: gunzip")
def gzip_with_the_suffix_of_a_table(folder: Path) -> Path:
    return packed(folder / "a.csv", GOOD)


@refused(
    "text", ": the file must be text. Its first bytes are those of a zip archive, as an Excel", "Unpack it, or save"
)
def an_excel_workbook_with_the_suffix_of_a_table(folder: Path) -> Path:
    return write(folder / "a.csv", b"PK\x03\x04\x14\x00\x06\x00" + bytes(200))


@refused(
    "text", ": the file must be text. Its first bytes are those of a Parquet file.", "Give it the suffix .parquet."
)
def parquet_with_the_suffix_of_a_table(folder: Path) -> Path:
    pq.write_table(pa.table({"text": ["a"], "label": ["b"]}), folder / "a.csv")
    return folder / "a.csv"


@refused("text", ": no column has a usual name for the text", "The file begins like a web page")
def an_error_page_saved_as_a_table(folder: Path) -> Path:
    return write(folder / "a.csv", "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n")


@refused("text", ", line 2: the text must be utf-8. Byte 0xed at offset 11 is not", "If the file was")
def half_of_a_surrogate_pair_as_bytes(folder: Path) -> Path:
    return write(folder / "a.csv", b"text,label\n\xed\xa0\x80,a\n")


# --- tables ---


@refused("text", ", line 3: a row has 2 columns, as the header says (text, label). Got 3.", QUOTING)
def a_comma_without_quotes(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\nfine,a\ngood, or not,b\n")


@refused("text", ", line 3: a row has 2 columns, as the header says (text, label). Got 1.", QUOTING)
def a_table_that_was_cut_off(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\nfine,a\ngo")


@refused("text", ", line 2: a row has 100002 columns, as the header says (text, label, c0, c1, c2", QUOTING)
def a_hundred_thousand_columns_and_a_short_row(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label," + ",".join(f"c{i}" for i in range(100_000)) + "\nx,a\n")


@read("text")
def a_hundred_thousand_columns(folder: Path) -> Any:
    names = ",".join(f"c{i}" for i in range(100_000))
    row = "," * 100_000
    return write(folder / "a.csv", f"{names},text,label\n{row}x,a\n{row}y,b\n"), [("x", "a"), ("y", "b")]


@refused(
    "text", ": no column has a usual name for the text (text, review, sentence, comment, ...). The colu", NAME_THEM
)
def a_hundred_thousand_columns_without_a_text(folder: Path) -> Path:
    return write(folder / "a.csv", ",".join(f"c{i}" for i in range(100_000)) + "\n")


@read("text")
def tabs_in_a_csv(folder: Path) -> Any:
    return write(folder / "a.csv", GOOD.replace(",", "\t")), ROWS


@read("text")
def commas_in_a_tsv(folder: Path) -> Any:
    return write(folder / "a.tsv", GOOD), ROWS


@read("text")
def semicolons_and_commas_in_the_cells(folder: Path) -> Any:
    rows = [('good, good film; "so"', "a"), ("bad film, b", "b")]
    lines = (f'"{text.replace(chr(34), chr(34) * 2)}";{label}' for text, label in rows)
    return write(folder / "a.csv", "\n".join(("\ufefftext;label", *lines))), rows


@refused("text", ": the names of columns must differ. '' stands in the header twice.", "Rename one.")
def a_header_of_empty_names(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label,,\nx,a,,\n")


@refused("text", ": the text column must be one of: 'text', 'label'. Got 'txet'.", "Did you mean 'text'?", text="txet")
def a_column_that_is_misspelt(folder: Path) -> Path:
    return write(folder / "a.csv", GOOD)


@refused("text", ": the data must hold rows. There is none.", "Is this the right file?")
def a_header_alone(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\n\n\n")


@refused("text", ": the file must hold a header and rows. It is empty.", "Check the path.")
def blank_lines_alone(folder: Path) -> Path:
    return write(folder / "a.csv", "\r\n\n\n")


@refused("text", ": there must be at least 2 different labels. All 2 rows have 'a'.", TWO)
def one_class(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\nx,a\ny,a\n")


@refused("text", ": there must be at least 2 different labels. All 1 rows have 'a'.", TWO)
def one_row(folder: Path) -> Path:
    return write(folder / "a.csv", "text,label\nx,a\n")


@refused("text", ": each label must have at least 2 rows. 'c' has 1.", "Add rows, or leave rare labels out")
def a_class_with_one_row(folder: Path) -> Path:
    return write(folder / "a.csv", GOOD + "x,c\n")


@refused("text", ", line 2: a label must have at most 1,000 characters. Got 10,000,000.", TWO)
def a_label_of_ten_megabytes(folder: Path) -> Path:
    return write(folder / "a.csv", f"text,label\nx,{'x' * 10_000_000}\n")


@refused("text", ", line 4: a quoted cell must end with a quote. This row has one that never ends.", QUOTING)
def a_quote_that_never_ends_before_ten_megabytes(folder: Path) -> Path:
    return write(folder / "a.csv", 'text,label\nx,a\ny,b\n"' + "x,a\n" * 2_500_000)


@refused("text", ", line 2: the label must not be empty.", "Leave the row out, or write its label.")
def an_empty_label(folder: Path) -> Path:
    return write(folder / "a.tsv", "text\tlabel\nx\t\n")


# --- lines of JSON ---


@refused("text", ", line 1: a line must be valid JSON. At character 3", "One array of all rows is another format")
def a_json_array_over_many_lines(folder: Path) -> Path:
    return write(folder / "a.jsonl", json.dumps([{"text": "x", "label": "a"}] * 2, indent=1))


@refused("text", ", line 1: a line must be a JSON object. Got a list.", "One array of all rows is another format")
def a_json_array_on_one_line(folder: Path) -> Path:
    return write(folder / "a.jsonl", '[{"text": "x", "label": "a"}]\n')


@refused("text", ", line 1: a line must be valid JSON. At character 3: Expecting property name", OBJECT)
def an_object_over_many_lines(folder: Path) -> Path:
    return write(folder / "a.jsonl", json.dumps({"text": "x", "label": "a"}, indent=1))


@refused("text", ", line 3: a line must be valid JSON. At character 2: Expecting property name", OBJECT)
def a_bad_line_in_the_middle(folder: Path) -> Path:
    good = '{"text": "x", "label": "a"}\n'
    return write(folder / "a.jsonl", good * 2 + "{'text': 'x', 'label': 'a'}\n" + good * 2)


@refused("text", ", line 2: a line must be valid JSON, which has no NaN.", OBJECT)
def nan_as_a_label(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "x", "label": 1}\n{"text": "y", "label": NaN}\n')


@refused("text", ", line 1: a line must be valid JSON, which has no -Infinity.", OBJECT)
def infinity_as_a_label(folder: Path) -> Path:
    return write(folder / "a.ndjson", '{"text": "x", "label": -Infinity}\n')


@refused("text", ", line 2: the keys of an object must differ. 'label' stands in it twice.", OBJECT)
def a_key_twice(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "x", "label": 1}\n{"label": 1, "text": "y", "label": 2}\n')


@refused("text", ", line 1: text must be Unicode. Character 1 is half of a surrogate pair, '\\ud83d'.", "Read the text")
def half_of_an_emoji(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "\\ud83d", "label": "a"}\n')


@refused("text", ", line 1: text must be Unicode. Character 2 is half of a surrogate pair, '\\udc00'.", "Read the text")
def half_of_a_pair_in_a_label(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "x", "label": ["a\\udc00"]}\n')


@refused("text", ", line 1: a line must be valid JSON. At character 28: Extra data.", OBJECT)
def two_objects_on_a_line(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "x", "label": "a"}{"text": "y", "label": "b"}\n')


@refused("text", ", line 1: a line must be valid JSON. At character 14: Unterminated string", OBJECT)
def an_object_that_was_cut_off(folder: Path) -> Path:
    return write(folder / "a.jsonl", '{"text": "x","lab')


# --- Parquet ---


@refused("text", ": the file must be a Parquet file that can be read", "Check that it was written to its end")
def parquet_that_was_cut_off(folder: Path) -> Path:
    pq.write_table(pa.table({"text": ["x"] * 9, "label": ["a"] * 9}), folder / "whole.parquet")
    return write(folder / "a.parquet", (folder / "whole.parquet").read_bytes()[:-20])


@refused("text", ": the file must be a Parquet file that can be read", "Check that it was written to its end")
def parquet_with_damaged_pages(folder: Path) -> Path:
    texts = [f"text {i} {i * 7919 % 10007}" for i in range(3000)]
    pq.write_table(pa.table({"text": texts, "label": ["a", "b", "c"] * 1000}), folder / "whole.parquet")
    content = bytearray((folder / "whole.parquet").read_bytes())
    content[100:2000] = bytes(1900)
    return write(folder / "a.parquet", bytes(content))


@refused("text", ": the data must hold rows. There is none.", "Is this the right file?")
def parquet_without_rows(folder: Path) -> Path:
    pq.write_table(pa.table({"text": pa.array([], "string"), "label": pa.array([], "string")}), folder / "a.parquet")
    return folder / "a.parquet"


@refused("text", ": column 'text' must hold text, numbers or booleans. It is of type binary.", "Choose another column")
def parquet_with_bytes_for_text(folder: Path) -> Path:
    pq.write_table(pa.table({"text": [b"x"], "label": ["a"]}), folder / "a.parquet")
    return folder / "a.parquet"


@refused(
    "text", ": column 'label' must hold text, numbers or booleans. It is of type timestamp", "Choose another column"
)
def parquet_with_dates_for_labels(folder: Path) -> Path:
    pq.write_table(pa.table({"text": ["x"], "label": [datetime.datetime(2020, 1, 1)]}), folder / "a.parquet")
    return folder / "a.parquet"


@refused("text", ": row 1: the text must be a string. Got a list.", "Leave the row out")
def parquet_with_lists_for_texts(folder: Path) -> Path:
    pq.write_table(pa.table({"text": [["x", "y"]], "label": ["a"]}), folder / "a.parquet")
    return folder / "a.parquet"


@refused("text", ": the file must be a Parquet file that can be read", "Check that it was written to its end")
def a_table_with_the_suffix_of_parquet(folder: Path) -> Path:
    return write(folder / "a.parquet", GOOD)


# --- no file at all ---


@refused("text", ": the data must be a file. It is a named pipe.", READ_TWICE)
def a_named_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


@refused("text", ": the data must be a file. It is a device.", READ_TWICE)
def a_device(folder: Path) -> Path:
    return Path("/dev/zero")


@refused("text", ": the data must be a file. It is a socket.", READ_TWICE)
def a_socket(folder: Path) -> Path:
    before = Path.cwd()
    os.chdir(folder)  # the path of a socket may have 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("a.csv")
    finally:
        os.chdir(before)
    return folder / "a.csv"


@refused("text", ": the data must be a file. It is a link to what does not exist.", "Check the path")
def a_dangling_link(folder: Path) -> Path:
    (folder / "a.csv").symlink_to(folder / "gone.csv")
    return folder / "a.csv"


@refused("text", ": the data must be a file. It is out of reach: Too many levels of symbolic links.", "Check the path")
def a_link_to_itself(folder: Path) -> Path:
    (folder / "a.csv").symlink_to(folder / "a.csv")
    return folder / "a.csv"


@refused("text", ": the folder must hold a folder of .txt files for each class. There is none.", "Put the texts")
def a_folder_where_a_file_should_be(folder: Path) -> Path:
    (folder / "a.csv").mkdir()
    return folder / "a.csv"


# --- folders ---


@refused("text", "/pos/2.txt, line 1: the text must be utf-8. Byte 0xe9 at offset 3 is not", "If the file was written")
def a_folder_with_a_file_in_another_encoding(folder: Path) -> Path:
    for name in ("neg", "pos"):
        (folder / name).mkdir()
        write(folder / name / "1.txt", "fine")
    write(folder / "pos" / "2.txt", "café".encode("latin-1"))
    return folder


@read("text")
def a_folder_with_a_pipe_among_its_texts(folder: Path) -> Any:
    for name in ("neg", "pos"):
        (folder / name).mkdir()
        write(folder / name / "1.txt", name)
    os.mkfifo(folder / "pos" / "2.txt")
    return folder, [("neg", "neg"), ("pos", "pos")]


# --- in memory ---


@refused("text", "the frame: the names of columns must differ. 'text' stands in the header twice.", "Rename one.")
def a_frame_with_a_name_twice(folder: Path) -> Any:
    return pd.DataFrame([["a", "b", "c"]], columns=["text", "text", "label"])


@refused("text", "the frame: the data must hold rows. There is none.", "Is this")
def a_frame_without_rows(folder: Path) -> Any:
    return pd.DataFrame({"text": [], "label": []})


@refused("text", "the frame, row 0 (counted from 0): the text must be a string. Got a bytes.", "Leave the row out")
def a_frame_with_bytes(folder: Path) -> Any:
    return pd.DataFrame({"text": [b"x"], "label": ["a"]})


@refused("text", "the data, row 1 (counted from 0): the text must be a string. Got a list.", "Leave the row out")
def a_list_of_lists(folder: Path) -> Any:
    return ["x", ["y"]], ["a", "b"]


@refused("text", "the data, row 0 (counted from 0): text must be Unicode. Character 1 is half of", "Read the text")
def half_of_a_pair_in_a_list(folder: Path) -> Any:
    return ["\ud800"], ["a"]


@refused("text", "data must be of a kind that longshort reads. Got ndarray.", "Pass a path")
def an_array_of_two_axes(folder: Path) -> Any:
    return np.array([["x", "a"], ["y", "b"]])


@refused("text", "data must be of a kind that longshort reads. Got dict.", "Pass a path")
def a_dictionary(folder: Path) -> Any:
    return {"text": ["x"], "label": ["a"]}


# --- what looks bad, and is read ---


@read("text")
def a_mark_of_utf_8(folder: Path) -> Any:
    return write(folder / "a.tsv", codecs.BOM_UTF8 + GOOD.replace(",", "\t").encode()), ROWS


@read("text", encoding="utf-16")
def utf_16_that_was_named(folder: Path) -> Any:
    return write(folder / "a.csv", GOOD.encode("utf-16")), ROWS


@read("text")
def carriage_returns_and_line_feeds(folder: Path) -> Any:
    return write(folder / "a.csv", GOOD.replace("\n", "\r\n")), ROWS


@read("text")
def carriage_returns_alone(folder: Path) -> Any:
    return write(folder / "a.csv", GOOD.replace("\n", "\r")), ROWS


@read("text")
def carriage_returns_alone_in_lines_of_json(folder: Path) -> Any:
    return write(folder / "a.jsonl", '{"text": "x", "label": 1}\r{"text": "y", "label": 2}\r'), [("x", "1"), ("y", "2")]


@read("text")
def every_kind_of_line_end_in_one_file(folder: Path) -> Any:
    return write(folder / "a.csv", "text,label\rx,a\r\ny,b\nz,a\r"), [("x", "a"), ("y", "b"), ("z", "a")]


@read("text")
def line_ends_of_unicode_are_characters(folder: Path) -> Any:
    text = "one\u2028two\u0085three\x1cfour\x0bfive"
    return write(folder / "a.csv", f"text,label\n{text},a\ny,b\n"), [(text, "a"), ("y", "b")]


@read("text")
def no_line_end_at_the_end(folder: Path) -> Any:
    return write(folder / "a.csv", GOOD.rstrip("\n")), ROWS


@read("text")
def a_text_of_ten_megabytes(folder: Path) -> Any:
    long = "wörd " * 1_700_000
    return write(folder / "a.jsonl", json.dumps({"text": long, "label": 1}) + "\n"), [(long, "1")]


@read("text")
def writing_from_right_to_left(folder: Path) -> Any:
    rows = [("סרט טוב \u200fמאוד", "a"), ("فيلم سيّئ ١٢", "b")]
    return write(folder / "a.csv", "text,label\n" + "".join(f"{t},{c}\n" for t, c in rows)), rows


@read("text")
def combining_marks_stay_as_they_are(folder: Path) -> Any:
    rows = [(unicodedata.normalize("NFD", "déjà vu ñandú"), "a"), ("👩‍👩‍👧 e\u0301\u0327", "b")]
    return write(folder / "a.csv", "text,label\n" + "".join(f"{t},{c}\n" for t, c in rows)), rows


@read("text")
def labels_that_are_no_strings(folder: Path) -> Any:
    return (["x", "y", "z"], [1, 2.5, np.bool_(True)]), [("x", "1"), ("y", "2.5"), ("z", "True")]
