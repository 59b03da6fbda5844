"""Whether a peer's answer is that of the reference: no speed is reported where it is not."""

from __future__ import annotations

import numpy as np
from benchmarks.engine.peer import Answer

__all__ = ["OPTIONAL", "compare", "difference", "verdict"]

OPTIONAL = ("h", "c")
"""What a peer may leave out: a padded batch has no states of the last real step."""


def difference(answer: Answer, reference: Answer, name: str) -> float:
    """Largest difference of an array, as a share of the reference's largest value; infinite where it does not fit.

    That is: where it is missing or of another shape. It is NaN where the array holds one.
    """
    expected, given = reference[name], answer.get(name)
    if given is None or given.shape != expected.shape:
        return float("inf")
    scale = float(np.abs(expected).max(initial=0.0))
    return float(np.abs(given - expected).max(initial=0.0)) / (scale or 1.0)


def compare(answer: Answer, reference: Answer) -> dict[str, float]:
    """The difference of every array of the reference; the optional ones only where the answer has them."""
    wanted = [name for name in reference if name in answer or name not in OPTIONAL]
    return {name: difference(answer, reference, name) for name in wanted}


def verdict(differences: dict[str, float], tolerance: float) -> str:
    """Empty where the answers agree, otherwise what differs and by how much."""
    wrong = {name: value for name, value in differences.items() if not value <= tolerance}
    return "; ".join(f"{name} differs by {value:.1e} (tolerance {tolerance:.0e})" for name, value in wrong.items())
