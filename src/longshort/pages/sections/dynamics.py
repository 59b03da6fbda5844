"""How far the weights moved, and how the gates stood, while it learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from longshort.evaluation.findings.layers import layer_names, layer_norms, layers_of
from longshort.figures.interactive import gate_openings, update_ratios
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section, render
from longshort.plain import PlainMapping

__all__ = ["SECTION"]

GATES = {"input": "input gate", "forget": "forget gate", "output": "output gate"}

Series = dict[str, list[tuple[int, float]]]


def _build(evidence: Evidence) -> Markup:
    recorded = [epoch["dynamics"] for epoch in evidence.history if epoch.get("dynamics")]
    moments = [moment for each in recorded for moment in each["moments"]]
    if not moments:
        raise Missing("No update of its weights was measured.")
    layers = layers_of(recorded[0]["groups"])
    places = [layer for layer in dict.fromkeys(layers.values()) if layer not in layers]
    # Other layers are reported as whole parts of the network, not module by module.
    names = {layer: layer.partition(".")[0] for layer in layers.values()} | layer_names(places)
    charts = [_ratios(moments, layers, names, evidence), *_openings(moments, places, names)]
    return render("dynamics", charts=charts, last=recorded[-1], epochs=recorded)


def _ratios(
    moments: Sequence[PlainMapping], layers: Mapping[str, str], names: Mapping[str, str], evidence: Evidence
) -> Chart:
    series: Series = {name: [] for name in names.values()}
    named = {group: names[layer] for group, layer in layers.items()}
    for moment in moments:
        update, weight = (layer_norms(moment, named, key) for key in ("update", "weight"))
        for name in series:
            if weight[name]:
                series[name].append((moment["step"], update[name] / weight[name]))
    last = ", ".join(f"{name} {points[-1][1]:.1e}" for name, points in series.items() if points)
    return Chart(
        "ratios",
        update_ratios(series),
        f"Norm of an update over the norm of the weights, by layer. At update {moments[-1]['step']}: {last}.",
        "The dotted line is a thousandth, a rule of thumb for a step that is neither timid nor wild.",
        title="How far an update moves the weights",
        columns=("update", *series),
        rows=_table(series),
        picture=evidence.figures / "dynamics.png",
    )


def _openings(moments: Sequence[PlainMapping], places: Sequence[str], names: Mapping[str, str]) -> list[Chart]:
    """A chart for each layer and direction whose gates were seen."""
    charts = []
    for number, place in enumerate(places):
        seen = [moment for moment in moments if place in moment["gates"]]
        series: Series = {
            name: [(moment["step"], moment["gates"][place][gate]["mean"]) for moment in seen]
            for gate, name in GATES.items()
        }
        if not seen:
            continue
        now = ", ".join(f"{name} {points[0][1]:.2f} to {points[-1][1]:.2f}" for name, points in series.items())
        charts.append(
            Chart(
                f"openings-{number}",
                gate_openings(series),
                f"Mean opening of the gates of {names[place]}, first and last update seen: {now}.",
                title=f"How far the gates open: {names[place]}",
                columns=("update", *series),
                rows=_table(series),
            )
        )
    return charts


def _table(series: Series) -> list[tuple[object, ...]]:
    """A row for each update, a column for each series."""
    by_step = {name: dict(points) for name, points in series.items()}
    steps = sorted({step for points in by_step.values() for step in points})
    return [(f"{step:,}", *(points.get(step) for points in by_step.values())) for step in steps]


SECTION = Section("dynamics", "How the weights moved", _build)
