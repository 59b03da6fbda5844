"""The wrong answers that are furthest from the truth, with what each of their words contributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from longshort.figures.tokens import html_tokens, shown_tokens, token_legend
from longshort.insight.attribution import Contributions, explain
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section, render
from longshort.plain import PlainMapping

__all__ = ["SECTION"]

BEGINNING = 400
"""Characters of a text that are shown at once, if it is not coloured."""

LONGEST = 20_000
"""Characters of a text that can be unfolded: a page with ten whole books would not open."""

COLOURED = 3_000
"""Characters of all texts together whose words are weighed: a text costs a hundred readings of it."""

TOLERANCE = 0.05
"""The share of the score that the weights of the words may leave out: a colour says no more."""


@dataclass(frozen=True)
class _Error:
    """One wrong answer: the labels with their probabilities, and the text, coloured or in three pieces."""

    truth: list[tuple[str, float]]
    answer: list[tuple[str, float]]
    beginning: str
    rest: str
    characters_left_out: int
    coloured: Markup | None
    strongest: str


def _build(evidence: Evidence) -> Markup:
    errors = evidence.metrics["worst_errors"]
    weighed = _weighed(evidence, errors)
    return render(
        "kinds/text/errors",
        errors=[_error(each, weighed.get(place)) for place, each in enumerate(errors)],
        coloured=len(weighed),
        legend=token_legend("the answer"),
        tolerance=TOLERANCE,
        part=evidence.metrics["judged_on"],
    )


def _weighed(evidence: Evidence, errors: Sequence[PlainMapping]) -> dict[int, Contributions]:
    """What the words contribute to the wrong answer, of as many errors as the budget allows, the worst first."""
    try:
        model = evidence.bundle
    except Missing:
        return {}
    found: dict[int, Contributions] = {}
    left = COLOURED
    for place, error in enumerate(errors):
        text, answer = error["text"], error["answer"]
        if text.strip() and answer and len(text) <= left:
            found[place] = explain(model, text, label=answer[0], tolerance=TOLERANCE)
            left -= len(text)
    return found


def _error(error: PlainMapping, weighed: Contributions | None) -> _Error:
    def with_probabilities(labels: Sequence[str]) -> list[tuple[str, float]]:
        return [(label, error["probabilities"][label]) for label in labels]

    text = error["text"]
    # A text that is only a little longer is shown whole: there would be nothing to unfold.
    cut = len(text) if len(text) <= 1.25 * BEGINNING else BEGINNING
    return _Error(
        truth=with_probabilities(error["truth"]),
        answer=with_probabilities(error["answer"]),
        beginning=text[:cut],
        rest=text[cut:LONGEST],
        characters_left_out=max(0, len(text) - LONGEST),
        coloured=None if weighed is None else _coloured(weighed),
        strongest="" if weighed is None else _strongest(weighed),
    )


def _coloured(weighed: Contributions) -> Markup:
    shown = shown_tokens(weighed.tokens, weighed.values.tolist(), known=weighed.known, spaced=weighed.spaced)
    return html_tokens(list(shown), label=weighed.label)


def _strongest(weighed: Contributions) -> str:
    places = weighed.strongest(4)
    return ", ".join(f"{weighed.tokens[place]!r} {weighed.values[place]:+.2f}" for place in places)


SECTION = Section("errors", "Worst errors", _build)
