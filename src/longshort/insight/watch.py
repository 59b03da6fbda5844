"""`watch`: what happens inside the LSTMs of a module of your own while it runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import final

from torch import nn

from longshort.errors import SettingError
from longshort.insight.recording import Keep, Precision, record
from longshort.insight.sequences import read_states, read_vectors
from longshort.insight.trace import Trace
from longshort.lstm.module import spec_of
from longshort.plain import Plain

__all__ = ["Seen", "watch"]


@final
class Seen(Mapping[str, Sequence[list[Trace]]]):
    """What `watch` saw: for each LSTM, by its name in the module, its last calls, the newest at the end.

    A call is a list of traces, one for each sequence of its batch, in the order of the batch.

    Args:
        names: of the LSTMs.
        calls: how many calls of each are kept; all of them where None.
    """

    def __init__(self, names: Sequence[str], calls: int | None) -> None:
        self._calls: dict[str, deque[list[Trace]]] = {name: deque(maxlen=calls) for name in names}

    def __getitem__(self, name: str) -> Sequence[list[Trace]]:
        if name not in self._calls:
            raise KeyError(f"no LSTM is called {name!r}; there are: {', '.join(map(repr, self._calls))}")
        return self._calls[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        said = (f"{name!r}: {len(calls)} call{'s' * (len(calls) != 1)}" for name, calls in self._calls.items())
        return f"Seen({', '.join(said)})"

    def add(self, name: str, traces: list[Trace]) -> None:
        """Keep another call, and forget the oldest where there are too many."""
        self._calls[name].append(traces)


@contextmanager
def watch(
    module: nn.Module,
    *,
    calls: int | None = 1,
    layers: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    dtype: Precision = "float32",
) -> Iterator[Seen]:
    """Record every `torch.nn.LSTM` and `longshort.LSTM` in `module` while the module runs.

        with longshort.watch(model) as seen:
            model(x)
        seen["encoder.lstm"][-1][0].forget_gate

    The module computes what it would compute otherwise, outputs and gradients alike. Each call of an LSTM is followed
    by one through its equations, with the same inputs, initial states and weights. Padding is a step as any other, for
    the LSTM reads it; a `PackedSequence` has none. An LSTM is seen when it is called as `lstm(x)`, not by
    `lstm.forward(x)`.

    Args:
        module: of any kind, with LSTMs in it, or an LSTM itself, whose name is then "".
        calls: how many calls of each LSTM are kept, the last ones; None for all.
        layers: the layers to keep, counted from 0; all when not given.
        units: the units to keep, counted from 0; all when not given.
        dtype: of what is kept, "float32" or "float16".

    Raises:
        SettingError: there is no LSTM in the module, or `calls` is below 1; or, from a call of the module, an LSTM has
            no such layer or unit, or drops hidden states between the layers to be kept, at random.
        BackendError: from a call of the module: an LSTM computes in reduced precision.
    """
    found = {name: part for name, part in module.named_modules() if isinstance(part, nn.LSTM)}
    if not found:
        raise SettingError(
            f"watch needs a module with a torch.nn.LSTM or a longshort.LSTM in it. Got {type(module).__name__}.",
            "An nn.LSTMCell, an nn.GRU and an nn.RNN are not watched.",
        )
    if calls is not None and calls < 1:
        raise SettingError(f"calls must be at least 1, or None to keep all. Got {calls}.")
    seen, keep = Seen(list(found), calls), Keep(layers, units, dtype)
    handles = [
        lstm.register_forward_hook(partial(_record_call, seen, name, keep), with_kwargs=True)
        for name, lstm in found.items()
    ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _record_call(
    seen: Seen, name: str, keep: Keep, lstm: nn.LSTM, args: tuple[object, ...], kwargs: Plain, _: object
) -> None:
    given = dict(zip(("input", "hx"), args, strict=False)) | kwargs
    _check_dropout(lstm, name, keep)
    inputs, alone = read_vectors(lstm, given["input"])
    states = read_states(lstm, given.get("hx"), len(inputs), alone=alone)
    seen.add(name, record(lstm, inputs.with_values(inputs.values.detach()), states, keep))


def _check_dropout(lstm: nn.LSTM, name: str, keep: Keep) -> None:
    """What is dropped at random in a call cannot be known after it."""
    highest = max(keep.settled(spec_of(lstm)).layers or (0,))
    if lstm.training and lstm.dropout and highest:
        raise SettingError(
            f"An LSTM that is watched must not drop hidden states between its layers at random. {name or 'It'!r} is in "
            f"training mode, with dropout {lstm.dropout:g} before layer {highest}.",
            "Call module.eval() first, or watch(module, layers=[0]): nothing is dropped before the first layer.",
        )
