import numpy as np
import pytest

from longshort.errors import DataError
from longshort.figures.regression import answers
from longshort.figures.steps import step_contributions


def test_channels_are_drawn_in_their_order_with_their_contributions():
    values = np.stack([np.arange(5.0), [1, 2, np.nan, 4, 5]], axis=1)
    shares = np.array([[0.1, -0.5]] * 5)
    figure = step_contributions(values, shares, ["a", "b"], scale="log-odds of x")
    first, second, bar = figure.axes
    assert (first.get_ylabel(), second.get_ylabel()) == ("a", "b")
    assert second.images[0].get_array().tolist() == [[-0.5] * 5]
    assert [each.get_text() for each in bar.get_yticklabels()] == ["against: -0.5", "0", "for: +0.5"]


def test_of_many_channels_the_strongest_are_drawn():
    shares = np.tile(np.arange(9.0), (4, 1))
    figure = step_contributions(np.zeros((4, 9)), shares, [f"c{i}" for i in range(9)])
    assert [axes.get_ylabel() for axes in figure.axes[:6]] == ["c3", "c4", "c5", "c6", "c7", "c8"]
    assert figure.get_supxlabel() == "and 3 channels that contribute less"


@pytest.mark.parametrize(("values", "shares", "names"), [((0, 1), (0, 1), ["a"]), ((3, 2), (3, 1), ["a", "b"])])
def test_shapes_must_fit(values, shares, names):
    with pytest.raises(DataError, match="Contributions are drawn over values"):
        step_contributions(np.zeros(values), np.zeros(shares), names)


def test_answers_stand_over_their_truth():
    axes = answers([1, 2, 3], [1.5, 2, 2]).axes[0]
    assert axes.collections[0].get_offsets().tolist() == [[1, 1.5], [2, 2], [3, 2]]
    with pytest.raises(DataError, match="Answers are drawn over the truth"):
        answers([1, 2], [1])
