from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.told import against, finding, findings, metrics_of, several

from longshort.evaluation import MAJORITY, TFIDF, Facts, classification_metrics, paired_counts
from longshort.evaluation.findings.baselines import _tells_apart

FAIR, GOOD = metrics_of([[440, 60], [60, 440]]), metrics_of([[460, 40], [45, 455]])
NOT_SHOWN = "What it has learnt does not show on the test split: do not use it. Train longer, check the labels."


def of_majority(only_ours, only_theirs, confusion):
    theirs = metrics_of([[sum(row), *[0] * (len(row) - 1)] for row in confusion])
    return finding(
        against(only_ours, only_theirs, test=metrics_of(confusion), theirs=theirs, name=MAJORITY), "baseline"
    )


def test_better_than_tfidf():
    told = finding(against(60, 25, test=GOOD, theirs=FAIR), "baseline")
    assert (told.level, told.advice) == ("good", "")
    assert told.sentence == (
        "It is better than TF-IDF + logistic regression: accuracy 0.915 against 0.880 on the same 1,000 examples; "
        "difference +3.5 points, 95 % interval +1.7 to +5.3, McNemar p = 0.0001."
    )


def test_worse_than_tfidf_is_told_to_ship_the_baseline():
    told = finding(against(25, 60, test=FAIR, theirs=GOOD), "baseline")
    assert told.level == "bad"
    assert told.sentence == (
        "It is worse than TF-IDF + logistic regression: accuracy 0.880 against 0.915 on the same 1,000 examples; "
        "difference -3.5 points, 95 % interval -5.3 to -1.7, McNemar p = 0.0001."
    )
    assert told.advice == (
        "Ship the baseline: TF-IDF + logistic regression is more accurate here, smaller and faster. More data, or a "
        "larger or better regularised model, may reverse that."
    )


def test_what_cannot_be_told_apart_is_not_called_better():
    told = finding(against(48, 45, test=metrics_of([[441, 59], [58, 442]]), theirs=FAIR), "baseline")
    assert told.level == "warning"
    assert told.sentence == (
        "It does not differ significantly from TF-IDF + logistic regression: accuracy 0.883 against 0.880 on the same 1,000 "
        "examples; difference +0.3 points, 95 % interval -1.6 to +2.2, McNemar p = 0.7572."
    )
    assert told.advice == (
        "If accuracy is all that counts, TF-IDF + logistic regression is the simpler choice; a larger test split "
        "can decide."
    )


def test_a_tiny_p_is_not_written_as_zero():
    assert finding(against(400, 10, test=GOOD, theirs=FAIR), "baseline").sentence.endswith("McNemar p < 0.0001.")


def test_the_strongest_baseline_comes_first():
    weak, strong = (paired_counts(only_ours=ours, only_theirs=10, examples=1_000) for ours in (400, 45))
    facts = Facts(
        test=GOOD,
        baselines={"weak": metrics_of([[500, 0], [500, 0]]), "strong": FAIR},
        comparisons={"weak": weak, "strong": strong},
    )
    assert [each.sentence.split(":")[0] for each in findings(facts, "baseline")] == [
        "It is better than strong",
        "It is better than weak",
    ]


def test_a_baseline_without_a_comparison_says_nothing():
    assert findings(Facts(test=GOOD, baselines={TFIDF: FAIR}), "baseline") == []


def test_no_better_than_the_majority_on_unequal_classes_that_it_does_tell_apart():
    told = of_majority(30, 50, [[400, 50], [20, 30]])
    assert told.level == "warning"
    assert told.sentence == (
        "It is worse than answering the most frequent class: accuracy 0.860 against 0.900 on the same 500 examples; "
        "difference -4.0 points, 95 % interval -7.5 to -0.5, McNemar p = 0.0257. Yet its macro F1 is 0.691 against "
        "0.474: it does find the rarer classes."
    )
    assert told.advice == "Accuracy says little on classes this unequal; compare models by macro F1."


def test_no_better_than_the_majority_on_classes_that_are_nearly_equal():
    """253 against 227: accuracy hides nothing here, so it is not blamed."""
    told = of_majority(132, 113, [[140, 113], [95, 132]])
    assert told.level == "warning"
    assert told.sentence == (
        "It does not differ significantly from answering the most frequent class: accuracy 0.567 against 0.527 on the same 480 "
        "examples; difference +4.0 points, 95 % interval -2.4 to +10.3, McNemar p = 0.2257. Yet its macro F1 is 0.567 "
        "against 0.345: it does separate the classes, a little."
    )
    assert told.advice == "Train longer or on more examples, and check the labels; a larger test split can decide."


@pytest.mark.parametrize(
    "confusion", [[[140, 113], [125, 102]], [[405, 45], [45, 5]]], ids=["nearly equal", "unequal, by the class shares"]
)
def test_guessing_is_not_praised_for_its_macro_f1(confusion):
    """Answers drawn without a look at the input name every class, and so have a macro F1 above the majority's."""
    told = of_majority(confusion[1][1], confusion[0][1], confusion)
    assert (told.level, told.advice) == ("bad", NOT_SHOWN)
    assert "macro F1" not in told.sentence


def test_several_labels_are_no_better_than_none_by_exact_match():
    rng = np.random.default_rng(0)
    targets = (rng.random((300, 4)) < 0.2).astype(int)
    answers = np.where(rng.random((300, 4)) < 0.15, 1 - targets, targets)
    ours, none = several(targets, answers, list("abcd")), several(targets, np.zeros_like(targets), list("abcd"))
    told = finding(against(60, 66, test=ours, theirs=none, name=MAJORITY), "baseline")
    assert told.level == "warning"
    assert told.sentence.endswith(
        f"Yet its macro F1 is {ours.macro_f1:.3f} against 0.000: it does separate the labels."
    )
    assert told.advice == "Accuracy counts an example only when all its labels are right; compare models by macro F1."


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.7, 0.2, 0.1)])
def test_answers_without_a_look_at_the_input_seldom_tell_classes_apart(shares):
    """One-sided at 2.5 % for two classes, and more careful for several."""
    rng, classes = np.random.default_rng(2), len(shares)
    drawn = rng.multinomial(300, np.outer(shares, shares).ravel(), size=3_000).reshape(-1, classes, classes)
    any_metrics = metrics_of(np.eye(classes, dtype=int), [str(i) for i in range(classes)])
    passed = [_tells_apart(replace(any_metrics, confusion=confusion), None) for confusion in drawn.tolist()]
    assert np.mean(passed) < 0.03


def test_answers_that_follow_the_truth_tell_classes_apart():
    rng = np.random.default_rng(3)
    truth = rng.choice(3, 300, p=(0.7, 0.2, 0.1))
    answer = np.where(rng.random(300) < 0.3, truth, rng.choice(3, 300))
    found = classification_metrics(np.eye(3)[answer], truth, list("abc"))
    assert _tells_apart(found, None)
    assert _tells_apart(found, 300)
    assert not _tells_apart(found, 6)  # copies of six examples show nothing
