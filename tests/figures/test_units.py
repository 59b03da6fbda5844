import numpy as np
import pytest
from matplotlib.colors import to_rgb

from longshort.errors import DataError
from longshort.figures import save
from longshort.figures.units import HIGH, LOW, unit_page, unit_ranking, unit_strip


def ranked(count=30):
    changes = np.linspace(0.02, -0.002, count)
    rows = [
        {
            "unit": f"0/forward/{place}",
            "ablation": {
                "loss_change": change,
                "loss_interval": [change - 0.002, change + 0.002],
                "p_value": 0.001 if place < 3 else 0.4,
            },
        }
        for place, change in enumerate(changes.tolist())
    ]
    return rows, changes.tolist()


def context(value, token="awful"):
    return {"place": 0, "step": 3, "value": value, "before": "$x$ was\n so", "token": token, "after": "that <b> " * 20}


REPORT = {
    "unit": "0/reverse/7",
    "mean": 0.1,
    "deviation": 0.3,
    "ablation": {"loss_change": 0.0097, "loss_interval": [0.0042, 0.0152], "p_value": 0.03},
    "correlations": [
        {"property": "label $a$", "over": "texts", "r": -0.8, "interval": [-0.82, -0.78], "p_value": 0.0},
        {"property": "quote", "over": "tokens", "r": 0.01, "interval": [-0.02, 0.04], "p_value": 1.0},
    ],
    "high_words": [{"word": "awful", "mean": 0.7, "count": 40}],
    "low_words": [{"word": "superb", "mean": -0.4, "count": 30}],
    "highest": [context(0.76)] * 3,
    "lowest": [context(-0.5, "\n")],
}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_foremost_units_with_their_intervals():
    rows, changes = ranked()
    named, every = unit_ranking(rows, changes, title="Units", top=5).axes
    intervals = [line for line in named.lines if len(set(line.get_ydata())) == 1 and len(line.get_xdata()) == 2]

    assert [label.get_text() for label in named.get_yticklabels()] == [row["unit"] for row in rows[:5]]
    assert intervals[0].get_xdata() == pytest.approx(rows[0]["ablation"]["loss_interval"])
    assert len(every.patches) == 30
    assert [bar.get_height() for bar in every.patches] == pytest.approx(sorted(changes, reverse=True))


def test_the_band_is_that_of_all_units():
    rows, changes = ranked()
    named = unit_ranking(rows, changes).axes[0]
    band = named.patches[0].get_bbox()

    assert (band.x0, band.x1) == pytest.approx(np.percentile(changes, [5, 95]).tolist())
    assert [text.get_text() for text in named.get_legend().get_texts()] == [
        "nine in ten of 30 units",
        "certain among so many",
        "may be chance",
    ]


def test_certain_units_differ_in_more_than_hue():
    rows, changes = ranked()
    markers = [line for line in unit_ranking(rows, changes, top=5).axes[0].lines if line.get_marker() in ("o", "s")][:5]

    assert [line.get_marker() for line in markers] == ["o"] * 3 + ["s"] * 2
    assert markers[4].get_markerfacecolor() == "white"


def test_nothing_ablated_is_nothing_to_rank():
    with pytest.raises(DataError, match="units that were ablated"):
        unit_ranking([{"unit": "0/forward/0", "ablation": None}], [])


def test_a_unit_on_a_page(tmp_path):
    figure = unit_page(REPORT, strip=(["not", "bad"], [0.1, -0.2]))
    goes_with, words, highest, lowest, strip = figure.axes

    assert "+0.0097 nats (+0.0042 to +0.0152)" in figure._suptitle.get_text()
    assert [bar.get_width() for bar in goes_with.patches] == [-0.8, 0.01]
    assert [bar.get_width() for bar in words.patches] == pytest.approx([0.6, -0.5])
    assert texts(highest)[:3] == ["+0.76", "$x$ was so", "awful"]
    assert texts(highest)[3].endswith("…")
    assert texts(lowest)[2] == "↵" or texts(lowest)[2]
    assert texts(strip) == ["not", "bad"]
    save(figure, tmp_path / "page.png")  # a dollar in a text is no formula


def test_a_page_needs_no_ablation_and_no_strip(tmp_path):
    figure = unit_page(REPORT | {"ablation": None, "lowest": [], "high_words": [], "low_words": [], "correlations": []})

    assert figure._suptitle.get_text() == "Unit 0/reverse/7"
    assert len(figure.axes) == 3
    save(figure, tmp_path / "page.png")


def test_a_text_is_coloured_by_sign_and_size():
    axes = unit_strip(["good", "none", "bad"], [0.5, 0.0, -0.25], title="Unit").axes[0]
    grounds, bars = axes.patches[::2], axes.patches[1::2]

    assert [patch.get_alpha() for patch in grounds] == [1.0, 0.0, 0.5]
    assert [to_rgb(patch.get_facecolor()) for patch in grounds][::2] == [to_rgb(HIGH), to_rgb(LOW)]
    assert bars[0].get_height() < 0 < bars[2].get_height()  # the axis points down: what is high rises
    assert axes.get_title(loc="left") == "Unit (from -0.50, blue and hanging, to 0.50, orange and rising)"


def test_long_texts_are_wrapped(tmp_path):
    figure = unit_strip(["word"] * 200, [0.0] * 200)
    starts = [text.get_position()[0] for text in figure.axes[0].texts]

    assert starts.count(0) == len({text.get_position()[1] for text in figure.axes[0].texts}) > 5
    assert max(starts) < 112
    save(figure, tmp_path / "strip.png")


@pytest.mark.parametrize(("tokens", "values"), [([], []), (["a"], [0.1, 0.2])])
def test_a_value_for_each_token(tokens, values):
    with pytest.raises(DataError, match="a value for each of its tokens"):
        unit_strip(tokens, values)


def test_ink_is_read_on_both_colours():
    def luminance(color):
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    for color in (HIGH, LOW):
        assert (luminance(color) + 0.05) / (luminance("#1f2933") + 0.05) > 4.5
