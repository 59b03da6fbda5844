"""`trace`: what happens inside a model while it reads an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from longshort.insight.recording import Keep, Precision, record
from longshort.insight.sequences import States
from longshort.insight.subject import evaluating, subject_of
from longshort.insight.trace import Trace

__all__ = ["trace"]


@overload
def trace(
    model: object,
    input: str,
    *,
    hx: States | None = None,
    layers: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    dtype: Precision = "float32",
) -> Trace: ...
@overload
def trace(
    model: object,
    input: list[str],
    *,
    hx: States | None = None,
    layers: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    dtype: Precision = "float32",
) -> list[Trace]: ...
@overload
def trace(
    model: object,
    input: object,
    *,
    hx: States | None = None,
    layers: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    dtype: Precision = "float32",
) -> Any: ...
def trace(
    model: object,
    input: object,  # noqa: A002
    *,
    hx: States | None = None,
    layers: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    dtype: Precision = "float32",
) -> Trace | list[Trace]:
    """Every gate and state of every layer, direction and step, with dropout off.

    The LSTM is run by its equations (`longshort.lstm.equations`), one step at a time; the hidden states are those of
    its own `forward` up to rounding. Kept are `6 * layers * directions * steps * units` numbers, of 4 bytes each, or 2
    with `dtype="float16"`; beside them, memory is needed for the LSTM's inputs and for the hidden states of one layer.

    Args:
        model: a fitted estimator of longshort, what `longshort.load` gives, a loaded bundle or its network, a
            language model, a `longshort.EmbeddingLSTM`, or an LSTM on its own, of longshort or of torch.
        input: what the model reads, one input or a batch. Text models: a str, or a list of them. Models with an
            embedding and no tokenizer: token ids, as a list, array or tensor for one input, as a list of such or a
            `Ragged` for several. Models of numbers: an array `(step,)` or `(step, channel)`, or a list of them; their
            LSTM is traced on what the convolutions before it make of the numbers. An LSTM: what its `forward` takes, an
            array, or a list of tensors `(step, feature)`.
        hx: initial states (h_0, c_0) of an LSTM on its own, as its `forward` takes them; zeros when not given.
        layers: the layers to keep, counted from 0; all when not given.
        units: the units to keep, counted from 0; all when not given. The features of a projection are all kept.
        dtype: "float32", or "float16" for half the memory and three digits.

    Returns:
        One `Trace` for one input, a list of them for a batch.

    Raises:
        SettingError: the model is not one of these, or has no such layer or unit.
        DataError: the input or the initial states do not fit the model.
        BackendError: the LSTM computes in reduced precision, which the equations do not.
    """
    subject = subject_of(model)
    reading = subject.read(input)
    states = subject.states(reading, hx)
    with evaluating(subject.module):
        vectors, scores = subject.vectors(reading.inputs), subject.scores(reading.inputs)
        keep = Keep(layers, units, dtype)
        traces = record(subject.lstm, vectors, states, keep, reading.tokens, scores)
    return traces[0] if reading.alone else traces
