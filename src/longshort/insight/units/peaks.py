"""The highest and lowest values of each unit, one a text, and the tokens around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.data import Examples, TextEncoding
from longshort.insight.units.classes import Writing
from longshort.ragged import Ragged

__all__ = ["Context", "Contexts", "Peak", "Peaks"]

ALIKE = 0.8
"""Two contexts that share this much of their different tokens are one."""


class Peak(NamedTuple):
    """Where a unit had a value: the text, by its place in the examples; the token, counted from 0; and the value."""

    place: int
    step: int
    value: float


@final
@dataclass(frozen=True)
class Context:
    """A token on which a unit fires, and what stands around it.

    Args:
        place: of the text among those that were given, counted from 0.
        step: of the token in it, counted from 0.
        value: the unit's hidden state there.
        before: the text before the token, from some tokens back.
        token: as it is written.
        after: the text after it.
    """

    place: int
    step: int
    value: float
    before: str
    token: str
    after: str


@final
class Peaks:
    """The largest values of each unit, the best token of each text.

    Args:
        units: how many there are.
        kept: values kept for each.
    """

    def __init__(self, units: int, kept: int) -> None:
        self._kept = kept
        self._values = torch.full((0, units), 0.0)
        self._places = torch.empty(0, units, dtype=torch.int64)
        self._steps = torch.empty(0, units, dtype=torch.int64)

    def add(self, places: Tensor, values: Ragged, *, sign: int) -> Tensor:
        """Take texts in, none of them empty.

        Args:
            places: `(texts,)` int64.
            values: `(tokens, units)`.
            sign: 1 for the highest values, -1 for the lowest.

        Returns:
            The largest value of each text, times `sign`: `(texts, units)`.
        """
        best = [(sign * each).max(dim=0) for each in values]
        found = torch.stack([each.values for each in best])
        every = torch.cat([self._values, found])
        self._values, chosen = every.topk(min(self._kept, len(every)), dim=0)
        here = places[:, None].expand_as(found)
        self._places = torch.cat([self._places, here]).gather(0, chosen)
        self._steps = torch.cat([self._steps, torch.stack([each.indices for each in best])]).gather(0, chosen)
        return found

    def finish(self, *, sign: int) -> list[list[Peak]]:
        """The peaks of each unit, the largest first; `sign` as it was for `add`."""
        columns = zip(self._places.T.tolist(), self._steps.T.tolist(), (sign * self._values).T.tolist(), strict=True)
        return [[Peak(*peak) for peak in zip(*column, strict=True)] for column in columns]


@final
class Contexts:
    """Peaks as readable text.

    Args:
        encoding: the tokenizer.
        texts: those that the examples were made from.
        examples: the same, encoded.
        width: tokens shown on each side.
    """

    def __init__(self, encoding: TextEncoding, texts: Sequence[str], examples: Examples, width: int) -> None:
        self._writing, self._texts, self._examples, self._width = Writing(encoding), texts, examples, width

    def of(self, peaks: Sequence[Peak], count: int) -> tuple[Context, ...]:
        """The first `count` peaks of which none stands in nearly the same words as one before it."""
        return tuple(self._context(peak) for peak, _ in zip(self._different(peaks), range(count), strict=False))

    def _different(self, peaks: Sequence[Peak]) -> Iterator[Peak]:
        seen: list[set[int]] = []
        for peak in peaks:
            words = set(self._ids(peak.place)[self._around(peak)].tolist())
            if all(len(words & other) < ALIKE * len(words | other) for other in seen):
                seen.append(words)
                yield peak

    def _context(self, peak: Peak) -> Context:
        tokens, between = self._writing.tokens(self._texts[peak.place], self._ids(peak.place)), self._writing.between
        around = self._around(peak)
        before, after = tokens[around.start : peak.step], tokens[peak.step + 1 : around.stop]
        return Context(*peak, between.join(before), tokens[peak.step], between.join(after))

    def _around(self, peak: Peak) -> slice:
        return slice(max(0, peak.step - self._width), peak.step + self._width + 1)

    def _ids(self, place: int) -> npt.NDArray[np.int32]:
        return self._examples.tokens[self._examples.offsets[place] : self._examples.offsets[place + 1]]
