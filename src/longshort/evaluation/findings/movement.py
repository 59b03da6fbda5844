"""Findings about how far the weights moved: hardly at all, not at all, or too far at once."""

from __future__ import annotations

from collections.abc import Iterator

from longshort.evaluation.facts import Finding, TrainingFacts
from longshort.evaluation.findings.layers import layer_names, layer_norms, layers_of
from longshort.evaluation.findings.learning import still_falling
from longshort.evaluation.words import count, listed, small_percent, times

__all__ = ["barely_moved", "overshot", "unmoved"]

# Trainings that learn something move their weights by a sixth of their norm or more: the demo by 0.23 to 0.27, the text
# experiment by 0.43, the sequence-sum put right by 4; the 6 updates of the lab sheet made 0.05.
BARELY_MOVED = 0.1
# About a thousandth is usual (Karpathy, Johnson & Li, notes to CS231n); trainings that learn stay below a fiftieth in
# an LSTM layer. At a tenth, ten updates replace the weights.
OVERSHOT = 0.1


def barely_moved(facts: TrainingFacts, *, nothing: bool) -> Iterator[Finding]:
    """No group of weights moved by a tenth of its norm, and the training shows it.

    Short and gentle trainings of weights that were good at the start are no mistake: nothing is reported unless the
    loss was still falling, or nothing was learned.

    Args:
        facts: of the training.
        nothing: whether the model has learned nothing.
    """
    if not facts.dynamics:
        return
    last = facts.dynamics[-1]
    shares = [group["moved"] for group in last["groups"].values() if group["moved"] is not None]
    falling = any(still_falling(facts))
    if not shares or max(shares) >= BARELY_MOVED or not (falling or nothing):
        return
    moved = max(shares) if last["moved"] is None else last["moved"]
    why = " while the loss was still falling: it had no time to learn" if falling else ": too little to learn from"
    yield Finding(
        kind="barely moved",
        level="bad" if nothing else "warning",
        sentence=f"{_updates(facts)} at {_rate(facts)} moved the weights by {small_percent(moved)} of their norm{why}.",
        advice="Give it more updates (more epochs, or smaller batches) or a higher learning rate, until the weights "
        "have moved by a fifth of their norm or more.",
    )


def _updates(facts: TrainingFacts) -> str:
    return count(sum(each["steps"] for each in facts.dynamics), "update")


def _rate(facts: TrainingFacts) -> str:
    highest = f"{max(each['learning_rate'] for each in facts.dynamics):.2g}"
    return f"a learning rate of {highest}" if facts.schedule == "constant" else f"learning rates of at most {highest}"


def unmoved(facts: TrainingFacts) -> Iterator[Finding]:
    """Some weights did not move at all, where others did: they are frozen, or no gradient reaches them."""
    if not facts.dynamics:
        return
    groups, moments = facts.dynamics[-1]["groups"], [each for one in facts.dynamics for each in one["moments"]]
    still = [name for name, group in groups.items() if group["moved"] == 0]
    if not still or len(still) == len(groups):
        return
    reached = any(moment["groups"][name]["gradient"] for moment in moments for name in still)
    frozen = "embedding_rate above 0" if any(groups[n]["kind"] == "embedding" for n in still) else "requires_grad"
    yield Finding(
        kind="unmoved",
        level="note",
        sentence=f"The weights of {listed(still)} did not move at all in {_updates(facts)}"
        + (", though a gradient reached them." if reached else ": no gradient reached them."),
        advice=f"If that is not meant, set {frozen}." if reached else "See whether the network uses them.",
    )


def overshot(facts: TrainingFacts) -> Iterator[Finding]:
    """An update changed the weights of an LSTM layer by a tenth of their norm or more."""
    ratios = list(_ratios(facts))
    largest, step, layer = max(ratios, default=(0.0, 0, ""))
    if largest < OVERSHOT:
        return
    name = layer_names(dict.fromkeys(each for _, _, each in ratios))[layer]
    far = f"{times(largest)} times" if largest >= 1 else f"{small_percent(largest)} of"
    yield Finding(
        kind="overshot",
        level="warning",
        sentence=f"Its updates were too large: update {step:,} changed the weights of {name} by {far} their norm, "
        "where a thousandth is usual.",
        advice="A tenth of the learning rate, or less.",
    )


def _ratios(facts: TrainingFacts) -> Iterator[tuple[float, int, str]]:
    """Update per weight, the update's number, and the layer, for every LSTM layer at every measured update."""
    for each in facts.dynamics:
        layers = layers_of(each["groups"])
        for moment in each["moments"]:
            updates, weights = (layer_norms(moment, layers, key) for key in ("update", "weight"))
            for layer in set(layers.values()) - set(layers):
                if weights[layer]:
                    yield updates[layer] / weights[layer], moment["step"], layer
