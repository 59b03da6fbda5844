"""What a recorder of a training would have found, as plainly as a test can say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

GATES = ("input", "forget", "cell", "output")


def gate(**changes: float) -> dict[str, float]:
    return {"mean": 0.5, "low": 0.0, "high": 0.0, "still": 0.0, "shut": 0.0} | changes


def place(**changes: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """One layer and direction, in which all is well but for the changes."""
    calm = {name: gate() for name in ("input", "forget", "output")}
    calm |= {name: {"mean": 0.2, "saturated": 0.0, "still": 0.0} for name in ("candidate", "hidden")}
    return {name: seen | changes.get(name, {}) for name, seen in calm.items()}


def moment(
    step: int = 1,
    layers: Mapping[str, tuple[float, float, float]] | None = None,
    gates: Mapping[str, Any] | None = None,
    reach: Sequence[float] = (),
) -> dict[str, Any]:
    """A measured update; the norms of gradient, update and weights are those of each group."""
    groups = {}
    for name, norms in (layers or {"lstm.l0": (0.5, 0.001, 1.0), "linear": (0.5, 0.001, 1.0)}).items():
        for each in [f"{name}.{gate}" for gate in GATES] if "." in name else [name]:
            groups[each] = dict(zip(("gradient", "update", "weight"), norms, strict=True))
    return {"step": step, "groups": groups, "gates": gates or {"lstm.l0": place()}, "reach": list(reach)}


def dynamics(*moments: dict[str, Any], moved: float | None = 0.5, **changes: Any) -> dict[str, Any]:
    """An epoch of 100 updates in which every group moved by the same share, but for those named in `groups`."""
    names = (moments or (moment(),))[0]["groups"]
    kinds = {name: "gate" if "." in name else "embedding" if name == "embedding" else "other" for name in names}
    found = {name: {"kind": kinds[name], "moved": moved} for name in names}
    for name, share in changes.pop("groups", {}).items():
        found[name]["moved"] = share
    calm = {"steps": 100, "learning_rate": 0.003, "clip": 1.0, "clipped": 0.5, "gradient_median": 1.2}
    return {**calm, "moved": moved, "groups": found, "moments": list(moments or (moment(),)), **changes}


def course(*epochs: dict[str, Any], losses: Sequence[float] = (), largest: float = 3.0) -> list[dict[str, Any]]:
    """A history with these dynamics; the losses fall to nearly nothing and level off unless they are given."""
    falling = losses or [0.5, 0.1, *[0.09] * len(epochs)]
    return [
        {"epoch": number, "train_loss": falling[number - 1], "gradient_norm": largest, "dynamics": each}
        for number, each in enumerate(epochs, start=1)
    ]
