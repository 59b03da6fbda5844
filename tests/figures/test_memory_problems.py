from __future__ import annotations

import pytest

from longshort.errors import DataError
from longshort.figures.memory_problems import problem_curves, problem_lengths

PROBLEMS = {
    "adding": {"measure": "mean squared error", "chance": 0.1667, "solved": 0.01},
    "copying": {"measure": "nats per symbol", "chance": 2.08, "solved": 0.1},
}


def attempts():
    return [
        {
            "problem": problem, "network": network, "length": length, "seed": seed, "solved": network == "lstm",
            "score": 0.001 * length if network == "lstm" else 0.16 + seed / 100,
            "points": [{"step": 0, "score": 0.3}, {"step": 100, "score": 0.001 if network == "lstm" else 0.16}],
        }
        for problem in PROBLEMS for network in ("lstm", "rnn") for length in (50, 1000) for seed in (0, 1, 2)
    ]  # fmt: skip


def test_a_panel_for_each_problem_and_length():
    figure = problem_curves(PROBLEMS, attempts())
    titles = [axes.get_title(loc="left") for axes in figure.axes]

    assert titles == ["Adding, length 50", "length 1,000", "Copying, length 50", "length 1,000"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["mean squared error", "", "nats per symbol", ""]
    for axes in figure.axes:
        labels = [line.get_label() for line in axes.get_lines() if not line.get_label().startswith("_")]
        assert labels == ["chance: no memory", "LSTM", "plain RNN"]
        curves = [
            line for line in axes.get_lines() if len(line.get_xdata()) == 2 and list(line.get_xdata()) == [0, 100]
        ]
        assert len(curves) == 6
    chance = figure.axes[2].get_lines()[0]
    assert list(chance.get_ydata()) == [2.08, 2.08]


def test_what_is_solved_ends_in_a_mark():
    (axes,) = problem_curves({"adding": PROBLEMS["adding"]}, [attempts()[0]]).axes
    marks = [line for line in axes.get_lines() if line.get_marker() == "o"]

    assert [(list(each.get_xdata()), list(each.get_ydata())) for each in marks] == [([100], [0.001])]


def test_scores_by_length_are_medians_over_the_seeds():
    axes, _ = problem_lengths(PROBLEMS, attempts()).axes
    drawn = {line.get_label(): line for line in axes.get_lines()}

    assert list(drawn["LSTM"].get_xdata()) == [50, 1000]
    assert list(drawn["LSTM"].get_ydata()) == pytest.approx([0.05, 1.0])
    assert list(drawn["plain RNN"].get_ydata()) == pytest.approx([0.17, 0.17])
    assert axes.get_xscale() == "log"
    assert axes.get_ylim()[1] > 1.0  # nothing is cut off


def test_one_network_alone():
    own = [each for each in attempts() if each["network"] == "rnn"]

    assert "LSTM" not in {line.get_label() for line in problem_lengths(PROBLEMS, own).axes[0].get_lines()}


@pytest.mark.parametrize("draw", [problem_curves, problem_lengths])
def test_nothing_to_draw(draw):
    with pytest.raises(DataError, match="at least one attempt"):
        draw(PROBLEMS, [])
