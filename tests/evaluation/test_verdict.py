import json

import numpy as np
import pytest

from longshort.errors import DataError
from longshort.evaluation import (
    MAJORITY,
    TFIDF,
    Facts,
    classification_metrics,
    judge,
    majority,
    paired_comparison,
)

PAIR = ["neg", "pos"]
SHEET_LOSSES = [0.6975, 0.6967, 0.6959, 0.6952, 0.6945, 0.6939]


def certain(answers, classes=2):
    """Probabilities that put 0.9 on each answer."""
    rest = 0.1 / (classes - 1)
    return rest + (0.9 - rest) * np.eye(classes)[np.asarray(answers)]


def right_on(targets, share):
    """Answers to two classes of which this share, spread over the rows, is right."""
    targets = np.asarray(targets)
    wrong = np.random.default_rng(0).permutation(len(targets))[: round((1 - share) * len(targets))]
    answers = targets.copy()
    answers[wrong] = 1 - answers[wrong]
    return answers


def history(train, validation=None):
    rows = [{"epoch": number, "train_loss": loss} for number, loss in enumerate(train, start=1)]
    for row, loss in zip(rows, validation or [], strict=False):
        row["validation_loss"] = loss
    return rows


def facts_of(answers, targets, opponents=None, labels=PAIR, **known):
    """Facts of a model that answers `answers`, beside opponents given as answers by name."""
    ours = certain(answers, len(labels))
    others = {name: certain(each, len(labels)) for name, each in (opponents or {}).items()}
    return Facts(
        test=classification_metrics(ours, targets, labels),
        baselines={name: classification_metrics(each, targets, labels) for name, each in others.items()},
        comparisons={name: paired_comparison(ours, each, targets) for name, each in others.items()},
        **known,
    )


def found(facts, kind):
    """The findings of one kind, each as (level, sentence, advice)."""
    return [(each.level, each.sentence, each.advice) for each in judge(facts).findings if each.kind == kind]


TARGETS = np.array([0, 1] * 1000)


def sheet_facts():
    targets, ours = np.array([0] * 114 + [1] * 86), np.tile([0.49, 0.51], (200, 1))
    baseline = majority([0] * 422 + [1] * 378, ["0", "1"], 200)
    return Facts(
        test=classification_metrics(ours, targets, ["0", "1"]),
        train_counts=[422, 378],
        test_counts=[114, 86],
        baselines={MAJORITY: classification_metrics(baseline.probabilities, targets, ["0", "1"])},
        comparisons={MAJORITY: paired_comparison(ours, baseline.probabilities, targets)},
        history=history(SHEET_LOSSES),
        schedule="constant",
    )


def test_the_run_that_answers_one_class_to_everything_is_told_so():
    assert judge(sheet_facts()).text() == (
        "It has learnt nothing of use: it gives the same answer to everything, accuracy 0.430 (95 % interval 0.363 to "
        "0.499) on 200 test examples.\n"
        "\n"
        "[bad] It answers '1' to all 200 test examples, which is right for 0.430 of them; always answering '0' would be "
        "right for 0.570.\n"
        "    try: It does not use its input. Train longer or with a higher learning rate, balance the classes, and check "
        "that texts and labels belong together.\n"
        "\n"
        "[bad] It has learnt nothing: after 6 epochs the training loss is 0.6939, and guessing by the class shares costs "
        "0.6916 (for equal shares it is ln 2 = 0.6931).\n"
        "    try: Train for many more epochs or with a higher learning rate; if the loss stays, check that inputs and "
        "labels belong together.\n"
        "\n"
        "[bad] It is worse than answering the most frequent class: accuracy 0.430 against 0.570 on the same 200 "
        "examples; difference -14.0 points, 95 % interval -27.5 to -0.2, McNemar p = 0.0480.\n"
        "    try: What it has learnt does not show on the test split: do not use it. Train longer, check the labels.\n"
        "\n"
        "[warning] The training loss was still falling when training ended (from 0.6975 to 0.6939 in 6 epochs, by "
        "0.0036).\n"
        "    try: Train for more epochs: 12 or more.\n"
        "\n"
        "[note] 200 test examples cannot say much: the accuracy lies between 0.363 and 0.499 (95 % interval).\n"
        "    try: Test on more examples: four times as many halve the interval."
    )


def test_a_good_model_is_told_so_in_one_sentence():
    opponents = {MAJORITY: np.zeros(2000, int), TFIDF: right_on(TARGETS, 0.85)}
    verdict = judge(facts_of(right_on(TARGETS, 0.92), TARGETS, opponents))
    assert verdict.headline == (
        "Accuracy 0.920 (95 % interval 0.907 to 0.931) on 2,000 test examples: better than majority class and "
        "TF-IDF + logistic regression."
    )
    assert [each.level for each in verdict.findings] == ["good", "good"]
    assert verdict.findings[0].sentence.startswith(
        "It is better than TF-IDF + logistic regression: accuracy 0.920 against 0.850 on the same 2,000 examples; "
        "difference +7.0 points, 95 % interval +"
    )
    assert verdict.findings[0].sentence.endswith("McNemar p = under 0.0001.")


def test_a_model_worse_than_the_baseline_is_told_to_ship_the_baseline():
    opponents = {MAJORITY: np.zeros(2000, int), TFIDF: right_on(TARGETS, 0.92)}
    verdict = judge(facts_of(right_on(TARGETS, 0.85), TARGETS, opponents))
    assert verdict.headline == (
        "Accuracy 0.850 (95 % interval 0.834 to 0.865) on 2,000 test examples: worse than TF-IDF + logistic regression "
        "(0.920), so ship the baseline."
    )
    worst = verdict.findings[0]
    assert (worst.kind, worst.level) == ("baseline", "bad")
    assert worst.sentence.startswith("It is worse than TF-IDF + logistic regression: accuracy 0.850 against 0.920")
    assert worst.advice == (
        "Ship the baseline: TF-IDF + logistic regression is more accurate here, smaller and faster. More data, or a "
        "larger or better regularised model, may turn that round."
    )


def test_a_difference_within_chance_is_called_so():
    ours = right_on(TARGETS, 0.90)
    theirs = ours.copy()
    theirs[:10] = 1 - theirs[:10]
    verdict = judge(facts_of(ours, TARGETS, {TFIDF: theirs}))
    assert ": not distinguishable from TF-IDF + logistic regression (0." in verdict.headline
    [(level, sentence, advice)] = found(facts_of(ours, TARGETS, {TFIDF: right_on(TARGETS, 0.90)}), "baseline")
    assert level == "warning"
    assert sentence == (
        "It cannot be told apart from TF-IDF + logistic regression: accuracy 0.900 against 0.900 on the same 2,000 "
        "examples; difference +0.0 points, 95 % interval -0.1 to +0.1, McNemar p = 1.0000."
    )
    assert advice.startswith("Where accuracy is all that counts, TF-IDF + logistic regression is the simpler choice")


def test_no_better_than_the_majority_is_bad_unless_it_finds_the_rare_classes():
    targets = np.array([0] * 1900 + [1] * 100)
    finds = targets.copy()
    finds[:50], finds[1950:] = 1, 0
    [(level, sentence, advice)] = found(facts_of(finds, targets, {MAJORITY: np.zeros(2000, int)}), "baseline")
    assert level == "warning"
    assert sentence.endswith("Yet its macro F1 is 0.737 against 0.487: it does find the rarer classes.")
    assert advice == "Accuracy says little on classes this unequal; compare models by macro F1."
    misses = np.zeros(2000, int)
    misses[[0, 1, 2, 1999]] = 1
    assert [level for level, _, _ in found(facts_of(misses, targets, {MAJORITY: np.zeros(2000, int)}), "baseline")] == [
        "bad"
    ]


def test_without_a_baseline_the_headline_says_so():
    assert judge(facts_of(right_on(TARGETS, 0.92), TARGETS)).headline.endswith(
        "there is no baseline to compare it with."
    )


def test_nearly_one_class_is_collapsed_but_a_test_split_of_nearly_one_class_is_not():
    answers = np.ones(2000, int)
    answers[:8] = 0
    [(level, sentence, _)] = found(facts_of(answers, TARGETS), "collapsed")
    assert level == "bad"
    assert sentence == (
        "It answers 'pos' to 99.6 % of the 2,000 test examples, which is right for 0.502 of them; "
        "always answering 'neg' would be right for 0.500."
    )
    rare = np.array([0] * 1990 + [1] * 10)
    assert not found(facts_of(rare, rare), "collapsed")
    assert found(facts_of(np.zeros(2000, int), rare), "collapsed")[0][1] == (
        "It answers 'neg' to all 2,000 test examples, which is right for 0.995 of them because so many are of that class."
    )
    assert not found(facts_of(np.zeros(20, int), np.zeros(20, int)), "collapsed")


def test_the_same_set_of_labels_for_everything_is_collapsed():
    targets = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1]] * 4)
    same = np.tile([0.9, 0.1, 0.2], (12, 1))
    facts = Facts(test=classification_metrics(same, targets, ["a", "b", "c"], multi_label=True))
    assert found(facts, "collapsed")[0][1] == (
        "It answers 'a' to all 12 test examples; every label is right for 0.333 of them."
    )
    none = Facts(test=classification_metrics(same * 0.1, targets, ["a", "b", "c"], multi_label=True))
    assert found(none, "collapsed")[0][1].startswith("It answers no label at all to all 12 test examples")
    varied = Facts(test=classification_metrics(np.where(targets, 0.9, 0.1), targets, ["a", "b", "c"], multi_label=True))
    assert not found(varied, "collapsed")


def test_a_class_that_is_never_answered_and_one_that_is_never_tested():
    targets = np.array([0, 1, 2] * 100)
    facts = facts_of(np.where(targets == 2, 1, targets), targets, labels=["a", "b", "c", "d"])
    assert found(facts, "never answered") == [
        (
            "warning",
            "It never answers 'c', the truth of 100 test examples.",
            'Give more examples of these classes, or weigh the classes (class_weights="balanced").',
        )
    ]
    assert found(facts, "absent class") == [
        (
            "warning",
            "The test split has no example of 'd': how well these are told is not known.",
            "Test on data that has every class.",
        )
    ]


GOOD = facts_of(right_on(TARGETS, 0.92), TARGETS)


def good_with(**known):
    return Facts(test=GOOD.test, **known)


@pytest.mark.parametrize(
    ("train", "validation", "schedule", "expected"),
    [
        ([0.7, 0.6, 0.5, 0.4], [0.7, 0.62, 0.54, 0.46], "constant", True),
        ([0.7, 0.6, 0.5, 0.4], None, "constant", True),
        ([0.7, 0.6, 0.5, 0.4], [0.7, 0.50, 0.45, 0.46], "constant", False),  # validation has turned
        ([0.7, 0.4, 0.3, 0.29], [0.7, 0.5, 0.4, 0.39], "constant", False),  # both have bent
        ([0.7, 0.5, 0.4, 0.35], [0.7, 0.5, 0.4, 0.36], "constant", False),
        ([0.7, 0.5, 0.4, 0.35], [0.7, 0.5, 0.4, 0.36], "one-cycle", True),  # much, for a rate near zero
        ([0.7], [0.7], "constant", False),
    ],
)
def test_undertrained_is_a_curve_that_has_not_bent(train, validation, schedule, expected):
    facts = good_with(history=history(train, validation), schedule=schedule)
    assert bool(found(facts, "undertrained")) is expected


def test_undertrained_says_what_fell_and_what_to_do_after_one_cycle():
    facts = good_with(history=history([0.7, 0.6, 0.5], [0.7, 0.65, 0.6]), schedule="one-cycle")
    assert found(facts, "undertrained") == [
        (
            "warning",
            "The training and validation losses were still falling when training ended (from 0.7000 to 0.5000 in 3 epochs, "
            "by 0.2000; validation from 0.7000 to 0.6000).",
            "Train for more epochs: 6 or more. The one-cycle rate has come down to zero, so start anew rather than resume.",
        )
    ]
    assert judge(facts).headline.endswith("; it was still improving when training ended.")
    stopped = good_with(history=history([0.7, 0.6, 0.5]), stopped_early=True)
    assert not found(stopped, "undertrained")


def test_learnt_nothing_is_a_training_loss_that_stays_with_guessing():
    weak = facts_of(right_on(TARGETS, 0.51), TARGETS).test
    flat = Facts(test=weak, train_counts=[500, 500], history=history([0.694, 0.693, 0.693]))
    assert found(flat, "learnt nothing")[0][1] == (
        "It has learnt nothing: after 3 epochs the training loss is 0.6930, and guessing by the class shares costs 0.6931 "
        "(for equal shares it is ln 2 = 0.6931)."
    )
    assert judge(flat).headline.startswith(
        "It has learnt nothing: its training loss is that of guessing, accuracy 0.510"
    )
    assert not found(good_with(train_counts=[500, 500], history=history([0.693])), "learnt nothing")
    skewed = {"test": weak, "history": history([0.5])}
    assert found(Facts(train_counts=[800, 200], **skewed), "learnt nothing")
    assert not found(Facts(train_counts=[800, 200], class_weights=True, **skewed), "learnt nothing")
    assert not found(Facts(**skewed), "learnt nothing")


def test_overfitting_seen_on_validation_says_which_weights_were_kept():
    rows = history([0.6, 0.4, 0.2, 0.1], [0.6, 0.35, 0.40, 0.55])
    assert found(good_with(history=rows, best_epoch=2), "overfitted") == [
        (
            "note",
            "After epoch 2 the validation loss rose from 0.350 to 0.550 (epoch 4) while the training loss went on falling "
            "from 0.400 to 0.100. The weights of epoch 2, the best on validation, were kept.",
            "Fewer epochs would do: 2, or a higher dropout.",
        )
    ]
    [(level, sentence, advice)] = found(good_with(history=rows), "overfitted")
    assert level == "warning"
    assert sentence.endswith("from 0.400 to 0.100.")
    assert advice == "More data, more dropout or a smaller model, and fewer epochs."
    assert not found(good_with(history=history([0.6, 0.4, 0.2], [0.6, 0.35, 0.36])), "overfitted")
    assert not found(good_with(history=history([0.6, 0.4, 0.5], [0.6, 0.35, 0.60])), "overfitted")


def test_overfitting_seen_on_the_test_split():
    by_heart = classification_metrics(certain(TARGETS), TARGETS, PAIR)
    weak = facts_of(right_on(TARGETS, 0.76), TARGETS).test
    expected = "It knows its training split better than new examples: accuracy 1.000 there, 0.760 on the test split."
    facts = Facts(test=weak, train=by_heart)
    assert [(level, sentence) for level, sentence, _ in found(facts, "overfitted")] == [("warning", expected)]
    assert judge(facts).headline.endswith("; it overfits.")
    rows = [{**row, "train_accuracy": accuracy} for row, accuracy in zip(history([0.5, 0.1]), [0.8, 1.0], strict=True)]
    assert found(Facts(test=weak, history=rows), "overfitted")[0][1] == expected
    assert not found(Facts(test=weak, history=rows, best_epoch=1), "overfitted")
    assert not found(Facts(test=GOOD.test, train=by_heart), "overfitted")


def test_duplicates_across_files_are_bad_from_one_in_a_hundred_on():
    assert found(good_with(duplicates=1), "leaking") == [
        (
            "warning",
            "1 row of the 2,000 held out also stands in another of the given files: the model has seen what it is tested "
            "on, and its accuracy there is too high.",
            "Remove these rows from the training file, or give one file and let it be split: the same text then never "
            "stands on both sides.",
        )
    ]
    leaking = judge(good_with(duplicates=20))
    assert (leaking.findings[0].level, leaking.findings[0].kind) == ("bad", "leaking")
    assert leaking.findings[0].sentence.startswith("20 rows of the 2,000 held out also stand in another")
    assert leaking.headline.endswith("; it has seen part of its test examples in training.")


def test_imbalance_points_to_macro_f1():
    targets = np.array([0] * 1900 + [1] * 100)
    answers = np.where(np.arange(2000) < 1980, 0, 1)
    [(level, sentence, advice)] = found(facts_of(answers, targets, train_counts=[9500, 500]), "imbalance")
    assert level == "warning"
    assert sentence == (
        "The classes are unequal: 'neg' is 95.0 % of the training split, 'pos' 5.0 %. The accuracy is 0.960, the macro F1 "
        "0.656."
    )
    assert advice == 'Look at the macro F1 rather than the accuracy, and weigh the classes (class_weights="balanced").'
    [(level, _, advice)] = found(good_with(train_counts=[750, 250], class_weights=True), "imbalance")
    assert (level, advice) == ("note", "Look at the macro F1 rather than the accuracy.")
    assert not found(good_with(train_counts=[740, 260]), "imbalance")


def test_a_small_test_split_is_named():
    few = np.array([0, 1] * 50)
    assert found(facts_of(right_on(few, 0.9), few), "small test")[0][1] == (
        "100 test examples cannot say much: the accuracy lies between 0.826 and 0.945 (95 % interval)."
    )
    assert not found(GOOD, "small test")


def test_confidence_that_means_nothing_is_named_on_enough_examples():
    sure = np.eye(2)[right_on(TARGETS, 0.85)]
    facts = Facts(test=classification_metrics(sure, TARGETS, PAIR))
    assert found(facts, "calibration") == [
        (
            "note",
            "It is too sure of itself: its mean confidence is 1.000, and 0.850 of its answers are right (expected "
            "calibration error 0.150).",
            "Rank by its probabilities, but do not read them as chances; fewer epochs or more dropout make it less sure.",
        )
    ]
    shy = Facts(test=classification_metrics(0.2 + 0.6 * sure, TARGETS, PAIR))
    assert not found(shy, "calibration")
    shyer = Facts(test=classification_metrics(0.4 + 0.2 * sure, TARGETS, PAIR))
    assert found(shyer, "calibration")[0][1].startswith("It is not sure enough of itself: its mean confidence is 0.600")
    assert not found(Facts(test=classification_metrics(sure[:400], TARGETS[:400], PAIR)), "calibration")


def test_what_was_not_read_is_named():
    facts = good_with(unknown_share=0.125, truncated_share=0.3, empty_texts=2)
    assert found(facts, "unknown tokens")[0][:2] == (
        "warning",
        "The vocabulary does not know 12.5 % of the test split's tokens: the model cannot read them.",
    )
    assert found(facts, "truncated")[0][:2] == (
        "note",
        "30.0 % of all tokens were cut off by max_tokens and never read.",
    )
    assert found(facts, "empty texts")[0][:2] == ("note", "2 texts are empty; all empty texts get the same answer.")
    assert found(good_with(empty_texts=21), "empty texts")[0][0] == "warning"
    assert found(good_with(empty_texts=1), "empty texts")[0][1].startswith("1 text is empty;")
    assert judge(good_with(unknown_share=0.1, truncated_share=0.05)).findings == ()


def test_the_worst_comes_first_and_json_holds_it_all():
    opponents = {MAJORITY: np.zeros(2000, int), TFIDF: right_on(TARGETS, 0.95)}
    facts = facts_of(right_on(TARGETS, 0.9), TARGETS, opponents, truncated_share=0.5, duplicates=1)
    verdict = judge(facts)
    assert [each.level for each in verdict.findings] == ["bad", "warning", "note", "good"]
    assert json.loads(json.dumps(verdict.to_dict())) == verdict.to_dict()
    assert verdict.to_dict()["findings"][0]["advice"].startswith("Ship the baseline")


def test_facts_that_do_not_fit_each_other_are_refused():
    with pytest.raises(DataError) as caught:
        good_with(train_counts=[1, 2, 3])
    assert str(caught.value) == (
        "train_counts must hold one number per label, 2 of them; got 3.\n\n"
        "hint: Count the classes that a split does not have as 0."
    )
    with pytest.raises(DataError) as caught:
        good_with(comparisons={TFIDF: paired_comparison(certain(TARGETS), certain(TARGETS), TARGETS)})
    assert str(caught.value) == (
        "Each comparison needs the metrics of its baseline; there are none of 'TF-IDF + logistic regression'.\n\n"
        "hint: Use the same names in baselines and comparisons."
    )
