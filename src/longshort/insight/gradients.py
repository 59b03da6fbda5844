"""Measuring, batch by batch, how far back every layer of a model and of its twins reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, final

import numpy as np
import torch
from torch import Tensor

from longshort.insight.jacobians import lstm_norms, plain_norms
from longshort.insight.reach import MODELS, GradientCurve, Reach, half_life
from longshort.insight.subject import Subject
from longshort.insight.trace import DIRECTIONS
from longshort.insight.twins import PlainStack, start_of
from longshort.lstm.equations import trace_equations
from longshort.lstm.module import spec_of
from longshort.lstm.parameters import LayerWeights, Spec, layer_weights
from longshort.ragged import Ragged

__all__ = ["Measurement"]


class _Place(NamedTuple):
    """What one batch shows of one layer and direction.

    Fields:
        norms: `(batch, lags)`.
        log_forget: `(units,)`, the sum of ln f over all steps; None if there is no forget gate.
    """

    norms: Tensor
    log_forget: Tensor | None = None


@final
class Measurement:
    """Gradients and forget gates of a model, of itself at its start, and of plain recurrent networks of its size.

    Args:
        subject: the model, in evaluation mode.
        seed: of the first weights.
        rows: what the last hidden state is multiplied by, as `identity_or_random` gives it.
        lags: lags 0 to `lags - 1` are measured.
    """

    def __init__(self, subject: Subject, seed: int, rows: Tensor, lags: int) -> None:
        self._spec = spec_of(subject.lstm)
        self._lstms: dict[str, Subject] = {"trained": subject, "start": start_of(subject, seed)}
        self._plain: dict[str, PlainStack] = {
            "plain": PlainStack(self._spec, seed, orthogonal=False),
            "plain_orthogonal": PlainStack(self._spec, seed, orthogonal=True),
        }
        self._rows, self._lags = rows, lags
        self._seen: dict[str, list[list[_Place]]] = {name: [] for name in MODELS}
        self._tokens = 0

    @torch.no_grad()
    def add(self, batch: Ragged) -> None:
        """Measure some inputs more: token ids `(tokens,)` or vectors `(tokens, features)`, none of them empty."""
        self._tokens += len(batch.values)
        for name, subject in self._lstms.items():
            self._seen[name].append(self._of_lstm(subject, _vectors(subject, batch)))
        for name, stack in self._plain.items():
            self._seen[name].append(self._of_plain(stack, _vectors(self._lstms["start"], batch)))

    def reaches(self) -> tuple[Reach, ...]:
        """What was found in each layer and direction, layer 0 first, forward before reverse."""
        places = [(layer, d) for layer in range(self._spec.num_layers) for d in range(self._spec.directions)]
        return tuple(
            Reach(
                layer,
                DIRECTIONS[d],
                {name: _curve([batch[place] for batch in seen]) for name, seen in self._seen.items()},
                {name: self._half_lives([batch[place] for batch in self._seen[name]]) for name in self._lstms},
            )
            for place, (layer, d) in enumerate(places)
        )

    def _of_lstm(self, subject: Subject, vectors: Ragged) -> list[_Place]:
        spec = self._spec
        weights = [_double(each) for each in layer_weights(subject.lstm, spec)]
        traces = trace_equations(vectors, *_zeros(spec, len(vectors)), weights, spec)
        return [
            _Place(
                lstm_norms(trace, each, self._rows, self._lags, reverse=place % spec.directions == 1),
                trace.forget.values.log().sum(dim=0),
            )
            for place, (trace, each) in enumerate(zip(traces, weights, strict=True))
        ]

    def _of_plain(self, stack: PlainStack, vectors: Ragged) -> list[_Place]:
        return [
            _Place(plain_norms(states, each, self._rows, self._lags, reverse=place % self._spec.directions == 1))
            for place, (states, each) in enumerate(stack.states(vectors))
        ]

    def _half_lives(self, parts: Sequence[_Place]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        total = torch.stack([part.log_forget for part in parts if part.log_forget is not None]).sum(dim=0)
        return half_life((total / self._tokens).numpy())


def _curve(parts: Sequence[_Place]) -> GradientCurve:
    return GradientCurve(torch.cat([part.norms for part in parts]).numpy())


def _vectors(subject: Subject, batch: Ragged) -> Ragged:
    vectors = subject.vectors(batch)
    return vectors.with_values(vectors.values.detach().double().cpu())


def _double(weights: LayerWeights) -> LayerWeights:
    return LayerWeights._make(None if each is None else each.detach().double().cpu() for each in weights)


def _zeros(spec: Spec, batch: int) -> tuple[Tensor, Tensor]:
    places = spec.num_layers * spec.directions
    hidden, cell = (torch.zeros(places, batch, size).double() for size in (spec.output_size, spec.hidden_size))
    return hidden, cell
