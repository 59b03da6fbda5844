"""Which units switch on at X and stay on until Y, over all matches: the query of LSTMVis (Strobelt et al. 2018).

A unit is on where its state is past a threshold, on the side that fits. The threshold is chosen on one half of the
texts and judged on the other; and the same is done with the spans moved to random places in their texts, to see how
well the best of so many units does by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.data import Examples
from longshort.insight.units.names import Unit, units_of
from longshort.insight.units.spans import IGNORED, INSIDE, Spans
from longshort.insight.units.states import Kind, States, stream
from longshort.networks import TextClassifierNetwork
from longshort.plain import Plain

__all__ = ["SpanMatch", "SpanSearch", "search_spans"]

BINS = 200
"""Thresholds that are tried: states are between -1 and 1, so they are 0.01 apart."""

SHIFTS = 5
"""Times that the spans are moved to random places."""

Marks = npt.NDArray[np.int8]
Progress = Callable[[int, int], None]


@final
@dataclass(frozen=True)
class SpanMatch:
    """How well one unit marks the spans.

    Args:
        unit: which it is.
        on: "above" or "below": the side of the threshold on which the unit counts as on.
        threshold: of its state, from -1 to 1.
        inside: share of the tokens inside spans at which it is on.
        outside: share of the tokens outside at which it is on.
        score: `inside - outside`: 1 for a perfect mark, 0 for none (Youden 1950).
        whole: share of the spans at all of whose tokens it is on, and off at the token before and the one after.
    """

    unit: Unit
    on: Literal["above", "below"]
    threshold: float
    inside: float
    outside: float
    score: float
    whole: float


@final
@dataclass(frozen=True, eq=False)
class SpanSearch:
    """The units that mark the spans of a pattern, the best first.

    Args:
        pattern: as it was written.
        kind: which state was used.
        matches: one per unit.
        spans: how many were judged.
        texts: how many texts were judged, with and without spans.
        chance: the best score of any unit for spans at random places, the highest of several tries.
        held_out: whether thresholds were chosen on other texts than those judged; not where one text holds all spans.
    """

    pattern: str
    kind: Kind
    matches: list[SpanMatch]
    spans: int
    texts: int
    chance: float
    held_out: bool

    def to_dict(self) -> Plain:
        """The fields, as JSON holds them; a unit by its name."""
        matches = [asdict(match) | {"unit": str(match.unit)} for match in self.matches]
        rest = {name: getattr(self, name) for name in ("pattern", "kind", "spans", "texts", "chance", "held_out")}
        return rest | {"matches": matches}


def search_spans(
    network: TextClassifierNetwork,
    examples: Examples,
    spans: Spans,
    *,
    kind: Kind = "hidden",
    seed: int = 0,
    progress: Progress | None = None,
) -> SpanSearch:
    """Find the units that are on inside the spans and off outside.

    Args:
        network: whose units they are.
        examples: encoded.
        spans: what `find_spans` or `chosen_spans` found in them.
        kind: the state to look at, "hidden" or "cell" (as tanh(c)).
        seed: of the halves and of the random places.
        progress: called with the number of texts done, and the total.
    """
    numbers = np.random.default_rng(seed)
    tuned_on, judged_on = _halves(spans, len(examples), numbers)
    marks = [spans.marks, *(_moved(spans.marks, examples, numbers) for _ in range(SHIFTS))]
    counter = _Counter(progress, len(tuned_on) + len(judged_on))
    units = units_of(network.lstm.spec)
    tallies = [_Tally(len(units)) for _ in marks]
    for states, where in _over(network, examples, tuned_on, kind, counter):
        for tally, each in zip(tallies, marks, strict=True):
            tally.add(states.values, each[where])
    rules = [tally.best() for tally in tallies]
    scores = [_Score(len(units), *rule) for rule in rules]
    inside = _by_place(spans)
    for states, where in _over(network, examples, judged_on, kind, counter):
        for score, each in zip(scores, marks, strict=True):
            score.add(states.values, each[where])
        scores[0].add_spans(states, inside)
    matches = sorted(scores[0].matches(units), key=lambda match: -match.score)
    chance = max((float(score.values().max()) for score in scores[1:]), default=0.0)
    held_out = not np.array_equal(tuned_on, judged_on)
    return SpanSearch(spans.pattern, kind, matches, scores[0].spans, len(judged_on), chance, held_out)


@final
class _Tally:
    """Histograms of every unit inside and outside."""

    def __init__(self, units: int) -> None:
        self._inside, self._outside = (torch.zeros(units * BINS, dtype=torch.int64) for _ in range(2))
        self._units = units

    def add(self, values: Tensor, marks: Marks) -> None:
        bins = ((values + 1) * (BINS / 2)).long().clamp_(0, BINS - 1) + BINS * torch.arange(self._units)
        given = torch.from_numpy(marks)
        self._inside += torch.bincount(bins[given == INSIDE].flatten(), minlength=len(self._inside))
        self._outside += torch.bincount(
            bins[(given != INSIDE) & (given != IGNORED)].flatten(), minlength=len(self._outside)
        )

    def best(self) -> tuple[Tensor, Tensor]:
        """For each unit the threshold of the best score, and 1 if it is on above it, -1 if below."""
        shares = []
        for counts in (self._inside, self._outside):
            above = counts.view(self._units, BINS).flip(1).cumsum(1).flip(1).double()
            shares.append(above / above[:, :1].clamp(min=1))
        score = shares[0] - shares[1]
        place = score.abs().argmax(dim=1)
        sign = score.gather(1, place[:, None])[:, 0].sign()
        return place / (BINS / 2) - 1, torch.where(sign < 0, -1, 1)


@final
class _Score:
    """How well thresholds do that were chosen before."""

    def __init__(self, units: int, threshold: Tensor, sign: Tensor) -> None:
        self._threshold, self._sign = threshold.float(), sign
        self._on = torch.zeros(2, units, dtype=torch.int64)
        self._seen = [0, 0]
        self._whole = torch.zeros(units, dtype=torch.int64)
        self.spans = 0

    def _is_on(self, values: Tensor) -> Tensor:
        return (values >= self._threshold) == (self._sign > 0)

    def add(self, values: Tensor, marks: Marks) -> None:
        on, given = self._is_on(values), torch.from_numpy(marks)
        for side, where in enumerate((given == INSIDE, (given != INSIDE) & (given != IGNORED))):
            self._on[side] += on[where].sum(0)
            self._seen[side] += int(where.sum())

    def add_spans(self, states: States, inside: dict[int, list[tuple[int, int, int, int]]]) -> None:
        """Look at whole spans, each with the tokens just outside its ends."""
        values = states.tokens.with_values(self._is_on(states.values))
        for place, on in zip(states.places.tolist(), values, strict=True):
            for start, end, before, after in inside.get(place, []):
                around = [step for step in (before, after) if 0 <= step < len(on)]
                self._whole += on[start:end].all(0) & ~on[around].any(0)
                self.spans += 1

    def values(self) -> Tensor:
        """The score of each unit, `(units,)`."""
        inside, outside = self._shares()
        return inside - outside

    def _shares(self) -> tuple[Tensor, Tensor]:
        inside, outside = (self._on[side].double() / max(self._seen[side], 1) for side in range(2))
        return inside, outside

    def matches(self, units: Sequence[Unit]) -> Iterator[SpanMatch]:
        shares = zip(*(each.tolist() for each in self._shares()), strict=True)
        rules = zip(self._threshold.tolist(), self._sign.tolist(), strict=True)
        whole = (self._whole.double() / max(self.spans, 1)).tolist()
        for unit, (inside, outside), (threshold, sign), share in zip(units, shares, rules, whole, strict=True):
            side: Literal["above", "below"] = "above" if sign > 0 else "below"
            yield SpanMatch(unit, side, round(threshold, 2), inside, outside, inside - outside, share)


def _over(
    network: TextClassifierNetwork, examples: Examples, places: npt.NDArray[np.int64], kind: Kind, counter: _Counter
) -> Iterator[tuple[States, npt.NDArray[np.int64]]]:
    """The states over the examples at `places`, and where their tokens stand along those of all examples."""
    for states in stream(network, examples.select(places), kind):
        own = states._replace(places=places[states.places])
        starts, lengths = examples.offsets[own.places], own.tokens.lengths.numpy()
        yield own, np.repeat(starts, lengths) + own.tokens.steps().numpy()
        counter.more(len(own.places))


@final
class _Counter:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def more(self, done: int) -> None:
        self._done += done
        if self._progress is not None:
            self._progress(self._done, self._total)


def _halves(
    spans: Spans, texts: int, numbers: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Half of the texts with spans and half of those without in each part; all in both where one text has them all."""
    has = np.zeros(texts, dtype=bool)
    has[[span.place for span in spans.spans]] = True
    if has.sum() < 2:
        return np.arange(texts), np.arange(texts)
    shuffled = [numbers.permutation(np.flatnonzero(group)) for group in (has, ~has)]
    first, second = (np.sort(np.concatenate([each[part::2] for each in shuffled])) for part in range(2))
    return first, second


def _moved(marks: Marks, examples: Examples, numbers: np.random.Generator) -> Marks:
    """Each text's marks turned round by a random number of tokens: spans of the same lengths, elsewhere."""
    parts = np.split(marks, examples.offsets[1:-1])
    return np.concatenate([np.roll(part, numbers.integers(len(part) or 1)) for part in parts])


def _by_place(spans: Spans) -> dict[int, list[tuple[int, int, int, int]]]:
    """Spans of each text: start, end, and the nearest tokens outside; the ends of FROM..TO stand in between."""
    gap = 1 if (spans.marks == IGNORED).any() else 0
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    for place, start, end in spans.spans:
        found.setdefault(place, []).append((start, end, start - 1 - gap, end + gap))
    return found
