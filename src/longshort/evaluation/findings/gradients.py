"""Findings about the gradient: too large to use, or gone before it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean, median

from longshort.evaluation.facts import Finding, TrainingFacts
from longshort.evaluation.findings.layers import layer_names, layer_norms, layers_of
from longshort.evaluation.words import joined, percent, times
from longshort.plain import PlainMapping

__all__ = ["exploding", "vanishing_to_layers", "vanishing_to_steps"]

# Clipping is no illness: trainings that learn are cut in up to 96 % of an epoch's updates, with a median norm of up to
# 3 times what is allowed. At 100 times, an update keeps a hundredth of what its examples say about its length.
FAR_BEYOND_CLIP = 100
# The largest gradient of an epoch is up to 400 times the median one in trainings that learn, on long texts; more where
# the median comes down to nearly nothing, so that it must be far beyond the clip as well.
SPIKE = 10_000
# The weakest tenth of a sequence gets 8 to 90 % of the gradient of the strongest where all of it is learnt from.
WEAKEST_TENTH = 0.01
# The LSTM layers of trainings that learn, of up to three of them, have 0.16 to 2 times the gradient of the last layer;
# in the sequence-sum put right, 50 times.
WEAK_LAYER = 0.001

POOL = 'Pool over all steps (pooling="mean+max"), which gives each one a gradient of its own; or train longer, '

_TENTHS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "last")


def exploding(facts: TrainingFacts) -> Iterator[Finding]:
    """In some epoch the gradient was far beyond what it was cut to, or had spikes far above its own median."""
    rows = [row for row in facts.history if row.get("dynamics") and "gradient_norm" in row and _explodes(row)]
    if not rows:
        return
    worst = max(rows, key=lambda row: row["gradient_norm"])
    seen = worst["dynamics"]
    yield Finding(
        kind="exploding gradient",
        level="warning",
        sentence=f"Its gradient exploded: in epoch {worst['epoch']} its norm was {_norm(seen['gradient_median'])} in "
        f"the median update and {_norm(worst['gradient_norm'])} in the largest; it was cut to {seen['clip']:g} in "
        f"{percent(seen['clipped'])} of the updates.",
        advice="A smaller learning rate, and first weights that are not larger than usual.",
    )


def _explodes(row: PlainMapping) -> bool:
    usual, clip = row["dynamics"]["gradient_median"], row["dynamics"]["clip"]
    return bool(row["gradient_norm"] > SPIKE * max(clip, usual) or usual > FAR_BEYOND_CLIP * clip)


def _norm(norm: float) -> str:
    """Three digits: "0.234", "797", "48,200,000"."""
    return f"{float(f'{norm:.3g}'):,.0f}" if norm >= 100 else f"{norm:.3g}"


def vanishing_to_steps(facts: TrainingFacts) -> Iterator[Finding]:
    """Some tenth of a sequence gets under a hundredth of the gradient that another gets (Hochreiter 1991)."""
    moment = facts.moment()
    if moment is None or not moment["reach"] or min(moment["reach"]) >= WEAKEST_TENTH:
        return
    reach = moment["reach"]
    weakest, strongest = reach.index(min(reach)), reach.index(max(reach))
    less = f"{times(1 / reach[weakest])} times less of it than" if reach[weakest] else "none of it, unlike"
    yield Finding(
        kind="vanishing gradient",
        level="warning",
        sentence=f"The gradient vanishes along the sequence, whose {_TENTHS[weakest]} tenth gets {less} its "
        f"{_TENTHS[strongest]} tenth.{_forgetting(moment)}",
        advice=(POOL if facts.pools else "Train longer, ")
        + "start the forget gates with a higher bias, or cut what is too long.",
    )


def _forgetting(moment: PlainMapping) -> str:
    """How much the first layer keeps of its cells: for the most part, what is left of a gradient from step to step."""
    names = layer_names(moment["gates"])
    first = [place for place in names if place.removesuffix("_reverse") == next(iter(names))]
    if not first:
        return ""
    kept = mean(moment["gates"][place]["forget"]["mean"] for place in first)
    which = joined([names[place] for place in first])
    return f" The forget gates of {which} keep {kept:.2f} of a cell at each step, on average."


def vanishing_to_layers(facts: TrainingFacts) -> Iterator[Finding]:
    """The gradient of an LSTM layer is, in the median update, under a thousandth of that of the last layer."""
    ratios = _gradients(facts)
    middle = {layer: median(each) for layer, each in ratios.items() if each}
    weak = [layer for layer, ratio in middle.items() if 0 < ratio < WEAK_LAYER]
    if weak:
        names = layer_names(ratios)
        yield Finding(
            kind="vanishing gradient",
            level="warning",
            sentence=f"Hardly any gradient reaches {joined([names[layer] for layer in weak])}: in the median update it "
            f"is {times(1 / max(middle[layer] for layer in weak))} times smaller than that of the last layer, or less.",
            advice="Fewer layers, or first weights that are not smaller than usual.",
        )


def _gradients(facts: TrainingFacts) -> dict[str, list[float]]:
    """The gradient of each LSTM layer as a share of that of the last other layer, at each measured update."""
    found: dict[str, list[float]] = {}
    for each in facts.dynamics:
        layers = layers_of(each["groups"])
        heads = [name for name, group in each["groups"].items() if group["kind"] == "other"][-1:]
        for norms in (layer_norms(moment, layers, "gradient") for moment in each["moments"]):
            for layer in dict.fromkeys(layers.values()):
                if heads and layer not in layers:
                    found.setdefault(layer, []).extend([norms[layer] / norms[heads[0]]] if norms[heads[0]] else [])
    return found
