import pytest
from tests.evaluation.told import finding, findings, metrics_of, several, the_well_known_run

from longshort.evaluation import Facts

NO_USE = (
    "It does not use its input. Train longer or with a higher learning rate, and check that inputs and labels belong "
    "together."
)


def test_the_well_known_run_has_collapsed():
    told = finding(the_well_known_run(), "collapsed")
    assert (told.level, told.advice) == ("bad", NO_USE)
    assert told.sentence == (
        "It answers '1' to all 200 test examples, which is right for 0.430 of them; always answering '0' would be "
        "right for 0.570."
    )


def test_the_answer_of_the_majority_is_no_merit_either():
    told = finding(Facts(test=metrics_of([[900, 0], [100, 0]], ["ham", "spam"])), "collapsed")
    assert told.sentence == (
        "It answers 'ham' to all 1,000 test examples, which is right for 0.900 of them because so many are of that "
        "class."
    )
    assert told.advice == (
        "It does not use its input. Train longer or with a higher learning rate, weigh the classes "
        '(class_weights="balanced"), and check that inputs and labels belong together.'
    )


def test_weights_are_not_advised_where_they_are_set():
    facts = Facts(test=metrics_of([[900, 0], [100, 0]]), train_counts=[9_000, 1_000], class_weights=True)
    assert finding(facts, "collapsed").advice == NO_USE


def test_nearly_all_is_collapsed_too():
    told = finding(Facts(test=metrics_of([[498, 2], [496, 4]])), "collapsed")
    assert told.sentence.startswith("It answers 'neg' to 99.4 % of the 1,000 test examples, which is right for 0.502 ")


@pytest.mark.parametrize(
    "confusion",
    [[[985, 5], [5, 5]], [[480, 20], [490, 10]], [[1_000, 0], [0, 0]]],
    ids=["the rare ones are found", "answers differ", "there is only one class"],
)
def test_not_collapsed(confusion):
    assert findings(Facts(test=metrics_of(confusion)), "collapsed") == []


def test_the_same_labels_for_everything():
    targets = [[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]] * 5
    none = finding(Facts(test=several(targets, [[0, 0, 0]] * 20, ["a", "b", "c"])), "collapsed")
    assert (
        none.sentence == "It answers no label at all to all 20 test examples; every label is right for 0.250 of them."
    )
    two = finding(Facts(test=several(targets, [[1, 1, 0]] * 20, ["a", "b", "c"])), "collapsed")
    assert two.sentence == "It answers 'a' and 'b' to all 20 test examples; every label is right for 0.250 of them."
    assert two.advice == NO_USE
    assert findings(Facts(test=several(targets, targets, ["a", "b", "c"])), "collapsed") == []


def test_a_class_that_is_never_the_answer():
    facts = Facts(test=metrics_of([[50, 0, 5], [20, 0, 4], [6, 0, 60]], ["a", "b", "c"]))
    told = finding(facts, "never answered")
    assert (told.level, told.sentence) == ("warning", "It never answers 'b', the truth of 24 test examples.")
    assert told.advice == 'Give more examples of these classes, or weigh the classes (class_weights="balanced").'


def test_a_handful_of_examples_may_be_missed_by_chance():
    facts = Facts(test=metrics_of([[50, 0, 5], [2, 0, 2], [6, 0, 60]], ["a", "b", "c"]))
    assert findings(facts, "never answered") == []


def test_what_has_collapsed_is_not_told_twice():
    assert findings(the_well_known_run(), "never answered") == []


def test_a_class_without_a_test_example():
    told = finding(Facts(test=metrics_of([[50, 5, 0], [5, 40, 0], [0, 0, 0]], ["a", "b", "c"])), "absent class")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        "The test split has no example of 'c': their accuracy is not known.",
        "Test on data that has every class.",
    )
    assert findings(Facts(test=metrics_of([[50, 5], [5, 40]])), "absent class") == []


def test_a_small_test_split():
    told = finding(Facts(test=metrics_of([[18, 2], [3, 17]])), "small test")
    assert (told.level, told.sentence, told.advice) == (
        "note",
        "40 test examples cannot say much: the accuracy lies between 0.739 and 0.945 (95 % interval).",
        "Test on more examples: four times as many halve the interval.",
    )
    assert findings(Facts(test=metrics_of([[180, 20], [30, 170]])), "small test") == []


def test_too_sure():
    told = finding(Facts(test=metrics_of([[420, 80], [80, 420]], confidence=0.97)), "calibration")
    assert told.level == "note"
    assert told.sentence == (
        "It is too sure of itself: its mean confidence is 0.970, and 0.840 of its answers are right (expected "
        "calibration error 0.130)."
    )
    assert told.advice == (
        "Rank by its probabilities, but do not read them as chances; fewer epochs or more dropout make it less sure."
    )


def test_not_sure_enough():
    told = finding(Facts(test=metrics_of([[490, 10], [10, 490]], confidence=0.8)), "calibration")
    assert told.sentence == (
        "It is not sure enough of itself: its mean confidence is 0.800, and 0.980 of its answers are right (expected "
        "calibration error 0.180)."
    )
    assert told.advice == "Rank by its probabilities, but do not read them as chances."


@pytest.mark.parametrize(
    ("confusion", "confidence"),
    [([[420, 80], [80, 420]], 0.86), ([[200, 49], [50, 200]], 0.97)],
    ids=["as sure as it is right", "too few examples to tell"],
)
def test_calibration_that_is_not_blamed(confusion, confidence):
    assert findings(Facts(test=metrics_of(confusion, confidence=confidence)), "calibration") == []
