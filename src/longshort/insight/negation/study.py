"""What a model makes of negations, phrase by phrase and counted.

A word may be turned round by a sum: let "not" be bad enough, and "not good" is bad. But no sum turns round "not good"
and "not bad", for "not" would have to be bad in the one and good in the other. So a model has learnt a negation where
the answer flips, and flips too for a word of the other kind with the same negation.

What a phrase does beyond the sum of its words is small and hardly ever zero: a second word of praise adds less than the
first, in any model that saturates. So each phrase stands beside a control, the same with "also" for the negation, and
only what goes beyond that is put down to the negation.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import final

from scipy.stats import binomtest

from longshort.errors import SettingError
from longshort.plain import Plain

__all__ = ["Negation", "NegationStudy"]


@final
@dataclass(frozen=True)
class Negation:
    """What the model makes of one negation; scores are means over the templates, above zero for the class of praise.

    Args:
        phrase: such as "not good".
        negation: such as "not".
        praise: whether the plain word is praise.
        plain_score: with the word alone.
        negated_score: with the negation before it.
        value: what the phrase contributes to that, by contextual decomposition.
        word_value: what the plain word contributes there, on its own.
        interaction: what of the phrase's value is beyond the sum of what the negation and the word contribute apart.
        control: the same for "also" and the word.
    """

    phrase: str
    negation: str
    praise: bool
    plain_score: float
    negated_score: float
    value: float
    word_value: float
    interaction: float
    control: float

    @property
    def own(self) -> float:
        """What the phrase does beyond the sum of its words, and beyond what it does with "also"."""
        return self.interaction - self.control

    @property
    def flipped(self) -> bool:
        """The answer is the other one with the negation."""
        return self.negated_score * self.plain_score < 0

    @property
    def moved(self) -> bool:
        """The score goes toward the negated meaning, however little."""
        return self._toward(self.negated_score - self.plain_score)

    @property
    def acts_as_phrase(self) -> bool:
        """The phrase goes toward the negated meaning beyond the sum of its words, and more so than with "also"."""
        return self._toward(self.own)

    def _toward(self, change: float) -> bool:
        return change < 0 if self.praise else change > 0


_COUNTS: dict[str, Callable[[Negation], bool]] = {
    "flipped": lambda each: each.flipped,
    "moved": lambda each: each.moved,
    "acts_as_phrase": lambda each: each.acts_as_phrase,
}


def _is_other(one: Negation, other: Negation) -> bool:
    return one.negation == other.negation and one.praise != other.praise


@final
@dataclass(frozen=True)
class NegationStudy:
    """What a model makes of negations.

    Args:
        positive: its class of praise, found from the plain words.
        negative: its class of blame.
        results: one for each negation that could be judged.
        unknown: phrases that were skipped, for a word of theirs is not in the vocabulary.
        misread: phrases that were skipped, for the model takes the plain word for its opposite.
    """

    positive: str
    negative: str
    results: tuple[Negation, ...]
    unknown: tuple[str, ...]
    misread: tuple[str, ...]

    def count(self, what: str, *, praise: bool | None = None) -> tuple[int, int]:
        """How many there are, of how many: "flipped", "moved" or "acts_as_phrase"; of praise, of blame, or of both.

        Raises:
            SettingError: there is no such count.
        """
        if what not in _COUNTS:
            raise SettingError(f"What is counted must be one of {', '.join(_COUNTS)}. Got {what!r}.")
        asked = [each for each in self.results if praise is None or each.praise == praise]
        return sum(_COUNTS[what](each) for each in asked), len(asked)

    def learnt(self) -> tuple[int, int]:
        """How many flip as a word of the other kind does with the same negation, of all that have such a word."""
        others = [[other for other in self.results if _is_other(each, other)] for each in self.results]
        asked = [(each, beside) for each, beside in zip(self.results, others, strict=True) if beside]
        return sum(each.flipped and any(other.flipped for other in beside) for each, beside in asked), len(asked)

    def interval(self) -> tuple[float, float]:
        """The 95 % score interval of the share that is learnt (Wilson 1927), as if drawn from many such phrases."""
        learnt, asked = self.learnt()
        found = binomtest(learnt, asked).proportion_ci(method="wilson") if asked else None
        return (0.0, 1.0) if found is None else (float(found.low), float(found.high))

    def sentence(self) -> str:
        """Whether the model has learnt negation, as far as this set shows."""
        low, high = self.interval()
        learnt, asked = self.learnt()
        verdict = "has learnt" if low > 0.5 else "has not learnt" if high < 0.5 else "has learnt in part"
        return (
            f"This model {verdict} what negation does: in {learnt} of {asked} phrases ({100 * low:.0f} to "
            f"{100 * high:.0f} %, 95 % interval) the answer flips, and the same negation flips a word of the other "
            "kind too, as no sum of words can."
        )

    def sentences(self) -> list[str]:
        """The verdict; praise and blame apart; the phrases that were skipped."""
        lines = [self.sentence()]
        for praise, example, effect in ((True, "not good", "praise"), (False, "not bad", "blame")):
            (flips, asked), (acts, _) = (self.count(what, praise=praise) for what in ("flipped", "acts_as_phrase"))
            lines.append(
                f"For negated {effect}, as in {example!r}: the answer flips in {flips} of {asked}, and the phrase goes "
                f"beyond the sum of its words toward the negated meaning in {acts} of {asked}."
            )
        share = statistics.median(abs(each.own / each.word_value) for each in self.results if each.word_value)
        lines.append(f"What a phrase does of its own is {100 * share:.1f} % of what its plain word does (median).")
        if self.unknown:
            lines.append(f"Skipped: {len(self.unknown)} with words that the model does not know.")
        if self.misread:
            lines.append(f"Skipped: {len(self.misread)} whose plain word it classifies as its opposite.")
        return lines

    def to_columns(self) -> dict[str, list[object]]:
        """A table with a row for each negation that was judged."""
        rows = [{**asdict(each), **{name: of(each) for name, of in _COUNTS.items()}} for each in self.results]
        return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}

    def to_dict(self) -> Plain:
        """Everything as plain data."""
        table = self.to_columns()
        rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
        return {
            "positive": self.positive,
            "negative": self.negative,
            "learnt": list(self.learnt()),
            "counts": {name: list(self.count(name)) for name in _COUNTS},
            "interval": list(self.interval()),
            "sentences": self.sentences(),
            "results": rows,
            "unknown": list(self.unknown),
            "misread": list(self.misread),
        }
