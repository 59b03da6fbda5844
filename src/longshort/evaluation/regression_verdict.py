"""The honest sentence about a regression, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from longshort.evaluation.error_comparison import ErrorComparison
from longshort.evaluation.facts import Finding
from longshort.evaluation.findings.learning import still_falling
from longshort.evaluation.findings.words import count, joined, percent
from longshort.evaluation.regression import RegressionMetrics
from longshort.evaluation.sequence_baselines import MEAN
from longshort.evaluation.verdict import Verdict, worst_first

__all__ = ["RegressionFacts", "judge_regression"]

# Answers that explain less than this of what varies are, for any use, one answer.
EXPLAINS_NOTHING = 0.02
# An error on new sequences half as large again as on the training ones is more than chance on a few hundred.
OVERFITTED = 1.5
# A bias of a quarter of the error moves every answer; with fewer examples it may be chance.
BIASED, BIAS_EXAMPLES = 0.25, 50
FEW_EXAMPLES = 30


@dataclass(frozen=True, kw_only=True)
class RegressionFacts:
    """Everything known about one regression.

    Attributes:
        test: how near its answers are on the part held out.
        judged_on: "test", or "validation" where there is no other.
        train: the same on the training part; None where it is not known.
        baselines: those of the opponents on the part held out, by name.
        comparisons: ours against each of them, by the same names.
        duplicates: sequences of a given file that stand in the training file too, by part.
        history, best_epoch, stopped_early, schedule: as `longshort.evaluation.facts.Facts` has them.
    """

    test: RegressionMetrics
    judged_on: Literal["validation", "test"] = "test"
    train: RegressionMetrics | None = None
    baselines: Mapping[str, RegressionMetrics] = field(default_factory=dict)
    comparisons: Mapping[str, ErrorComparison] = field(default_factory=dict)
    duplicates: Mapping[str, int] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    best_epoch: int | None = None
    stopped_early: bool = False
    schedule: str | None = None


def judge_regression(facts: RegressionFacts) -> Verdict:
    """Weigh all facts: better than the baselines or not, one answer to all, overfitted, leaking; what to try."""
    found = worst_first(chain.from_iterable(check(facts) for check in _CHECKS))
    return Verdict(headline=_headline(facts), findings=tuple(found))


def _headline(facts: RegressionFacts) -> str:
    test = facts.test
    explains = "" if test.r2 is None else f" (R² {test.r2:.3f})"
    error = f"ean absolute error {_number(test.mae)}{explains} on {count(test.examples, f'{facts.judged_on} sequence')}"
    if any(_nothing(facts)):
        return f"It has learnt nothing of use: m{error}."
    return f"M{error}: {_standing(facts)}."


def _standing(facts: RegressionFacts) -> str:
    if not facts.comparisons:
        return "there is no baseline to compare it with"
    outcomes = {name: each.outcome for name, each in facts.comparisons.items()}
    if all(outcome == "better" for outcome in outcomes.values()):
        return f"better than {joined(list(outcomes))}"
    best = min(facts.comparisons, key=lambda name: facts.baselines[name].mae)
    words = {"worse": "worse than", "undecided": "not distinguishable from", "better": "better than"}
    ship = ", so ship the baseline" if outcomes[best] == "worse" and best != MEAN else ""
    return f"{words[outcomes[best]]} {best} ({_number(facts.baselines[best].mae)}){ship}"


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


def _opponents(facts: RegressionFacts) -> Iterator[Finding]:
    """Each baseline that it does not beat, and those that it does."""
    beaten, ours = [], facts.test.mae
    for name, compared in facts.comparisons.items():
        theirs = facts.baselines[name].mae
        if compared.outcome == "better":
            beaten.append(f"{name} ({_number(theirs)})")
            continue
        worse = compared.outcome == "worse"
        yield Finding(
            kind="baseline",
            level="warning" if worse else "note",
            sentence=f"{name[0].upper()}{name[1:]} errs by {_number(theirs)} on average, it by {_number(ours)}: "
            + ("it is worse" if worse else "they cannot be told apart")
            + f"{_interval(compared)}.",
            advice="Use that baseline; or train longer, or on more sequences."
            if worse
            else "Test on more sequences to tell, or take the simpler one.",
        )
    if beaten:
        yield Finding(
            kind="baseline", level="good", sentence=f"It errs less than {joined(beaten)}: {_number(ours)} on average."
        )


def _interval(compared: ErrorComparison) -> str:
    if compared.interval is None:
        return ""
    low, high = (_number(-end) for end in reversed(compared.interval))
    return f" (difference {_number(-compared.difference)}, 95 % interval {low} to {high})"


def _leaking(facts: RegressionFacts) -> Iterator[Finding]:
    """The same sequence in the training file and in a file that is held against it."""
    for part, rows in facts.duplicates.items():
        if rows:
            yield Finding(
                kind="leaking",
                level="bad" if part == facts.judged_on else "warning",
                sentence=f"{count(rows, 'sequence')} of the given {part} file also "
                f"{'stands' if rows == 1 else 'stand'} in the training file, which makes its error there too small.",
                advice="Remove them from the training file, or give one file and let it be split.",
            )


def _overfitted(facts: RegressionFacts) -> Iterator[Finding]:
    """New sequences are answered far worse than those of the training."""
    train, test = facts.train, facts.test
    if train and test.examples >= FEW_EXAMPLES and test.mae > OVERFITTED * train.mae:
        yield Finding(
            kind="overfitted",
            level="warning",
            sentence=f"It knows its training part better than new sequences: mean absolute error {_number(train.mae)} "
            f"there, {_number(test.mae)} on the {facts.judged_on} part.",
            advice="More data, more dropout or a smaller model, and fewer epochs.",
        )


def _biased(facts: RegressionFacts) -> Iterator[Finding]:
    """Answers that are too high, or too low, on average."""
    test = facts.test
    if test.examples >= BIAS_EXAMPLES and abs(test.bias) > BIASED * test.mae > 0:
        side = "high" if test.bias > 0 else "low"
        yield Finding(
            kind="biased",
            level="note",
            sentence=f"Its answers are too {side} by {_number(abs(test.bias))} on average.",
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


_CHECKS = (_nothing, _opponents, _leaking, still_falling, _overfitted, _biased, _small)


def _number(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:.4g}"
