"""On what each unit fires, and what it goes with: one pass over many texts, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.data import Examples, TextEncoding
from longshort.insight.text_task import TextTask
from longshort.insight.units.classes import class_table
from longshort.insight.units.correlation import Correlation, Moments, deal, holm
from longshort.insight.units.peaks import Peak, Peaks
from longshort.insight.units.states import States, stream
from longshort.insight.units.words import WordMean, WordMeans
from longshort.networks import TextClassifierNetwork

__all__ = ["Activity", "measure_activity"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]


@final
@dataclass(frozen=True, eq=False)
class Activity:
    """What all units do on some texts; every list and first axis is in the order of `units_of`.

    Args:
        mean: of the hidden state over all tokens, `(units,)`.
        deviation: its standard deviation, `(units,)`.
        correlations: of each unit, the strongest first; that with the length is with its logarithm.
        word_share: the share of its variance that the word just read explains, `(units,)`, from 0 to 1.
        high_words: the words at which it is highest on average, highest first.
        low_words: those at which it is lowest, lowest first.
        highest: its highest values, one a text at most.
        lowest: its lowest values, one a text at most.
    """

    mean: Floats
    deviation: Floats
    correlations: list[list[Correlation]]
    word_share: Floats
    high_words: list[list[WordMean]]
    low_words: list[list[WordMean]]
    highest: list[list[Peak]]
    lowest: list[list[Peak]]


def measure_activity(
    network: TextClassifierNetwork,
    task: TextTask,
    examples: Examples,
    *,
    peaks: int = 20,
    words: int = 8,
    progress: Progress | None = None,
) -> Activity:
    """Run all examples once and keep what the units did.

    Args:
        network: whose units they are.
        task: its encoding and its classes.
        examples: encoded, with targets.
        peaks: highest and lowest values kept for each unit.
        words: words kept for each unit at either end.
        progress: called with the number of texts done, and the total.
    """
    spec = network.lstm.spec
    count = spec.num_layers * spec.directions * spec.output_size
    seen = _Seen(task.encoding, examples, count, peaks)
    done = 0
    for states in stream(network, examples):
        seen.add(states)
        done += len(states.places)
        if progress is not None:
            progress(done, len(examples))
    return seen.finish(words)


@final
class _Seen:
    """Everything that is summed up in the pass."""

    def __init__(self, encoding: TextEncoding, examples: Examples, units: int, peaks: int) -> None:
        table = class_table(encoding)
        self._token_names = ["position", *table]
        self._members = torch.from_numpy(np.stack(list(table.values()) or [np.empty(0, dtype=bool)]))
        self._labels = _label_columns(examples, len(encoding.labels))
        shown = [f"label {label}" for label in encoding.labels]
        self._label_names = shown if self._labels.shape[1] == len(shown) else shown[1:]
        group, groups = deal(len(examples))
        self._group, self._lengths = torch.from_numpy(group), torch.from_numpy(examples.lengths)
        self._tokens = Moments(groups, units, len(self._token_names))
        self._means = Moments(groups, units, len(self._label_names) + 1)
        self._peaks = Moments(groups, units, len(self._label_names))
        self._words = WordMeans(encoding, examples, units)
        self._highest, self._lowest = Peaks(units, peaks), Peaks(units, peaks)

    def add(self, states: States) -> None:
        kept = np.flatnonzero(examples_with_tokens(states))
        if not len(kept):
            return
        tokens, values = states.tokens, states.tokens.with_values(states.values)
        places = torch.from_numpy(states.places)
        self._tokens.add(self._group[places[tokens.rows()]], values.values, self._token_properties(states))
        self._words.add(tokens.values, values.values)
        full, where = values[kept.tolist()], places[kept]
        highest = self._highest.add(where, full, sign=1)
        self._lowest.add(where, full, sign=-1)
        lengths = self._lengths[where].double().log()
        of_text = torch.cat([self._labels[where], lengths[:, None]], dim=1)
        self._means.add(self._group[where], full.pool("mean"), of_text)
        self._peaks.add(self._group[where], highest, self._labels[where])

    def _token_properties(self, states: States) -> Tensor:
        """`(tokens, properties)`: the position, 0 at the first token and 1 at the last; then each class, 0 or 1."""
        tokens = states.tokens
        last = (tokens.lengths - 1).clamp(min=1)[tokens.rows()]
        position = tokens.steps() / last
        classes = [members[tokens.values].double() for members in self._members if len(members)]
        return torch.stack([position.double(), *classes], dim=1)

    def finish(self, words: int) -> Activity:
        mean, deviation = self._tokens.means()
        over_texts = [f"{name}, mean" for name in self._label_names] + ["length"]
        tables = (
            ("tokens", self._token_names, self._tokens),
            ("texts", over_texts, self._means),
            ("texts", [f"{name}, highest" for name in self._label_names], self._peaks),
        )
        high, low, share = self._words.finish(words, deviation)
        return Activity(
            mean=mean,
            deviation=deviation,
            correlations=_correlations(tables),
            word_share=share,
            high_words=high,
            low_words=low,
            highest=self._highest.finish(sign=1),
            lowest=self._lowest.finish(sign=-1),
        )


def examples_with_tokens(states: States) -> npt.NDArray[np.bool_]:
    """`(batch,)`: which texts have a token."""
    return np.asarray(states.tokens.lengths.numpy() > 0)


def _label_columns(examples: Examples, classes: int) -> Tensor:
    """`(examples, labels)` of 0 and 1; of two classes the second alone, for the first says the same."""
    targets = torch.as_tensor(examples.targets)
    if targets.dim() == 2:
        return targets.double()
    hot = torch.nn.functional.one_hot(targets, classes).double()
    return hot[:, 1:] if classes == 2 else hot


def _correlations(tables: Sequence[tuple[Any, Sequence[str], Moments]]) -> list[list[Correlation]]:
    """Correlations of each unit, the strongest first; adjusted for all units and properties together."""
    names = [(name, over) for over, each, _ in tables for name in each]
    parts = [moments.correlations() for _, _, moments in tables]
    r, low, high, raw = (np.concatenate([part[place] for part in parts]) for place in range(4))
    p_values = holm(raw)
    found = []
    for unit in range(r.shape[1]):
        each = [
            Correlation(
                name,
                over,
                float(r[row, unit]),
                (float(low[row, unit]), float(high[row, unit])),
                float(p_values[row, unit]),
            )
            for row, (name, over) in enumerate(names)
            if not np.isnan(r[row, unit])
        ]
        found.append(sorted(each, key=lambda one: -abs(one.r)))
    return found
