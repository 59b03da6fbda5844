import io
import re
from xml.etree import ElementTree

import pytest
from matplotlib.colors import to_rgb
from rich.console import Console

from longshort.errors import DataError
from longshort.figures import save
from longshort.figures.style import INK
from longshort.figures.token_page import token_page
from longshort.figures.tokens import (
    contribution_bars,
    html_tokens,
    shown_tokens,
    terminal_legend,
    terminal_tokens,
    token_legend,
)

TOKENS = ["What", "a", "<b>", "film", "!", "zorblax", "\n", "$x$"]
VALUES = [0.4, 0.01, -2.0, 1.2, 0.0, -0.5, 0.3, -1.0]
KNOWN = [True] * 5 + [False] + [True] * 2
SPACED = [False, True, True, True, False, True, True, True]


def shown(scale=1.0):
    return list(shown_tokens(TOKENS, [scale * value for value in VALUES], known=KNOWN, spaced=SPACED))


def luminance(color):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_ink_is_readable_on_every_colour():
    for value in range(-100, 101):
        (token, _) = shown_tokens(["a", "b"], [value / 100, 1.0])
        assert (luminance(token.color) + 0.05) / (luminance(INK) + 0.05) >= 4.5


def test_side_and_strength():
    tokens = shown()

    assert [each.side for each in tokens] == ["for", "", "against", "for", "", "against", "for", "against"]
    assert [each.strength for each in tokens] == [1, 0, 3, 2, 0, 1, 1, 2]
    assert [each.mark for each in tokens] == ["(+)", "", "(---)", "(++)", "", "(-)(?)", "(+)", "(--)"]
    assert [each.color for each in shown(1e-9)] == [each.color for each in tokens]  # none depends on the unit
    assert luminance(tokens[2].color) < luminance(tokens[7].color) < luminance(tokens[5].color) < 1


def test_nothing_counts_where_all_is_zero():
    assert {each.side for each in shown(0.0)} == {""}
    assert list(shown_tokens([], [])) == []


def test_without_styles_the_signs_are_written_out():
    text = terminal_tokens(shown(), marks=True)

    assert text.plain == "What(+) a <b>(---) film(++)! zorblax(-)(?) ⏎(+) $x$(--)"
    assert text.spans == []


def test_on_a_terminal_bold_and_underlined_say_it_without_colour():
    printed = rendered(terminal_tokens(shown()), color_system="truecolor")

    assert re.sub("\x1b\\[[0-9;]*m", "", printed) == "What a <b> film! zorblax(?) ⏎ $x$\n"
    assert "\x1b[1;38;2;31;41;51;48;2;" in printed  # bold ink on a colour of 24 bits
    assert re.search("\x1b\\[4;[0-9;]*m<b>\x1b", printed)


def test_few_colours_are_one_for_and_one_against():
    printed = rendered(terminal_tokens(shown(), few_colors=True), color_system="standard")

    assert {"\x1b[1;30;106mfilm", "\x1b[1;30;106mWhat", "\x1b[4;30;103m<b>"} <= set(
        re.findall("\x1b\\[[0-9;]*m[^\x1b]+", printed)
    )


def rendered(text, **options):
    stream = io.StringIO()
    Console(file=stream, force_terminal=True, width=200, **options).print(text)
    return stream.getvalue()


def test_the_legend():
    assert terminal_legend("pos", marks=True).plain == "for pos(+)  against it(-)"
    assert terminal_legend("pos", unknown=True).plain == "for pos  against it  (?) not in the vocabulary"
    assert "for &lt;pos&gt;" in token_legend("<pos>")


def test_html_is_inert_and_says_the_numbers():
    fragment = html_tokens(shown(), label='"><script>alert(1)</script>')
    tree = ElementTree.fromstring(str(fragment))
    spans = list(tree.iter("span"))

    assert "".join(tree.itertext()) == "What a <b> film! zorblax ⏎ $x$"
    assert "<script" not in fragment
    assert tree.get("aria-label") == 'Tokens, and what they contribute to "><script>alert(1)</script>'
    assert [each.get("title") for each in spans] == [
        "+0.400",
        "-2.000",
        "+1.200",
        "-0.500, not in the vocabulary",
        "+0.300",
        "-1.000",
    ]
    assert spans[3].get("class") == "against unknown"
    assert all(each.get("aria-description") == each.get("title") for each in spans)


def test_the_page_is_whole_inert_and_offline():
    page = token_page(
        shown(), [2, 5], label="<i>", probabilities={"<i>": 0.75, "b": 0.25}, notes=["<script>alert(1)</script>"]
    )
    rows = re.findall(r"<tr><td>(.*?)</td><td>(\d+)</td><td class=\"(\w+)\">(.*?)</td></tr>", page)

    assert page.startswith("<!doctype html>\n")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert "<h1>Why &lt;i&gt;: 0.750</h1>" in page
    assert rows == [
        ("&lt;b&gt;", "2", "against", "-2.000"),
        ("zorblax (not in the vocabulary)", "5", "against", "-0.500"),
    ]


def test_bars_the_strongest_on_top(tmp_path):
    figure = contribution_bars([*TOKENS, "film"], [*VALUES, -0.6], label="pos", unit="log-odds of pos", top=4)
    (axes,) = figure.axes
    figure.canvas.draw()

    assert [each.get_text() for each in axes.get_yticklabels()] == ["<b>", "film [3]", "$x$", "film [8]"]
    assert [bar.get_width() for bar in axes.patches] == [-2.0, 1.2, -1.0, -0.6]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [True, False, True, True]
    assert [each.get_text() for each in axes.texts] == ["−2.00", "+1.20", "−1.00", "−0.60"]
    assert axes.yaxis_inverted()
    save(figure, tmp_path / "bars.png")
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")


def test_each_token_needs_its_value():
    for draw in (lambda: list(shown_tokens(["a"], [])), lambda: contribution_bars([], [], label="x")):
        with pytest.raises(DataError, match="need one value"):
            draw()
