"""Asking a model of sentiment what it makes of negations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from longshort.errors import DataError
from longshort.insight.attribution.explaining import phrase_values
from longshort.insight.attribution.passages import Passage, Reader, reader_of
from longshort.insight.attribution.target import Target, find_label
from longshort.insight.negation.phrases import CONTROL, NEGATIONS, TEMPLATES, Negated
from longshort.insight.negation.study import Negation, NegationStudy
from longshort.insight.subject import evaluating
from longshort.ragged import Ragged

__all__ = ["study_negation"]


def study_negation(model: object, negations: Iterable[Negated] = NEGATIONS) -> NegationStudy:
    """Ask a model of sentiment what it makes of negations.

    Its class of praise is the one that the plain words of praise raise most above the words of blame, and the class of
    blame the one that they lower most. The score is the difference of their logits.

    Args:
        model: a fitted `longshort.TextClassifier`, what `longshort.load` gives, or a loaded bundle.
        negations: the built-in set when not given.

    Raises:
        SettingError: the model is no text classifier.
        DataError: it does not know enough of the words, or does not separate praise from blame.
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
            found = f"This one does so for {len(read)} of {len(known)} plain words."
            hint = "Its classes may be about something else."
            raise DataError(f"A model must separate praise from blame to be tested on negation. {found}", hint)
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
    """The logit of the class of praise less that of the class of blame; the one logit if there is one."""
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
