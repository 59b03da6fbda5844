"""The course of a training is judged alike, whatever was learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.evaluation.recorded import course, dynamics, moment, place
from tests.evaluation.told import metrics_of

from longshort.data.series import from_arrays
from longshort.evaluation import Facts, Finding, judge
from longshort.evaluation.backtest import backtest
from longshort.evaluation.facts import TrainingFacts
from longshort.evaluation.findings import DYNAMICS
from longshort.evaluation.findings.learning import still_falling
from longshort.evaluation.forecast_verdict import ForecastFacts, judge_forecast
from longshort.evaluation.regression import regression_metrics
from longshort.evaluation.regression_verdict import RegressionFacts, judge_regression
from longshort.evaluation.verdict import Verdict, verdict

SHUT = place(input={"mean": 0.01, "low": 1.0, "high": 0.0, "still": 0.0, "shut": 0.9})
COURSES = {
    "exploding gradient": course(dynamics(gradient_median=5_000.0, clipped=1.0), largest=9_000.0),
    "overshot": course(dynamics(moment(layers={"lstm.l0": (0.5, 0.4, 1.0), "linear": (0.5, 0.001, 1.0)}))),
    "vanishing gradient": course(dynamics(moment(reach=[0.001, *[1.0] * 9]))),
    "closed gates": course(dynamics(moment(gates={"lstm.l0": SHUT}))),
    "undertrained": course(*[dynamics()] * 3, losses=[0.9, 0.6, 0.3]),
}


def of_classes(**known: Any) -> Verdict:
    return judge(Facts(test=metrics_of([[40, 10], [10, 40]]), **known))


def of_numbers(**known: Any) -> Verdict:
    truth = np.linspace(0, 1, 60)
    return judge_regression(RegressionFacts(test=regression_metrics(truth + 0.01, truth), **known))


def of_series(**known: Any) -> Verdict:
    series = from_arrays({"one": np.sin(np.arange(80.0)) + np.arange(80) / 9})

    def answer(whole: Any, origins: Sequence[Any]) -> np.ndarray:
        (values,) = [each.values for each in whole]
        return np.array([values[at : at + 4, None] + [-1, 0.1, 1] for at in origins[0]])

    found = backtest(answer, (0.1, 0.5, 0.9), series, np.array([60]), horizon=4, season=1)
    return judge_forecast(ForecastFacts(backtest=found, comparisons={}, **known))


@pytest.mark.parametrize("kind", COURSES)
@pytest.mark.parametrize("judged", [of_classes, of_numbers, of_series])
def test_the_same_history_has_the_same_findings(judged: Any, kind: str) -> None:
    found = [each for each in judged(history=COURSES[kind], schedule="constant").findings if each.kind == kind]
    expected = [each for each in of_classes(history=COURSES[kind], schedule="constant").findings if each.kind == kind]
    assert [each.sentence for each in found] == [each.sentence for each in expected] != []


@pytest.mark.parametrize("judged", [of_classes, of_numbers, of_series])
def test_a_healthy_training_has_none_of_them(judged: Any) -> None:
    kinds = {each.kind for each in judged(history=course(*[dynamics()] * 3), schedule="one-cycle").findings}
    assert not kinds & set(COURSES)


def test_advice_names_only_settings_that_there_are() -> None:
    """A forecast has no pooling."""
    course = {"history": COURSES["vanishing gradient"]}
    advice = {each.kind: each.advice for each in of_series(**course).findings}["vanishing gradient"]
    assert "pooling" not in advice
    assert "pooling" in {each.kind: each.advice for each in of_numbers(**course).findings}["vanishing gradient"]


@dataclass(frozen=True, kw_only=True)
class PerplexityFacts(TrainingFacts):
    """What another kind would know of its training."""

    perplexity: float


def high(facts: PerplexityFacts) -> Iterator[Finding]:
    if facts.perplexity > 100:
        yield Finding(kind="high perplexity", level="bad", sentence=f"Its perplexity is {facts.perplexity:g}.")


def test_another_kind_needs_its_own_checks_and_a_headline_alone() -> None:
    facts = PerplexityFacts(perplexity=300, history=COURSES["overshot"])
    found = verdict(facts, (still_falling, *DYNAMICS, high), lambda facts, _: f"Perplexity {facts.perplexity:g}.")
    assert found.headline == "Perplexity 300."
    assert [each.kind for each in found.findings] == ["high perplexity", "overshot"]
