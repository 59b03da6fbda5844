import pytest
from tests.evaluation.told import finding, findings, history, metrics_of, several, the_well_known_run

from longshort.evaluation import Facts

TEST = metrics_of([[460, 40], [45, 455]])
CHANCE = metrics_of([[270, 230], [250, 250]])
FEWER = "More data, more dropout or a smaller model, and fewer epochs."


def test_the_well_known_run_has_learnt_nothing():
    told = finding(the_well_known_run(), "learnt nothing")
    assert told.level == "bad"
    assert told.sentence == (
        "It has learnt nothing: after 6 epochs the training loss is 0.6939, and guessing by the class shares costs "
        "0.6916 (for equal shares it is ln 2 = 0.6931)."
    )
    assert told.advice == (
        "Train for many more epochs or with a higher learning rate; if the loss stays, check that inputs and labels "
        "belong together."
    )


def test_guessing_costs_what_the_class_shares_say():
    """-0.9 ln 0.9 - 0.1 ln 0.1 = 0.3251: a loss of 0.33 is far below ln 2, and nothing all the same."""
    facts = Facts(test=CHANCE, train_counts=[900, 100], history=history([0.33]))
    assert "after 1 epoch the training loss is 0.3300, and guessing by the class shares costs 0.3251 " in (
        finding(facts, "learnt nothing").sentence
    )
    weighed = Facts(test=CHANCE, train_counts=[900, 100], history=history([0.33]), class_weights=True)
    assert findings(weighed, "learnt nothing") == []


@pytest.mark.parametrize(
    "facts",
    [
        Facts(test=CHANCE, train_counts=[500, 500], history=history([0.69, 0.6])),
        Facts(test=TEST, train_counts=[500, 500], history=history([0.695, 0.69])),
        Facts(test=CHANCE, history=history([0.7, 0.7])),
        Facts(test=CHANCE, train_counts=[500, 500]),
        Facts(test=several([[1, 0]], [[1, 0]], ["a", "b"]), train_counts=[9, 9], history=history([0.7])),
    ],
    ids=["the loss fell", "the test split shows otherwise", "shares unknown", "no history", "several labels"],
)
def test_not_nothing(facts):
    assert findings(facts, "learnt nothing") == []


def test_the_well_known_run_was_still_falling():
    told = finding(the_well_known_run(), "undertrained")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        "The training loss was still falling when training ended (from 0.6975 to 0.6939 in 6 epochs, by 0.0036).",
        "Train for more epochs: 12 or more.",
    )


def test_both_losses_still_fell_at_the_end_of_one_cycle():
    course = history([0.69, 0.60, 0.50, 0.46], [0.68, 0.58, 0.50, 0.47])
    told = finding(Facts(test=TEST, history=course, schedule="one-cycle"), "undertrained")
    assert told.sentence == (
        "The training and validation losses were still falling when training ended (from 0.6900 to 0.4600 in 4 "
        "epochs, by 0.2300; validation from 0.6800 to 0.4700)."
    )
    assert told.advice == (
        "Train for more epochs: 8 or more. The one-cycle rate has reached zero, so start a new run rather than resume."
    )


@pytest.mark.parametrize(
    ("train", "validation", "more"),
    [
        ([0.6, 0.4, 0.3, 0.29], [], {}),
        ([0.6, 0.5, 0.4], [0.6, 0.5, 0.51], {}),
        ([0.6, 0.5, 0.4], [0.6, 0.5, 0.4], {"stopped_early": True}),
        ([0.6, 0.61, 0.62], [], {}),
        ([0.6], [0.6], {}),
        ([], [], {}),
        ([0.69, 0.60, 0.50, 0.49], [], {"schedule": "one-cycle"}),
        ([0.69, 0.60, 0.50, 0.47], [], {"schedule": "constant"}),
        ([0.7, 0.3, 0.6, 0.5], [], {}),
    ],
    ids=[
        "bent",
        "validation rose",
        "stopped early",
        "rose",
        "one epoch",
        "none",
        "bent one-cycle",
        "bent constant",
        "above its best",
    ],
)
def test_not_still_falling(train, validation, more):
    assert findings(Facts(test=TEST, history=history(train, validation), **more), "undertrained") == []


def test_a_rate_near_zero_bends_every_curve():
    """The course that counts as bent at a constant rate is still falling where one-cycle slowed it down."""
    facts = Facts(test=TEST, history=history([0.69, 0.60, 0.50, 0.47]), schedule="one-cycle")
    assert finding(facts, "undertrained").level == "warning"


def test_overfitted_and_kept():
    """The last weights are the model: the rise has reached it."""
    course = history([0.5, 0.3, 0.1, 0.05], [0.4, 0.3, 0.4, 0.5])
    told = finding(Facts(test=TEST, history=course, best_epoch=4), "overfitted")
    assert (told.level, told.advice) == ("warning", FEWER)
    assert told.sentence == (
        "After epoch 2 the validation loss rose from 0.300 to 0.500 (epoch 4) while the training loss kept falling "
        "from 0.300 to 0.050."
    )


def test_a_rise_of_more_than_one_in_twenty_is_no_chance():
    facts = Facts(test=TEST, history=history([0.5, 0.3, 0.2], [0.4, 0.300, 0.318]))
    assert finding(facts, "overfitted").sentence.startswith(
        "After epoch 2 the validation loss rose from 0.300 to 0.318 (epoch 3)"
    )


def test_overfitted_and_restored():
    course = history([0.5, 0.3, 0.1, 0.05], [0.4, 0.3, 0.4, 0.5])
    told = finding(Facts(test=TEST, history=course, best_epoch=2, stopped_early=True), "overfitted")
    assert told.level == "note"
    assert told.sentence.endswith(
        "kept falling from 0.300 to 0.050. The weights of epoch 2, the best on validation, were kept."
    )
    assert told.advice == "Fewer epochs would do: 2, or a higher dropout."


def test_a_training_split_learnt_by_heart():
    facts = Facts(test=metrics_of([[380, 120], [120, 380]]), train=metrics_of([[499, 1], [1, 499]]))
    told = finding(facts, "overfitted")
    assert (told.level, told.advice) == ("warning", FEWER)
    assert told.sentence == (
        "It knows its training split better than new examples: accuracy 0.998 there, 0.760 on the test split."
    )


def test_restored_and_by_heart_all_the_same():
    course = history([0.5, 0.3, 0.1, 0.05], [0.4, 0.3, 0.4, 0.5])
    facts = Facts(test=metrics_of([[380, 120], [120, 380]]), train=TEST, history=course, best_epoch=2)
    told = finding(facts, "overfitted")
    assert told.level == "warning"
    assert told.sentence == (
        "After epoch 2 the validation loss rose from 0.300 to 0.500 (epoch 4) while the training loss kept falling "
        "from 0.300 to 0.050. It knows its training split better than new examples: accuracy 0.915 there, 0.760 on the "
        "test split. The weights of epoch 2, the best on validation, were kept."
    )


def test_the_training_accuracy_is_that_of_the_epoch_that_was_kept():
    course = history([0.5, 0.3], [0.4, 0.39])
    course[0]["train_accuracy"], course[1]["train_accuracy"] = 0.93, 1.0
    low = metrics_of([[440, 60], [60, 440]])
    assert findings(Facts(test=low, history=course, best_epoch=1), "overfitted") == []
    assert len(findings(Facts(test=low, history=course, best_epoch=2), "overfitted")) == 1
    assert len(findings(Facts(test=low, history=course), "overfitted")) == 1


@pytest.mark.parametrize(
    ("train", "validation", "accuracy"),
    [
        ([0.5, 0.3, 0.2], [0.4, 0.3, 0.31], 0.95),
        ([0.5, 0.3, 0.4], [0.4, 0.3, 0.5], 0.95),
        ([0.5, 0.1], [], None),
        ([], [], None),
    ],
    ids=["within chance", "training rose too", "not measured", "no history"],
)
def test_not_overfitted(train, validation, accuracy):
    assert findings(Facts(test=TEST, history=history(train, validation, accuracy)), "overfitted") == []


def test_a_small_test_split_cannot_show_a_gap():
    small = metrics_of([[8, 2], [2, 8]])
    assert findings(Facts(test=small, train=TEST), "overfitted") == []
