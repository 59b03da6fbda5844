"""Findings about the answers: whether they are answers at all, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterator

from longshort.evaluation.facts import Facts, Finding
from longshort.evaluation.findings.inputs import unequal
from longshort.evaluation.words import count, listed, percent

__all__ = ["absent_classes", "calibration", "collapsed", "never_answered", "small_test"]

# One answer in a hundred may differ by chance; a model that answers less often otherwise has no use for its input.
COLLAPSED_SHARE = 0.99
# ... unless the test split is like that too and the few others are found: a tenth of them is more than chance.
FOUND_OTHERS = 0.1
# Fewer examples of a class than this may be missed by chance.
MISSED_EXAMPLES = 5
# An interval wider than ten points (fewer than about 380 examples at 0.5) cannot separate a good model from a fair one.
WIDE_INTERVAL = 0.10
# Five points between confidence and accuracy change decisions; below 500 examples 15 bins err by about as much.
BADLY_CALIBRATED = 0.05
CALIBRATION_EXAMPLES = 500


def collapsed(facts: Facts) -> Iterator[Finding]:
    """All or nearly all answers are the same."""
    sentence = _same_sets(facts) if facts.test.multi_label else _one_class(facts)
    if sentence:
        yield Finding(
            kind="collapsed",
            level="bad",
            sentence=sentence,
            advice="It does not use its input. Train longer or with a higher learning rate, "
            + ('weigh the classes (class_weights="balanced"), ' if _weighing_may_help(facts) else "")
            + "and check that inputs and labels belong together.",
        )


def _weighing_may_help(facts: Facts) -> bool:
    return (
        not facts.class_weights and not facts.test.multi_label and unequal(facts.train_counts or facts.counts_of_test())
    )


def _one_class(facts: Facts) -> str:
    test = facts.test
    chosen = max(test.classes, key=lambda each: each.predicted_share)
    others = [each for each in test.classes if each.support and each is not chosen]
    found = sum(each.recall * each.support for each in others)
    missed = sum(each.support for each in others)
    if not others or chosen.predicted_share < COLLAPSED_SHARE or found > FOUND_OTHERS * missed:
        return ""
    share = "all" if chosen.predicted_share == 1 else f"{percent(chosen.predicted_share)} of the"
    examples = count(test.examples, f"{facts.judged_on} example")
    sentence = f"It answers {chosen.label!r} to {share} {examples}, which is right for {test.accuracy:.3f} of them"
    counts = facts.counts_of_test()
    most = max(range(len(counts)), key=counts.__getitem__)
    if test.labels[most] == chosen.label:
        return f"{sentence} because so many are of that class."
    return f"{sentence}; always answering {test.labels[most]!r} would be right for {counts[most] / sum(counts):.3f}."


def _same_sets(facts: Facts) -> str:
    test = facts.test
    if any(0 < each.predicted_share < 1 for each in test.classes):
        return ""
    always = [each.label for each in test.classes if each.predicted_share == 1]
    what = listed(always) if always else "no label at all"
    examples = count(test.examples, f"{facts.judged_on} example")
    return f"It answers {what} to all {examples}; every label is right for {test.accuracy:.3f} of them."


def never_answered(facts: Facts) -> Iterator[Finding]:
    """Classes of the test split that are never the answer, where others are."""
    missed = [each for each in facts.test.classes if each.support >= MISSED_EXAMPLES and not each.predicted_share]
    if missed and not any(collapsed(facts)):
        names, total = listed([each.label for each in missed]), sum(each.support for each in missed)
        yield Finding(
            kind="never answered",
            level="warning",
            sentence=f"It never answers {names}, the truth of {count(total, f'{facts.judged_on} example')}.",
            advice='Give more examples of these classes, or weigh the classes (class_weights="balanced").',
        )


def absent_classes(facts: Facts) -> Iterator[Finding]:
    """Classes that the test split does not have: nothing is known about them."""
    absent = [each.label for each in facts.test.classes if not each.support]
    if absent:
        yield Finding(
            kind="absent class",
            level="warning",
            sentence=f"The test split has no example of {listed(absent)}: their accuracy is not known.",
            advice="Test on data that has every class.",
        )


def small_test(facts: Facts) -> Iterator[Finding]:
    """A test split too small to say how good the model is."""
    low, high = facts.test.accuracy_interval
    if high - low > WIDE_INTERVAL:
        yield Finding(
            kind="small test",
            level="note",
            sentence=f"{count(facts.test.examples, f'{facts.judged_on} example')} cannot say much: the accuracy lies "
            f"between {low:.3f} and {high:.3f} (95 % interval).",
            advice="Test on more examples: four times as many halve the interval.",
        )


def calibration(facts: Facts) -> Iterator[Finding]:
    """Confidence that does not mean what it says."""
    test = facts.test
    if test.examples < CALIBRATION_EXAMPLES or test.calibration_error <= BADLY_CALIBRATED:
        return
    total = sum(each.count for each in test.calibration)
    confidence = sum(each.count * each.confidence for each in test.calibration) / total
    accuracy = sum(each.count * each.accuracy for each in test.calibration) / total
    too_sure = confidence > accuracy
    yield Finding(
        kind="calibration",
        level="note",
        sentence=f"It is {'too sure' if too_sure else 'not sure enough'} of itself: its mean confidence is "
        f"{confidence:.3f}, and {accuracy:.3f} of its answers are right "
        f"(expected calibration error {test.calibration_error:.3f}).",
        advice="Rank by its probabilities, but do not read them as chances"
        + ("; fewer epochs or more dropout make it less sure." if too_sure else "."),
    )
