"""Which examples deserve a closer look: one that is clearly right, the worst error, and one that is undecided."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Typical", "first_of", "typical_answers", "typical_numbers"]

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
First = Callable[[Places, Numbers], int | None]
"""Gives the first of some examples by an order over all of them; None if none of them can be shown."""


class Typical(NamedTuple):
    """One example.

    Fields:
        key: a short name, fit for an address in a page.
        title: why it was chosen.
        place: where it stands.
    """

    key: str
    title: str
    place: int


def first_of(allowed: npt.NDArray[np.bool_]) -> First:
    """The first by the order, of those that are allowed."""

    def first(places: Places, order: Numbers) -> int | None:
        return min(map(int, places[allowed[places]]), key=lambda place: order[place], default=None)

    return first


def typical_answers(
    probabilities: Numbers, right: npt.NDArray[np.bool_], truth: Numbers, first: First, *, multi_label: bool = False
) -> list[Typical]:
    """Choose a classifier's answers, as many of the three kinds as there are; none twice.

    Args:
        probabilities: `(examples, classes)`.
        right: `(examples,)`: whether each answer is right.
        truth: `(examples,)`: the probability that was given to what is true.
        first: chooses among examples.
        multi_label: whether an example may have several labels.
    """
    ranked = np.sort(probabilities, axis=1)
    sure = ranked[:, -1]
    margin = abs(probabilities - 0.5).min(axis=1) if multi_label else sure - ranked[:, -2]
    return _chosen(
        first,
        ("right", "Clearly right", np.flatnonzero(right), -sure),
        ("wrong", "Clearly wrong", np.flatnonzero(~right), truth),
        ("undecided", "Undecided", np.arange(len(right)), margin),
    )


def typical_numbers(errors: Numbers, first: First) -> list[Typical]:
    """Choose the nearest answer of a regression and the one that is furthest off.

    Args:
        errors: `(examples,)`: how far each answer is off, 0 or more.
        first: chooses among examples.
    """
    everywhere = np.arange(len(errors))
    return _chosen(
        first, ("right", "The nearest answer", everywhere, errors), ("wrong", "The furthest off", everywhere, -errors)
    )


def _chosen(first: First, *kinds: tuple[str, str, Places, Numbers]) -> list[Typical]:
    found: list[Typical] = []
    for key, title, places, order in kinds:
        place = first(np.setdiff1d(places, [each.place for each in found]), order)
        if place is not None:
            found.append(Typical(key, title, place))
    return found
