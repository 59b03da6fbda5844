"""Long sequences in parts: the same vectors as whole, and gradients that stop where the parts meet."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from longshort.config import TextModelSettings
from longshort.lstm import LSTM, cut
from longshort.networks import TextClassifierNetwork
from longshort.networks.pooling import pool_in_parts, pool_states
from longshort.ragged import Pooling, Ragged

POOLINGS: list[Pooling] = ["last", "mean", "max", "mean+max"]


@settings(max_examples=40)
@given(
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=5),
    most=st.integers(1, 45),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    how=st.sampled_from(POOLINGS),
)
def test_the_vectors_are_those_of_whole_sequences(
    lengths: list[int], most: int, layers: int, bidirectional: bool, how: Pooling
) -> None:
    torch.manual_seed(sum(lengths))
    lstm = LSTM(3, 5, layers, bidirectional=bidirectional)
    inputs = Ragged.from_list([torch.randn(length, 3) for length in lengths])
    whole = pool_states(lstm(inputs)[0], how, bidirectional=bidirectional)
    found = pool_in_parts(lstm, inputs, lambda part: part, how, most)
    assert torch.allclose(found, whole, atol=1e-6)


def stopping(lstm: LSTM, sequence: Tensor, most: int) -> Tensor:
    """Hidden states `(steps, 2 * hidden)` by torch, direction by direction, with states detached every `most` steps."""
    found = []
    for direction, suffix in enumerate(("", "_reverse")):
        one = torch.nn.LSTM(lstm.input_size, lstm.hidden_size)
        weights = {name: getattr(lstm, name + suffix) for name, _ in one.named_parameters()}
        steps = sequence.flip(0) if direction else sequence
        # The backward direction meets the end of the last, shorter part first.
        ends = [*range(0, len(steps), most), len(steps)]
        ends = [len(steps) - end for end in reversed(ends)] if direction else ends
        state, parts = None, []
        for start, end in pairwise(ends):
            given: Any = (steps[start:end], state) if state else (steps[start:end],)
            out, state = torch.func.functional_call(one, weights, given)
            state = tuple(each.detach() for each in state)
            parts.append(out)
        found.append(torch.cat(parts).flip(0) if direction else torch.cat(parts))
    return torch.cat(found, dim=1)


@pytest.mark.parametrize("how", POOLINGS)
def test_the_gradients_are_those_of_states_that_are_detached_between_the_parts(how: Pooling) -> None:
    torch.manual_seed(1)
    lstm = LSTM(3, 4, bidirectional=True)
    sequence, most = torch.randn(23, 3), 6
    wanted = torch.randn(8 * len(how.split("+")))

    def gradients(pooled: Tensor) -> list[Tensor]:
        return list(torch.autograd.grad((pooled * wanted).sum(), list(lstm.parameters())))

    found = gradients(pool_in_parts(lstm, Ragged.from_rows(sequence[None]), lambda part: part, how, most))
    states = Ragged.from_rows(stopping(lstm, sequence, most)[None])
    expected = gradients(pool_states(states, how, bidirectional=True))
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    whole = gradients(pool_states(lstm(Ragged.from_rows(sequence[None]))[0], how, bidirectional=True))
    assert not all(torch.allclose(one, other, atol=1e-3) for one, other in zip(found, whole, strict=True))


def test_parts() -> None:
    counts, lengths = cut(torch.tensor([0, 3, 4, 9]), 4)
    assert counts.tolist() == [1, 1, 1, 3]
    assert lengths.tolist() == [0, 3, 4, 4, 4, 1]


def test_a_text_is_read_in_parts_with_the_same_words_dropped_in_all() -> None:
    torch.manual_seed(0)
    network = TextClassifierNetwork(7, 2, TextModelSettings(embedding_size=4, hidden_size=4, output_dropout=0.0))
    texts = Ragged.from_list([torch.randint(7, (50,)), torch.randint(7, (3,))])
    answers = []
    for network.part_tokens in (None, 8, 49):
        torch.manual_seed(3)  # of the words that are dropped
        answers.append(network.train()(texts))
    assert torch.allclose(answers[0], answers[1], atol=1e-6)
    assert torch.allclose(answers[0], answers[2], atol=1e-6)
    answers[1].sum().backward()
    assert network.embedding.weight.grad is not None
