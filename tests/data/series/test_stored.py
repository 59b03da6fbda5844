"""Series as a table: what is stored is read back, value for value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from longshort.config import ForecastDataSettings
from longshort.data.series import (
    ForecastEncoding,
    SeriesSet,
    fingerprint,
    from_arrays,
    open_series,
    stored_columns,
    stored_settings,
)

DATED = """day,shop,sold,price,time
2024-01-01,a,1.5,3,7
2024-01-02,a,2.25,3,7
2024-01-03,a,,4,
2024-01-01,b,0.1,9,1
2024-01-02,b,0.2,8,1
2024-01-03,b,0.3,7,1
"""
SETTINGS = ForecastDataSettings(time="day", series="shop", value="sold", known=("price",), past=("time",))


@pytest.fixture
def dated(tmp_path: Path) -> SeriesSet:
    """Two series, a covariate that is known ahead, and one that has the name of the time."""
    (tmp_path / "sales.csv").write_text(DATED)
    return open_series(tmp_path / "sales.csv", SETTINGS)


def encoding_of(series: SeriesSet) -> ForecastEncoding:
    return ForecastEncoding.fit(series, trends=("last",), context=1, horizon=1, season=1)


def same(one: SeriesSet, other: SeriesSet) -> None:
    assert (one.step, one.target, one.known, one.past) == (other.step, other.target, other.known, other.past)
    for ours, theirs in zip(one, other, strict=True):
        assert (ours.name, ours.start) == (theirs.name, theirs.start)
        for name in ("values", "known", "past"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name))
    assert fingerprint(one) == fingerprint(other)


def test_series_come_back_from_a_parquet_file(dated: SeriesSet, tmp_path: Path) -> None:
    assert list(stored_columns(dated)) == ["time_", "series", "sold", "price", "time"]
    pq.write_table(pa.table(stored_columns(dated)), tmp_path / "series.parquet")
    same(open_series(tmp_path / "series.parquet", stored_settings(encoding_of(dated)), step=dated.step), dated)


@pytest.mark.parametrize("names", [None, ["x", "y"]])
def test_arrays_come_back(names: list[str] | None, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    given = from_arrays([rng.normal(size=9), rng.normal(size=5)] if names else rng.normal(size=9), names=names)
    pq.write_table(pa.table(stored_columns(given)), tmp_path / "series.parquet")
    same(open_series(tmp_path / "series.parquet", stored_settings(encoding_of(given)), step=given.step), given)


def test_the_fingerprint_tells_every_number(dated: SeriesSet) -> None:
    other = open_series_with(dated, "2.25", "2.5")
    assert fingerprint(dated) != fingerprint(other)
    assert fingerprint(dated) != fingerprint(open_series_with(dated, "2024-01-03,a,,4", "2024-01-03,a,,5"))


def open_series_with(series: SeriesSet, old: str, new: str) -> SeriesSet:
    path = Path(series.source).with_name("other.csv")
    path.write_text(DATED.replace(old, new))
    return open_series(path, SETTINGS)
