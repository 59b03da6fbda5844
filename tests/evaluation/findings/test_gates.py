import pytest
from tests.evaluation.recorded import course, dynamics, gate, moment, place
from tests.evaluation.told import finding, findings, history, metrics_of

from longshort.evaluation import Facts

TEST = metrics_of([[460, 40], [45, 455]])
KINDS = ["closed gates", "saturated gates", "dead units", "dead gates"]
BOTH = "layer 0 forward and layer 0 reverse"


def facts(**gates):
    places = {f"lstm.{name}": each for name, each in gates.items()}
    return Facts(test=TEST, history=course(dynamics(moment(100, gates=places))))


@pytest.mark.parametrize(
    ("name", "verb", "so", "bias"),
    [
        ("forget", "keep", "little is carried from step to step", 1),
        ("input", "let in", "little enters its cells", 0),
        ("output", "show", "little leaves its cells", 0),
    ],
)
def test_gates_that_never_open(name, verb, so, bias):
    shut, more = (place(**{name: gate(mean=0.01, low=1.0, shut=share, still=1.0)}) for share in (0.5, 0.75))
    told = finding(facts(l0=shut, l0_reverse=more), "closed gates")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        f"The {name} gates of {BOTH} never open: 50.0 % of the units {verb} less than 5 % at every measured step, "
        f"so {so}.",
        f"Start the {name} gates with a bias of {bias}, and use a smaller learning rate.",
    )
    assert findings(facts(l0=shut), "dead gates") == []  # said already


def test_only_the_layers_that_are_closed_are_named():
    told = finding(facts(l0=place(), l1=place(forget=gate(shut=1.0))), "closed gates")
    assert told.sentence.startswith("The forget gates of layer 1 never open: ")


def test_saturated_gates():
    stuck = place(
        input=gate(low=0.3, high=0.4),
        output=gate(low=0.5, high=0.2),
        candidate={"saturated": 0.6},
        forget=gate(high=1.0),
    )
    told = finding(facts(l0=stuck, l1=place()), "saturated gates")
    assert (told.level, told.sentence) == (
        "warning",
        "The gates of layer 0 are saturated: 70.0 % of the input and output gates stand below 0.05 or above 0.95, and "
        "60.0 % of the candidates beyond 0.95 on either side, where almost no gradient passes.",
    )
    assert told.advice == "A smaller learning rate, smaller first weights, or inputs scaled to a deviation of about 1."


@pytest.mark.parametrize(
    "well",
    [
        place(forget=gate(high=1.0, mean=0.99)),
        place(input=gate(low=0.95), output=gate(low=0.9)),
        place(candidate={"saturated": 0.9}, input=gate(high=0.9)),
        place(forget=gate(shut=0.49), hidden={"still": 0.49}),
    ],
    ids=["it remembers", "it writes seldom", "it writes in full", "under half"],
)
def test_gates_that_do_their_work(well):
    assert all(findings(facts(l0=well), kind) == [] for kind in KINDS)


def test_dead_units():
    told = finding(facts(l0=place(hidden={"still": 0.8125})), "dead units")
    assert (told.level, told.sentence, told.advice) == (
        "warning",
        "81.2 % of the units of layer 0 are dead: they stay within a band of 0.01, whatever they read.",
        "Fewer units, a smaller learning rate, or first weights and inputs that are not too small.",
    )
    behind_a_closed_gate = place(hidden={"still": 1.0}, output=gate(shut=1.0))
    assert findings(facts(l0=behind_a_closed_gate), "dead units") == []


def test_dead_gates():
    told = findings(facts(l0=place(input=gate(still=0.5), forget=gate(still=1.0))), "dead gates")
    assert [each.sentence for each in told] == [
        "50.0 % of the input gates of layer 0 are dead: they stay within a band of 0.01, whatever they read.",
        "100.0 % of the forget gates of layer 0 are dead: they stay within a band of 0.01, whatever they read.",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_recorded_says_nothing(kind):
    assert findings(Facts(test=TEST, history=history([0.5, 0.1])), kind) == []
    assert findings(Facts(test=TEST, history=course(dynamics(moments=[]))), kind) == []
