from __future__ import annotations

import numpy as np
import pytest

from longshort.insight.reach import GradientCurve, Reach, half_life

NAN = float("nan")


def curve(*rows: list[float]) -> GradientCurve:
    return GradientCurve(np.array(rows))


def test_shares_of_the_last_inputs_gradient():
    made = curve([2.0, 1.0, 0.5], [4.0, 4.0, NAN], [1.0, 0.1, 0.3])

    assert made.count.tolist() == [3, 3, 2]
    np.testing.assert_allclose(made.median, [1.0, 0.5, 0.275])
    np.testing.assert_allclose(made.band[0], [1.0, 0.3, 0.2625])
    np.testing.assert_allclose(made.band[1], [1.0, 0.75, 0.2875])


@pytest.mark.parametrize(
    ("shares", "share", "lag"),
    [
        ([1.0, 0.5, 0.2], 0.5, 1),
        ([1.0, 0.6, 0.4], 0.5, 2),
        ([1.0, 0.4, 0.6, 0.4], 0.5, 3),  # it must stay below
        ([1.0, 0.9, 0.8], 0.5, None),
        ([1.0, 2.0, 0.5], 0.5, 2),
        ([1.0], 1.0, 0),
        ([0.0, 0.0], 0.5, None),  # nothing depends on anything
        ([1.0, 0.1, NAN], 0.5, None),
    ],
)
def test_the_lag_at_which_it_has_fallen(shares, share, lag):
    assert curve(shares).falls_to(share) == lag


def test_an_example_whose_last_input_counts_for_nothing_is_left_out():
    made = curve([0.0, 1.0], [1.0, 0.5])

    assert made.median.tolist() == [1.0, 0.5]
    assert curve([0.0, 1.0]).to_dict()["share_median"] == [None, None]


def test_half_lives():
    lives = half_life(np.log(np.array([0.5, 0.25, 1.0, 0.999])))

    np.testing.assert_allclose(lives[[0, 1, 3]], [1.0, 0.5, np.log(0.5) / np.log(0.999)])
    assert np.isposinf(lives[2])
    assert half_life(np.array([-np.inf])).tolist() == [0.0]


def test_the_longest_units_first():
    made = Reach(0, "forward", {"trained": curve([1.0, 0.2])}, {"trained": np.array([2.0, np.inf, 3.0])})

    assert made.longest_units(2) == [(1, np.inf), (2, 3.0)]
    assert made.to_dict()["half_lives"] == {"trained": [2.0, None, 3.0]}
    assert made.to_dict()["curves"]["trained"]["half_lag"] == 1
    assert repr(made) == "Reach(layer 0, forward; half is gone after: trained 1)"
