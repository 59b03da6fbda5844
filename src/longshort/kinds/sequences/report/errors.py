"""The worst errors on sequences of numbers, drawn: what each step contributed to the wrong answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from longshort.artifacts.bundle import AnyBundle
from longshort.kinds.sequences.report.pictures import drawn, explained, strongest, words_of
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section, render
from longshort.plain import PlainMapping

__all__ = ["CLASSES", "NUMBERS"]

PICTURES = 4
"""Number of the worst errors that are drawn."""


@dataclass(frozen=True)
class _Picture:
    """One error: its answer and the truth in words, and the series coloured by what each step contributed."""

    place: str
    answer: str
    truth: str
    image: str
    strongest: str


def _build(evidence: Evidence, *, numbers: bool) -> Markup:
    errors = evidence.metrics["worst_errors"]
    try:
        model: AnyBundle | None = evidence.bundle
    except Missing:
        model = None
    pictures = [_picture(error, model if place < PICTURES else None) for place, error in enumerate(errors)]
    return render(
        "kinds/sequences/errors",
        errors=pictures,
        numbers=numbers,
        part=evidence.metrics["judged_on"],
        file=_file(evidence),
    )


def _file(evidence: Evidence) -> str:
    source: str = evidence.metrics["data"]["parts"][evidence.metrics["judged_on"]]["source"]
    return source


def _picture(error: PlainMapping, model: AnyBundle | None) -> _Picture:
    found = explained(error, model)
    image = "" if found is None else drawn(error["values"], found)
    return _Picture(error["text"], *words_of(error), image, "" if found is None else strongest(found))


CLASSES = Section("errors", "Worst errors", partial(_build, numbers=False))
NUMBERS = Section("errors", "Worst errors", partial(_build, numbers=True))
