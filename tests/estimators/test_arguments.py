"""Every estimator takes the settings of its kind, with their defaults, and type checkers know the same arguments."""

from __future__ import annotations

import inspect

import pytest

import longshort
from longshort.config import ForecastRunSettings, RegressionRunSettings, SequenceRunSettings, TextRunSettings
from longshort.estimators.arguments import SCIKIT_LEARN
from longshort.kinds.forecast.forecaster import ForecasterArguments
from longshort.kinds.sequences.estimators.base import SequenceArguments
from longshort.kinds.sequences.estimators.classifier import SequenceClassifierArguments
from longshort.kinds.text.estimator import TextArguments

ESTIMATORS = [
    (longshort.TextClassifier, TextRunSettings, TextArguments),
    (longshort.SequenceClassifier, SequenceRunSettings, SequenceClassifierArguments),
    (longshort.SequenceRegressor, RegressionRunSettings, SequenceArguments),
    (longshort.Forecaster, ForecastRunSettings, ForecasterArguments),
]


@pytest.mark.parametrize(("estimator", "settings", "arguments"), ESTIMATORS)
def test_arguments_are_the_settings_with_their_defaults(estimator, settings, arguments) -> None:
    flat = {SCIKIT_LEARN.get(name, name): value for name, value in settings().flat().items()}
    parameters = inspect.signature(estimator).parameters
    assert {name: each.default for name, each in parameters.items() if name in flat} == {
        name: value for name, value in flat.items() if name in parameters
    }
    assert set(parameters) - set(flat) <= {"checkpoints", "warm_start", "columns"}
    assert estimator().get_params() == {name: each.default for name, each in parameters.items()}


@pytest.mark.parametrize(("estimator", "settings", "arguments"), ESTIMATORS)
def test_type_checkers_know_the_same_arguments(estimator, settings, arguments) -> None:
    assert set(arguments.__annotations__) | set(arguments.__optional_keys__) == set(
        inspect.signature(estimator).parameters
    )


@pytest.mark.parametrize(("estimator", "settings", "arguments"), ESTIMATORS)
def test_a_misspelt_argument_is_refused_with_the_closest_one(estimator, settings, arguments) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'epoch'\. Did you mean 'epochs'\?"):
        estimator(epoch=3)
