"""A fit that was killed goes on when it is begun again, and ends with the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from longshort import SequenceClassifier, SequenceRegressor, TextClassifier
from longshort.estimators.base import Estimator
from longshort.training import Listener, checkpoint

SMALL: dict[str, Any] = {"epochs": 2, "hidden_size": 4, "batch_tokens": 64}
DRAW = np.random.default_rng(0)
SERIES = DRAW.normal(size=(40, 8)) + np.arange(40)[:, None] % 2
TEXTS = [f"{word} film number {number}" for number in range(20) for word in ("good", "bad")]
CLASSES = ["pos", "neg"] * 20
WEIGHTS = np.linspace(0.5, 2, 40)

FITS: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "text": (lambda **more: TextClassifier(embedding_size=4, minimum_count=1, **SMALL, **more), TEXTS, CLASSES),
    "classes": (lambda **more: SequenceClassifier(filters=4, **SMALL, **more), SERIES, CLASSES),
    "numbers": (lambda **more: SequenceRegressor(filters=4, **SMALL, **more), SERIES, SERIES.mean(axis=1)),
}


class KilledError(Exception):
    """Stands for SIGKILL."""


class Steps(Listener):
    """Counts steps, and is killed in one of them."""

    def __init__(self, last: float = math.inf) -> None:
        self.last, self.done = last, 0

    def step(self, batch: int, loss: float) -> None:
        self.done += 1
        if self.done == self.last:
            raise KilledError


@pytest.fixture(autouse=True)
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SHARE", math.inf)
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)


def same(one: Estimator, other: Estimator) -> bool:
    first, second = (each.bundle_.network.state_dict() for each in (one, other))
    return all(torch.equal(tensor, second[name]) for name, tensor in first.items())


@pytest.mark.parametrize("kind", FITS)
def test_a_killed_fit_goes_on_and_ends_with_the_same_bits(tmp_path: Path, kind: str) -> None:
    make, x, y = FITS[kind]
    whole = Steps()
    alone = make().fit(x, y, sample_weight=WEIGHTS, listener=whole)
    with pytest.raises(KilledError):
        make(checkpoints=tmp_path).fit(x, y, sample_weight=WEIGHTS, listener=Steps(whole.done - 2))
    rest = Steps()
    again = make(checkpoints=str(tmp_path)).fit(x, y, sample_weight=WEIGHTS, listener=rest)
    assert rest.done == 3  # the last one of those before was not kept
    assert same(again, alone)
    assert [record | {"seconds": 0} for record in again.history_] == [
        record | {"seconds": 0} for record in alone.history_
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", ["data", "targets", "weights", "settings"])
def test_another_fit_begins_at_its_own_beginning(tmp_path: Path, other: str) -> None:
    make, x, y = FITS["classes"]
    with pytest.raises(KilledError):
        make(checkpoints=tmp_path).fit(x, y, sample_weight=WEIGHTS, listener=Steps(4))
    x = x + (other == "data")
    y = y[::-1] if other == "targets" else y
    weights = WEIGHTS[::-1] if other == "weights" else WEIGHTS
    more: dict[str, Any] = {"learning_rate": 0.001} if other == "settings" else {}
    counted = Steps()
    kept = make(checkpoints=tmp_path, **more).fit(x, y, sample_weight=weights, listener=counted)
    assert same(kept, make(**more).fit(x, y, sample_weight=weights))
    assert len(list(tmp_path.iterdir())) == 1  # what the first one left


def test_a_warm_start_is_a_fit_of_its_own(tmp_path: Path) -> None:
    make, x, y = FITS["classes"]
    model, alone = make(checkpoints=tmp_path, warm_start=True), make(warm_start=True)
    assert same(model.fit(x, y).fit(x, y), alone.fit(x, y).fit(x, y))
    assert list(tmp_path.iterdir()) == []
