import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluation.told import against, history, metrics_of, several, the_well_known_run

from longshort.evaluation import MAJORITY, TFIDF, Facts, judge, paired_counts

FAIR, GOOD = metrics_of([[440, 60], [60, 440]], confidence=0.9), metrics_of([[460, 40], [45, 455]], confidence=0.9)
ALL_NEG = metrics_of([[500, 0], [500, 0]])
ORDER = ["bad", "warning", "note", "good"]


def test_the_well_known_run_is_told_as_it_is():
    verdict = judge(the_well_known_run())
    assert verdict.text() == (
        "It has learnt nothing of use: it gives the same answer to everything, accuracy 0.430 (95 % interval 0.363 to "
        "0.499) on 200 test examples.\n"
        "\n"
        "[bad] It answers '1' to all 200 test examples, which is right for 0.430 of them; always answering '0' would "
        "be right for 0.570.\n"
        "    try: It does not use its input. Train longer or with a higher learning rate, and check that inputs and "
        "labels belong together.\n"
        "\n"
        "[bad] It has learnt nothing: after 6 epochs the training loss is 0.6939, and guessing by the class shares "
        "costs 0.6916 (for equal shares it is ln 2 = 0.6931).\n"
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
    assert [each.kind for each in verdict.findings] == [
        "collapsed",
        "learnt nothing",
        "baseline",
        "undertrained",
        "small test",
    ]


def two_baselines(only_ours, only_theirs, *, test, theirs):
    """The majority class is beaten; TF-IDF may not be."""
    return Facts(
        test=test,
        baselines={MAJORITY: ALL_NEG, TFIDF: theirs},
        comparisons={
            MAJORITY: paired_counts(only_ours=450, only_theirs=40, examples=1_000),
            TFIDF: paired_counts(only_ours=only_ours, only_theirs=only_theirs, examples=1_000),
        },
    )


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        (
            two_baselines(60, 25, test=GOOD, theirs=FAIR),
            "0.915 (95 % interval 0.896 to 0.931) on 1,000 test examples: "
            "better than majority class and TF-IDF + logistic regression.",
        ),
        (
            two_baselines(25, 60, test=FAIR, theirs=GOOD),
            "0.880 (95 % interval 0.858 to 0.899) on 1,000 test examples: "
            "worse than TF-IDF + logistic regression (0.915), so ship the baseline.",
        ),
        (
            two_baselines(40, 45, test=FAIR, theirs=FAIR),
            "0.880 (95 % interval 0.858 to 0.899) on 1,000 test examples: "
            "not distinguishable from TF-IDF + logistic regression (0.880).",
        ),
        (
            Facts(test=GOOD),
            "0.915 (95 % interval 0.896 to 0.931) on 1,000 test examples: there is no baseline to compare it with.",
        ),
        (
            against(110, 148, test=metrics_of([[330, 170], [368, 132]]), theirs=ALL_NEG, name=MAJORITY),
            "0.462 (95 % interval 0.431 to 0.493) on 1,000 test examples: worse than majority class (0.500).",
        ),
    ],
    ids=["better", "worse", "undecided", "alone", "worse than the majority"],
)
def test_the_headline_says_where_it_stands(facts, standing):
    assert judge(facts).headline == f"Accuracy {standing}"


@pytest.mark.parametrize(
    ("better", "standing"),
    [
        (
            40,
            "not distinguishable from majority class (0.500), and not distinguishable from TF-IDF + logistic regression",
        ),
        (
            148,
            "not distinguishable from majority class (0.500), and worse than TF-IDF + logistic regression (0.915), so ",
        ),
    ],
)
def test_the_headline_never_hides_that_the_majority_is_not_beaten(better, standing):
    facts = Facts(
        test=metrics_of([[280, 220], [240, 260]]),
        baselines={MAJORITY: ALL_NEG, TFIDF: GOOD},
        comparisons={
            MAJORITY: paired_counts(only_ours=260, only_theirs=220, examples=1_000),
            TFIDF: paired_counts(only_ours=40, only_theirs=better, examples=1_000),
        },
    )
    assert f": {standing}" in judge(facts).headline


def test_where_all_examples_are_of_one_class_the_majority_is_no_baseline():
    found = judge(
        Facts(
            test=metrics_of([[590, 10], [0, 0]]),
            baselines={MAJORITY: metrics_of([[600, 0], [0, 0]])},
            comparisons={MAJORITY: paired_counts(only_ours=0, only_theirs=10, examples=600)},
        )
    )
    assert found.headline.endswith("on 600 test examples: there is no baseline to compare it with.")
    assert "baseline" not in [each.kind for each in found.findings]


def test_the_headline_names_what_the_accuracy_hides():
    facts = Facts(
        test=GOOD,
        duplicates={"test": 123},
        history=history([0.5, 0.3, 0.1, 0.05], [0.4, 0.3, 0.4, 0.5], train_accuracy=1.0),
        best_epoch=4,
    )
    assert judge(facts).headline == (
        "Accuracy 0.915 (95 % interval 0.896 to 0.931) on 1,000 test examples: there is no baseline to compare it "
        "with; it has seen part of its test examples in training; it overfits."
    )
    facts = Facts(test=GOOD, history=history([0.6, 0.5, 0.4], [0.6, 0.5, 0.4]))
    assert judge(facts).headline.endswith("to compare it with; it was still improving when training ended.")


def test_a_loss_like_guessing_comes_before_all_standings():
    test = metrics_of([[270, 230], [250, 250]], confidence=0.51)
    facts = Facts(test=test, train_counts=[800, 800], history=history([0.6935, 0.6931, 0.6932]))
    assert judge(facts).headline == (
        "It has learnt nothing: its training loss is that of guessing, accuracy 0.520 (95 % interval 0.489 to 0.551) "
        "on 1,000 test examples."
    )


def test_a_good_model_has_nothing_to_mend():
    facts = two_baselines(60, 25, test=GOOD, theirs=FAIR)
    course = history([0.6, 0.3, 0.25, 0.24], [0.5, 0.3, 0.26, 0.262], train_accuracy=0.95)
    facts = Facts(
        test=facts.test, baselines=facts.baselines, comparisons=facts.comparisons, history=course, best_epoch=3,
        train_counts=[4_000, 4_000], duplicates={"test": 0}, unknown_share=0.02, truncated_share=0.0,
    )  # fmt: skip
    verdict = judge(facts)
    assert {each.level for each in verdict.findings} == {"good"}
    assert [each.sentence.split(":")[0] for each in verdict.findings] == [
        "It is better than TF-IDF + logistic regression",
        "It is better than majority class",
    ]


def test_a_verdict_is_plain_data():
    verdict = judge(the_well_known_run())
    plain = verdict.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["headline"] == verdict.headline
    assert plain["findings"][3] == {
        "kind": "undertrained",
        "level": "warning",
        "sentence": "The training loss was still falling when training ended (from 0.6975 to 0.6939 in 6 epochs, by "
        "0.0036).",
        "advice": "Train for more epochs: 12 or more.",
    }


def test_several_labels_are_judged_too():
    facts = Facts(
        test=several([[1, 0], [0, 1]] * 100, [[1, 0], [1, 1]] * 100, ["a", "b"]), train_counts=[500, 20], history=[]
    )
    assert judge(facts).headline == (
        "Accuracy 0.500 (95 % interval 0.431 to 0.569) on 200 test examples: there is no baseline to compare it with."
    )


CELLS = st.lists(st.integers(0, 300), min_size=9, max_size=9).filter(lambda cells: sum(cells) > 0)
LOSSES = st.lists(st.floats(0.001, 3), max_size=6)


@settings(max_examples=40)
@given(CELLS, st.lists(st.integers(0, 900), min_size=3, max_size=3), LOSSES, LOSSES, st.booleans(), st.data())
def test_whatever_is_known_the_worst_comes_first(cells, counts, train, validation, weighed, data):
    test = metrics_of([cells[0:3], cells[3:6], cells[6:9]], ["a", "b", "c"])
    majority = metrics_of([[sum(cells[i : i + 3]), 0, 0] for i in (0, 3, 6)], ["a", "b", "c"])
    right = round(test.accuracy * test.examples)
    facts = Facts(
        test=test,
        judged_on=data.draw(st.sampled_from(["validation", "test"])),
        train_counts=counts,
        baselines={MAJORITY: majority},
        comparisons={
            MAJORITY: paired_counts(only_ours=right, only_theirs=test.examples - right, examples=test.examples)
        },
        history=history(train, validation),
        best_epoch=data.draw(st.sampled_from([None, *range(1, len(train) + 1)])),
        stopped_early=weighed,
        class_weights=weighed,
        duplicates={"test": counts[0], "validation": counts[1]},
        unknown_share=data.draw(st.none() | st.floats(0, 1)),
        truncated_share=data.draw(st.none() | st.floats(0, 1)),
        empty_texts=counts[2],
    )
    verdict = judge(facts)
    levels = [ORDER.index(each.level) for each in verdict.findings]
    assert levels == sorted(levels)
    for sentence in [verdict.headline, *(each.sentence for each in verdict.findings)]:
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert "  " not in sentence
    assert all(each.advice.endswith(".") for each in verdict.findings if each.level != "good")
