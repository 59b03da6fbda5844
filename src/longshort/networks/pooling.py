"""One vector of a whole sequence, of what an LSTM finds at its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from longshort.lstm import LSTM, Shared, cut, states_between
from longshort.ragged import Pooling, Ragged

__all__ = ["pool_in_parts", "pool_states"]


def pool_states(states: Ragged, how: Pooling, *, bidirectional: bool) -> Tensor:
    """One vector per sequence, `(batch, features)`, of the hidden states `(tokens, units)` of an LSTM.

    Args:
        states: of its last layer; with both directions, those of the backward one stand behind.
        how: as `Ragged.pool`; the last state of the backward direction is the one at the first step.
        bidirectional: whether it has both directions.
    """
    if how == "last" and bidirectional:
        forward, backward = states.values.chunk(2, dim=-1)
        ends = (states.with_values(forward), states.with_values(backward).reverse())
        return torch.cat([end.pool("last") for end in ends], dim=-1)
    return states.pool(how)


def pool_in_parts(
    lstm: LSTM, inputs: Ragged, embed: Callable[[Ragged], Ragged | Shared], how: Pooling, most: int
) -> Tensor:
    """The same vectors as of the whole sequences, `(batch, features)`, in the memory of `most` steps.

    Sequences are cut into parts. The LSTM reads on in each part from where it was, so the vectors are those of the
    whole sequence; the gradients do not flow from part to part (truncated backpropagation through time, Williams &
    Peng 1990). What a part needs for them is computed again when they are (Chen et al. 2016).

    Args:
        lstm: reads what `embed` gives.
        inputs: the sequences.
        embed: what stands at the steps, for the LSTM; `(tokens, input_size)`.
        how: as `Ragged.pool`.
        most: steps of a part, and of the parts that are gone through at a time.
    """
    with torch.no_grad():
        states = states_between(lstm, embed(inputs), most)
    counts, lengths = cut(inputs.lengths, most)
    parts = Ragged(inputs.values, lengths)

    def read(some: Ragged, h: Tensor, c: Tensor) -> Tensor:
        found, _ = lstm(embed(some), (h, c))
        return pool_states(found, how, bidirectional=lstm.bidirectional)

    pooled = [
        checkpoint(read, parts[where], *(each[:, where].contiguous() for each in states), use_reentrant=False)
        for where in _groups(lengths.tolist(), most)
    ]
    pieces = torch.cat(pooled).chunk(len(how.split("+")), dim=1)
    joined = [
        _join(piece, name, inputs.lengths, counts, lengths, lstm.bidirectional)
        for piece, name in zip(pieces, how.split("+"), strict=True)
    ]
    return torch.cat(joined, dim=1)


def _groups(lengths: list[int], most: int) -> Iterator[slice]:
    """Parts one after another that have at most `most` steps together."""
    start, steps = 0, 0
    for end, length in enumerate(lengths):
        if end > start and steps + length > most:
            yield slice(start, end)
            start, steps = end, 0
        steps += length
    yield slice(start, len(lengths))


def _join(pooled: Tensor, how: str, lengths: Tensor, counts: Tensor, parts: Tensor, bidirectional: bool) -> Tensor:
    """The vectors of sequences, `(batch, features)`, of those of their parts, `(parts, features)`."""
    if how == "mean":
        shares = parts / lengths.clamp(min=1).repeat_interleave(counts)
        row = torch.arange(len(counts)).repeat_interleave(counts)
        return pooled.new_zeros(len(counts), pooled.shape[1]).index_add(0, row, pooled * shares[:, None].to(pooled))
    if how == "max":
        return Ragged(pooled, counts).pool("max")
    ends = counts.cumsum(0)
    if not bidirectional:
        return pooled[ends - 1]
    forward, backward = pooled.chunk(2, dim=1)
    return torch.cat([forward[ends - 1], backward[ends - counts]], dim=1)
