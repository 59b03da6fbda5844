"""Spans of tokens in many texts: every occurrence of a phrase, or all from one kind of token to the next of another.

Patterns are written as `not bad` (these tokens, one after another) or as `FROM..TO`, where either side is a token or,
in capitals, a class of tokens: `QUOTE..QUOTE`, `NEGATION..PUNCTUATION`, `(..)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt

from longshort.data import Examples, TextEncoding
from longshort.errors import DataError, SettingError, nearest
from longshort.insight.units.classes import TOKEN_CLASSES, class_table

__all__ = ["IGNORED", "INSIDE", "OUTSIDE", "Span", "Spans", "chosen_spans", "find_spans"]

OUTSIDE, INSIDE, IGNORED = 0, 1, -1

LONGEST = 100
"""Tokens between the two ends, at most: beyond that, what was opened counts as never closed."""

Ids = npt.NDArray[np.int32]


class Span(NamedTuple):
    """Tokens `start` to `end` (not with it) of the text at `place`; all counted from 0."""

    place: int
    start: int
    end: int


@final
@dataclass(frozen=True, eq=False)
class Spans:
    """Where a pattern holds.

    Args:
        pattern: as it was written, or a description.
        spans: the tokens inside of each.
        marks: `(tokens,)` int8 along the examples' tokens: INSIDE, OUTSIDE, or IGNORED. The two ends of a FROM..TO span
            are ignored: there a unit switches, after one of them in one direction and after the other in the other.
    """

    pattern: str
    spans: list[Span]
    marks: npt.NDArray[np.int8]


def find_spans(pattern: str, encoding: TextEncoding, examples: Examples) -> Spans:
    """All places where the pattern holds.

    FROM..TO starts at each FROM outside a span and ends at the next TO, within 100 tokens; where nothing stands between
    them, or no TO comes, the tokens of the pattern are ignored. Where both are the same, such as quotation marks, the
    second one closes.

    Raises:
        SettingError: the pattern names a class that this tokenizer has no tokens of, or words it does not know.
        DataError: the pattern holds nowhere in these texts.
    """
    start, dots, end = pattern.partition("..")
    if dots and start.strip() and end.strip():
        first, last = (_members(each.strip(), encoding) for each in (start, end))
        spans, ends = _between(first[examples.tokens], last[examples.tokens], examples.offsets)
    else:
        spans, ends = _occurrences(_phrase(pattern, encoding), examples), []
    if not spans:
        raise DataError(
            f"The pattern must hold somewhere in the {len(examples):,} texts. {pattern!r} holds nowhere.",
            "Give more texts, or another pattern, such as QUOTE..QUOTE or a word.",
        )
    return Spans(pattern, spans, _marks(spans, ends, examples))


def chosen_spans(spans: Sequence[tuple[int, int, int]], examples: Examples) -> Spans:
    """Spans of one's own choice, each (place of the text, first token, token after the last), counted from 0.

    Raises:
        DataError: there is none, or one lies outside its text or holds no token.
    """
    found = [Span(*each) for each in spans]
    lengths = examples.lengths
    for span in found:
        if not (0 <= span.place < len(lengths) and 0 <= span.start < span.end <= lengths[span.place]):
            raise DataError(
                "A span is (text, first token, token after the last), counted from 0 and inside its text. "
                f"Got {tuple(span)}.",
                f"There are {len(lengths):,} texts; a span holds at least one token.",
            )
    if not found:
        raise DataError(
            "A search needs at least one span. Got none.", "Give (text, first token, token after the last)."
        )
    return Spans(f"{len(found)} chosen spans", found, _marks(found, [], examples))


def _members(name: str, encoding: TextEncoding) -> npt.NDArray[np.bool_]:
    """`(vocabulary,)`: the tokens of one end of a pattern."""
    known = {each.upper(): each for each in (*TOKEN_CLASSES, "unknown")}
    if name in known:
        table = class_table(encoding)
        if known[name] not in table:
            there = ", ".join(each.upper() for each in table)
            raise SettingError(f"{name} needs tokens of that class; this tokenizer has {there or 'none'}.")
        return table[known[name]]
    ids = encoding.encode([name])[0]
    if len(ids) != 1 or ids[0] == encoding.unknown_id:
        what = f"{len(ids)} tokens" if len(ids) != 1 else "a word that the vocabulary lacks"
        raise SettingError(
            f"Each end of FROM..TO is one token of the vocabulary or one of {', '.join(known)}. Got {name!r}, {what}.",
            nearest(name.upper(), known) or "Classes are written in capitals.",
        )
    members = np.zeros(encoding.vocabulary_size, dtype=bool)
    members[ids] = True
    return members


def _phrase(pattern: str, encoding: TextEncoding) -> Ids:
    ids = encoding.encode([pattern])[0]
    if not len(ids) or encoding.unknown_id in ids:
        known = [each.upper() for each in (*TOKEN_CLASSES, "unknown")]
        raise SettingError(
            "A pattern is words of the vocabulary, or FROM..TO. "
            f"Got {pattern!r}{', which has none' if not len(ids) else ', with a word that the vocabulary lacks'}.",
            f"Ends of FROM..TO are tokens or {', '.join(known)}.",
        )
    return ids


def _occurrences(phrase: Ids, examples: Examples) -> list[Span]:
    size, tokens = len(phrase), examples.tokens
    if len(tokens) < size:
        return []
    hit = np.ones(len(tokens) - size + 1, dtype=bool)
    for step, number in enumerate(phrase):
        hit &= tokens[step : len(hit) + step] == number
    spans: list[Span] = []
    free = 0
    for at in np.flatnonzero(hit).tolist():
        place = int(np.searchsorted(examples.offsets, at, side="right")) - 1
        if at >= free and at + size <= examples.offsets[place + 1]:
            start = at - int(examples.offsets[place])
            spans.append(Span(place, start, start + size))
            free = at + size
    return spans


def _between(
    first: npt.NDArray[np.bool_], last: npt.NDArray[np.bool_], offsets: npt.NDArray[np.int64]
) -> tuple[list[Span], list[int]]:
    """The spans, and the ends that are ignored, as places along all tokens."""
    spans: list[Span] = []
    ends: list[int] = []
    for place, (begin, stop) in enumerate(pairwise(offsets.tolist())):
        closes = np.flatnonzero(last[begin:stop])
        free = 0
        for opened in np.flatnonzero(first[begin:stop]).tolist():
            if opened < free:
                continue
            ends.append(begin + opened)
            after = closes[np.searchsorted(closes, opened, side="right") :]
            if not len(after) or after[0] - opened - 1 > LONGEST:
                continue
            closed = int(after[0])
            ends.append(begin + closed)
            free = closed + 1
            if closed > opened + 1:
                spans.append(Span(place, opened + 1, closed))
    return spans, ends


def _marks(spans: Sequence[Span], ends: Sequence[int], examples: Examples) -> npt.NDArray[np.int8]:
    marks = np.full(len(examples.tokens), OUTSIDE, dtype=np.int8)
    for span in spans:
        start = int(examples.offsets[span.place])
        marks[start + span.start : start + span.end] = INSIDE
    marks[list(ends)] = IGNORED
    return marks
