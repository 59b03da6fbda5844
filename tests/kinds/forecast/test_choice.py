import numpy as np
import pytest

from longshort.data.series import TRENDS, from_arrays
from longshort.errors import DataError
from longshort.kinds.forecast.choice import Shape, choose_trends, training_windows

RNG = np.random.default_rng(0)
STEPS = np.arange(160)


def choose(values, shape=None):
    series = from_arrays(values)
    starts = series.holdout(share=0.2)
    return choose_trends(series, starts, shape or Shape(12, 4, 4))


def test_a_level_that_shifts_is_measured_locally():
    # What comes before the earlier of the two parts that must be forecast knows nothing of such a level.
    values = RNG.normal(size=160) + 1000 * (STEPS >= 96)
    assert "none" not in choose(values).trends


def test_a_level_that_stays_is_measured_globally():
    values = RNG.normal(size=160)
    errors = choose(values).errors
    assert errors[("none",)] < min(errors[(trend,)] for trend in TRENDS if trend != "none")


def test_every_combination_is_tried_and_the_best_one_told():
    choice = choose(RNG.normal(size=160))
    assert len(choice.errors) == 15
    assert choice.errors[choice.trends] == min(choice.errors.values())
    assert f"(trend {'+'.join(choice.trends)})" in choice.describe()
    assert f"{choice.errors[choice.trends]:.3f} of the usual change" in choice.describe()
    assert len(choose(RNG.normal(size=160), Shape(12, 4, 1)).errors) == 7  # no season


def test_what_comes_after_the_training_part_has_no_say():
    values = RNG.normal(size=160)
    one = choose_trends(from_arrays(values).until([120]), np.array([96]), Shape(12, 4, 4))
    values[120:] = 1e9
    two = choose_trends(from_arrays(values).until([120]), np.array([96]), Shape(12, 4, 4))
    assert one == two


def test_a_series_without_a_window_is_told():
    series = from_arrays(RNG.normal(size=5))
    encoding = Shape(4, 4, 1).encoding(series, ("level",))
    with pytest.raises(DataError, match=r"a series must have 6 steps before its validation part.* The longest has 5"):
        training_windows(encoding, series, "level")


GROWING = np.exp(0.05 * STEPS + 0.3 * np.sin(np.pi * STEPS / 2) + 0.01 * RNG.normal(size=160))


def test_a_growth_by_shares_is_measured_by_logarithms():
    choice = choose(GROWING)
    assert choice.logarithm
    assert choice.errors[choice.trends] < choice.otherwise
    assert choice.describe().startswith("Each window of logarithms is measured against ")
    assert choice.describe().endswith(f" With the values themselves it would be {choice.otherwise:.3f} at best.")


def test_logarithms_of_what_is_not_above_zero_are_refused_before_anything_is_trained():
    values = np.exp(np.arange(60) / 20)
    values[50] = 0
    with pytest.raises(DataError, match=r"must be above 0, for its logarithm is taken\. Got 0 at 50\."):
        choose_trends(from_arrays(values), np.array([40]), Shape(12, 4, 4), "level", "always")


def test_logarithms_are_taken_only_where_they_can_be_and_may_be():
    assert choose(GROWING - GROWING.mean()).otherwise is None
    series = from_arrays(GROWING)
    starts = series.holdout(share=0.2)
    for logarithm in ("never", "always"):
        choice = choose_trends(series, starts, Shape(12, 4, 4), logarithm=logarithm)
        assert (choice.logarithm, choice.otherwise) == (logarithm == "always", None)
    assert (
        choose_trends(series, starts, Shape(12, 4, 4), "last", "always")
        .describe()
        .endswith("(trend last), as was set.")
    )
    assert list(choose_trends(series, starts, Shape(12, 4, 4), "last").errors) == [("last",)]


def test_few_forecasts_do_not_choose_but_sort_out_what_is_hopeless():
    """Two parts of 32 steps have room for 16 forecasts of 4 steps, and for 5 of 12."""
    assert not choose(RNG.normal(size=160)).few
    choice = choose(RNG.normal(size=160), Shape(24, 12, 12))
    assert (choice.trends, choice.few) == (TRENDS, True)
    assert choice.describe().endswith(" The validation part is too short to choose among them: they are averaged.")
    line = choose(5 + 3.0 * STEPS - 300, Shape(24, 12, 12))
    assert line.few or len(line.trends) == 1
    assert "none" not in line.trends
