"""The verdict on a regression says what the numbers say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from longshort.evaluation.error_comparison import compare_errors
from longshort.evaluation.regression import regression_metrics
from longshort.evaluation.regression_verdict import RegressionFacts, judge_regression
from longshort.evaluation.sequence_baselines import MEAN, NEAREST
from longshort.evaluation.verdict import Verdict

RNG = np.random.default_rng(0)
TRUTH = RNG.normal(50, 10, 200)


def verdict(answers: np.ndarray, truth: np.ndarray = TRUTH, *, rival: float = 5.0, **known: Any) -> Verdict:
    """Beside the mean, and a rival that errs by so much."""
    others = {MEAN: np.full(len(truth), 50.0), NEAREST: truth + RNG.normal(0, rival, len(truth))}
    return judge_regression(
        RegressionFacts(
            test=regression_metrics(answers, truth),
            baselines={name: regression_metrics(each, truth) for name, each in others.items()},
            comparisons={
                name: compare_errors(np.abs(answers - truth), np.abs(each - truth)) for name, each in others.items()
            },
            **known,
        )
    )


def kinds(found: Verdict) -> dict[str, str]:
    return {each.kind: each.level for each in found.findings}


def test_better_than_all() -> None:
    found = verdict(TRUTH + RNG.normal(0, 1, 200))
    assert found.headline.startswith("Mean absolute error 0.")
    assert found.headline.endswith("on 200 test sequences: better than mean of the targets and 1-nearest neighbour.")
    assert kinds(found) == {"baseline": "good"}


def test_worse_than_a_baseline_is_to_ship_the_baseline() -> None:
    found = verdict(TRUTH + RNG.normal(0, 5, 200), rival=1.0)
    assert ": worse than 1-nearest neighbour (" in found.headline
    assert found.headline.endswith("), so ship the baseline.")
    assert found.findings[0].level == "warning"


def test_one_answer_to_all_is_nothing_learnt() -> None:
    found = verdict(np.full(200, 50.5))
    assert found.headline.startswith("It has learnt nothing of use: mean absolute error ")
    assert kinds(found)["learnt nothing"] == "bad"


@pytest.mark.parametrize(("part", "level"), [("test", "bad"), ("validation", "warning")])
def test_a_leak(part: str, level: str) -> None:
    assert kinds(verdict(TRUTH + 1, duplicates={part: 3}))["leaking"] == level


def test_learnt_by_heart() -> None:
    train = regression_metrics(TRUTH + 0.01, TRUTH)
    assert kinds(verdict(TRUTH + RNG.normal(0, 2, 200), train=train))["overfitted"] == "warning"


def test_answers_on_one_side() -> None:
    found = verdict(TRUTH + 3 + RNG.normal(0, 1, 200))
    assert "Its answers are too high by " in found.text()


def test_few_sequences() -> None:
    assert kinds(verdict(TRUTH[:12] + 1, TRUTH[:12]))["small test"] == "note"
    assert "12 test sequences cannot say much." in verdict(TRUTH[:12] + 1, TRUTH[:12]).text()


def test_nothing_beside_it() -> None:
    found = judge_regression(RegressionFacts(test=regression_metrics(TRUTH + 1, TRUTH), judged_on="validation"))
    assert found.headline.endswith("on 200 validation sequences: there is no baseline to compare it with.")
