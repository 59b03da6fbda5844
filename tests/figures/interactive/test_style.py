import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.figures.interactive.style import MAIN, OTHER, inert, line_style, new_chart, number_axis

HOSTILE = (
    '<script>alert(1)</script> <b>bold</b> <a href="javascript:alert(1)">x</a> &lt;i&gt; <img src=x onerror=alert(1)>'
)


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_a_text_is_never_markup_and_is_read_back_letter_by_letter(text):
    shown = inert(text, longest=10_000)

    assert not re.search("[<>\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    if text.isprintable():
        assert html.unescape(shown) == " ".join(text.split())


def test_a_hostile_text_is_shown_as_it_is():
    assert html.unescape(inert(HOSTILE, longest=200)) == HOSTILE
    assert "<" not in inert(HOSTILE)


def test_what_is_unseen_is_told_and_what_is_long_is_cut():
    assert inert("a\u202eb\x07c\nd") == "a\\u202eb\\u0007c d"
    assert inert("x" * 100) == "x" * 59 + "…"
    assert inert("&" * 100, 5) == "&amp;" * 4 + "…"


def test_a_half_of_a_character_does_not_break_a_page():
    assert inert("\ud83d").encode() == b"\\ud83d"


def test_a_chart_brings_no_template_and_names_its_colours():
    layout = new_chart(300, x="epoch", y="loss", legend=True).to_plotly_json()["layout"]

    assert len(str(layout["template"])) < 100  # its own would be seven kilobytes in each chart
    assert (layout["height"], layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]) == (
        300,
        "epoch",
        "loss",
    )
    assert layout["font"]["color"] == "var(--ink)"


def test_lines_differ_in_more_than_hue():
    assert line_style(MAIN, 5)["line"]["dash"] != line_style(OTHER, 5)["line"]["dash"]
    assert line_style(MAIN, 5)["marker"]["symbol"] != line_style(OTHER, 5)["marker"]["symbol"]
    assert (line_style(MAIN, 40)["mode"], line_style(MAIN, 41)["mode"]) == ("lines+markers", "lines")


@pytest.mark.parametrize(("count", "step"), [(1, 1), (10, 1), (11, 2), (100, 10)])
def test_an_axis_of_epochs_has_whole_numbers(count, step):
    assert number_axis(count) == {"tickformat": "d", "dtick": step, "range": [0.5, count + 0.5]}
