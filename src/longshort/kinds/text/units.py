"""What single units do, and what the model loses without them."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from longshort.figures.interactive import ranking_chart
from longshort.insight.subject import subject_of
from longshort.insight.units import Unit, UnitReport, UnitStudy, units
from longshort.insight.units.names import units_of
from longshort.insight.units.study import BESIDE
from longshort.kinds.classes.predictions import answers_of
from longshort.lstm.module import spec_of
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section, render

__all__ = ["SECTION"]

TEXTS, CHARACTERS = 160, 200_000
"""Most texts that are read, and most characters in all of them; `longshort units` has an option for more."""

FIRST, WORK = 40, 6_500_000
"""Other texts, on which every unit is taken out once to find those that matter: at most so many, and at most so many
units times characters."""

MEASURED = 16
"""How many of those are then measured, beside 20 drawn at random. Choosing them on other texts keeps the luck of the
choice out of the numbers."""

SHOWN = 12

LONGEST = 1_000_000
"""Characters of all texts together that are studied at all."""


def _build(evidence: Evidence) -> Markup:
    study, screened = _study(evidence)
    ranked = study.ranked("damage")[:SHOWN]
    plain = [report.to_dict() for report in ranked]
    worst = plain[0]
    ablation = worst["ablation"]
    low, high = np.percentile(study.changes, [5, 95])
    summary = (
        f"The {len(plain)} units without which the loss rises most. Without {worst['unit']} it changes by "
        f"{ablation['loss_change']:+.4f} nats per text ({ablation['loss_interval'][0]:+.4f} to "
        f"{ablation['loss_interval'][1]:+.4f}); nine in ten of {len(study.changes)} units change it by {low:+.4f} to "
        f"{high:+.4f}, the band behind."
    )
    chart = Chart(
        "units",
        ranking_chart(plain, study.changes),
        summary,
        summary,
        columns=("unit", "rise of the loss", "from", "to", "p (Holm)", "texts lost", "texts gained"),
        rows=[_row(report) for report in ranked],
    )
    sentences = [sentence for report in ranked if (sentence := report.sentence())]
    return render(
        "kinds/text/units",
        study=study,
        units=plain,
        chart=chart,
        sentences=sentences,
        screened=screened,
        every=_count(evidence),
    )


def _count(evidence: Evidence) -> int:
    """Units of the model."""
    return len(units_of(spec_of(subject_of(evidence.bundle).lstm)))


def _row(report: UnitReport) -> tuple[object, ...]:
    found = report.ablation
    if found is None:
        return (str(report.unit), None, None, None, None, None, None)
    return (str(report.unit), found.loss_change, *found.loss_interval, found.p_value, found.lost, found.gained)


def _study(evidence: Evidence) -> tuple[UnitStudy, int]:
    """All units if they are few; else those that matter most on other texts, and how many those are."""
    answers = answers_of(evidence)
    count = _count(evidence)
    filled = [place for place, text in enumerate(answers.texts) if text.strip()]
    if count <= MEASURED + BESIDE or len(filled) < 4:
        return _ablate(evidence, _some(evidence, filled, TEXTS, CHARACTERS)), 0
    screening = _some(evidence, filled[::2], FIRST, WORK // count)
    ranked = _ablate(evidence, screening).ranked("damage")
    measuring = _some(evidence, filled[1::2], TEXTS, CHARACTERS)
    return _ablate(evidence, measuring, [report.unit for report in ranked[:MEASURED]]), len(screening)


def _ablate(evidence: Evidence, places: list[int], chosen: list[Unit] | None = None) -> UnitStudy:
    answers = answers_of(evidence)
    texts, labels = [answers.texts[place] for place in places], [answers.truths[place] for place in places]
    return units(evidence.bundle, texts, labels, chosen=chosen, contexts=2)


def _some(evidence: Evidence, places: list[int], most: int, characters: int) -> list[int]:
    """Evenly spread, as many as the budget of characters allows, and two at least."""
    spread = [places[int(at)] for at in np.unique(np.linspace(0, len(places) - 1, min(most, len(places))).round())]
    total = np.cumsum([len(answers_of(evidence).texts[place]) for place in spread])
    kept = max(2, int((total <= characters).sum()))
    if len(spread) < 2 or total[min(kept, len(total)) - 1] > LONGEST:
        raise Missing("Units are studied on two texts at least that are not empty, and no longer than a book.")
    return spread[:kept]


SECTION = Section("units", "The units that matter most", _build)
