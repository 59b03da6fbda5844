import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from longshort.errors import DataError
from longshort.figures import save
from longshort.figures.gates import GATE_PANELS, SIGNED, gates, order_units


def panels(steps=4, units=5, seed=0):
    draw = np.random.default_rng(seed)
    return {
        name: draw.random((steps, units), np.float32) * (1 if bounds else 3)
        for name, (_, _, bounds) in GATE_PANELS.items()
    }


def shown(figure):
    """What each panel shows, by its title; colour bars left out."""
    return {axes.get_title(loc="left"): axes.get_images()[0] for axes in figure.axes if axes.get_title(loc="left")}


def test_a_panel_for_each_gate_and_the_cell_in_one_order_of_units():
    values = panels()
    figure = gates(values, list("abcd"), units=[10, 11, 12, 13, 14], title="Layer 0")
    order = order_units(values)

    assert list(shown(figure)) == ["Input gate", "Forget gate", "Output gate", "Candidate", "Cell state"]
    for (name, _), image in zip(GATE_PANELS.items(), shown(figure).values(), strict=True):
        np.testing.assert_array_equal(image.get_array(), values[name][:, order])
    first = figure.axes[0]
    assert [label.get_text() for label in first.get_yticklabels()] == ["a", "b", "c", "d"]
    assert [label.get_text() for label in first.get_xticklabels()] == [str(10 + place) for place in order]
    assert figure.get_suptitle() == "Layer 0"


def test_gates_go_from_shut_to_open_and_states_lie_around_zero():
    values = panels()
    ranges = {title: image.get_clim() for title, image in shown(gates(values, list("abcd"))).items()}
    largest = float(np.abs(values["cell"]).max())

    assert ranges["Forget gate"] == (0, 1)
    assert ranges["Candidate"] == (-1, 1)
    assert ranges["Cell state"] == pytest.approx((-largest, largest))


def test_units_that_do_alike_stand_together():
    """Three kinds of units, shuffled; each kind is one run in the order."""
    kinds = np.array([0, 1, 2] * 7)
    draw = np.random.default_rng(0)
    values = draw.random((30, 3))[:, kinds] + 0.01 * draw.random((30, 21))
    order = order_units({"cell": values})
    changes = np.count_nonzero(np.diff(kinds[order]))

    assert sorted(order) == list(range(21))
    assert changes == 2


def test_the_sign_is_seen_in_grey():
    light = [float(np.dot(to_rgb(SIGNED(place)), (0.2126, 0.7152, 0.0722))) for place in np.linspace(0, 1, 21)]
    assert all(np.diff(light) > 0)


@pytest.mark.slow
def test_a_long_input_names_some_of_its_tokens_and_keeps_a_bounded_size(tmp_path):
    figure = gates(panels(2_000, 3), ["w"] * 2_000)
    save(figure, tmp_path / "long.png")

    assert figure.get_figheight() < 30
    assert 50 < len(figure.axes[0].get_yticks()) < 250
    assert matplotlib.image.imread(tmp_path / "long.png").shape[0] > 1_000


def test_one_step_and_one_unit_and_odd_tokens_can_be_drawn(tmp_path):
    save(gates(panels(1, 1), ["$x$ \n<b>"]), tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 1_000


@pytest.mark.parametrize(
    ("values", "tokens", "message"),
    [
        (panels(4), list("abc"), "for 3 tokens"),
        (panels(4) | {"cell": np.zeros((3, 5))}, list("abcd"), "Each panel must be"),
        ({"cell": np.zeros((1, 1))}, ["a"], "input_gate is missing"),
        ({name: np.zeros((0, 2)) for name in GATE_PANELS}, [], "at least one of each"),
    ],
)
def test_what_does_not_fit_is_refused(values, tokens, message):
    with pytest.raises(DataError, match=message):
        gates(values, tokens)
