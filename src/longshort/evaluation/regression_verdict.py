"""The honest sentence about a regression, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from longshort.evaluation.error_comparison import ErrorComparison
from longshort.evaluation.facts import Finding, TrainingFacts
from longshort.evaluation.findings import DYNAMICS
from longshort.evaluation.findings.errors import compared_errors
from longshort.evaluation.findings.inputs import duplicates, judged_on_validation
from longshort.evaluation.findings.learning import overfitting, still_falling
from longshort.evaluation.findings.movement import barely_moved
from longshort.evaluation.regression import RegressionMetrics
from longshort.evaluation.sequence_baselines import MEAN
from longshort.evaluation.verdict import Verdict, standing, verdict
from longshort.evaluation.words import count, difference, number, percent

__all__ = ["RegressionFacts", "judge_regression"]

# Answers that explain less than this of what varies are, for any use, one answer.
EXPLAINS_NOTHING = 0.02
# An error on new sequences half as large again as on the training ones is more than chance on a few hundred.
OVERFITTED = 1.5
# A bias of a quarter of the error moves every answer; with fewer examples it may be chance.
BIASED, BIAS_EXAMPLES = 0.25, 50
FEW_EXAMPLES = 30


@dataclass(frozen=True, kw_only=True)
class RegressionFacts(TrainingFacts):
    """Everything known about a regression; see `TrainingFacts` too.

    Attributes:
        test: how near its answers are on the split held out.
        train: the same on the training split; None if it is not known.
        baselines: those of the baselines on the split held out, by name.
        comparisons: ours against each of them, by the same names.
    """

    example: ClassVar[str] = "sequence"
    row: ClassVar[str] = "sequence"
    flattered: ClassVar[str] = "its error there is too small"

    test: RegressionMetrics
    train: RegressionMetrics | None = None
    baselines: Mapping[str, RegressionMetrics] = field(default_factory=dict)
    comparisons: Mapping[str, ErrorComparison] = field(default_factory=dict)

    @property
    def examples(self) -> int:
        """How many sequences the model was evaluated on."""
        return self.test.examples


def judge_regression(facts: RegressionFacts) -> Verdict:
    """Weigh all facts: better than the baselines or not, one answer to all, overfitted, leaking; what to try."""
    return verdict(facts, _CHECKS, _headline)


def _headline(facts: RegressionFacts, found: Sequence[Finding]) -> str:
    test = facts.test
    explains = "" if test.r2 is None else f" (R² {test.r2:.3f})"
    error = f"ean absolute error {number(test.mae)}{explains} on {count(test.examples, f'{facts.judged_on} sequence')}"
    if any(each.kind == "learnt nothing" for each in found):
        return f"It has learnt nothing of use: m{error}."
    outcomes = {name: each.outcome for name, each in facts.comparisons.items()}
    best = min(outcomes, key=lambda name: facts.baselines[name].mae, default="")
    measured = number(facts.baselines[best].mae) if best else ""
    return f"M{error}: {standing(outcomes, best, measured, ship=best != MEAN)}."


def _nothing(facts: RegressionFacts) -> Iterator[Finding]:
    """Answers that are no better than one number for all."""
    r2 = facts.test.r2
    mean = facts.comparisons.get(MEAN)
    if r2 is None or r2 >= EXPLAINS_NOTHING or (mean and mean.outcome == "better"):
        return
    yield Finding(
        kind="learnt nothing",
        level="bad",
        sentence=f"It explains {percent(max(r2, 0.0))} of what varies in the targets; the mean of the training "
        "targets, given to all, would do as well.",
        advice="Train longer or with a higher learning rate, and check that sequences and targets belong together.",
    )


def _baselines(facts: RegressionFacts) -> Iterator[Finding]:
    """Each baseline that it does not beat, and those that it does."""
    return compared_errors(
        facts.test.mae,
        {name: each.mae for name, each in facts.baselines.items()},
        facts.comparisons,
        certainty={name: difference(each) for name, each in facts.comparisons.items()},
        beaten={},
        worse="Use that baseline; or train longer, or on more sequences.",
        undecided="Test on more sequences to decide, or take the simpler one.",
    )


def _barely_moved(facts: RegressionFacts) -> Iterator[Finding]:
    return barely_moved(facts, nothing=any(_nothing(facts)))


def _overfitted(facts: RegressionFacts) -> Iterator[Finding]:
    """The validation loss rose again, or new sequences are answered far worse than those of the training."""
    train, test, gap = facts.train, facts.test, ""
    if train and test.examples >= FEW_EXAMPLES and test.mae > OVERFITTED * train.mae:
        gap = (
            f"It knows its training part better than new sequences: mean absolute error {number(train.mae)} "
            f"there, {number(test.mae)} on the {facts.judged_on} part."
        )
    return overfitting(facts, gap)


def _biased(facts: RegressionFacts) -> Iterator[Finding]:
    """Answers that are too high, or too low, on average."""
    test = facts.test
    if test.examples >= BIAS_EXAMPLES and abs(test.bias) > BIASED * test.mae > 0:
        side = "high" if test.bias > 0 else "low"
        yield Finding(
            kind="biased",
            level="note",
            sentence=f"Its answers are too {side} by {number(abs(test.bias))} on average.",
            advice="Check that both parts are of the same kind and time.",
        )


def _small(facts: RegressionFacts) -> Iterator[Finding]:
    """A part held out that is too small to say much."""
    if facts.test.examples < FEW_EXAMPLES:
        yield Finding(
            kind="small test",
            level="note",
            sentence=f"{count(facts.test.examples, f'{facts.judged_on} sequence')} cannot say much.",
            advice="Test on more.",
        )


_CHECKS = (
    _nothing,
    _barely_moved,
    _baselines,
    duplicates,
    judged_on_validation,
    still_falling,
    _overfitted,
    *DYNAMICS,
    _biased,
    _small,
)
