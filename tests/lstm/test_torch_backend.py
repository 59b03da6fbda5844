"""Torch's kernels on ragged batches, against the equations and torch's packed sequences."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from longshort.lstm import LSTM, segments
from longshort.ragged import Ragged

KINDS = st.fixed_dictionaries(
    {
        "num_layers": st.integers(1, 3),
        "bias": st.booleans(),
        "bidirectional": st.booleans(),
        "proj_size": st.sampled_from([0, 0, 1]),
    }
)
LENGTHS = st.lists(st.one_of(st.integers(0, 3), st.sampled_from([1, 7, 31])), max_size=7)


@pytest.fixture(autouse=True)
def _cuts_pay_early(monkeypatch):
    """Cut small batches too: without overhead at every length; with an overhead of 6 there is also padding."""
    monkeypatch.setattr(segments.cut, "__defaults__", (6,))


def twins(kind: dict, dtype: torch.dtype) -> tuple[LSTM, LSTM]:
    fast = LSTM(3, 4, **kind, dtype=dtype, backend="torch")
    truth = LSTM(3, 4, **kind, dtype=dtype, backend="equations")
    truth.load_state_dict(fast.state_dict())
    return fast, truth


def random_batch(lstm: LSTM, lengths: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Draw values and both initial states."""
    spec, dtype = lstm.spec, lstm.spec.dtype
    first = spec.num_layers * spec.directions
    shapes = ((sum(lengths), 3), (first, len(lengths), spec.output_size), (first, len(lengths), 4))
    return tuple(torch.randn(shape, dtype=dtype) for shape in shapes)


def everything(lstm: torch.nn.LSTM, lengths: list[int], batch: tuple[Tensor, ...], weigh) -> dict[str, Tensor]:
    """Return outputs, final states, and the gradients of all inputs for a loss over all results."""
    values, h0, c0 = (each.clone().requires_grad_() for each in batch)
    lstm.zero_grad()
    outputs, h_n, c_n = weigh(lstm, values, lengths, h0, c0)
    generator = torch.Generator().manual_seed(0)
    loss = sum(
        (each * torch.randn(each.shape, generator=generator, dtype=each.dtype)).sum() for each in (outputs, h_n, c_n)
    )
    loss.backward()
    gradients = {f"gradient of {name}": parameter.grad for name, parameter in lstm.named_parameters()}
    inputs = {"values": values.grad, "h0": h0.grad, "c0": c0.grad}
    return {"outputs": outputs, "h_n": h_n, "c_n": c_n, **inputs, **gradients}


def ragged(lstm, values, lengths, h0, c0):
    outputs, states = lstm(Ragged(values, torch.tensor(lengths, dtype=torch.int64)), (h0, c0))
    return outputs.values, *states


def packed(lstm, values, lengths, h0, c0):
    batch = Ragged(values, torch.tensor(lengths)).to_packed()
    outputs, states = lstm(batch, (h0, c0))
    return Ragged.from_packed(outputs).values, *states


def assert_same(ours: dict[str, Tensor], theirs: dict[str, Tensor], tolerance: float) -> None:
    for name, value in ours.items():
        expected = theirs[name]
        if value is None or expected is None:  # torch returns no gradient if nothing depends on the parameter
            assert all(each is None or not each.any() for each in (value, expected)), name
        else:
            scale = max(1.0, float(expected.detach().abs().max())) if expected.numel() else 1.0
            torch.testing.assert_close(
                value, expected, atol=tolerance * scale, rtol=0, msg=lambda m, n=name: f"{n}: {m}"
            )


@settings(max_examples=40)
@given(KINDS, LENGTHS, st.sampled_from([(torch.float64, 1e-10), (torch.float32, 1e-5)]))
def test_outputs_states_and_all_gradients_are_those_of_the_equations(kind, lengths, precision):
    dtype, tolerance = precision
    fast, truth = twins(kind, dtype)
    batch = random_batch(fast, lengths)
    assert_same(everything(fast, lengths, batch, ragged), everything(truth, lengths, batch, ragged), tolerance)


@settings(max_examples=25)
@given(KINDS, LENGTHS.map(lambda lengths: [length + 1 for length in lengths] or [1]))
def test_outputs_states_and_all_gradients_are_those_of_torchs_packed_sequences(kind, lengths):
    fast, _ = twins(kind, torch.float64)
    torchs = torch.nn.LSTM(3, 4, **kind, dtype=torch.float64)
    torchs.load_state_dict(fast.state_dict())
    batch = random_batch(fast, lengths)
    assert_same(everything(fast, lengths, batch, ragged), everything(torchs, lengths, batch, packed), 1e-10)


@pytest.mark.parametrize("length", [1, 63, 400])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_sequence_gives_the_same_alone_and_among_64(length, bidirectional):
    torch.manual_seed(length)
    lstm = LSTM(16, 24, num_layers=2, bidirectional=bidirectional, backend="torch")
    alone = torch.randn(length, 16)
    others = [torch.randn(int(n), 16) for n in torch.randint(0, 300, (64,))]
    together = Ragged.from_list([*others[:40], alone, *others[40:]])
    with torch.no_grad():
        expected, (h, c) = lstm(Ragged.from_list([alone]))
        outputs, (h_all, c_all) = lstm(together)
    torch.testing.assert_close(outputs[40], expected[0], atol=1e-6, rtol=0)
    torch.testing.assert_close(h_all[:, 40], h[:, 0], atol=1e-6, rtol=0)
    torch.testing.assert_close(c_all[:, 40], c[:, 0], atol=1e-6, rtol=0)


def test_values_that_are_not_finite_stay_in_their_sequence():
    """It affects neither outputs nor gradients of the others."""
    lstm = LSTM(3, 4, num_layers=2, bidirectional=True)
    sequences = [torch.randn(length, 3) for length in (9, 4, 6, 5)]
    sequences[2] = torch.full((6, 3), torch.nan)
    values = torch.cat(sequences).requires_grad_()
    outputs, (h, c) = lstm(Ragged(values, torch.tensor([9, 4, 6, 5])))
    for row in (0, 1, 3):
        assert outputs[row].isfinite().all()
        assert h[:, row].isfinite().all()
        assert c[:, row].isfinite().all()
    outputs[1].sum().backward()
    first = Ragged(values.grad, outputs.lengths)
    assert first[1].abs().min() > 0
    assert not first[0].any()
    assert not first[3].any()


def test_padding_holds_the_cell_whatever_the_weights():
    """Even very large weights do not change the cell of a row that has ended."""
    fast, truth = twins({}, torch.float32)
    for lstm in (fast, truth):
        with torch.no_grad():
            lstm.bias_ih_l0.chunk(4)[0].fill_(1e6)
            lstm.bias_ih_l0.chunk(4)[1].fill_(-1e6)
    lengths = [5, 4, 4, 3, 3, 2]
    batch = random_batch(fast, lengths)
    assert any(s.cells > s.rows for s in segments.cut(torch.tensor(lengths)))
    assert_same(everything(fast, lengths, batch, ragged), everything(truth, lengths, batch, ragged), 1e-5)


def test_gradients_do_not_need_training_mode():
    fast, _ = twins({"num_layers": 2, "dropout": 0.5}, torch.float64)
    batch = random_batch(fast, [5, 2, 3])
    fast.eval()
    first, second = (everything(fast, [5, 2, 3], batch, ragged) for _ in range(2))
    assert_same(first, second, 0.0)
    assert first["values"].abs().min() > 0


def test_dropout_falls_between_layers_in_training():
    fast, _ = twins({"num_layers": 2, "dropout": 0.5}, torch.float64)
    batch = random_batch(fast, [5, 2, 3])
    first, second = (everything(fast, [5, 2, 3], batch, ragged) for _ in range(2))
    assert torch.equal(first["h_n"][0], second["h_n"][0])
    assert not torch.equal(first["outputs"], second["outputs"])


@pytest.mark.parametrize("lengths", [[3, 5, 2], [4, 4]])
def test_gradients_of_gradients_are_those_of_the_equations(lengths):
    found = []
    fast, truth = twins({"bidirectional": True}, torch.float64)
    values = torch.randn(sum(lengths), 3, dtype=torch.float64)
    for lstm in (fast, truth):
        leaf = values.clone().requires_grad_()
        outputs, (_, c) = lstm(Ragged(leaf, torch.tensor(lengths)))
        (gradient,) = torch.autograd.grad(outputs.values.pow(2).sum() + c.sum(), leaf, create_graph=True)
        found.append(torch.autograd.grad(gradient.pow(2).sum(), [leaf, *lstm.parameters()]))
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=1e-10)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("lengths", [[3, 0, 5, 2], [4, 4], [0, 0], []])
@pytest.mark.parametrize("training", [True, False])
def test_a_gpu_matches_the_equations(lengths, training):
    fast, truth = (
        each.to("cuda").train(training) for each in twins({"num_layers": 2, "bidirectional": True}, torch.float64)
    )
    batch = tuple(each.to("cuda") for each in random_batch(fast, lengths))

    def on_gpu(lstm, values, lengths, h0, c0):
        return tuple(each.cpu() for each in ragged(lstm, values, lengths, h0, c0))

    assert_same(everything(fast, lengths, batch, on_gpu), everything(truth, lengths, batch, on_gpu), 1e-8)
