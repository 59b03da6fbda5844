"""Small data that one word decides, and one run on it that many tests look at."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from longshort.config import TextRunSettings
from longshort.runs import RunResult, train

FLAT: dict[str, Any] = {
    "epochs": 2,
    "pretraining_epochs": 0,
    "embedding_size": 4,
    "hidden_size": 4,
    "minimum_count": 1,
    "batch_tokens": 128,
}
SETTINGS = TextRunSettings.from_flat(FLAT)


def texts(rows: int = 60, seed: int = 1, words: tuple[str, ...] = ("bad", "good")) -> list[str]:
    """Different texts; row i holds `words[i % len(words)]`."""
    draw = random.Random(seed)
    others = ["film", "story", "actor", "scene", "music", "end"]
    return [
        f"{' '.join(draw.choices(others, k=draw.randint(1, 6)))} {words[i % len(words)]} {i + 1000 * seed}"
        for i in range(rows)
    ]


def labels(rows: int = 60, names: tuple[Any, ...] = ("neg", "pos")) -> list[Any]:
    return [names[i % len(names)] for i in range(rows)]


def table(path: Path, rows: int = 60, seed: int = 1, names: tuple[str, ...] = ("neg", "pos")) -> Path:
    """A CSV file of `texts` and `labels`."""
    lines = (f"{text},{label}\n" for text, label in zip(texts(rows, seed), labels(rows, names), strict=True))
    path.write_text("text,label\n" + "".join(lines), encoding="utf-8")
    return path


@cache
def _train(folder: Path) -> RunResult:
    place = folder / "small"
    place.mkdir()
    return train(str(table(place / "small.csv")), settings=SETTINGS, directory=place / "run")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """One finished run, trained once however many modules ask for it; look, but change nothing."""
    return _train(tmp_path_factory.getbasetemp())
