"""Findings about the gates and units of an LSTM: closed, saturated, or the same whatever they read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from longshort.evaluation.facts import Finding, TrainingFacts
from longshort.evaluation.findings.layers import layer_names
from longshort.evaluation.words import joined, percent
from longshort.plain import PlainMapping

__all__ = ["closed", "dead", "saturated"]

# Trainings that learn have hardly a unit like that (at most an eighth, at their start); of half, the layer's size is a
# fiction.
MANY_UNITS = 0.5
# Single gates do saturate in good models, for that is how an LSTM keeps and protects what it knows (Karpathy, Johnson &
# Fei-Fei 2015). Half of all input and output gates and half of the candidates at once leave no slope to learn on; in
# trainings that learn, it is a tenth of the gates and a hundredth of the candidates.
MOST_VALUES = 0.5

_CLOSED = {
    "forget": ("keep", "little is carried from step to step", "Start the forget gates with a bias of 1"),
    "input": ("let in", "little enters its cells", "Start the input gates with a bias of 0"),
    "output": ("show", "little leaves its cells", "Start the output gates with a bias of 0"),
}
_MOVING = {"hidden": "units", "input": "input gates", "forget": "forget gates", "output": "output gates"}


def closed(facts: TrainingFacts) -> Iterator[Finding]:
    """Half of the units or more have an input, forget or output gate that never comes above 0.05."""
    gates = _gates(facts)
    for gate, (verb, so, advice) in _CLOSED.items():
        places = [place for place, seen in gates.items() if seen[gate]["shut"] >= MANY_UNITS]
        if places:
            units = percent(min(gates[place][gate]["shut"] for place in places))
            yield Finding(
                kind="closed gates",
                level="warning",
                sentence=f"The {gate} gates of {_named(gates, places)} never open: {units} of the units {verb} less "
                f"than 5 % at every measured step, so {so}.",
                advice=f"{advice}, and use a smaller learning rate.",
            )


def saturated(facts: TrainingFacts) -> Iterator[Finding]:
    """Half of all input and output gates and half of the candidates stand where they hardly have a slope."""
    gates = _gates(facts)
    shares = {
        place: ((_ends(seen["input"]) + _ends(seen["output"])) / 2, seen["candidate"]["saturated"])
        for place, seen in gates.items()
    }
    places = [place for place, both in shares.items() if min(both) >= MOST_VALUES]
    if places:
        ends, candidates = (percent(min(shares[place][i] for place in places)) for i in (0, 1))
        yield Finding(
            kind="saturated gates",
            level="warning",
            sentence=f"The gates of {_named(gates, places)} are saturated: {ends} of the input and output gates stand "
            f"below 0.05 or above 0.95, and {candidates} of the candidates beyond 0.95 on either side, where almost "
            "no gradient passes.",
            advice="A smaller learning rate, smaller first weights, or inputs scaled to a deviation of about 1.",
        )


def _ends(gate: Mapping[str, float]) -> float:
    return gate["low"] + gate["high"]


def dead(facts: TrainingFacts) -> Iterator[Finding]:
    """Half of the units or more, or of their gates, stay within a band of 0.01 whatever they read."""
    gates = _gates(facts)
    for part, name in _MOVING.items():
        places = [place for place, seen in gates.items() if seen[part]["still"] >= MANY_UNITS and not _shut(seen, part)]
        if places:
            share = percent(min(gates[place][part]["still"] for place in places))
            yield Finding(
                kind="dead units" if part == "hidden" else "dead gates",
                level="warning",
                sentence=f"{share} of the {name} of {_named(gates, places)} are dead: they stay within a band of 0.01, "
                "whatever they read.",
                advice="Fewer units, a smaller learning rate, or first weights and inputs that are not too small.",
            )


def _shut(seen: PlainMapping, part: str) -> bool:
    """Whether `closed` has said it: a closed gate stands still, and behind a closed output gate every unit does."""
    gate = "output" if part == "hidden" else part
    return bool(seen[gate]["shut"] >= MANY_UNITS)


def _gates(facts: TrainingFacts) -> PlainMapping:
    moment = facts.moment()
    return {} if moment is None else moment["gates"]


def _named(gates: PlainMapping, places: list[str]) -> str:
    names = layer_names(gates)
    return joined([names[place] for place in places])
