"""Convolutions on sequences of different lengths: against torch's own, alone and among others, forward only."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from longshort.networks.convolution import Convolution, ConvolutionBlock, ConvolutionFront, kernels_for
from longshort.ragged import Ragged

LENGTHS = st.lists(st.integers(0, 12), min_size=1, max_size=6)


def batch(lengths: list[int], channels: int = 3) -> Ragged:
    torch.manual_seed(len(lengths))
    return Ragged(torch.randn(sum(lengths), channels), torch.tensor(lengths))


@settings(max_examples=60, deadline=None)
@given(LENGTHS, st.integers(1, 8), st.booleans())
def test_each_sequence_is_convolved_as_torch_convolves_it_alone(lengths: list[int], kernel: int, causal: bool) -> None:
    torch.manual_seed(0)
    convolution = Convolution(3, 4, kernel, causal=causal)
    inputs = batch(lengths)
    before = kernel - 1 if causal else kernel // 2
    for mine, values in zip(convolution(inputs), inputs, strict=True):
        padded = F.pad(values.T, (before, kernel - 1 - before))
        theirs = F.conv1d(padded[None], convolution.weight)[0].T if len(values) else values.new_zeros(0, 4)
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=0)


def test_gradients_stay_in_their_sequence() -> None:
    convolution = Convolution(1, 1, 5, causal=False)
    values = torch.randn(9, 1, requires_grad=True)
    next(iter(convolution(Ragged(values, torch.tensor([4, 5]))))).sum().backward()
    assert values.grad is not None
    assert values.grad[:4].all()
    assert not values.grad[4:].any()


@pytest.mark.parametrize("causal", [True, False])
def test_only_a_causal_front_is_blind_to_what_comes_after(causal: bool) -> None:
    torch.manual_seed(0)
    front = ConvolutionFront(2, 6, 20, causal=causal).eval()
    values = torch.randn(20, 2)
    changed = values.clone()
    changed[15:] += 1
    whole, other = (front(Ragged(each, torch.tensor([20]))).values for each in (values, changed))
    assert torch.equal(whole[:15], other[:15]) == causal


def test_a_front_answers_alike_alone_and_among_others() -> None:
    torch.manual_seed(0)
    front = ConvolutionFront(3, 8, 80, causal=False)
    inputs = batch([7, 1, 30, 2, 12])
    front(inputs)  # in training, so that the normalisation has met something
    front.eval()
    alone = torch.cat([front(inputs[i : i + 1]).values for i in range(len(inputs))])
    torch.testing.assert_close(front(inputs).values, alone, atol=1e-6, rtol=0)


def test_the_normalisation_uses_what_it_met_in_training_only_at_prediction() -> None:
    torch.manual_seed(0)
    block = ConvolutionBlock(3, 4, 3, causal=True)
    inputs = batch([5, 9])
    trained = block(inputs).values
    assert not torch.allclose(trained, block.eval()(inputs).values)
    assert trained.min() == 0  # the ReLU


def test_one_step_in_all_can_be_trained_on() -> None:
    """A batch of one value has no deviation; torch's own normalisation would refuse it."""
    front = ConvolutionFront(1, 4, 1, causal=False)
    found = front(Ragged(torch.ones(1, 1), torch.tensor([1]))).values
    found.sum().backward()
    assert found.isfinite().all()
    assert all(bool(weight.grad.isfinite().all()) for weight in front.parameters() if weight.grad is not None)


@pytest.mark.parametrize(
    ("steps", "kernels"),
    [(1, (8, 5, 3)), (71, (8, 5, 3)), (100, (12, 6, 3)), (150, (18, 9, 4)), (251, (31, 15, 7)), (10**9, (32, 16, 8))],
)
def test_kernels_are_an_eighth_of_a_sequence_within_bounds(steps: int, kernels: tuple[int, int, int]) -> None:
    assert kernels_for(steps) == kernels
    front = ConvolutionFront(1, 2, steps, causal=True)
    assert tuple(block.convolution.weight.shape[2] for block in front.blocks) == kernels
