"""Has a model learnt what "not" does? What it makes of the negations of a built-in set.

A word may be turned round by a sum: let "not" be bad enough, and "not good" is bad. But no sum turns round "not good"
and "not bad", for "not" would have to be bad in the one and good in the other. So a model has learnt a negation where
the answer flips, and flips too for a word of the other kind with the same negation.

What a phrase does beyond the sum of its words is small and hardly ever zero: a second word of praise adds less than the
first, in any model that saturates. So each phrase stands beside a control, the same with "also" for the negation, and
only what goes beyond that is put down to the negation.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
import torch
from scipy.stats import binomtest

from longshort.errors import DataError, SettingError
from longshort.insight.attribution.explaining import phrase_values
from longshort.insight.attribution.passages import Passage, Reader, reader_of
from longshort.insight.attribution.target import Target, find_label
from longshort.insight.negation_set import CONTROL, NEGATIONS, TEMPLATES, Negated
from longshort.insight.subject import evaluating
from longshort.ragged import Ragged

__all__ = ["Negation", "NegationStudy", "study_negation"]


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
        word_value: what the plain word contributes there, by itself.
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
        """Whether the model has learnt negation, as far as this set can tell."""
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
                f"Of {effect} negated, as in {example!r}: the answer flips in {flips} of {asked}, and the phrase goes "
                f"beyond the sum of its words toward the negated meaning in {acts} of {asked}."
            )
        share = statistics.median(abs(each.own / each.word_value) for each in self.results if each.word_value)
        lines.append(f"What a phrase does of its own is {100 * share:.1f} % of what its plain word does (median).")
        if self.unknown:
            lines.append(f"Skipped: {len(self.unknown)} with words that the model does not know.")
        if self.misread:
            lines.append(f"Skipped: {len(self.misread)} whose plain word it takes for its opposite.")
        return lines

    def to_columns(self) -> dict[str, list[Any]]:
        """A table with a row for each negation that was judged."""
        rows = [{**asdict(each), **{name: of(each) for name, of in _COUNTS.items()}} for each in self.results]
        return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}

    def to_dict(self) -> dict[str, Any]:
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


def study_negation(model: Any, negations: Iterable[Negated] = NEGATIONS) -> NegationStudy:
    """Ask a model of sentiment what it makes of negations.

    Its class of praise is the one that the plain words of praise raise most above the words of blame, and the class of
    blame the one that they lower most. The score is the difference of their logits.

    Args:
        model: a fitted `longshort.TextClassifier`, what `longshort.load` gives, or a loaded bundle.
        negations: the built-in set when not given.

    Raises:
        SettingError: the model is no text classifier.
        DataError: it does not know enough of the words, or does not tell praise from blame.
    """
    reader = reader_of(model)
    asked = list(negations)
    known = [each for each in asked if _is_known(reader, each)]
    unknown = tuple(each.phrase for each in asked if each not in known)
    if not any(each.praise for each in known) or all(each.praise for each in known):
        raise DataError(
            f"Negations are asked of words of praise and of blame that the model knows. It knows {len(known)} of "
            f"{len(asked)} phrases.",
            "They are English words of reviews. Give your own: study_negation(model, [Negated(...), ...]).",
        )
    with evaluating(reader.subject.module):
        positive, negative = _poles(reader, known)
        target = _between(reader, positive, negative)
        plain = [_score(target, _passages(reader, each.plain)) for each in known]
        read = [each for each, score in zip(known, plain, strict=True) if (score > 0) == each.praise]
        if positive == negative or len(read) <= len(known) / 2:
            told = f"This one does so for {len(read)} of {len(known)} plain words."
            hint = "Its classes may be about something else."
            raise DataError(f"Negations are asked of a model that tells praise from blame. {told}", hint)
        results = tuple(_negation(reader, target, each) for each in read)
    misread = tuple(each.phrase for each in known if each not in read)
    return NegationStudy(positive, negative, results, unknown, misread)


def _passages(reader: Reader, phrase: str) -> list[Passage]:
    return reader.passages([template.format(phrase) for template in TEMPLATES])[0]


def _is_known(reader: Reader, negated: Negated) -> bool:
    """Its words are in the vocabulary, and those of the control; those of the templates need not be."""
    texts = [negated.plain, negated.negated, negated.control]
    plain, phrase, control = reader.passages(texts)[0]
    if not all(all(each.known) for each in (plain, phrase, control)):
        return False
    return all(_spans(each, of, negated.word) for each, of in ((phrase, negated.phrase), (control, negated.control)))


def _spans(passage: Passage, phrase: str, word: str) -> list[tuple[int, int, int]]:
    """Where the phrase begins, where the word that it ends in begins, and where both end."""
    starts = {end: start for start, end in passage.find(word)}
    return [(start, starts[end], end) for start, end in passage.find(phrase) if end in starts]


def _poles(reader: Reader, known: Sequence[Negated]) -> tuple[str, str]:
    """The class of praise and that of blame."""
    rows = {True: list[Any](), False: list[Any]()}
    for each in known:
        for passage in _passages(reader, each.plain):
            (scores,) = reader.subject.scores(Ragged.from_list([passage.ids])) or [{}]
            rows[each.praise].append(list(scores.values()))
    raised = np.mean(rows[True], axis=0) - np.mean(rows[False], axis=0)
    labels = reader.task.encoding.labels
    return labels[int(raised.argmax())], labels[int(raised.argmin())]


def _between(reader: Reader, positive: str, negative: str) -> Target:
    """The logit of the class of praise less that of the class of blame; the one logit where there is one."""
    codes = [find_label(reader.task, label) for label in (positive, negative)]
    count = reader.task.objective.outputs
    weight = reader.network.linear.weight
    if count == 1:
        readout = weight.new_tensor([1.0 if codes[0] > codes[1] else -1.0])
    else:
        readout = torch.zeros(count, dtype=weight.dtype)
        readout[codes[0]] += 1
        readout[codes[1]] -= 1
    return Target(reader.network, readout, positive, f"logit of {positive} less that of {negative}")


def _score(target: Target, passages: Sequence[Passage]) -> float:
    """The mean score over the templates."""
    return float(target.of_texts([passage.ids for passage in passages]).double().mean())


def _negation(reader: Reader, target: Target, negated: Negated) -> Negation:
    passages = _passages(reader, negated.negated)
    whole, first, word = _apart(target, passages, negated.phrase, negated.word)
    whole_control, also, word_control = _apart(
        target, _passages(reader, negated.control), f"{CONTROL} {negated.word}", negated.word
    )
    return Negation(
        phrase=negated.phrase,
        negation=negated.negation,
        praise=negated.praise,
        plain_score=_score(target, _passages(reader, negated.plain)),
        negated_score=_score(target, passages),
        value=whole,
        word_value=word,
        interaction=whole - first - word,
        control=whole_control - also - word_control,
    )


def _apart(target: Target, passages: Sequence[Passage], phrase: str, word: str) -> tuple[float, float, float]:
    """What the phrase, what is before the word, and what the word contributes; means over the templates."""
    rows = []
    for passage in passages:
        start, middle, end = _spans(passage, phrase, word)[0]
        spans = [(start, end), (start, middle), (middle, end)]
        rows.append(phrase_values(target, passage.ids, spans, "decomposition"))
    whole, first, last = np.mean(rows, axis=0).tolist()
    return whole, first, last
