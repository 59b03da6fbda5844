"""How far back the model remembers."""

from __future__ import annotations

from markupsafe import Markup

from longshort.figures.interactive import half_life_chart, horizon_chart
from longshort.insight.horizon import horizon
from longshort.insight.reach import MODELS
from longshort.kinds.classes.predictions import answers_of
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section, render
from longshort.plain import PlainMapping

__all__ = ["SECTION"]

TEXTS = 16
"""Most texts of the test split that are read, evenly spread."""

LONGEST = 6_000
"""Characters of a text that is used."""

PROJECTIONS = 8
"""Random rows by which a norm is estimated; what is drawn goes over powers of ten."""

NAMES: dict[str, str] = {**MODELS}

LAGS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 400)
"""Those in the table."""


def _build(evidence: Evidence) -> Markup:
    texts = [text for text in answers_of(evidence).texts if text.strip() and len(text) <= LONGEST]
    if not texts:
        raise Missing(f"No text that it was judged on has a token and at most {LONGEST:,} characters.")
    every = max(1, len(texts) // TEXTS)
    found = horizon(evidence.bundle, texts[::every][:TEXTS], projections=PROJECTIONS).to_dict()
    alone = len(found["reaches"]) == 1
    half_lives = [chart for reach in found["reaches"] if (chart := _half_lives(reach, alone=alone)) is not None]
    return render(
        "kinds/text/horizon",
        found=found,
        horizons=[_horizon(reach, alone=alone) for reach in found["reaches"]],
        half_lives=half_lives,
    )


def _horizon(reach: PlainMapping, *, alone: bool) -> Chart:
    curves = reach["curves"]
    shown = [lag for lag in LAGS if lag < len(curves["trained"]["share_median"])]
    halves = ", ".join(f"{NAMES[key]} {_gone(curve['half_lag'])}" for key, curve in curves.items())
    return Chart(
        f"horizon-{reach['layer']}-{reach['direction']}",
        horizon_chart(curves, NAMES),
        f"What is left of the gradient by the distance in tokens, {_where(reach)}. Half of it is gone: {halves}.",
        "A line is the median over the texts; the band holds the middle half of them.",
        title="What is left of the gradient" + ("" if alone else f": {_where(reach)}"),
        columns=("tokens back", *(NAMES[key] for key in curves)),
        rows=[(str(lag), *(curve["share_median"][lag] for curve in curves.values())) for lag in shown],
    )


def _half_lives(reach: PlainMapping, *, alone: bool) -> Chart | None:
    """None if no half-life is finite."""
    held = sorted(life for life in reach["half_lives"]["trained"] if life)
    if not held:
        return None
    summary = (
        f"Half-life of the cells, {_where(reach)}: from {held[0]:.2g} to {held[-1]:.2g} tokens, "
        f"{held[len(held) // 2]:.2g} in the middle."
    )
    return Chart(
        f"half-lives-{reach['layer']}-{reach['direction']}",
        half_life_chart(reach["half_lives"], NAMES),
        summary,
        summary,
        title="How long each unit holds on" + ("" if alone else f": {_where(reach)}"),
    )


def _where(reach: PlainMapping) -> str:
    return f"layer {reach['layer']}, {reach['direction']}"


def _gone(lag: int | None) -> str:
    return "not within what was measured" if lag is None else f"after {lag}"


SECTION = Section("memory", "How far back it remembers", _build)
