"""Nothing is pickled and nothing unpickled on any way from data to a stored model and its answers."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2.bccache  # pickles a number when it is imported
import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result

import longshort
from longshort.cli import main
from longshort.kinds import names

WORDS = ["film", "story", "actor", "scene", "music"]
DATA: dict[str, list[str]] = {
    "text-classification": [
        "text,label",
        *(f"{WORDS[i % 5]} {i} {['bad', 'good'][i % 2]},{'np'[i % 2]}" for i in range(40)),
    ],
    "sequence-classification": [
        "label,t0,t1,t2,t3",
        *(f"{'ab'[i % 2]},{i % 2},{i % 3},{i % 2},{i % 5}" for i in range(40)),
    ],
    "sequence-regression": ["target,t0,t1,t2,t3", *(f"{i % 5}.5,{i % 2},{i % 3},{i % 2},{i % 5}" for i in range(40))],
    "forecast": ["time,value", *(f"{i},{math.sin(i / 2) + i / 20:.4f}" for i in range(80))],
}
OPTIONS = {
    "text-classification": ["--pretraining-epochs", "2", "--embedding-size", "3", "--minimum-count", "1"],
    "sequence-classification": ["--filters", "2"],
    "sequence-regression": ["--filters", "2"],
    "forecast": ["--horizon", "3", "--season", "4", "--context", "8", "--trend", "last"],
}


@pytest.fixture
def without_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pickle was used")

    for name in ("load", "loads", "dump", "dumps"):
        monkeypatch.setattr(pickle, name, refuse)
    for name in ("Unpickler", "Pickler"):  # torch makes classes of these when it is imported
        monkeypatch.setattr(pickle, name, type(name, (getattr(pickle, name),), {"__init__": refuse}))
    for name in ("load", "save"):
        monkeypatch.setattr(torch, name, refuse)
        monkeypatch.setattr(torch.serialization, name, refuse)


def typed(*arguments: object) -> Result:
    ended = CliRunner().invoke(main, [str(each) for each in arguments])
    assert ended.exit_code == 0, (ended.stderr, ended.exception)
    return ended


@pytest.mark.parametrize("task", names())
def test_train_predict_and_evaluate(task: str, tmp_path: Path, without_pickle: None) -> None:
    data, run = tmp_path / "data.csv", tmp_path / "run"
    data.write_text("\n".join(DATA[task]) + "\n")
    typed("train", data, "--task", task, "--run", run, "--epochs", 2, "--hidden-size", 2, *OPTIONS[task])
    model = run / "model"
    if task == "forecast":
        said = typed("forecast", model, data, "--json").stdout
    elif task == "text-classification":
        said = typed("predict", model, "a good film", "--json").stdout
    else:
        said = typed("predict", model, "--file", data, "--json").stdout.splitlines()[0]
    assert json.loads(said)
    typed("evaluate", model, data, "--json")
    assert not [
        path for path in run.rglob("*") if path.is_file() and path.read_bytes()[:2] in (b"\x80\x02", b"\x80\x04", b"PK")
    ]


ROWS = np.sin(np.arange(16.0)[:, None] * [0.1, 0.5, 1.0, 2.0])
ESTIMATORS: dict[str, Callable[[], tuple[Any, Any, Any]]] = {
    "text": lambda: (
        longshort.TextClassifier(epochs=1, pretraining_epochs=0, embedding_size=2, hidden_size=2, minimum_count=1),
        [f"a {['bad', 'good'][i % 2]} film {i}" for i in range(40)],
        ["n", "p"] * 20,
    ),
    "classes": lambda: (longshort.SequenceClassifier(epochs=1, hidden_size=2, filters=2), ROWS, ["a", "b"] * 8),
    "numbers": lambda: (longshort.SequenceRegressor(epochs=1, hidden_size=2, filters=2), ROWS, ROWS.sum(axis=1)),
}


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_an_estimator_is_saved_and_loaded(kind: str, tmp_path: Path, without_pickle: None) -> None:
    model, x, y = ESTIMATORS[kind]()
    model.fit(x, y)
    model.save(tmp_path / "model")
    again = longshort.load(tmp_path / "model")
    assert list(again.predict(x)) == list(model.predict(x))
    again.save(tmp_path / "again")
    for path in (tmp_path / "model").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_the_watch_would_see_it(without_pickle: None) -> None:
    for use in (lambda: pickle.dumps(1), lambda: torch.save(1, "x"), lambda: torch.load("x")):
        with pytest.raises(AssertionError, match="pickle was used"):
            use()
    assert jinja2.bccache.bc_magic
