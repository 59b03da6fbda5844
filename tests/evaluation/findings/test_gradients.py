import pytest
from tests.evaluation.recorded import course, dynamics, gate, moment, place
from tests.evaluation.told import finding, findings, history, metrics_of

from longshort.evaluation import Facts

TEST = metrics_of([[460, 40], [45, 455]])
EVEN = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 0.9, 0.8, 0.7, 0.6]


def facts(*epochs, **more):
    return Facts(test=TEST, history=course(*epochs, **more))


def test_a_gradient_far_beyond_what_it_is_cut_to():
    told = finding(facts(dynamics(gradient_median=797.4, clipped=0.9934), largest=48_199_148.0), "exploding gradient")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        "Its gradient exploded: in epoch 1 its norm was 797 in the median update and 48,200,000 in the largest; it was "
        "cut to 1 in 99.3 % of the updates.",
        "A smaller learning rate, and first weights that are not larger than usual.",
    )


def test_a_spike_is_an_explosion_too():
    told = finding(facts(dynamics(gradient_median=0.5, clipped=0.01), largest=10_001.0), "exploding gradient")
    assert "its norm was 0.5 in the median update and 10,000 in the largest; it was cut to 1 in 1.0 %" in told.sentence


@pytest.mark.parametrize(
    ("median", "largest", "clip"),
    [(99.0, 500.0, 1.0), (1.6, 610.0, 1.0), (0.0003, 5.6, 1.0), (800.0, 90_000.0, 1_000.0), (1.2, 9_999.0, 1.0)],
    ids=["within a hundred clips", "long texts", "hardly any gradient left", "a clip that is wide", "a spike"],
)
def test_no_explosion(median, largest, clip):
    assert findings(facts(dynamics(gradient_median=median, clip=clip), largest=largest), "exploding gradient") == []


def test_a_gradient_that_vanishes_along_the_sequence():
    reach = [0.0016, 0.0014, 0.0009, 0.0014, 0.007, 0.025, 0.07, 0.17, 0.4, 1.0]
    gates = {"lstm.l0": place(forget=gate(mean=0.51)), "lstm.l1": place()}
    told = finding(facts(dynamics(moment(gates=gates, reach=reach))), "vanishing gradient")
    assert (told.level, told.sentence) == (
        "warning",
        "The gradient vanishes along the sequence, whose third tenth gets 1,100 times less of it than its last tenth. "
        "The forget gates of layer 0 keep 0.51 of a cell at each step, on average.",
    )
    assert told.advice.startswith('Pool over all steps (pooling="mean+max"), ')


def test_both_directions_forget():
    gates = {"lstm.l0": place(forget=gate(mean=0.6)), "lstm.l0_reverse": place(forget=gate(mean=0.8))}
    reach = [1.0, 0.5, 0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 0.9]
    assert finding(facts(dynamics(moment(gates=gates, reach=reach))), "vanishing gradient").sentence == (
        "The gradient vanishes along the sequence, whose third tenth gets none of it, unlike its first tenth. "
        "The forget gates of layer 0 forward and layer 0 reverse keep 0.70 of a cell at each step, on average."
    )


@pytest.mark.parametrize("reach", [[], EVEN, [0.01, *[1.0] * 9]], ids=["unknown", "even", "a hundredth"])
def test_a_gradient_that_arrives(reach):
    assert findings(facts(dynamics(moment(reach=reach))), "vanishing gradient") == []


def test_what_counts_is_the_update_nearest_to_the_weights_that_were_kept():
    early, late = moment(100, reach=EVEN), moment(190, reach=[1e-5, *[1.0] * 9])
    course_of_two = course(dynamics(early), dynamics(late))
    for best, expected in ((1, 0), (2, 1), (None, 1), (0, 1)):
        told = findings(Facts(test=TEST, history=course_of_two, best_epoch=best), "vanishing gradient")
        assert len(told) == expected, best


def test_a_layer_that_gets_hardly_any_gradient():
    layers = {
        "embedding": (1e-9, 0.1, 1.0),
        "lstm.l0": (2e-6, 0.1, 1.0),
        "lstm.l1": (1e-2, 0.1, 1.0),
        "linear": (0.1, 0.1, 1.0),
    }
    told = finding(facts(dynamics(moment(1, layers), moment(100, layers))), "vanishing gradient")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        "Hardly any gradient reaches layer 0: in the median update it is 25,000 times smaller than that of the last "
        "layer, or less.",
        "Fewer layers, or first weights that are not smaller than usual.",
    )


@pytest.mark.parametrize(
    "layers",
    [
        {"lstm.l0": (1e-4, 0.1, 1.0), "linear": (0.1, 0.1, 1.0)},
        {"lstm.l0": (0.0, 0.0, 1.0), "linear": (0.1, 0.1, 1.0)},
        {"lstm.l0": (1e-9, 0.1, 1.0), "linear": (0.0, 0.1, 1.0)},
        {"lstm.l0": (1e-9, 0.1, 1.0)},
    ],
    ids=["enough", "frozen", "none anywhere", "nothing above it"],
)
def test_a_layer_of_which_that_cannot_be_said(layers):
    assert findings(facts(dynamics(moment(1, layers))), "vanishing gradient") == []


@pytest.mark.parametrize("kind", ["exploding gradient", "vanishing gradient"])
def test_what_was_not_recorded_says_nothing(kind):
    assert findings(Facts(test=TEST, history=history([0.5, 0.1])), kind) == []
    assert findings(facts(dynamics(moments=[])), kind) == []
