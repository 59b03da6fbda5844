"""Findings about the baselines: better, worse, or no significant difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from longshort.evaluation.baselines import MAJORITY
from longshort.evaluation.comparison import Z
from longshort.evaluation.facts import Facts, Finding
from longshort.evaluation.findings.inputs import unequal
from longshort.evaluation.metrics import ClassificationMetrics
from longshort.evaluation.words import count, points

__all__ = ["against_baselines"]

# Macro F1 counts each class alike: this much above the majority's shows that the rare ones were learnt.
MACRO_GAIN = 0.05


def against_baselines(facts: Facts) -> Iterator[Finding]:
    """Better than each baseline, worse, or not distinguishable, by a paired test on the same examples."""
    strongest_first = sorted(facts.compared, key=lambda name: -facts.baselines[name].accuracy)
    for name in strongest_first:
        judges = {"better": _better, "worse": _worse, "undecided": _undecided}
        yield judges[facts.comparisons[name].outcome](facts, name)


def _numbers(facts: Facts, name: str) -> str:
    comparison = facts.comparisons[name]
    low, high = comparison.interval
    return (
        f"accuracy {facts.test.accuracy:.3f} against {facts.baselines[name].accuracy:.3f} on the same "
        f"{count(comparison.examples, 'example')}; difference {points(comparison.difference)} points, 95 % interval "
        f"{points(low)} to {points(high)}, McNemar p {_p_value(comparison.p_value)}"
    )


def _p_value(p: float) -> str:
    """Four decimals as long as they say something."""
    return f"= {p:.4f}" if p >= 0.0001 else "< 0.0001"


def _better(facts: Facts, name: str) -> Finding:
    return Finding(kind="baseline", level="good", sentence=f"It is better than {name}: {_numbers(facts, name)}.")


def _worse(facts: Facts, name: str) -> Finding:
    if name == MAJORITY:
        return _no_better_than_majority(facts, "It is worse than")
    return Finding(
        kind="baseline",
        level="bad",
        sentence=f"It is worse than {name}: {_numbers(facts, name)}.",
        advice=f"Ship the baseline: {name} is more accurate here, smaller and faster. More data, or a larger or better "
        "regularised model, may reverse that.",
    )


def _undecided(facts: Facts, name: str) -> Finding:
    if name == MAJORITY:
        return _no_better_than_majority(facts, "It does not differ significantly from")
    return Finding(
        kind="baseline",
        level="warning",
        sentence=f"It does not differ significantly from {name}: {_numbers(facts, name)}.",
        advice=f"If accuracy is all that counts, {name} is the simpler choice; a larger test split can decide.",
    )


def _no_better_than_majority(facts: Facts, standing: str) -> Finding:
    sentence = f"{standing} answering the most frequent class: {_numbers(facts, MAJORITY)}."
    ours, theirs = facts.test.macro_f1, facts.baselines[MAJORITY].macro_f1
    if ours - theirs < MACRO_GAIN or not _tells_apart(facts.test, facts.different):
        return Finding(
            kind="baseline",
            level="bad",
            sentence=sentence,
            advice="What it has learnt does not show on the test split: do not use it. Train longer, check the labels.",
        )
    gain, advice = _what_it_tells(facts)
    return Finding(
        kind="baseline",
        level="warning",
        sentence=f"{sentence} Yet its macro F1 is {ours:.3f} against {theirs:.3f}: {gain}.",
        advice=advice,
    )


def _what_it_tells(facts: Facts) -> tuple[str, str]:
    """What a macro F1 above the majority's shows, and what to do: accuracy hides it only on unequal classes."""
    if facts.test.multi_label:
        return (
            "it does separate the labels",
            "Accuracy counts an example only when all its labels are right; compare models by macro F1.",
        )
    if unequal(facts.counts_of_test()):
        return (
            "it does find the rarer classes",
            "Accuracy says little on classes this unequal; compare models by macro F1.",
        )
    return (
        "it does separate the classes, a little",
        "Train longer or on more examples, and check the labels; a larger test split can decide.",
    )


def _tells_apart(test: ClassificationMetrics, different: int | None) -> bool:
    """Whether the answers depend on the truth: answers that do not have a mean recall as high as their false alarms.

    The mean over the classes of recall minus false-alarm rate (Youden 1950), less its 95 % interval (Agresti & Caffo
    2000: one hit and one miss are added on either side), is above 0. Answers drawn by the class shares raise macro F1
    above the majority's as well, but not this. Examples that are copies of others count as a share of one.
    """
    tables = (
        test.confusion if test.multi_label else [_one_against_rest(test.confusion, i) for i in range(len(test.labels))]
    )
    share = 1.0 if different is None else different / test.examples
    gains, errors = zip(*(_informedness([[share * n for n in row] for row in table]) for table in tables), strict=True)
    # The error of a mean is at most the mean of the errors, whatever the correlation between classes.
    return bool(sum(gains) > Z * sum(errors))


def _one_against_rest(confusion: Sequence[Sequence[int]], label: int) -> list[list[int]]:
    hits, truths = confusion[label][label], sum(confusion[label])
    answers, total = sum(row[label] for row in confusion), sum(map(sum, confusion))
    return [[total - truths - answers + hits, answers - hits], [truths - hits, hits]]


def _informedness(table: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Recall minus false-alarm rate, and its standard error, of `[[true no, false yes], [false no, true yes]]`."""
    (alarm, negatives), (recall, positives) = (((row[1] + 1) / (sum(row) + 2), sum(row) + 2) for row in table)
    return recall - alarm, math.sqrt(alarm * (1 - alarm) / negatives + recall * (1 - recall) / positives)
