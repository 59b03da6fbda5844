from __future__ import annotations

import numpy as np
import pytest
from tests.insight.small import lstm

import longshort
from longshort.errors import DataError
from longshort.figures.horizon import memory_figure
from longshort.figures.style import save
from longshort.insight.reach import MODELS


@pytest.fixture(scope="module")
def reaches():
    found = longshort.horizon(
        lstm(bidirectional=True), [np.random.default_rng(n).normal(size=(9, 3)) for n in range(4)]
    )
    return [reach.to_dict() for reach in found.reaches]


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_a_row_for_each_direction_and_a_line_for_each_network(reaches):
    figure = memory_figure(reaches, MODELS, unit="step", title="All")
    left, right, *others = figure.axes

    assert [axes.get_title(loc="left") for axes in (left, right, *others)] == [
        "How fast the gradient fades (layer 0, forward)", "How long the cells hold on",
        "How fast the gradient fades (layer 0, reverse)", "How long the cells hold on",
    ]  # fmt: skip
    assert (left.get_yscale(), left.get_xlabel(), right.get_xlabel()) == ("log", "steps back", "half-life, steps")
    for key, label in MODELS.items():
        drawn = lines(left)[label]
        np.testing.assert_allclose(drawn.get_ydata(), reaches[0]["curves"][key]["share_median"])
        assert drawn.get_xdata().tolist() == list(range(9))
    assert figure.get_suptitle() == "All"


def test_every_cell_is_in_the_histogram(reaches):
    _, right, *_ = memory_figure(reaches[:1], MODELS).axes
    filled = [patch for patch in right.patches if patch.get_fill()]
    counted = filled[0].get_xy()[:, 1]

    assert counted.max() <= 4
    assert right.get_xlim()[0] <= min(reaches[0]["half_lives"]["trained"])
    assert right.get_xlim()[1] >= max(reaches[0]["half_lives"]["trained"])


def test_lines_differ_in_dash_and_lightness(reaches):
    drawn = lines(memory_figure(reaches[:1], MODELS).axes[0])

    assert len({(drawn[label].get_linestyle(), drawn[label].get_color()) for label in MODELS.values()}) == len(MODELS)
    assert drawn[MODELS["trained"]].get_linestyle() != drawn[MODELS["start"]].get_linestyle()


def test_what_has_no_logarithm_is_left_out(tmp_path, reaches):
    """A gate that is never shut, a gradient of 0, lags that no example reaches."""
    curve = {part: [1.0, 0.0, None] for part in ("share_low", "share_median", "share_high")}
    odd = {
        "layer": 0, "direction": "forward", "curves": dict.fromkeys(MODELS, curve),
        "half_lives": {"trained": [None, 3.0, 0.0], "start": [None]},
    }  # fmt: skip
    for each in (odd, odd | {"half_lives": {"trained": [None], "start": [None]}}):
        figure = memory_figure([each], MODELS)
        save(figure, tmp_path / "odd.png")
    assert np.isnan(lines(figure.axes[0])[MODELS["plain"]].get_ydata()[1:]).all()


def test_nothing_to_draw():
    with pytest.raises(DataError, match="at least one layer"):
        memory_figure([], MODELS)
