"""Tokens coloured by what they contribute: for the terminal, for a page, and as bars.

Blue is for the class and orange against it, deeper where it is stronger. Both stay distinguishable for eyes that do not
separate red from green, and text is readable on all shades. Bold and underlined say the same without colour, and so do
the marks (+) and (-) without any style.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, final

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from rich.style import Style
from rich.text import Text

from longshort.errors import DataError
from longshort.figures.names import name_token
from longshort.figures.style import INK, MAIN_LINE, MUTED, OTHER_LINE, new_figure, tidy

__all__ = [
    "MARKS",
    "STYLES",
    "ShownToken",
    "contribution_bars",
    "html_tokens",
    "shown_tokens",
    "terminal_legend",
    "terminal_tokens",
    "token_legend",
]

FOR, AGAINST, PAPER = "#8fb4dc", "#f6b26b", "#ffffff"

FAINT = 0.12
"""Tokens below this share of the strongest one are left as they are."""

MARKS = ("", "+", "++", "+++")
"""By strength; with minus signs for tokens against the class."""

UNKNOWN = "(?)"

STYLES = """\
.tokens{line-height:1.9;color:#1f2933;background:#fff;overflow-wrap:anywhere}
.tokens span{border-radius:3px;padding:1px 2px}
.tokens .for{font-weight:700}
.tokens .against{text-decoration:underline;text-underline-offset:3px}
.tokens .unknown{outline:1px dotted #5f6b76}
"""
"""What the classes in `html_tokens` look like; once in a page."""


@final
@dataclass(frozen=True)
class ShownToken:
    """A token as it is shown.

    Args:
        text: what is written: on one line, and visible even where it is a space.
        before: what stands before it: a space or nothing.
        value: what it contributes.
        known: whether it is in the vocabulary.
        side: "for" or "against" the class; "" if it is too faint.
        strength: 0 for too faint, 1 to 3 for a third each of the strongest one.
        color: what stands behind it, such as "#c7d9ed".
    """

    text: str
    before: str
    value: float
    known: bool
    side: Literal["for", "against", ""]
    strength: int
    color: str

    @property
    def mark(self) -> str:
        """Such as "(++)" or "(-)"; with a question mark in brackets for a word that the model does not know."""
        sign = MARKS[self.strength] if self.side == "for" else MARKS[self.strength].replace("+", "-")
        return (f"({sign})" if sign else "") + ("" if self.known else UNKNOWN)


def shown_tokens(
    tokens: Sequence[str],
    values: Sequence[float],
    *,
    known: Sequence[bool] | None = None,
    spaced: Sequence[bool] | None = None,
) -> Iterator[ShownToken]:
    """Each token with its colour, the strongest with the deepest.

    Args:
        tokens: as they stand in the text.
        values: what each contributes, above zero for the class.
        known: whether each is in the vocabulary; all if not given.
        spaced: whether white space stands before each; before all if not given.

    Raises:
        DataError: there is not one value for each token.
    """
    count = len(tokens)
    known, spaced = known or (True,) * count, spaced or (True,) * count
    if not len(values) == len(known) == len(spaced) == count:
        raise DataError(f"Coloured tokens need one value each. Got {count} tokens and {len(values)} values.")
    largest = max((abs(float(value)) for value in values), default=0.0)
    for place, (token, value, own, space) in enumerate(zip(tokens, values, known, spaced, strict=True)):
        share = abs(float(value)) / largest if largest else 0.0
        seen = share >= FAINT
        yield ShownToken(
            text=name_token(token.strip() or token, 200),
            before=" " if space and place else "",
            value=float(value),
            known=own,
            side=("for" if value > 0 else "against") if seen else "",
            strength=min(int(3 * share) + 1, 3) if seen else 0,
            color=_mixed(FOR if value > 0 else AGAINST, share) if seen else PAPER,
        )


def terminal_tokens(shown: Sequence[ShownToken], *, marks: bool = False, few_colors: bool = False) -> Text:
    """The tokens as rich text.

    Args:
        shown: the tokens.
        marks: write the signs out and use no style, for where styles are not seen.
        few_colors: one colour for and one against, for a terminal that has no shades of them.
    """
    text = Text()
    for token in shown:
        text.append(token.before if len(text) else "")
        aside = token.mark if marks else "" if token.known else UNKNOWN
        text.append(token.text + aside, "" if marks else _style(token, few_colors))
    return text


def terminal_legend(label: str, *, marks: bool = False, few_colors: bool = False, unknown: bool = False) -> Text:
    """What the styles or the marks of `terminal_tokens` mean; `unknown` where there is a token that is not known."""
    toward = ShownToken(f"for {label}", "", 1.0, True, "for", 1, FOR)
    against = ShownToken("against it", "  ", -1.0, True, "against", 1, AGAINST)
    text = terminal_tokens([toward, against], marks=marks, few_colors=few_colors)
    return text.append(f"  {UNKNOWN} not in the vocabulary") if unknown else text


def html_tokens(shown: Sequence[ShownToken], *, label: str) -> Markup:
    """The tokens as a paragraph of HTML, every text in it escaped; `STYLES` says what it looks like.

    Each token that counts has its number in its title, and for a reader of screens in its description.

    Args:
        shown: the tokens.
        label: the class that they are for or against.
    """
    name = Markup("Tokens, and what they contribute to {}").format(label)
    spans = Markup("").join(Markup("{}{}").format(token.before, _span(token)) for token in shown)
    return Markup('<p class="tokens" role="group" aria-label="{}">{}</p>').format(name, spans)


def token_legend(label: str = "the answer") -> Markup:
    """What the colours of `html_tokens` mean, for a paragraph of the class `tokens`."""
    return Markup(
        '<span class="for" style="background:{}">for {}</span> '
        '<span class="against" style="background:{}">against it</span> '
        '<span class="unknown">not in the vocabulary</span>'
    ).format(FOR, label, AGAINST)


def contribution_bars(
    tokens: Sequence[str], values: Sequence[float], *, label: str, unit: str = "", top: int = 15
) -> Figure:
    """The strongest contributions as bars, the strongest on top; filled for the class, hatched against it.

    Args:
        tokens: as they stand in the text; one that stands there more than once is named with its step.
        values: what each contributes.
        label: the class.
        unit: of the values, for the axis.
        top: bars at most.

    Raises:
        DataError: there is no token, or not one value for each.
    """
    if not tokens or len(tokens) != len(values):
        raise DataError(f"Bars need one value for each token. Got {len(tokens)} tokens and {len(values)} values.")
    order = sorted(range(len(tokens)), key=lambda place: -abs(values[place]))[:top]
    figure = new_figure(7.2, 1.4 + 0.27 * max(len(order), 4))
    axes = figure.add_subplot()
    axes.axvline(0, color=MUTED, linewidth=1)
    for row, place in enumerate(order):
        positive = values[place] > 0
        axes.barh(
            row,
            values[place],
            height=0.68,
            color=MAIN_LINE.color if positive else "white",
            edgecolor=MAIN_LINE.color if positive else OTHER_LINE.color,
            hatch="" if positive else "////",
        )
        _number(axes, row, values[place])
    twice = {token for token in tokens if list(tokens).count(token) > 1}
    names = [name_token(tokens[place]) + (f" [{place}]" if tokens[place] in twice else "") for place in order]
    axes.set_yticks(range(len(order)), names, parse_math=False)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.margins(x=0.14)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    tidy(
        axes,
        title=f"What speaks for {name_token(label)} (filled) and against it (hatched)",
        x=f"contribution, {unit}",
        grid=False,
    )
    return figure


def _number(axes: Axes, row: int, value: float) -> None:
    axes.annotate(
        f"{value:+.2f}".replace("-", "\N{MINUS SIGN}"),
        (value, row),
        xytext=(4 if value > 0 else -4, 0),
        textcoords="offset points",
        ha="left" if value > 0 else "right",
        va="center",
        fontsize=8.5,
        color=INK,
    )


def _style(token: ShownToken, few_colors: bool) -> Style:
    if not token.side:
        return Style(italic=not token.known)
    toward = token.side == "for"
    plain = "bright_cyan" if toward else "bright_yellow"
    color, behind = ("black", plain) if few_colors else (INK, token.color)
    return Style(color=color, bgcolor=behind, bold=toward, underline=not toward, italic=not token.known)


def _span(token: ShownToken) -> Markup | str:
    if not token.side and token.known:
        return token.text
    classes = " ".join(filter(None, (token.side, "" if token.known else "unknown")))
    number = f"{token.value:+.3f}" + ("" if token.known else ", not in the vocabulary")
    return Markup('<span class="{}" style="background:{}" title="{}" aria-description="{}">{}</span>').format(
        classes, token.color, number, number, token.text
    )


def _mixed(color: str, share: float) -> str:
    """Mix paper and this share of the colour; the faintest is still visible."""
    share = 0.25 + 0.75 * share
    pairs = ((int(PAPER[n : n + 2], 16), int(color[n : n + 2], 16)) for n in (1, 3, 5))
    return "#" + "".join(f"{round(paper + share * (full - paper)):02x}" for paper, full in pairs)
