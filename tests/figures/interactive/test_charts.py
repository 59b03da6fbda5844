"""What each chart draws, and what it refuses."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.errors import DataError
from longshort.figures.interactive import (
    calibration_chart,
    class_chart,
    confusion_chart,
    curve_chart,
    gate_chart,
    gate_openings,
    half_life_chart,
    horizon_chart,
    length_chart,
    overlaid_curves,
    ranking_chart,
    update_ratios,
)
from longshort.figures.interactive.gates import quantised

HISTORY = [
    {"epoch": 1, "train_loss": 0.7, "validation_loss": 0.6, "train_accuracy": 0.5, "validation_accuracy": None},
    {"epoch": 2, "train_loss": 0.4, "validation_loss": 0.5, "train_accuracy": 0.8, "validation_accuracy": None},
]
BOLD = "<b>x</b>"
INERT = "&lt;b&gt;x&lt;/b&gt;"
GATES = ("input_gate", "forget_gate", "output_gate", "cell_gate", "cell")


def texts(node):
    """Every string in a figure, however deep."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for each in node.values():
            yield from texts(each)
    elif isinstance(node, list | tuple | np.ndarray):
        for each in node:
            yield from texts(each)


def test_learning_curves():
    loss, accuracy = (curve_chart(HISTORY, kind, best_epoch=2) for kind in ("loss", "accuracy"))

    assert [(line.name, line.y) for line in loss.data] == [("training", (0.7, 0.4)), ("validation", (0.6, 0.5))]
    assert [line.name for line in accuracy.data] == ["training"]
    assert loss.layout.shapes[0].x0 == 2
    with pytest.raises(DataError, match="whose loss was measured"):
        curve_chart([{"epoch": 1}], "loss", 1)


def test_curves_of_two_runs():
    figure = overlaid_curves([(BOLD, HISTORY), ("b", HISTORY[:1])], "validation_loss")

    assert [(line.name, line.y) for line in figure.data] == [(INERT, (0.6, 0.5)), ("b", (0.6,))]
    assert tuple(figure.layout.xaxis.range) == (0.5, 2.5)
    with pytest.raises(DataError, match="has measured validation_accuracy"):
        overlaid_curves([("a", HISTORY), ("b", HISTORY)], "validation_accuracy")


def test_a_confusion_matrix_has_shares_of_the_row():
    (heat,) = confusion_chart([[3, 1], [0, 0]], [BOLD, BOLD]).data

    assert heat.z.tolist() == [[0.75, 0.25], [0, 0]]
    assert heat.customdata.tolist() == [[3, 1], [0, 0]]
    assert heat.x == (f"1 {INERT}", f"2 {INERT}")
    with pytest.raises(DataError, match=r"must have the shape \(3, 3\). Got \(2, 2\)"):
        confusion_chart([[1, 0], [0, 1]], ["a", "b", "c"])


def test_calibration_shows_what_was_answered_alone():
    bins = [
        {"lower": 0.4, "upper": 0.5, "count": 0, "confidence": 0.0, "accuracy": 0.0},
        {"lower": 0.5, "upper": 0.6, "count": 10, "confidence": 0.55, "accuracy": 0.5},
        {"lower": 0.9, "upper": 1.0, "count": 390, "confidence": 0.95, "accuracy": 0.9},
    ]
    figure = calibration_chart(bins)

    assert (figure.data[1].x, figure.data[1].y) == ((0.55, 0.95), (0.5, 0.9))
    assert figure.data[2].y == (10, 390)
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("accuracy", "answers")
    with pytest.raises(DataError, match="at least one answer"):
        calibration_chart(bins[:1])


def test_lengths_and_classes():
    (bars,) = length_chart([0, 10, 20, 400], [5, 3, 1], 8.0).data
    several = class_chart([BOLD, "b"], {"train": [3, 1], "test": [1, 1]})

    assert bars.y == (5, 3, 1)
    assert (bars.x, bars.width) == ((5, 15, 25), 10)
    assert [list(each) for each in bars.customdata] == [[0, 9], [10, 19], [20, 399]]
    assert [part.x for part in several.data] == [(0.75, 0.25), (0.5, 0.5)]
    assert several.data[0].y == (INERT, "b")
    alike = class_chart(["x" * 30, "x" * 31], {"train": [3, 1]}).data[0].y
    assert [name[:3] for name in alike] == ["1 x", "2 x"]  # two that are cut alike would share a bar
    assert several.data[0].marker.pattern.shape != several.data[1].marker.pattern.shape
    with pytest.raises(DataError, match="Got 2 edges and 2 counts"):
        length_chart([0, 1], [1, 1], 1.0)


def panels(steps, units, seed=0):
    draw = np.random.default_rng(seed)
    values = {name: draw.random((steps, units)) for name in GATES}
    values["cell_gate"] = 2 * values["cell_gate"] - 1
    values["cell"] = 6 * values["cell"] - 3
    return values


def test_gates_are_bytes_that_give_the_values_back():
    values = panels(7, 5)
    figure = gate_chart(values, [BOLD, *"bcdefg"], [f"unit {place}" for place in range(5)])

    assert [heat.name for heat in figure.data] == [
        "Input gate", "Forget gate", "Output gate", "Candidate", "Cell state"
    ]  # fmt: skip
    order = [int(name.removeprefix("unit ")) for name in figure.data[0].y]
    assert sorted(order) == list(range(5))
    for heat, name in zip(figure.data, GATES, strict=True):
        low, high = heat.meta["low"], heat.meta["high"]
        again = low + heat.z.astype(float) / 255 * (high - low)
        assert heat.z.dtype == np.uint8
        assert np.abs(again - values[name][:, order].T).max() <= (high - low) / 510 + 1e-6
        assert heat.x[:2] == (f"0 {INERT}", "1 b")


def test_gates_need_a_token_for_each_step():
    with pytest.raises(DataError, match=r"for 6 tokens and 5 units. Got \{\(7, 5\)\}"):
        gate_chart(panels(7, 5), list("abcdef"), list("abcde"))
    with pytest.raises(DataError, match="for 0 tokens"):
        gate_chart(panels(0, 5), [], list("abcde"))


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=20))
def test_a_byte_is_the_nearest_step(values):
    found = -4 + quantised(np.array(values), -4, 4).astype(float) / 255 * 8

    assert np.abs(found - values).max() <= 4 / 255 + 1e-9


def test_the_horizon_stops_where_nothing_is_left():
    curve = {
        "share_median": [1.0, 0.5, 1e-9, None],
        "share_low": [1.0, 0.4, None, None],
        "share_high": [1.0, 0.6, 0.1, None],
    }
    figure = horizon_chart({"trained": curve, "start": curve}, {"trained": BOLD, "start": "at its start"})
    band, trained, start = figure.data

    assert trained.y == (1.0, 0.5, None, None)
    assert band.x == (0, 1, 1, 0)
    assert band.y == (1.0, 0.4, 0.6, 1.0)
    assert start.line.dash != trained.line.dash
    assert figure.layout.yaxis.type == "log"
    with pytest.raises(DataError, match="needs the curve of a model"):
        horizon_chart({}, {})


def test_half_lives_are_counted():
    lives = {"trained": [1.0, 2.0, 2.1, None], "start": [1.5, 1.5, 1.5, 1.5]}
    trained, start = half_life_chart(lives, {"trained": "trained", "start": "start"}).data

    assert sum(trained.y[::2]) == 3
    assert max(start.y) == 4
    with pytest.raises(DataError, match="one that is finite"):
        half_life_chart({"trained": [None, 0.0]}, {"trained": "trained"})


def ablated(unit, change, p):
    return {
        "unit": unit,
        "ablation": {"loss_change": change, "loss_interval": [change - 0.1, change + 0.2], "p_value": p},
    }


def test_units_are_ranked_with_their_intervals():
    figure = ranking_chart([ablated("0/forward/1", 0.5, 0.01), ablated("0/forward/2", 0.1, 0.9)], [0.5, 0.1, 0.0])
    certain, chance = figure.data

    assert (certain.y, chance.y) == (("0/forward/1",), ("0/forward/2",))
    assert certain.error_x.array == pytest.approx((0.2,))
    assert certain.error_x.arrayminus == pytest.approx((0.1,))
    assert figure.layout.yaxis.categoryarray == ("0/forward/1", "0/forward/2")
    with pytest.raises(DataError, match="units that were ablated"):
        ranking_chart([{"unit": "0/forward/1", "ablation": None}], [])


def test_dynamics():
    ratios = update_ratios({BOLD: [(1, 0.01), (100, 0.0)], "linear": [(1, 0.02)]})
    gates = gate_openings({"forget gate": [(1, 0.7), (100, 0.6)]})

    assert [(line.name, line.x) for line in ratios.data] == [(INERT, (1,)), ("linear", (1,))]
    assert gates.data[0].y == (0.7, 0.6)
    assert tuple(gates.layout.yaxis.range) == (0, 1)
    with pytest.raises(DataError, match="an update that was measured"):
        gate_openings({"forget gate": []})


def test_no_chart_lets_markup_from_data_through():
    charts: list[go.Figure] = [
        confusion_chart([[1, 0], [0, 1]], [BOLD, BOLD]),
        overlaid_curves([(BOLD, HISTORY), (BOLD, HISTORY)], "train_loss"),
        class_chart([BOLD], {"train": [1]}),
        gate_chart(panels(2, 3), [BOLD, BOLD], [BOLD] * 3),
        ranking_chart([ablated(BOLD, 0.5, 0.01)], [0.5]),
        update_ratios({BOLD: [(1, 0.01)]}),
    ]

    assert not [text for chart in charts for text in texts(chart.to_plotly_json()) if BOLD in text]
