"""Examples that a report analyses: what a model does while it reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from longshort.insight.trace import Trace
from longshort.pages.evidence import Evidence

__all__ = ["Choose", "TracedExample"]


@dataclass(frozen=True, eq=False)
class TracedExample:
    """One input, and everything that happens while the model reads it.

    Args:
        key: a short name, fit for an address in the page.
        title: why it was chosen.
        verdict: the answer, its probability, and the truth, in words.
        text: the input; empty for a sequence of numbers.
        given: what the model reads: the text, or values `(steps, channels)` float64.
        trace: every gate and state of its reading.
        steps: what each step is: a token, or the value if there is one channel.
        image: a picture of it as base64; empty if there is none.
        strongest: the steps that contribute most to the answer, in words; empty if they are not known.
    """

    key: str
    title: str
    verdict: str
    text: str
    given: str | npt.NDArray[np.float64]
    trace: Trace
    steps: list[str]
    image: str = ""
    strongest: str = ""


Choose = Callable[[Evidence], Sequence[TracedExample]]
"""Chooses the examples of a run, at least one; raises `Missing` if there is none."""
