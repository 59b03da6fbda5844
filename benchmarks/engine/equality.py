"""Compare a peer's answer with the reference; peers with a different answer are not timed."""

from __future__ import annotations

import numpy as np
from benchmarks.engine.peer import Answer

__all__ = ["OPTIONAL", "compare", "difference", "verdict"]

OPTIONAL = ("h", "c")
"""Arrays that a peer may omit: a padded batch does not give the states of the last real step."""


def difference(answer: Answer, reference: Answer, name: str) -> float:
    """Return the largest difference of an array, relative to the reference's largest value.

    Infinite if the array is missing or has another shape; NaN if it holds NaN.
    """
    expected, given = reference[name], answer.get(name)
    if given is None or given.shape != expected.shape:
        return float("inf")
    scale = float(np.abs(expected).max(initial=0.0))
    return float(np.abs(given - expected).max(initial=0.0)) / (scale or 1.0)


def compare(answer: Answer, reference: Answer) -> dict[str, float]:
    """Compare every array of the reference; optional ones only if the answer has them."""
    wanted = [name for name in reference if name in answer or name not in OPTIONAL]
    return {name: difference(answer, reference, name) for name in wanted}


def verdict(differences: dict[str, float], tolerance: float) -> str:
    """Describe what differs and by how much; empty if the answers agree."""
    wrong = {name: value for name, value in differences.items() if not value <= tolerance}
    return "; ".join(f"{name} differs by {value:.1e} (tolerance {tolerance:.0e})" for name, value in wrong.items())
