"""The metrics of a regression, against scikit-learn and by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from longshort.errors import DataError
from longshort.evaluation.regression import regression_metrics


def test_they_are_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(100, 20, 50)
    answers = truth + draw.normal(3, 5, 50)
    found = regression_metrics(answers, truth)
    assert found.mae == pytest.approx(sklearn_metrics.mean_absolute_error(truth, answers))
    assert found.rmse == pytest.approx(sklearn_metrics.root_mean_squared_error(truth, answers))
    assert found.r2 == pytest.approx(sklearn_metrics.r2_score(truth, answers))
    assert found.bias == pytest.approx((answers - truth).mean())
    assert json.loads(json.dumps(found.to_dict()))["examples"] == 50


def test_the_mean_explains_nothing_and_the_truth_all() -> None:
    assert regression_metrics([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]).r2 == 0
    assert regression_metrics([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).r2 == 1
    assert regression_metrics([2.0, 2.0], [1.0, 1.0]).r2 is None


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        ([1.0], [1.0, 2.0], "got (1,) and (2,)"),
        ([], [], "at least one example"),
        ([1.0, float("nan")], [1.0, 2.0], "are finite numbers"),
        ([1.0, 2.0], [1.0, float("inf")], "are finite numbers"),
    ],
)
def test_what_does_not_fit_is_said(predictions: list[float], targets: list[float], message: str) -> None:
    with pytest.raises(DataError) as caught:
        regression_metrics(predictions, targets)
    assert message in str(caught.value)
