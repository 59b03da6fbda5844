"""A built-in set of negations: words of praise and of blame, as in reviews, and the same with a negation before them.

Praise and blame are there in equal number and with the same negations: a model that merely adds up words, with "not" a
little below zero, turns "not good" round, and never "not bad".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

__all__ = ["CONTROL", "NEGATIONS", "TEMPLATES", "Negated"]

TEMPLATES = ("the film {} .", "this {} , i think .", "all in all , it {} .")
"""Sentences around a phrase; a phrase's scores are their means."""

CONTROL = "also"
"""Stands where the negation stood, and turns no meaning round."""

_LEADS = (
    ("is", "is not"),
    ("was", "was not"),
    ("is", "isn't"),
    ("was", "wasn't"),
    ("is", "is never"),
    ("was", "was never"),
    ("is", "is hardly"),
    ("was", "was hardly"),
    ("is", "is far from"),
    ("was", "was anything but"),
)
_PRAISE = (
    "good great funny interesting enjoyable original convincing entertaining believable memorable "
    "perfect excellent clever exciting charming impressive amazing wonderful beautiful moving"
)
_BLAME = (
    "bad boring dull terrible disappointing predictable awful stupid annoying weak "
    "poor silly slow horrible ridiculous pointless lame cheap forgettable confusing"
)


@final
@dataclass(frozen=True)
class Negated:
    """A word and its negation.

    Args:
        plain: such as "is good".
        negated: such as "is not good".
        word: such as "good".
        praise: whether the word is one of praise, and so its negation one of blame.
    """

    plain: str
    negated: str
    word: str
    praise: bool

    @property
    def control(self) -> str:
        """Such as "is also good"."""
        return f"{self.plain.removesuffix(self.word)}{CONTROL} {self.word}"

    @property
    def negation(self) -> str:
        """Such as "not"."""
        return self.phrase.removesuffix(self.word).strip()

    @property
    def phrase(self) -> str:
        """The negation and the word, such as "not good"; "isn't good" where the verb is part of the negation."""
        verb = self.plain.removesuffix(self.word)
        return self.negated.removeprefix(verb)


def _pairs(words: str, *, praise: bool) -> list[Negated]:
    each = enumerate(words.split())
    leads = ((word, *_LEADS[place % len(_LEADS)]) for place, word in each)
    return [Negated(f"{plain} {word}", f"{negated} {word}", word, praise) for word, plain, negated in leads]


NEGATIONS: tuple[Negated, ...] = (*_pairs(_PRAISE, praise=True), *_pairs(_BLAME, praise=False))
"""The built-in set: 20 words of praise and 20 of blame, each with one of ten negations, twice on either side."""
