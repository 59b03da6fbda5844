"""`horizon`: how long an LSTM remembers, measured by its gradient and by its forget gates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
import torch

from longshort.data import plan_batches
from longshort.errors import DataError, SettingError
from longshort.insight.gradients import Measurement
from longshort.insight.jacobians import identity_or_random
from longshort.insight.reach import MODELS, GradientCurve, Reach
from longshort.insight.subject import evaluating, subject_of
from longshort.insight.tables import Tabular
from longshort.insight.twins import training_seed
from longshort.lstm.module import spec_of
from longshort.plain import Plain
from longshort.ragged import Ragged

__all__ = ["Horizon", "Progress", "horizon"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""

EXACT_UNITS = 128
"""Hidden units up to which every row of the derivative is computed; the time for it grows with their cube."""

PROJECTIONS = 64
MOST_LAGS = 500
BATCH_TOKENS = 4_096
"""No number depends on it."""

Progress = Callable[[int, int], None]
"""Called with the number of examples done, and the total."""


@final
@dataclass(frozen=True, eq=False, repr=False)
class Horizon(Tabular):
    """How long an LSTM remembers.

    Args:
        reaches: one for each layer and direction, layer 0 first, forward before reverse.
        examples: sequences that were read; those without a step are left out.
        tokens: steps in all of them.
        lags: lags 0 to `lags - 1` were measured.
        projections: random rows by which each norm was estimated; None if every norm is exact.
        seed: of the first weights.
        unit: what a step is called: "token" or "step".
    """

    reaches: tuple[Reach, ...]
    examples: int
    tokens: int
    lags: int
    projections: int | None
    seed: int
    unit: Literal["token", "step"]

    def __repr__(self) -> str:
        return f"Horizon({self.examples} examples, {self.lags} lags, {list(self.reaches)})"

    def to_columns(self) -> dict[str, AnyArray]:
        """A table as columns of equal length: one row for each layer, direction, model and lag.

        The columns are layer, direction, model, lag, count, median, low and high: shares of the gradient of the last
        input, as in `GradientCurve`.
        """
        parts = [
            {
                "layer": np.full(self.lags, reach.layer),
                "direction": np.full(self.lags, reach.direction),
                "model": np.full(self.lags, name),
                "lag": np.arange(self.lags),
                "count": curve.count,
                "median": curve.median,
                "low": curve.band[0],
                "high": curve.band[1],
            }
            for reach in self.reaches
            for name, curve in reach.curves.items()
        ]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    def to_dict(self) -> Plain:
        """Everything as JSON holds it: medians and quartiles by lag, half-lives by unit, and the sentences."""
        fields = {name: getattr(self, name) for name in ("examples", "tokens", "lags", "projections", "seed", "unit")}
        reaches = [reach.to_dict() for reach in self.reaches]
        return {"sentences": self.sentences(), **fields, "models": dict(MODELS), "reaches": reaches}

    def to_json(self) -> str:
        """`to_dict` as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def sentences(self) -> list[str]:
        """What was found in each layer and direction, in plain words."""
        found = [self._sentence(reach) for reach in self.reaches]
        if len(found) == 1:
            return [found[0][0].upper() + found[0][1:]]
        names = [f"Layer {reach.layer}, {reach.direction}" for reach in self.reaches]
        return [f"{name}: {sentence}" for name, sentence in zip(names, found, strict=True)]

    def _sentence(self, reach: Reach) -> str:
        trained, start, plain = (reach.curves[name] for name in ("trained", "start", "plain"))
        half = trained.falls_to(0.5)
        if half is None:
            found = f"half of the gradient is not gone within {self._steps(self.lags - 1)}"
        else:
            found = f"half of the gradient is gone after {self._steps(half)}, 99 % {self._when(trained, 0.01)}"
        return (
            f"{found}; at its start, {self._both(start)}; in a plain RNN of its size at its start, {self._both(plain)}."
        )

    def _both(self, curve: GradientCurve) -> str:
        half = self._when(curve, 0.5)
        if curve.falls_to(0.5) is None:
            return half
        most = curve.falls_to(0.01)
        return f"{half}, 99 % {self._when(curve, 0.01)}" if most is None else f"{half} and {most}"

    def _when(self, curve: GradientCurve, share: float) -> str:
        lag = curve.falls_to(share)
        return f"not within {self.lags - 1}" if lag is None else f"after {lag}"

    def _steps(self, number: int) -> str:
        return f"{number:,} {self.unit}{'s' * (number != 1)}"


def horizon(
    model: object,
    inputs: object,
    *,
    lags: int | None = None,
    projections: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Horizon:
    """How long an LSTM remembers: how strongly its last hidden state depends on each input before.

    For each layer and direction apart, the Frobenius norm of d h_T / d x_(T-k) by lag k, where x is what that layer
    reads (the first one: the embedded tokens) and T the last step that it reads, which is the first of the sequence in
    the reverse direction. It is measured for the model as trained; for the same model at its start, rebuilt with the
    same seed; and for plain recurrent networks of the same size at their start, h' = tanh(W x + U h + b), which read
    what the model at its start reads: with torch's own first weights, by which the gradient vanishes (Hochreiter 1991;
    Bengio, Simard & Frasconi 1994), and with U orthogonal, by which it lasts at first (Saxe et al. 2014). Besides, the
    half-life of what each cell holds, by its forget gate.

    All is computed from the equations in float64, from states of zero, without dropout.

    Args:
        model: a fitted `longshort.TextClassifier`, what `longshort.load` gives, a loaded bundle or its network, a
            language model, a `longshort.EmbeddingLSTM`, or an LSTM on its own, of longshort or of torch. At its start a
            classifier has random word vectors, whatever its training put in their place; an LSTM on its own has torch's
            own first weights.
        inputs: what the model reads, one input or a batch, as for `longshort.trace`. Those without a step are left out.
        lags: lags 0 to `lags - 1` are measured; when not given, as far back as half of the inputs go, 500 at most.
        projections: estimate the square of each norm from this many random rows of signs, without bias, instead of from
            all rows; when not given, all rows up to 128 hidden units, and 64 random ones above.
        seed: of the first weights and the random rows; when not given that of the training, where the model holds its
            settings, and 0 elsewhere.
        progress: called with the progress.

    Raises:
        SettingError: the model is not one of these, or a number is out of its bounds.
        DataError: the inputs do not fit the model, or none has a step.
    """
    _check(lags=lags, projections=projections)
    subject = subject_of(model)
    tokens = subject.read(inputs).inputs
    tokens = tokens[tokens.lengths > 0]
    if not len(tokens):
        raise DataError("A horizon is measured on at least one input that is not empty. Got none.")
    spec, seed = spec_of(subject.lstm), (training_seed(model) or 0) if seed is None else seed
    lags = min(int(tokens.lengths.median()), MOST_LAGS) if lags is None else lags
    if projections is None and spec.output_size > EXACT_UNITS:
        projections = PROJECTIONS
    rows = identity_or_random(spec.output_size, projections, torch.Generator().manual_seed(seed))
    measured = Measurement(subject, seed, rows, lags)
    with evaluating(subject.module):
        for batch in _batches(tokens, progress):
            measured.add(batch)
    unit: Literal["token", "step"] = "step" if subject.embedding is None else "token"
    return Horizon(measured.reaches(), len(tokens), len(tokens.values), lags, projections, seed, unit)


def _check(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
            raise SettingError(f"{name} must be a whole number of at least 1. Got {number!r}.")


def _batches(tokens: Ragged, progress: Progress | None) -> Iterator[Ragged]:
    """The longest first, some thousand tokens at a time."""
    plan = plan_batches(tokens.lengths.numpy(), BATCH_TOKENS)
    done = 0
    for rows in plan:
        yield tokens[torch.from_numpy(rows)]
        done += len(rows)
        if progress:
            progress(done, len(tokens))
