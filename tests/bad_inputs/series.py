"""Series over time."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tests.bad_inputs.corpus import packed, read, refused, write

DAYS = "date,value\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n"
TIMES = "Write times as whole numbers or as ISO 8601 does"
ASK = "Mend the data, or ask for a repair with --fill"
READ_TWICE = "Data is read several times: write it to a file first."


# --- what is no text ---


@refused(
    "series", ": the file must be utf-8. Its first bytes are the byte order mark of utf-16.", "Add --encoding utf-16"
)
def utf_16(folder: Path) -> Path:
    return write(folder / "a.csv", DAYS.encode("utf-16"))


@refused("series", ": the file must be text. Its first bytes are those of a gzip file.", "Unpack it first: gunzip")
def a_table_that_is_packed(folder: Path) -> Path:
    return packed(folder / "a.csv", DAYS)


@refused("series", ": a column must hold the times. None has a usual name", "The file begins like a web page")
def an_error_page(folder: Path) -> Path:
    return write(folder / "a.csv", "<!doctype html>\n<title>Sign in</title>\n")


# --- times ---


@refused("series", ", line 3: 'date' must hold times. Got '31.01.2020'.", TIMES)
def a_date_with_dots(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-30,1\n31.01.2020,2\n")


@refused("series", ", line 2: 'date' must hold times. Got '01/31/2020'.", TIMES)
def a_month_before_its_day(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n01/31/2020,1\n02/01/2020,2\n")


@refused("series", ", line 4: 'date' must hold whole numbers alone or dates alone. Got '20200104' after", TIMES)
def two_ways_of_writing_dates(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,1\n2020-01-02,2\n20200104,3\n")


@refused("series", ", line 2: 'date' must hold times. Got '2021-02-29'.", TIMES)
def a_day_that_never_was(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2021-02-29,1\n")


@refused("series", ", line 4: times must rise from row to row. This one is before the one above.", "Sort the rows")
def dates_out_of_order(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,1\n2020-01-03,3\n2020-01-02,2\n")


@refused("series", ", line 5: a time must stand in one row. This one is the same as one above.", "If the rows are of")
def a_day_twice(folder: Path) -> Path:
    return write(folder / "a.csv", DAYS + "2020-01-03,3\n")


@refused("series", ", line 4: a time must stand in one row. This one is the same as one above.", "If the rows are of")
def one_hour_in_two_time_zones(folder: Path) -> Path:
    return write(
        folder / "a.csv",
        "time,y\n2020-01-01T11:00+00:00,1\n2020-01-01T12:00+00:00,2\n2020-01-01T13:00+01:00,3\n",
    )


@refused("series", ", line 5: a series must have a row for each step of 1 day. 2 are missing", ASK)
def days_that_are_missing(folder: Path) -> Path:
    return write(folder / "a.csv", DAYS + "2020-01-06,6\n")


@refused("series", ", line 3: 'time' must hold times. Got '12345678", TIMES)
def a_time_of_ten_megabytes(folder: Path) -> Path:
    return write(folder / "a.csv", f"time,y\n1,1\n{'1234567890' * 1_000_000},2\n")


# --- values ---


@refused(
    "series", ", line 3: 'value' must hold numbers. Got '1,234'.", "A comma inside a number is not read; write 1234.5."
)
def a_separator_of_thousands(folder: Path) -> Path:
    return write(folder / "a.csv", 'date,value\n2020-01-01,999\n2020-01-02,"1,234"\n')


@refused("series", ", line 3: 'value' must hold numbers. Got '1_000'.", "Mend the cell.")
def digits_with_an_underscore(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,999\n2020-01-02,1_000\n")


@refused(
    "series", ", line 2: 'value' must hold numbers. Got '0,5'.", "A comma inside a number is not read; write 1234.5."
)
def semicolons_and_decimal_commas(folder: Path) -> Path:
    return write(folder / "a.csv", "date;value\n2020-01-01;0,5\n")


@refused("series", ", line 2: 'value' must hold numbers. Got '$5'.", "Mend the cell.")
def a_price_with_its_currency(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,$5\n")


@refused("series", ", line 3: 'value' must hold finite numbers. Got '1e999'.", "Leave the cell empty.")
def a_number_beyond_all_numbers(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,1\n2020-01-02,1e999\n")


@refused(
    "series", ", line 3: 'value' must hold numbers of 1e+100 in size at most. Got -1e+200.", "Divide the column by"
)
def numbers_whose_squares_are_beyond_all_numbers(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,1\n2020-01-02,-1e200\n")


@refused("series", ", line 3: 'value' must have a number in every row. It is empty here.", ASK)
def nan_among_the_values(folder: Path) -> Path:
    return write(folder / "a.csv", DAYS.replace(",2\n", ",NaN\n"))


@refused("series", ", line 2: 'value' must hold numbers. Got 'yyyyyyyyyy", "Mend the cell.")
def a_value_of_ten_megabytes(folder: Path) -> Path:
    return write(folder / "a.csv", f"time,value\n1,{'y' * 10_000_000}\n")


@refused("series", ", line 2: a series must have values. 'value' is empty in every row.", "Check the column")
def no_value_at_all(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,\n2020-01-02,NA\n")


# --- columns ---


@refused("series", ": one column must be what is forecast. 'c0', 'c1', 'c2'", "Choose with --value NAME.")
def a_hundred_thousand_columns(folder: Path) -> Path:
    return write(folder / "a.csv", "time," + ",".join(f"c{i}" for i in range(100_000)) + "\n")


@refused(
    "series", ": a column that is named must be one of: 'date', 'value'. Got 'valeu'.", "Did you mean", value="valeu"
)
def a_value_that_is_misspelt(folder: Path) -> Path:
    return write(folder / "a.csv", DAYS)


@refused("series", ": the file must hold a header and rows. It is empty.", "Check the path.")
def an_empty_file(folder: Path) -> Path:
    return write(folder / "a.csv", "")


@refused("series", ": there must be rows. Got none but the header.", "Check the file.")
def a_header_alone(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n")


@refused("series", ", line 3: a row has 2 columns, as the header says (date, value). Got 3.", "A cell with a quote")
def a_decimal_comma_without_quotes(folder: Path) -> Path:
    return write(folder / "a.csv", "date,value\n2020-01-01,1\n2020-01-02,1,5\n")


@refused("series", ": column 'value' must hold times, numbers or text. It is of type struct", "Choose other columns")
def parquet_with_records(folder: Path) -> Path:
    day = datetime.datetime(2020, 1, 1)
    pq.write_table(pa.table({"date": [day], "value": [{"x": 1}]}), folder / "a.parquet")
    return folder / "a.parquet"


@refused("series", ": the file must be a Parquet file that can be read", "Check that it was written")
def parquet_that_was_cut_off(folder: Path) -> Path:
    pq.write_table(pa.table({"date": [1, 2], "value": [1.0, 2.0]}), folder / "whole.parquet")
    return write(folder / "a.parquet", (folder / "whole.parquet").read_bytes()[:-9])


# --- no file at all ---


@refused("series", ": the data must be a file. It is a named pipe.", READ_TWICE)
def a_named_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


@refused("series", ": the data must be a file. It is a folder.", "Name a file")
def a_folder(folder: Path) -> Path:
    (folder / "a.csv").mkdir()
    return folder / "a.csv"


@refused("series", "there is no file", "Did you mean")
def a_name_that_is_misspelt(folder: Path) -> Path:
    write(folder / "passengers.csv", DAYS)
    return folder / "pasengers.csv"


# --- in memory ---


@refused("series", "the frame, row 1 (counted from 0): 'time' must hold times. Got none.", TIMES)
def a_frame_with_a_time_that_is_none(folder: Path) -> Any:
    return pd.DataFrame({"time": [pd.Timestamp("2020-01-01"), pd.NaT], "value": [1.0, 2.0]})


@refused("series", "the frame, row 0 (counted from 0): 'value' must hold numbers. Got [1].", "Mend the cell.")
def a_frame_with_a_list(folder: Path) -> Any:
    return pd.DataFrame({"time": [1], "value": [[1]]})


# --- what looks bad, and is read ---


@read("series")
def carriage_returns_alone(folder: Path) -> Any:
    return write(folder / "a.csv", DAYS.replace("\n", "\r")), [1.0, 2.0, 3.0]


@read("series")
def a_mark_of_utf_8_and_spaces(folder: Path) -> Any:
    return write(folder / "a.csv", "\ufeff" + DAYS.replace(",2", ", 2 ")), [1.0, 2.0, 3.0]


@read("series", fill="linear")
def repairs_that_were_asked_for(folder: Path) -> Any:
    return write(folder / "a.csv", "date,value\n2020-01-04,4\n2020-01-01,1\n2020-01-02,?\n"), [1.0, 2.0, 3.0, 4.0]


@read("series")
def days_with_other_zones_of_time(folder: Path) -> Any:
    text = "time,y\n2020-03-29T00:00Z,1\n2020-03-29T03:00+02:00,2\n2020-03-29T02:00Z,3\n"
    return write(folder / "a.csv", text), [1.0, 2.0, 3.0]
