"""A page that compares two runs of one kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from longshort.pages.evidence import Evidence
from longshort.pages.section import Section

__all__ = ["PairPage", "names_of"]

PairT = TypeVar("PairT")
"""What such a page is about."""


@dataclass(frozen=True)
class PairPage(Generic[PairT]):
    """What such a page holds.

    Args:
        pair: makes, from the evidence of each run, what the sections are about.
        headline: says which run is better, in a sentence.
        sections: in their order.
    """

    pair: Callable[[Evidence, Evidence], PairT]
    headline: Callable[[PairT], str]
    sections: Sequence[Section[PairT]]


def names_of(ours: Evidence, theirs: Evidence) -> tuple[str, str]:
    """Return the names of two runs; with a letter where both have the same."""
    first, second = ours.metrics["name"], theirs.metrics["name"]
    return (first, second) if first != second else (f"{first} (A)", f"{second} (B)")
