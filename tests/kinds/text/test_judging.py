"""Judging: on rows that were held out, beside the baselines, in plain data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss
from tests.small_runs import FLAT, labels, texts

from longshort.config import TextRunSettings
from longshort.kinds.classes.probabilities import probabilities_of
from longshort.kinds.text import judging
from longshort.kinds.text.fitting import FittedTexts, fit
from longshort.kinds.text.judging import judge_run
from longshort.kinds.text.preparing import PreparedTexts, prepare
from longshort.training import Listener


class Ear(Listener):
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)


def fitted(**changes: Any) -> tuple[FittedTexts, PreparedTexts, TextRunSettings]:
    settings = TextRunSettings.from_flat(FLAT | changes)
    prepared = prepare((texts(), labels()), None, None, settings, Listener())
    return fit(prepared, settings, Listener()), prepared, settings


@pytest.mark.parametrize(("share", "part"), [(0.1, "test"), (0.0, "validation")])
def test_the_part_that_was_held_out(share: float, part: str) -> None:
    model, prepared, settings = fitted(test_share=share)
    judgement = judge_run(model, prepared, settings, Listener())
    probabilities = probabilities_of(model.task, model.network, model.examples[part])
    assert judgement.part == part
    kept, names = judgement.tables["predictions.parquet"], prepared.labels
    assert kept["text"] == list(prepared.parts[part].texts())
    assert np.array_equal(kept["row"], prepared.parts[part].rows)
    assert np.array_equal(np.stack([kept[f"p({name})"] for name in names], axis=1), probabilities)
    assert judgement.metrics["accuracy"] == accuracy_score(kept["truth"], kept["answer"])
    assert judgement.metrics["loss"] == pytest.approx(log_loss(kept["truth"], probabilities, labels=names))
    assert judgement.metrics["examples"] == len(kept["text"])
    assert set(judgement.figures) == {"calibration.png", "confusion.png"}
    assert judgement.train_metrics["examples"] == len(prepared.parts["train"].rows)


def test_baselines_are_fitted_on_the_training_rows_and_judged_on_the_same_rows_as_the_model() -> None:
    """One word decides, and TF-IDF finds it; the word of the held-out rows alone would be of no help."""
    model, prepared, settings = fitted()
    judgement = judge_run(model, prepared, settings, Listener())
    assert list(judgement.baselines) == ["majority class", "TF-IDF + logistic regression"]
    assert judgement.baselines["majority class"]["accuracy"] == 0.5
    assert judgement.baselines["TF-IDF + logistic regression"]["accuracy"] == 1.0
    for baseline in judgement.baselines.values():
        assert baseline["examples"] == judgement.metrics["examples"]
        assert set(baseline) >= {"comparison", "seconds"}
    assert json.loads(json.dumps(judgement.baselines)) == judgement.baselines


def test_large_data_is_sampled_for_the_baselines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BASELINE_ROWS", 20)
    ear = Ear()
    judge_run(*fitted(), ear)
    assert ear.stages == [
        "Evaluating on 6 test texts",
        "Fitting the baselines on 20 training texts, to compare on the same 6 test texts",
    ]
