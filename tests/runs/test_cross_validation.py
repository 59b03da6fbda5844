"""The summary of cross-validation, against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from longshort.config import RegressionRunSettings, TextRunSettings
from longshort.runs.cross_validation import CrossValidation, Fold


def made() -> CrossValidation:
    rows = {"train": 70, "validation": 10, "test": 20}
    folds = [
        Fold("text-classification", rows, {"accuracy": ours, "roc_auc": auc}, {"weak": {"accuracy": 0.5}, "strong": {"accuracy": theirs}}, 1)
        for ours, theirs, auc in ((0.8, 0.7, 0.9), (0.7, 0.75, None), (0.9, 0.8, 0.9))
    ]  # fmt: skip
    return CrossValidation("data", "text-classification", TextRunSettings(), folds)


def test_the_strongest_baseline_and_the_corrected_interval() -> None:
    found = made().difference()
    mean = (0.1 - 0.05 + 0.1) / 3
    variance = ((0.1 - mean) ** 2 * 2 + (-0.05 - mean) ** 2) / 2
    half = stats.t.ppf(0.975, 2) * math.sqrt((1 / 3 + 20 / 80) * variance)
    assert (found.baseline, found.better) == ("strong", 2)
    assert found.mean == pytest.approx(mean)
    assert found.interval == pytest.approx((mean - half, mean + half))


def test_a_metric_that_a_fold_lacks_has_no_mean() -> None:
    assert made().of("roc_auc") == []
    assert made().of("accuracy", "strong") == [0.7, 0.75, 0.8]


def test_of_numbers_the_nearer_one_is_better() -> None:
    rows = {"train": 80, "test": 20}
    folds = [
        Fold("sequence-regression", rows, {"mae": ours, "r2": 0.5}, {"near": {"mae": theirs}, "far": {"mae": 9.0}}, 1)
        for ours, theirs in ((1.0, 2.0), (3.0, 2.5), (1.0, 1.5))
    ]
    found = CrossValidation("data", "sequence-regression", RegressionRunSettings(), folds)
    difference = found.difference()
    assert (difference.baseline, difference.better) == ("near", 2)
    assert difference.mean == pytest.approx((-1.0 + 0.5 - 0.5) / 3)
    assert difference.interval[0] < difference.mean < difference.interval[1]
