import math

from longshort.evaluation.findings.layers import layer_names, layer_norms, layers_of


def test_the_gates_of_a_layer_and_direction_are_one():
    groups = {
        "embedding": {"kind": "embedding"},
        "lstm.l0.input": {"kind": "gate"},
        "lstm.l0.forget": {"kind": "gate"},
        "lstm.l0.projection": {"kind": "projection"},
        "lstm.l0_reverse.input": {"kind": "gate"},
        "head.linear": {"kind": "other"},
    }
    layers = layers_of(groups)
    assert list(layers.values()) == ["embedding", "lstm.l0", "lstm.l0", "lstm.l0", "lstm.l0_reverse", "head.linear"]
    moment = {"groups": {name: {"weight": place} for place, name in enumerate(groups, start=1)}}
    assert layer_norms(moment, layers, "weight") == {
        "embedding": 1,
        "lstm.l0": math.sqrt(4 + 9 + 16),
        "lstm.l0_reverse": 5,
        "head.linear": 6,
    }


def test_layers_are_counted_from_one():
    assert layer_names(["lstm.l0", "lstm.l10"]) == {"lstm.l0": "layer 0", "lstm.l10": "layer 10"}


def test_directions_are_told_where_there_are_two():
    assert layer_names(["lstm.l0", "lstm.l0_reverse"]) == {
        "lstm.l0": "layer 0 forward",
        "lstm.l0_reverse": "layer 0 reverse",
    }


def test_several_lstms_are_told_apart():
    assert layer_names(["reader.lstm.l0", "writer.l0", "l0"]) == {
        "reader.lstm.l0": "reader.lstm layer 0",
        "writer.l0": "writer layer 0",
        "l0": "layer 0",
    }
    assert layer_names([]) == {}
