"""Which groups of weights are a layer, and what to call it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from longshort.plain import PlainMapping

__all__ = ["layer_names", "layer_norms", "layers_of"]


def layers_of(groups: Mapping[str, PlainMapping]) -> dict[str, str]:
    """The layer that each group of weights belongs to: the gates of an LSTM's layer and direction are one.

    Args:
        groups: mappings with a `kind`, by name, as a record's `dynamics` has them.
    """
    return {
        name: name.rpartition(".")[0] if group["kind"] in ("gate", "projection") else name
        for name, group in groups.items()
    }


def layer_norms(moment: PlainMapping, layers: Mapping[str, str], key: str) -> dict[str, float]:
    """The norm of each layer at a moment: "gradient", "update" or "weight" of all of its groups together."""
    found: dict[str, list[float]] = {}
    for name, group in moment["groups"].items():
        found.setdefault(layers[name], []).append(group[key])
    return {layer: math.hypot(*values) for layer, values in found.items()}


def layer_names(layers: Iterable[str]) -> dict[str, str]:
    """What to call the layers of LSTMs: "layer 0", or "layer 0 forward" and "layer 0 reverse" where there are both.

    Args:
        layers: all of them, such as "lstm.l0" and "lstm.l0_reverse"; what stands before the last point is reported only
            where there are several LSTMs.
    """
    split = {layer: layer.rpartition(".")[::2] for layer in layers}
    several = len({stem for stem, _ in split.values()}) > 1
    both = any(own.endswith("_reverse") for _, own in split.values())
    names = {}
    for layer, (stem, own) in split.items():
        direction = "" if not both else " reverse" if own.endswith("_reverse") else " forward"
        number = int(own.removesuffix("_reverse").removeprefix("l"))
        names[layer] = f"{stem + ' ' if several and stem else ''}layer {number}{direction}"
    return names
