"""Compute an LSTM twice: with the kernel in float32, and with the equations or torch in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from longshort.lstm.equations import run_equations
from longshort.lstm.native import run_native
from longshort.lstm.parameters import LayerWeights, Spec, parameter_shapes
from longshort.ragged import Ragged

RESULTS = ("out", "h_n", "c_n")
Values = dict[str, Tensor]


@dataclass(frozen=True)
class Case:
    """An LSTM, a batch, the results that a loss uses, and the leaves without gradients."""

    input: int = 7
    hidden: int = 9
    lengths: tuple[int, ...] = (3, 0, 5, 1)
    layers: int = 1
    bidirectional: bool = False
    bias: bool = True
    states: bool = True
    used: tuple[str, ...] = RESULTS
    frozen: tuple[str, ...] = ()
    seed: int = 0
    precision: str = "full"
    recompute: bool = False

    @property
    def spec(self) -> Spec:
        return Spec(
            self.input,
            self.hidden,
            self.layers,
            self.bias,
            self.bidirectional,
            precision=self.precision,
            recompute=self.recompute,
        )

    def leaves(self) -> Values:
        """Draw inputs, initial states and weights, float32, all different."""
        source = torch.Generator().manual_seed(self.seed)
        state = (self.layers * self.spec.directions, len(self.lengths), self.hidden)
        values = {"x": torch.randn(sum(self.lengths), self.input, generator=source)}
        if self.states:
            values |= {"h0": torch.rand(state, generator=source) * 2 - 1, "c0": torch.randn(state, generator=source)}
        for name, shape in parameter_shapes(self.spec).items():
            values[name] = (torch.rand(shape, generator=source) * 2 - 1) / self.hidden**0.5
        return values

    def factors(self, results: Values) -> Values:
        """Draw the factor of each result in the loss."""
        source = torch.Generator().manual_seed(self.seed + 1)
        return {name: torch.randn(value.shape, generator=source) for name, value in results.items()}


def ragged(case: Case, values: Values) -> Ragged:
    return Ragged(values["x"], torch.tensor(case.lengths, dtype=torch.int64))


def initial(case: Case, values: Values) -> tuple[Tensor, Tensor]:
    if case.states:
        return values["h0"], values["c0"]
    zeros = values["x"].new_zeros(case.layers * case.spec.directions, len(case.lengths), case.hidden)
    return zeros, zeros.clone()


def layer_weights(case: Case, values: Values) -> list[LayerWeights]:
    flat = [values[name] for name in parameter_shapes(case.spec)]
    each = 4 if case.bias else 2
    return [LayerWeights(*flat[at : at + each]) for at in range(0, len(flat), each)]


def by_backend(run: Callable) -> Callable[[Case, Values], Values]:
    def results(case: Case, values: Values) -> Values:
        found = run(ragged(case, values), *initial(case, values), layer_weights(case, values), case.spec, 0.0)
        return dict(zip(RESULTS, (found[0].values, *found[1:]), strict=True))

    return results


def by_torch(case: Case, values: Values) -> Values:
    """Run torch.nn.LSTM sequence by sequence: no batch, no padding, no packing."""
    spec = case.spec
    lstm = torch.nn.LSTM(
        spec.input_size, spec.hidden_size, spec.num_layers, spec.bias, bidirectional=spec.bidirectional, device="meta"
    )
    weights = {name: values[name] for name in parameter_shapes(spec)}
    h0, c0 = initial(case, values)
    outputs, h_n, c_n = [], list(h0.unbind(1)), list(c0.unbind(1))
    for row, sequence in enumerate(ragged(case, values)):
        if len(sequence):
            states = (h0[:, row], c0[:, row])
            out, (h_n[row], c_n[row]) = torch.func.functional_call(lstm, weights, (sequence, states))
            outputs.append(out)
    joined = torch.cat(outputs) if outputs else values["x"].new_empty(0, spec.directions * spec.hidden_size)
    h_n, c_n = (torch.stack(each, 1) if each else h0 for each in (h_n, c_n))
    return {"out": joined, "h_n": h_n, "c_n": c_n}


by_kernel, by_equations = by_backend(run_native), by_backend(run_equations)


def compute(
    run: Callable[[Case, Values], Values],
    case: Case,
    leaves: Values | None = None,
    dtype: torch.dtype = torch.float64,
) -> Values:
    """Return the results, and the gradients of a loss as "d NAME", without those that are None."""
    given = case.leaves() if leaves is None else leaves
    values = {name: leaf.detach().to(dtype).requires_grad_(name not in case.frozen) for name, leaf in given.items()}
    results = run(case, values)
    factors = case.factors(results)
    loss = sum((results[name] * factors[name].to(dtype)).sum() for name in case.used)
    wanted = {name: value for name, value in values.items() if value.requires_grad}
    gradients = [None] * len(wanted)
    if loss.requires_grad:  # without steps there is no output
        gradients = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
    found = {name: value.detach() for name, value in results.items()}
    return found | {f"d {name}": g for name, g in zip(wanted, gradients, strict=True) if g is not None}


def compute_on_kernel(case: Case, leaves: Values | None = None) -> Values:
    return compute(by_kernel, case, leaves, torch.float32)


def assert_close(found: Values, expected: Values, bound: float = 1e-5, smallest: float = 1e-2) -> None:
    """Check each within `bound` of the largest expected value; a missing gradient is zero."""
    for name in found | expected:
        if name not in found or name not in expected:
            assert not (found | expected)[name].any(), f"{name} has a gradient in one of the two"
            continue
        assert found[name].shape == expected[name].shape, name
        scale = max(float(expected[name].abs().max()), smallest) if expected[name].numel() else 1.0
        assert_near(name, found[name], expected[name], bound * scale)


def assert_near(name: str, found: Tensor, expected: Tensor, bound: float) -> None:
    torch.testing.assert_close(
        found.double(), expected.double(), atol=bound, rtol=0, msg=lambda text: f"{name}: {text}"
    )


def assert_same_bits(found: Values, expected: Values) -> None:
    assert found.keys() == expected.keys()
    different = [name for name in expected if not torch.equal(found[name], expected[name])]
    assert not different, f"{different} differ"


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
