import pytest
from tests.evaluation.recorded import course, dynamics, moment
from tests.evaluation.told import finding, findings, history, metrics_of, the_well_known_run

from longshort.evaluation import Facts

TEST = metrics_of([[460, 40], [45, 455]])
CHANCE = metrics_of([[270, 230], [250, 250]])
FALLING = [0.69, 0.65, 0.61]


def with_dynamics(facts, *epochs):
    rows = [row | {"dynamics": each} for row, each in zip(facts.history, epochs, strict=True)]
    return Facts(**{**vars(facts), "history": rows})


def test_the_well_known_run_had_no_time_to_learn():
    steps = [dynamics(moved=0.009 * epoch, steps=1, learning_rate=0.001) for epoch in range(1, 7)]
    told = finding(with_dynamics(the_well_known_run(), *steps), "barely moved")
    assert (told.level, told.sentence, told.advice) == (
        "bad",
        "6 updates at a learning rate of 0.001 moved the weights by 5.4 % of their norm while the loss was still "
        "falling: it had no time to learn.",
        "Give it more updates (more epochs, or smaller batches) or a higher learning rate, until the weights have moved "
        "by a fifth of their norm or more.",
    )


def test_a_model_of_use_that_barely_moved_is_a_warning():
    told = finding(
        Facts(test=TEST, history=course(*[dynamics(moved=0.05)] * 3, losses=FALLING), schedule="one-cycle"),
        "barely moved",
    )
    assert told.level == "warning"
    assert told.sentence.startswith("300 updates at learning rates of at most 0.003 moved the weights by 5 % ")


def test_steps_too_small_to_learn_from():
    facts = Facts(
        test=CHANCE,
        train_counts=[500, 500],
        history=course(dynamics(moved=0.000112), losses=[0.6931]),
        schedule="constant",
    )
    assert finding(facts, "barely moved").sentence == (
        "100 updates at a learning rate of 0.003 moved the weights by 0.011 % of their norm: too little to learn from."
    )


@pytest.mark.parametrize(
    ("epochs", "losses"),
    [
        ([dynamics(moved=0.05)] * 3, [0.5, 0.1, 0.1]),
        ([dynamics(moved=0.05, groups={"linear": 0.1})] * 3, FALLING),
        ([dynamics(moved=0.05), dynamics(moved=0.1), dynamics(moved=0.2)], FALLING),
        ([dynamics(moved=None)] * 3, FALLING),
    ],
    ids=["it learnt all the same", "one layer moved", "it moved at last", "nothing to compare with"],
)
def test_not_barely_moved(epochs, losses):
    assert findings(Facts(test=TEST, history=course(*epochs, losses=losses)), "barely moved") == []


def test_where_the_whole_has_no_first_norm_the_layer_that_moved_most_is_told():
    epoch = dynamics(moved=None, groups={"linear": 0.02})
    told = finding(Facts(test=TEST, history=course(*[epoch] * 3, losses=FALLING)), "barely moved")
    assert " moved the weights by 2 % of their norm" in told.sentence


def test_weights_that_did_not_move():
    layers = {"embedding": (0.5, 0.0, 1.0), "lstm.l0": (0.5, 0.001, 1.0)}
    epoch = dynamics(moment(layers=layers), groups={"embedding": 0.0})
    told = finding(Facts(test=TEST, history=course(epoch)), "unmoved")
    assert (told.level, told.sentence, told.advice) == (
        "note",
        "The weights of 'embedding' did not move at all in 100 updates, though a gradient reached them.",
        "If that is not meant, set embedding_rate above 0.",
    )


def test_weights_that_no_gradient_reaches():
    layers = {"lstm.l0": (0.5, 0.001, 1.0), "linear": (0.0, 0.0, 1.0)}
    epoch = dynamics(moment(layers=layers), groups={"linear": 0.0})
    told = finding(Facts(test=TEST, history=course(epoch, epoch)), "unmoved")
    assert (told.sentence, told.advice) == (
        "The weights of 'linear' did not move at all in 200 updates: no gradient reached them.",
        "See whether the network uses them.",
    )


def test_weights_of_which_none_moved_are_another_matter():
    assert findings(Facts(test=TEST, history=course(dynamics(moved=0.0))), "unmoved") == []


@pytest.mark.parametrize(("update", "words"), [(0.2, "by 20 % of their norm"), (7.6, "by 7.6 times their norm")])
def test_updates_that_were_too_large(update, words):
    layers = {"lstm.l0": (1.0, update, 1.0), "lstm.l0_reverse": (1.0, 0.01, 1.0), "linear": (1.0, 30.0, 1.0)}
    told = finding(Facts(test=TEST, history=course(dynamics(moment(1_200, layers)))), "overshot")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        f"Its updates were too large: update 1,200 changed the weights of layer 0 forward {words}, where a thousandth "
        "is usual.",
        "A tenth of the learning rate, or less.",
    )


def test_the_last_layer_may_start_small_and_move_far():
    layers = {"lstm.l0": (1.0, 0.09, 1.0), "linear": (1.0, 30.0, 1.0), "lstm.l1": (1.0, 1.0, 0.0)}
    assert findings(Facts(test=TEST, history=course(dynamics(moment(1, layers)))), "overshot") == []


@pytest.mark.parametrize("kind", ["barely moved", "unmoved", "overshot"])
def test_what_was_not_recorded_says_nothing(kind):
    assert findings(Facts(test=CHANCE, train_counts=[500, 500], history=history([0.6931])), kind) == []
