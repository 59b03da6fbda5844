"""A model's answers beside those of its baselines on the same rows, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from longshort.config import TrainingSettings
from longshort.evaluation import (
    Baseline,
    ClassificationMetrics,
    Facts,
    Verdict,
    classification_metrics,
    judge,
    paired_comparison,
)
from longshort.evaluation.error_comparison import compare_errors
from longshort.evaluation.regression import regression_metrics
from longshort.evaluation.regression_verdict import RegressionFacts, judge_regression
from longshort.evaluation.sequence_baselines import RegressionBaseline
from longshort.plain import Plain

if TYPE_CHECKING:
    from longshort.training import TrainingResult

__all__ = ["Plainly", "Weighed", "training_facts", "weigh", "weigh_numbers"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Weighed:
    """What came out.

    Args:
        metrics: the model's, as plain data.
        baselines: each baseline's, with its paired comparison and its seconds, by name.
        verdict: the honest sentences.
    """

    metrics: Plain
    baselines: dict[str, Plain]
    verdict: Verdict

    def plainly(self) -> Plainly:
        """Return the same without comparisons and seconds, for rows that the baselines were not fitted for."""
        left_out = ("comparison", "seconds")
        plain = {
            name: {key: value for key, value in metrics.items() if key not in left_out}
            for name, metrics in self.baselines.items()
        }
        return Plainly(self.metrics, plain, self.verdict)


class Plainly(NamedTuple):
    """What `Weighed.plainly` returns; see `Weighed`."""

    metrics: Plain
    baselines: dict[str, Plain]
    verdict: Verdict


def weigh(
    probabilities: Array,
    targets: Array,
    labels: list[str],
    baselines: Sequence[Baseline],
    *,
    multi_label: bool = False,
    copies: Array | None = None,
    **facts: Any,
) -> Weighed:
    """Measure all, compare each baseline with the model row by row, and judge.

    Args:
        probabilities: `(rows, classes)` float64, the model's.
        targets: `(rows,)` class numbers, or `(rows, labels)` of 0 and 1.
        labels: names of the classes.
        baselines: what was answered otherwise, on the same rows.
        multi_label: whether a row may have several labels.
        copies: `(rows,)`: equal for rows that are copies of each other; all differ when not given.
        facts: what else the verdict rests on, as `Facts` names it.
    """
    measure = partial(classification_metrics, targets=targets, labels=labels, multi_label=multi_label, copies=copies)
    ours = measure(probabilities)
    theirs: dict[str, ClassificationMetrics] = {each.name: measure(each.probabilities) for each in baselines}
    comparisons = {
        each.name: paired_comparison(probabilities, each.probabilities, targets, multi_label=multi_label, copies=copies)
        for each in baselines
    }
    different = None if copies is None else len(np.unique(copies))
    plain = {
        each.name: theirs[each.name].to_dict()
        | {"comparison": comparisons[each.name].to_dict(), "seconds": each.seconds}
        for each in baselines
    }
    verdict = judge(Facts(test=ours, baselines=theirs, comparisons=comparisons, different=different, **facts))
    return Weighed(ours.to_dict(), plain, verdict)


def weigh_numbers(given: Array, truth: Array, baselines: Sequence[RegressionBaseline], **facts: Any) -> Weighed:
    """Measure all, compare each baseline with the model sequence by sequence, and judge.

    Args:
        given: `(sequences,)` float64, the model's answers.
        truth: `(sequences,)` float64.
        baselines: what was answered otherwise, for the same sequences.
        facts: what else the verdict rests on, as `RegressionFacts` names it.
    """
    ours, errors = regression_metrics(given, truth), np.abs(given - truth)
    theirs = {each.name: regression_metrics(each.predictions, truth) for each in baselines}
    comparisons = {each.name: compare_errors(errors, np.abs(each.predictions - truth)) for each in baselines}
    plain = {
        each.name: theirs[each.name].to_dict()
        | {"comparison": comparisons[each.name].to_dict(), "seconds": each.seconds}
        for each in baselines
    }
    verdict = judge_regression(RegressionFacts(test=ours, baselines=theirs, comparisons=comparisons, **facts))
    return Weighed(ours.to_dict(), plain, verdict)


def training_facts(
    result: TrainingResult, settings: TrainingSettings, counts: Mapping[str, list[int]], part: str
) -> Plain:
    """What a verdict has to know of a training, whatever was learnt.

    Args:
        result: of the training.
        settings: of it.
        counts: examples of each class, by the name of the part.
        part: that was judged on.
    """
    return {
        **{f"{name}_counts": each for name, each in counts.items()},
        "test_counts": counts[part],
        "history": result.history,
        "best_epoch": result.best_epoch,
        "stopped_early": result.ended == "patience",
        "schedule": settings.schedule,
        "class_weights": settings.class_weights is not None,
        "judged_on": part,
    }
