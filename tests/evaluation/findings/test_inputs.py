import pytest
from tests.evaluation.told import finding, findings, metrics_of, several

from longshort.evaluation import Facts
from longshort.evaluation.findings.inputs import unequal

TEST = metrics_of([[460, 40], [45, 455]])
REMOVE = (
    "Remove these rows from the training file, or give one file and let it be split: the same text then never stands "
    "on both sides."
)


@pytest.mark.parametrize(("rows", "level"), [(123, "bad"), (10, "bad"), (9, "warning")])
def test_rows_of_the_test_file_that_were_trained_on(rows, level):
    """However large the splits are that are not tested on, 10 of 1,000 test rows are one in a hundred."""
    leak = finding(Facts(test=TEST, validation_counts=[5_000, 5_000], duplicates={"test": rows}), "leaking")
    assert (leak.level, leak.advice) == (level, REMOVE)
    assert leak.sentence == (
        f"{rows} rows of the given test file also stand in the training file: the model has seen part of what it is "
        "tested on, and its accuracy there is too high."
    )


def test_rows_of_the_validation_file_flatter_the_choice_of_the_epoch():
    leak = finding(Facts(test=TEST, duplicates={"validation": 1, "test": 0}), "leaking")
    assert (leak.level, leak.advice) == ("warning", REMOVE)
    assert leak.sentence == (
        "1 row of the given validation file also stands in the training file: the best epoch was chosen with the help "
        "of examples that the model has seen."
    )


def test_copies_among_the_test_examples_are_told():
    assert findings(Facts(test=TEST), "repeated") == findings(Facts(test=TEST, different=901), "repeated") == []
    found = finding(Facts(test=TEST, different=50), "repeated")
    assert (found.level, found.advice) == ("note", "")
    assert found.sentence == (
        "50 of the 1,000 test examples are different; the others are copies of these. The intervals and the "
        "comparisons count copies as one piece of evidence."
    )


def test_the_accuracy_does_not_suffer_from_what_is_not_judged_on():
    assert finding(Facts(test=TEST, duplicates={"validation": 900}), "leaking").level == "warning"


def test_a_validation_file_that_is_judged_on_counts_as_a_test_file():
    leak = finding(Facts(test=TEST, judged_on="validation", duplicates={"validation": 10}), "leaking")
    assert leak.level == "bad"
    assert leak.sentence == (
        "10 rows of the given validation file also stand in the training file: the model has seen part of what it is "
        "tested on, and its accuracy there is too high."
    )


def test_both_files_are_told_each_by_itself():
    leaks = findings(Facts(test=TEST, duplicates={"validation": 3, "test": 2_000}), "leaking")
    assert [(each.level, each.sentence[:39]) for each in leaks] == [
        ("bad", "2,000 rows of the given test file also "),
        ("warning", "3 rows of the given validation file als"),
    ]


def test_clean_files_say_nothing():
    assert findings(Facts(test=TEST, duplicates={"validation": 0, "test": 0}), "leaking") == []


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((253, 227), False), ((74, 26), False), ((75, 25), True), ((30, 30, 3), True), ((30, 30, 4), False), ((), False)],
)
def test_classes_are_unequal_from_three_quarters_or_ten_times_the_smallest_on(counts, expected):
    assert unequal(counts) is expected
    assert unequal((*counts, 0)) is expected


def test_unequal_classes():
    rare = metrics_of([[440, 10], [30, 20]], ["ham", "spam"])
    told = finding(Facts(test=rare, train_counts=[9_000, 1_000]), "imbalance")
    assert told.level == "warning"
    assert told.sentence == (
        "The classes are unequal: 'ham' is 90.0 % of the training split, 'spam' 10.0 %. The accuracy is 0.920, the "
        "macro F1 0.728."
    )
    weigh = 'Look at the macro F1 rather than the accuracy, and weigh the classes (class_weights="balanced").'
    assert told.advice == weigh
    weighed = finding(Facts(test=rare, train_counts=[9_000, 1_000], class_weights=True), "imbalance")
    assert weighed.advice == "Look at the macro F1 rather than the accuracy."


def test_imbalance_that_has_not_reached_the_answers_is_a_note():
    assert finding(Facts(test=TEST, train_counts=[1_000, 9_000]), "imbalance").level == "note"


@pytest.mark.parametrize("counts", [(600, 400), (500, 0), ()])
def test_no_imbalance_to_speak_of(counts):
    assert findings(Facts(test=TEST, train_counts=counts), "imbalance") == []


def test_several_labels_may_each_be_rare():
    test = several([[1, 0], [0, 1]], [[1, 0], [0, 1]], ["a", "b"])
    assert findings(Facts(test=test, train_counts=[900, 10]), "imbalance") == []


def test_unknown_tokens():
    told = finding(Facts(test=TEST, unknown_share=0.253), "unknown tokens")
    assert (told.level, told.sentence) == (
        "warning",
        "The vocabulary does not know 25.3 % of the test split's tokens: the model cannot read them.",
    )
    assert told.advice == (
        'Use pieces of words (tokenizer="bpe"), a larger vocabulary_limit or a smaller minimum_count.'
    )
    assert findings(Facts(test=TEST, unknown_share=0.1), "unknown tokens") == []
    assert findings(Facts(test=TEST, unknown_share=None), "unknown tokens") == []


def test_truncation():
    told = finding(Facts(test=TEST, truncated_share=0.4), "truncated")
    assert (told.level, told.sentence) == ("note", "40.0 % of all tokens were cut off by max_tokens and never read.")
    assert told.advice == (
        "Raise max_tokens, or leave it out: nothing is padded, so a text costs no more than its length."
    )
    assert findings(Facts(test=TEST, truncated_share=0.05), "truncated") == []
    assert findings(Facts(test=TEST, truncated_share=None), "truncated") == []


def test_empty_texts():
    few = Facts(test=TEST, train_counts=[4_000, 4_000], validation_counts=[500, 500], empty_texts=1)
    told = finding(few, "empty texts")
    assert (told.level, told.sentence, told.advice) == (
        "note",
        "1 text is empty; all empty texts get the same answer.",
        "Check that the right text column was read.",
    )
    many = finding(Facts(test=TEST, empty_texts=11), "empty texts")
    assert (many.level, many.sentence[:20]) == ("warning", "11 texts are empty; ")
    assert findings(Facts(test=TEST), "empty texts") == []


def test_rows_that_are_judged_on_are_not_counted_twice():
    """Of 1,000 + 1,000 texts 21 are more than one in a hundred; of 3,000 they would not be."""
    facts = Facts(
        test=TEST, judged_on="validation", train_counts=[500, 500], validation_counts=[500, 500], empty_texts=21
    )
    assert finding(facts, "empty texts").level == "warning"


def test_being_judged_by_the_rows_that_chose_is_said():
    said = finding(Facts(test=TEST, judged_on="validation"), "judged on validation")

    assert said.level == "warning"
    assert said.sentence == (
        "There is no test split: it was judged on the validation split, which chose the best epoch, so its accuracy "
        "there is a little too high."
    )
    assert not findings(Facts(test=TEST), "judged on validation")
