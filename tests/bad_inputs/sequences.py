"""Sequences of numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tests.bad_inputs.corpus import packed, read, refused, write

TS = "@problemName x\n@classLabel true a b\n@data\n"
WIDE = "t0,t1,label\n"
FOUND = [([1.0, 2.0], "a"), ([3.0, 4.0], "b")]
READ_TWICE = "Data is read several times: write it to a file first."
MISSING = "A missing value is an empty cell"
COMMA = "A comma inside a number is not read; write 1234.5."


# --- what is no text ---


@refused("sequences", ", line 1: text must not hold a NUL byte. Got one.", "Is it a text file? If it is UTF-16")
def a_ts_file_in_utf_16(folder: Path) -> Path:
    return write(folder / "a.ts", (TS + "1,2:a\n").encode("utf-16-be"))


@refused("sequences", ": the file must be text. Its first bytes are those of a gzip file.", "Unpack it first: gunzip")
def a_ts_file_that_is_packed(folder: Path) -> Path:
    return packed(folder / "a.ts", TS)


@refused("sequences", ": the file must be text. Its first bytes are those of a zip archive", "Unpack it, or save")
def an_excel_workbook(folder: Path) -> Path:
    return write(folder / "a.csv", b"PK\x03\x04" + bytes(99))


@refused("sequences", ": no column has a usual name for the target", "The file begins like a web page")
def an_error_page(folder: Path) -> Path:
    return write(folder / "a.csv", "<html>\n<p>503</p>\n</html>\n")


@refused("sequences", ", line 1: a line before @data must begin with @ or #. Got a row.", "Before")
def an_error_page_as_ts(folder: Path) -> Path:
    return write(folder / "a.ts", "<html>\n<p>503</p>\n</html>\n")


@refused("sequences", ", line 5: text must not hold a NUL byte. Got one.", "Is it a text file?")
def a_file_with_a_hole(folder: Path) -> Path:
    return write(folder / "a.ts", TS + "1,2:a\n" + "\0" * 4096)


# --- .ts ---


@refused("sequences", ", line 4: each value must be a number, or \"?\" where it is missing. Got '@data'", "Values are")
def the_data_begin_twice(folder: Path) -> Path:
    return write(folder / "a.ts", "@classLabel false\n@univariate true\n@data\n@data\n1,2\n")


@refused(
    "sequences", ", line 1: the header must be one of a .ts file. Got '@univariat'.", "Did you mean '@univariate'?"
)
def a_header_that_is_misspelt(folder: Path) -> Path:
    return write(folder / "a.ts", "@univariat true\n" + TS)


@refused("sequences", ": the file must hold sequences after @data. It holds none.", "Before")
def a_ts_header_alone(folder: Path) -> Path:
    return write(folder / "a.ts", TS)


@refused("sequences", ", line 5: the channels of a sequence must be equally long. Got 2, 1 values.", 'Write "?"')
def channels_of_different_lengths(folder: Path) -> Path:
    return write(folder / "a.ts", TS + "1,2:3,4:a\n1,2:3:b\n")


@refused("sequences", ", line 4: each value must be finite. Got '1e999', step 2 of channel 0.", "A missing value is")
def a_number_beyond_all_numbers(folder: Path) -> Path:
    return write(folder / "a.ts", TS + "1,1e999:a\n")


@refused("sequences", ", line 4: each value must be a number, or \"?\" where it is missing. Got '0x1F'", "Values are")
def a_hexadecimal_number(folder: Path) -> Path:
    return write(folder / "a.ts", TS + "1,0x1F:a\n")


@refused("sequences", ", line 5: each value must be a number", "Values are separated by commas")
def a_line_that_was_cut_off(folder: Path) -> Path:
    return write(folder / "a.ts", "@classLabel false\n@equalLength true\n@data\n1,2\n1,2e")


# --- tables ---


@refused("sequences", ", line 2: each value must be a number. Got '1,234.5' in column 't1'.", COMMA)
def a_separator_of_thousands(folder: Path) -> Path:
    return write(folder / "a.csv", WIDE + '1,"1,234.5",a\n')


@refused("sequences", ", line 2: each value must be a number. Got '0,5' in column 't0'.", COMMA)
def a_decimal_comma(folder: Path) -> Path:
    return write(folder / "a.csv", WIDE + '"0,5","0,25",a\n')


@refused("sequences", ", line 2: each value must be a number. Got '0,5' in column 't0'.", COMMA)
def semicolons_and_decimal_commas(folder: Path) -> Path:
    return write(folder / "a.csv", "t0;t1;label\n0,5;0,25;a\n")


@refused("sequences", ", line 2: each value must be a number. Got '5%' in column 't1'.", MISSING)
def a_percentage(folder: Path) -> Path:
    return write(folder / "a.csv", WIDE + "1,5%,a\n")


@refused("sequences", ", line 2: each value must be a number. Got 'True' in column 't0'.", MISSING)
def a_truth_value(folder: Path) -> Path:
    return write(folder / "a.csv", WIDE + "True,1,a\n")


@refused("sequences", ", line 2: each value must be a number. Got 'xxxxxxxxxx", MISSING)
def a_cell_of_ten_megabytes(folder: Path) -> Path:
    return write(folder / "a.csv", WIDE + f"1,{'x' * 10_000_000},a\n")


@refused("sequences", ": the names of columns must differ. 't0' stands in the header twice.", "Rename one.")
def a_name_twice_among_a_hundred_thousand(folder: Path) -> Path:
    return write(folder / "a.csv", ",".join(f"t{i}" for i in range(100_000)) + ",t0,label\n")


@refused("sequences", ": the column of --label must be one of the table.", "Did you mean 'label'?", label="lable")
def a_target_that_is_misspelt(folder: Path) -> Path:
    return write(folder / "a.csv", WIDE + "1,2,a\n")


@refused("sequences", ": column 't0' must hold times, numbers or text. It is of type struct", "Choose other columns")
def parquet_with_records_for_values(folder: Path) -> Path:
    pq.write_table(pa.table({"t0": [{"x": 1}], "label": ["a"]}), folder / "a.parquet")
    return folder / "a.parquet"


@refused("sequences", ": the file must be a Parquet file that can be read", "Check that it was written")
def parquet_cut_in_half(folder: Path) -> Path:
    pq.write_table(pa.table({"t0": np.arange(99.0), "label": ["a"] * 99}), folder / "whole.parquet")
    whole = (folder / "whole.parquet").read_bytes()
    return write(folder / "a.parquet", whole[: len(whole) // 2])


# --- no file at all ---


@refused("sequences", ": the data must be a file. It is a named pipe.", READ_TWICE)
def a_named_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.ts")
    return folder / "a.ts"


@refused("sequences", ": the data must be a file. It is a folder.", "Name a file in it, such as ")
def a_folder_with_files(folder: Path) -> Path:
    (folder / "a.ts").mkdir()
    write(folder / "a.ts" / "b.ts", TS)
    return folder / "a.ts"


@refused("sequences", ": the data must be a file. It is a link to what does not exist.", "Check the path")
def a_dangling_link(folder: Path) -> Path:
    (folder / "a.csv").symlink_to(folder / "gone.csv")
    return folder / "a.csv"


@refused("sequences", "there is no file", "Did you mean")
def a_name_that_is_misspelt(folder: Path) -> Path:
    write(folder / "swings_TRAIN.ts", TS)
    return folder / "swngs_TRAIN.ts"


# --- in memory ---


@refused("sequences", "the data: values must be numbers. Got the type <U5.", "Convert them first")
def numbers_as_text(folder: Path) -> Any:
    return np.array([["1,5", "2"], ["3", "1,234"]]), ["a", "b"]


@refused("sequences", "the frame: the names of columns must differ. 't0' stands in the header twice.", "Rename one.")
def a_frame_with_a_name_twice(folder: Path) -> Any:
    return pd.DataFrame([[1.0, 2.0, "a"]], columns=["t0", "t0", "label"])


@refused("sequences", "the data: values must be numbers. Got the type object.", "Convert them first")
def an_array_of_objects(folder: Path) -> Any:
    return np.array([[1.0, "2"], [3.0, None]], dtype=object), ["a", "b"]


# --- what looks bad, and is read ---


@read("sequences")
def a_ts_file_with_carriage_returns(folder: Path) -> Any:
    return write(folder / "a.ts", (TS + "1,2:a\n3,4:b\n").replace("\n", "\r\n")), FOUND


@read("sequences")
def a_ts_file_with_carriage_returns_alone(folder: Path) -> Any:
    return write(folder / "a.ts", (TS + "1,2:a\n3,4:b\n").replace("\n", "\r")), FOUND


@read("sequences")
def a_ts_file_with_a_mark_and_capitals(folder: Path) -> Any:
    return write(folder / "a.TS", "\ufeff@ClassLabel TRUE a b\n@DATA\n1,2:a\n\n% note\n3,4:b\n"), FOUND


@read("sequences")
def spaces_around_numbers(folder: Path) -> Any:
    return write(folder / "a.csv", WIDE + " 1 ,2.0,a\n+3, 4e0 ,b\n"), FOUND


@read("sequences")
def a_hundred_thousand_steps(folder: Path) -> Any:
    names = ",".join(f"t{i}" for i in range(100_000))
    row = ",".join(["1"] * 100_000)
    return write(folder / "a.csv", f"label,{names}\na,{row}\nb,{row}\n"), [([1.0] * 100_000, c) for c in "ab"]


@read("sequences")
def classes_from_right_to_left(folder: Path) -> Any:
    return write(folder / "a.csv", WIDE + "1,2,שמאל\n3,4,يمين\n"), [([1.0, 2.0], "שמאל"), ([3.0, 4.0], "يمين")]
