"""A trace as data: its axes, its parts, its other forms."""

import builtins

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.insight.small import lstm

from longshort.errors import DataError, SettingError, UserError
from longshort.insight import Trace
from longshort.insight.tracing import trace


def made(cell=None, **changes):
    """A trace of 2 layers, both directions, 3 steps, 2 units."""
    values = np.arange(24, dtype=np.float32).reshape(2, 2, 3, 2) / 24 if cell is None else cell
    names = ("input_gate", "forget_gate", "cell_gate", "output_gate", "cell", "hidden")
    parts = {name: values + place for place, name in enumerate(names)} if cell is None else dict.fromkeys(names, cell)
    start = np.zeros((2, 2, 2), values.dtype)
    axes = {"layers": (0, 1), "directions": ("forward", "reverse"), "units": (4, 7), "hidden_units": (4, 7)}
    return Trace(**{**parts, "initial_hidden": start, "initial_cell": start, **axes, **changes})


def test_a_trace_says_what_it_is():
    assert repr(made()) == "Trace(3 steps, layers 0, 1, forward and reverse, 2 units)"
    assert repr(made(tokens=("a", "b", "c"), scores={"x": 0.25, "y": 0.75})) == (
        "Trace('a b c', 3 steps, layers 0, 1, forward and reverse, 2 units, y 0.75)"
    )
    projected = trace(lstm(proj_size=2), torch.zeros(1, 3))
    assert repr(projected) == "Trace(1 step, layer 0, forward, 4 units, projected to 2)"


def test_the_axes_in_order():
    assert list(made().axes.items()) == [
        ("layer", (0, 1)),
        ("direction", ("forward", "reverse")),
        ("step", (0, 1, 2)),
        ("unit", (4, 7)),
    ]
    assert len(made()) == 3


def test_parts_by_name():
    whole = made()
    part = whole.select(layer=1, direction="reverse", unit=7)

    assert (part.layers, part.directions, part.units, part.hidden_units) == ((1,), ("reverse",), (7,), (7,))
    np.testing.assert_array_equal(part.forget_gate, whole.forget_gate[1:, 1:, :, 1:])
    np.testing.assert_array_equal(part.initial_cell, whole.initial_cell[1:, 1:, 1:])
    np.testing.assert_array_equal(whole.select(unit=[7, 4]).hidden, whole.hidden[..., ::-1])


def test_a_projection_belongs_to_no_unit():
    whole = trace(lstm(proj_size=2), torch.randn(3, 3))
    part = whole.select(unit=3)

    assert (part.cell.shape[-1], part.hidden.shape[-1], part.hidden_units) == (1, 2, (0, 1))
    np.testing.assert_array_equal(part.hidden, whole.hidden)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"layer": 2}, "layer must be of those in the trace: 0, 1. Got 2."),
        ({"direction": "back"}, "direction must be of those in the trace: forward, reverse. Got 'back'."),
        ({"unit": []}, "unit must be of those in the trace: 4, 7. Got none."),
    ],
)
def test_a_part_that_is_not_there(chosen, message):
    with pytest.raises(SettingError) as error:
        made().select(**chosen)
    assert error.value.message == message


def test_many_units_are_named_by_the_first_and_the_last():
    with pytest.raises(SettingError, match=r"in the trace: 0 to 63\. Got 64\.$"):
        trace(torch.nn.LSTM(3, 64), torch.zeros(1, 3)).select(unit=64)
    with pytest.raises(SettingError, match=r"in the trace: 0, \.\.\., 62\. Got 1\.$"):
        trace(torch.nn.LSTM(3, 64), torch.zeros(1, 3), units=range(0, 64, 2)).select(unit=1)


def test_a_table_has_a_row_for_each_layer_direction_step_and_unit():
    frame = made(tokens=("a", "b", "c")).to_pandas()
    row = frame[(frame.layer == 1) & (frame.direction == "reverse") & (frame.step == 2) & (frame.unit == 7)]

    assert list(frame.columns) == [
        "layer",
        "direction",
        "step",
        "token",
        "unit",
        "input_gate",
        "forget_gate",
        "cell_gate",
        "output_gate",
        "cell",
        "hidden",
    ]
    assert len(frame) == 24
    assert row.token.tolist() == ["c"]
    assert row.cell.tolist() == [made().cell[1, 1, 2, 1]]
    assert "token" not in made().to_columns()


def test_a_table_of_a_projection_leaves_out_what_there_is_not():
    frame = trace(lstm(proj_size=2), torch.randn(3, 3), units=[1, 3]).to_pandas()

    assert sorted(set(frame.unit)) == [0, 1, 3]
    assert frame[frame.unit == 0].cell.isna().all()
    assert frame[frame.unit == 3].hidden.isna().all()
    assert not frame[frame.unit == 1][["cell", "hidden"]].isna().any().any()


def test_without_pandas_the_message_says_what_to_do(monkeypatch):
    real = builtins.__import__
    refuse = lambda name, *args: (_ for _ in ()).throw(ImportError(name)) if name == "pandas" else real(name, *args)  # noqa: E731
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UserError, match="needs the package pandas") as error:
        made().to_pandas()
    assert error.value.hint.startswith("pip install pandas")


@given(
    cell=st.sampled_from([np.float32, np.float16]).flatmap(
        lambda dtype: arrays.arrays(dtype, (2, 2, 3, 2), elements={"allow_nan": False, "allow_infinity": False})
    )
)
def test_json_gives_the_same_numbers_back(cell):
    whole = made(cell, tokens=('"', "\u2028", "<b>"), scores={"x": 1.0})
    again = Trace.from_json(whole.to_json())

    for name, array in whole.to_numpy().items():
        back = getattr(again, name)
        assert (back.dtype, back.shape) == (array.dtype, array.shape)
        assert np.array_equal(back, array)
    assert (again.axes, again.tokens, again.scores) == (whole.axes, whole.tokens, whole.scores)


def test_an_empty_trace_survives_json():
    assert Trace.from_json(trace(lstm(), torch.zeros(0, 3)).to_json()).cell.shape == (1, 1, 0, 4)


def test_numbers_that_json_lacks_are_refused():
    with pytest.raises(DataError, match="holds NaN or infinity"):
        made(np.full((2, 2, 3, 2), np.nan, np.float32)).to_json()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"layers": [0]}', "3"])
def test_what_is_no_trace_is_refused(text):
    with pytest.raises(DataError, match="A trace in JSON must be an object"):
        Trace.from_json(text)
