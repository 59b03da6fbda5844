import itertools

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from longshort.errors import DataError
from longshort.figures import save
from longshort.figures.forecast import forecast

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MONTHS = [f"{1950 + i // 12}-{i % 12 + 1:02d}" for i in range(120)]


def panel(past=96, ahead=12, **changes):
    values = 100 + np.arange(past + ahead, dtype=float)
    spread = np.array([-4, -3, -1, 0, 1, 3, 4.0])
    made = {
        "name": "",
        "past_times": MONTHS[:past],
        "past": values[:past],
        "times": MONTHS[past : past + ahead],
        "quantiles": values[past:, None] + spread,
    }
    return made | changes


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_history_median_bands_and_truth_are_drawn():
    truth = 100 + np.arange(96, 108) + np.array([0] * 11 + [50.0])
    figure = forecast([panel(truth=truth)], LEVELS, target="Passengers")
    (axes,) = figure.axes
    drawn = lines(axes)
    assert drawn["history"].get_ydata()[-1] == 195
    # The median and the truth begin at the last value, which is known.
    assert drawn["forecast (median)"].get_ydata().tolist() == [195, *range(196, 208)]
    assert drawn["actual"].get_ydata().tolist() == [195, *truth]
    assert [band.get_label() for band in axes.collections] == ["90 % band", "80 % band", "50 % band"]
    assert axes.get_title(loc="left") == "Passengers, 12 steps ahead: 11 of 12 came within the 90 % band"
    assert axes.get_ylabel() == "Passengers"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["90 % band", "80 % band", "50 % band", "history", "forecast (median)", "actual"]


def test_bands_darken_inwards():
    (axes,) = forecast([panel()], LEVELS).axes
    greys = [np.dot(to_rgb(band.get_facecolor()[0]), (0.3, 0.6, 0.1)) for band in axes.collections]
    assert all(outer - inner > 0.1 for outer, inner in itertools.pairwise(greys))


def test_without_truth_the_title_names_the_band_alone():
    (axes,) = forecast([panel(name="shop 7")], LEVELS).axes
    assert axes.get_title(loc="left") == "shop 7, 12 steps ahead, with the 90 % band"
    assert "actual" not in lines(axes)


def test_a_median_alone_has_no_bands():
    one = panel(quantiles=np.ones((12, 1)))
    (axes,) = forecast([one], (0.5,)).axes
    assert not axes.collections
    assert axes.get_title(loc="left") == "value, 12 steps ahead"


def test_a_long_past_is_cut_and_whole_numbers_are_numbers():
    long = panel(past_times=range(96), times=range(96, 108))
    (axes,) = forecast([long], LEVELS).axes
    assert lines(axes)["history"].get_xdata().tolist() == list(range(48, 96))


def test_at_most_six_series_are_drawn_and_the_rest_is_counted(tmp_path):
    figure = forecast([panel(name=f"series {i}") for i in range(9)], LEVELS)
    assert len(figure.axes) == 6
    assert figure.axes[-1].get_xlabel() == "and 3 more series"
    save(figure, tmp_path / "a.png")
    assert matplotlib.image.imread(tmp_path / "a.png").shape[1] == 1275


def test_hours_are_points_in_time(tmp_path):
    hours = [f"2016-07-01 {hour:02d}:00" for hour in range(24)]
    figure = forecast([panel(20, 4, past_times=hours[:20], times=hours[20:])], LEVELS)
    save(figure, tmp_path / "a.png")
    assert len(figure.axes[0].get_xticks()) >= 3


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([], r"needs at least one series"),
        ([panel(times=MONTHS[:3])], r"quantiles \(horizon, levels\) with a time for each step; got 96 values"),
        ([panel(past=96, past_times=MONTHS[:3])], r"Each value of the past has one time; got 96 values and 3 times"),
    ],
)
def test_what_does_not_fit_is_told(panels, message):
    with pytest.raises(DataError, match=message):
        forecast(panels, LEVELS)
