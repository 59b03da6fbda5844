"""The kernel matches the equations and torch: outputs, final states and every gradient."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lstm.conftest import VARIANTS
from tests.lstm.parity import (
    RESULTS,
    Case,
    assert_close,
    assert_near,
    assert_same_bits,
    by_equations,
    by_kernel,
    by_torch,
    compute,
    compute_on_kernel,
    initial,
    layer_weights,
    ragged,
    threads,
)

from longshort.lstm.equations import run_equations
from longshort.lstm.native import run_native

pytestmark = pytest.mark.usefixtures("kernel", "poisoned")

RAGGED = (5, 1, 0, 9, 2, 2, 13, 1)
CASES = {
    "ragged": Case(lengths=RAGGED),
    "one unit, one feature": Case(1, 1, lengths=RAGGED),
    "whole blocks": Case(16, 64, lengths=RAGGED),
    "one unit more than a block": Case(17, 17, lengths=RAGGED),
    "more than a panel, and a block": Case(70, 80, lengths=RAGGED),
    "more than a panel, and a part of a block": Case(65, 67, lengths=RAGGED),
    "two panels and more": Case(3, 130, lengths=RAGGED),
    "seven rows": Case(5, 20, lengths=(4,) * 7),
    "all of one length": Case(5, 20, lengths=(6,) * 13),
    "many chunks": Case(5, 20, lengths=(150, 3, 149, 80)),
    "more rows than a chunk": Case(5, 6, lengths=(1, 2, 3, 0, 4) * 30),
    "one row": Case(5, 20, lengths=(200,)),
    "one step": Case(5, 20, lengths=(1,)),
    "no step": Case(5, 20, lengths=(0, 0)),
    "no row": Case(5, 20, lengths=()),
    "without biases": Case(5, 20, lengths=RAGGED, bias=False),
    "without initial states": Case(5, 20, lengths=RAGGED, states=False),
    "both directions": Case(5, 20, lengths=RAGGED, bidirectional=True),
    "both directions, many chunks": Case(18, 33, lengths=(150, 3, 149, 80), bidirectional=True),
    "layers": Case(5, 20, lengths=RAGGED, layers=3),
    "layers in both directions": Case(5, 20, lengths=RAGGED, layers=2, bidirectional=True),
    "recomputed gates": Case(33, 20, lengths=(150, 3, 149, 80), bidirectional=True, recompute=True),
    "more than the caches hold": Case(5, 200, lengths=(40,) * 39 + (3, 0), bidirectional=False),
}


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_of_the_equations(variant, name):
    assert_close(compute_on_kernel(CASES[name]), compute(by_equations, CASES[name]))


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_of_torch(name):
    assert_close(compute_on_kernel(CASES[name]), compute(by_torch, CASES[name]))


EXAMPLES = int(os.environ.get("LONGSHORT_EXAMPLES", "60"))
"""Number of examples; fewer under a sanitizer."""

SIZES = (1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 80, 96, 127, 128, 129, 130)


@st.composite
def batches(draw) -> tuple[int, ...]:
    kind = draw(st.sampled_from(["ragged", "ragged", "equal", "empty", "long"]))
    if kind == "long":
        return tuple(draw(st.lists(st.integers(0, 160), min_size=1, max_size=3)))
    rows = draw(st.integers(1, 40))
    if kind == "equal":
        return (draw(st.integers(0, 12)),) * rows
    shortest, longest = (0, 2) if kind == "empty" else (0, draw(st.integers(1, 25)))
    return tuple(draw(st.lists(st.integers(shortest, longest), min_size=rows, max_size=rows)))


@st.composite
def cases(draw) -> Case:
    case = Case(
        input=draw(st.integers(1, 70)),
        hidden=draw(st.sampled_from(SIZES) | st.integers(1, 130)),
        lengths=draw(batches()),
        layers=draw(st.integers(1, 3)),
        bidirectional=draw(st.booleans()),
        bias=draw(st.booleans()),
        states=draw(st.booleans()),
        used=tuple(draw(st.sets(st.sampled_from(RESULTS), min_size=1))),
        seed=draw(st.integers(0, 9)),
        recompute=draw(st.booleans()),
    )
    names = sorted(case.leaves())
    frozen = draw(st.just([]) | st.lists(st.sampled_from(names), max_size=len(names) - 1, unique=True))
    return replace(case, frozen=tuple(frozen))


@given(cases(), st.sampled_from(VARIANTS or ("no kernel",)), st.integers(1, 4))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_any_lstm_on_any_batch_matches_the_equations(kernel, case, variant, count):
    kernel.use_variant(variant)
    with threads(count):
        found = compute_on_kernel(case)
    assert_close(found, compute(by_equations, case))


SHARED = Case(64, 64, lengths=(60, 5, 0, 41, 17, 8, 60, 1, 33), bidirectional=True)
"""Enough work for four threads, in one direction too."""


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_any_number_of_threads_matches_the_equations(variant, count, bidirectional):
    case = replace(SHARED, bidirectional=bidirectional)
    with threads(count):
        found = compute_on_kernel(case)
    assert_close(found, compute(by_equations, case))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_same_input_and_number_of_threads_give_the_same_bits(variant, count):
    with threads(count):
        first = compute_on_kernel(SHARED)
        for _ in range(3):
            assert_same_bits(compute_on_kernel(SHARED), first)


def test_more_threads_than_rows(variant):
    case = replace(SHARED, lengths=(400, 300))
    with threads(4):
        found = compute_on_kernel(case)
    assert_close(found, compute(by_equations, case))


# --- requested results and gradients ---


@pytest.mark.parametrize("used", [("out",), ("h_n",), ("c_n",), ("out", "c_n"), ("h_n", "c_n")])
def test_a_loss_may_use_only_some_results(variant, used):
    case = Case(5, 20, lengths=RAGGED, layers=2, bidirectional=True, used=used)
    assert_close(compute_on_kernel(case), compute(by_equations, case))


@pytest.mark.parametrize("alone", sorted(Case(bidirectional=True).leaves()))
def test_a_single_gradient_equals_that_among_all(variant, alone):
    case = Case(5, 20, lengths=RAGGED, bidirectional=True)
    every = compute_on_kernel(case)
    found = compute_on_kernel(replace(case, frozen=tuple(set(case.leaves()) - {alone})))
    assert found.keys() == {*RESULTS, f"d {alone}"}
    assert_same_bits(found, {name: every[name] for name in found})


def test_a_frozen_leaf_has_no_gradient():
    case = Case(lengths=RAGGED, frozen=("weight_hh_l0", "bias_ih_l0", "x"))
    values = {name: leaf.requires_grad_(name not in case.frozen) for name, leaf in case.leaves().items()}
    by_kernel(case, values)["out"].sum().backward()
    assert {name for name, value in values.items() if value.grad is None} == set(case.frozen)


def test_results_without_gradients_are_the_same(variant):
    case = Case(33, 20, lengths=(150, *RAGGED), layers=2, bidirectional=True)
    every = compute_on_kernel(case)
    with torch.no_grad():
        assert_same_bits(by_kernel(case, case.leaves()), {name: every[name] for name in RESULTS})


FEW = [(1,), (6,), (1, 1), (1,) * 6, (2, 0, 3, 1), (0,), (0, 0, 0, 0, 0, 1), (1,) * 7, (7,)]
"""Up to six tokens, which run with unpacked weights without gradients, and seven."""


@pytest.mark.parametrize("lengths", FEW, ids=str)
@pytest.mark.parametrize("hidden", [1, 16, 20, 67])
@pytest.mark.parametrize("bias", [True, False])
def test_a_few_tokens_without_gradients_match_the_equations(variant, lengths, hidden, bias):
    _assert_results_alone(Case(19, hidden, lengths=lengths, layers=2, bidirectional=True, bias=bias))


@pytest.mark.parametrize("lengths", [(1,), (1, 3, 2)], ids=str)
@pytest.mark.parametrize("count", [2, 4])
def test_a_few_tokens_of_a_large_layer_are_shared_among_threads(variant, lengths, count):
    with threads(count):
        _assert_results_alone(Case(512, 530, lengths=lengths))


def _assert_results_alone(case):
    leaves = case.leaves()
    with torch.no_grad():
        found = by_kernel(case, leaves)
        expected = by_equations(case, {name: leaf.double() for name, leaf in leaves.items()})
    assert_close(found, expected)


def test_gradients_can_be_computed_twice(variant):
    case = Case(5, 20, lengths=(150, *RAGGED), bidirectional=True)
    values = {name: leaf.requires_grad_() for name, leaf in case.leaves().items()}
    results = by_kernel(case, values)
    loss = sum((value * value).sum() for value in results.values())
    first = torch.autograd.grad(loss, list(values.values()), retain_graph=True)
    second = torch.autograd.grad(loss, list(values.values()))
    for name, one, other in zip(values, first, second, strict=True):
        assert torch.equal(one, other), name


def test_gradients_add_up_over_two_uses(variant):
    case = Case(5, 20, lengths=RAGGED)
    values = {name: leaf.requires_grad_() for name, leaf in case.leaves().items()}
    for _ in range(2):
        by_kernel(case, values)["out"].sum().backward()
    once = {name: leaf.requires_grad_() for name, leaf in case.leaves().items()}
    by_kernel(case, once)["out"].sum().backward()
    for name, value in values.items():
        torch.testing.assert_close(value.grad, 2 * once[name].grad)


@pytest.mark.parametrize("bias", [True, False])
def test_gradients_of_gradients_are_those_of_the_equations(bias):
    case = Case(3, 5, lengths=(3, 0, 4, 1), bidirectional=True, bias=bias)
    assert_close(_second(by_kernel, case, torch.float32), _second(by_equations, case, torch.float64), bound=1e-4)


def _second(run, case, dtype):
    values = {name: leaf.to(dtype).requires_grad_() for name, leaf in case.leaves().items()}
    results = run(case, values)
    loss = sum((value**2).sum() for value in results.values())
    first = torch.autograd.grad(loss, list(values.values()), create_graph=True)
    second = torch.autograd.grad(sum((gradient**2).sum() for gradient in first), list(values.values()))
    return dict(zip(values, second, strict=True))


def test_bfloat16_is_as_close_as_its_precision(kernel):
    """Operands are rounded to 8 bits of mantissa: results are close to full precision, but not equal."""
    if not kernel.can_round():
        pytest.skip("needs a processor that multiplies bfloat16")
    for shape in ((7, 9), (70, 67), (16, 128), (1, 1)):
        case = Case(*shape, lengths=(150, 1, 0, 9, 2, 2, 13, 1), layers=2, bidirectional=True, precision="bf16")
        for recompute in (False, True):
            found, expected = compute_on_kernel(replace(case, recompute=recompute)), compute(by_equations, case)
            assert_close(found, expected, bound=3e-2)
            error = (found["out"].double() - expected["out"]).abs().mean()
            assert 1e-5 < error < 4e-3


# --- independence of rows ---

BY_ROW = ("h_n", "c_n", "d h0", "d c0")


def _row(found, case, row):
    start = sum(case.lengths[:row])
    tokens = slice(start, start + case.lengths[row])
    return {name: found[name][tokens] for name in ("out", "d x")} | {name: found[name][:, row] for name in BY_ROW}


@pytest.mark.parametrize("count", [1, 3])
def test_a_row_has_the_same_bits_alone_and_in_a_batch(variant, count):
    case = Case(64, 67, lengths=(60, 5, 41, 17, 8, 60, 1, 33), layers=2, bidirectional=True)
    leaves = case.leaves()
    with threads(count):
        among = _with_fixed_factors(case, leaves)
    for row, length in enumerate(case.lengths):
        start = sum(case.lengths[:row])
        alone = leaves | {"x": leaves["x"][start : start + length]}
        alone |= {name: leaves[name][:, row : row + 1] for name in ("h0", "c0")}
        one = replace(case, lengths=(length,))
        assert_same_bits(_row(_with_fixed_factors(one, alone), one, 0), _row(among, case, row))


def _with_fixed_factors(case, leaves):
    values = {name: leaf.detach().clone().requires_grad_() for name, leaf in leaves.items()}
    results = by_kernel(case, values)
    gradients = torch.autograd.grad(sum(value.sum() for value in results.values()), list(values.values()))
    return results | {f"d {name}": gradient for name, gradient in zip(values, gradients, strict=True)}


@pytest.mark.parametrize("value", [1e30, -1e30, float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("where", ["x", "h0", "c0"])
def test_rows_do_not_affect_each_other(variant, value, where):
    case = Case(19, 20, lengths=(7, 4, 9, 0, 5, 4, 4, 8), bidirectional=True)
    clean, dirty, bad = case.leaves(), case.leaves(), 4
    start = sum(case.lengths[:bad])
    if where == "x":
        dirty["x"][start : start + case.lengths[bad]] = value
    else:
        dirty[where][:, bad] = value
    found, expected = _with_fixed_factors(case, dirty), _with_fixed_factors(case, clean)
    for row in set(range(len(case.lengths))) - {bad}:
        assert_same_bits(_row(found, case, row), _row(expected, case, row))


# --- unusual numbers ---


@pytest.mark.parametrize("size", [30.0, 1e6, 1e30])
def test_saturated_gates_match_the_equations(variant, size):
    """A closed gate is at least 2e-19, not 0: its leak is far below the float32 precision of the input."""
    case = Case(5, 20, lengths=RAGGED, bidirectional=True)
    leaves = case.leaves()
    leaves["x"] = leaves["x"] * size
    assert_close(compute_on_kernel(case, leaves), compute(by_equations, case, leaves), smallest=max(1e-2, size * 1e-12))


def test_large_weights_are_those_of_the_equations(variant):
    case = Case(5, 20, lengths=RAGGED)
    leaves = {name: leaf * (1.0 if name in ("x", "h0", "c0") else 8.0) for name, leaf in case.leaves().items()}
    assert_close(compute_on_kernel(case, leaves), compute(by_equations, case, leaves), bound=1e-4)


def test_infinite_inputs_close_and_open_gates(variant):
    """One feature, so that no infinity meets another."""
    case = Case(1, 20, lengths=RAGGED)
    leaves = case.leaves()
    leaves["x"][::2] = float("inf")
    leaves["x"][1::3] = float("-inf")
    with torch.no_grad():
        found = by_kernel(case, leaves)
        expected = by_equations(case, {name: leaf.double() for name, leaf in leaves.items()})
    assert all(value.isfinite().all() for value in expected.values())
    assert_close(found, expected)


def test_nan_affects_its_step_and_later_ones(variant):
    case = Case(19, 20, lengths=(7, 4, 9), bidirectional=True)
    leaves = case.leaves()
    leaves["x"][9, 3] = float("nan")
    with torch.no_grad():
        found, expected = by_kernel(case, leaves), by_equations(case, leaves)
    for name in RESULTS:
        assert torch.equal(found[name].isnan(), expected[name].isnan()), name
    assert expected["out"].isnan().any(dim=1).sum() == 4
    assert expected["out"].isnan().all(dim=1).sum() == 1


def test_tiny_numbers_keep_their_digits(variant):
    case = Case(5, 20, lengths=RAGGED, bias=False)
    leaves = {name: leaf * (1e-30 if name in ("x", "h0", "c0") else 1.0) for name, leaf in case.leaves().items()}
    with torch.no_grad():
        found = by_kernel(case, leaves)
        expected = by_equations(case, {name: leaf.double() for name, leaf in leaves.items()})
    for name in RESULTS:
        assert expected[name].abs().max() < 1e-28
        assert_near(name, found[name] * 1e30, expected[name] * 1e30, 1e-6)


@pytest.mark.parametrize("size", [1e-7, 1e-4, 1e-2, 0.3, 2.0, 8.0, 15.0])
def test_each_gate_is_exact_to_some_units_in_the_last_place(variant, size):
    """One step of one unit: c = i * g, h = o * tanh(c), compared by relative error."""
    case = Case(1, 16, lengths=(1,) * 64, bias=False, states=False)
    leaves = case.leaves()
    leaves["weight_ih_l0"] *= 4.0
    leaves["x"] = torch.linspace(-size, size, 64)[:, None]
    found, expected = compute_on_kernel(case, leaves), compute(by_equations, case, leaves)
    for name in ("out", "c_n"):
        error = (found[name].double() / expected[name] - 1).abs()
        assert error.max() < 1e-6, name


# --- memory layout ---


def test_tensors_need_not_be_dense(variant):
    case = Case(33, 20, lengths=RAGGED, bidirectional=True)
    dense = case.leaves()
    loose = {name: _loose(leaf) for name, leaf in dense.items()}
    assert not any(leaf.is_contiguous() for leaf in loose.values())
    assert_same_bits(_with_factors_as_they_lie(case, loose), _with_factors_as_they_lie(case, dense))


def _loose(tensor):
    wide = torch.full((*tensor.shape[:-1], 2 * tensor.shape[-1] + 1), float("nan"))
    wide[..., 1::2] = tensor
    return wide[..., 1::2]


def _with_factors_as_they_lie(case, leaves):
    values = {name: leaf.detach().requires_grad_() for name, leaf in leaves.items()}
    results = by_kernel(case, values)
    given = [_loose(factor) for factor in case.factors(results).values()]
    gradients = torch.autograd.grad(list(results.values()), list(values.values()), given)
    found = {name: value.detach() for name, value in results.items()}
    return found | {f"d {name}": gradient for name, gradient in zip(values, gradients, strict=True)}


def test_expanded_gradients_are_accepted(variant):
    """The gradient of a sum is a single expanded value."""
    case = Case(5, 20, lengths=RAGGED)
    found, expected = (
        torch.autograd.grad(run(case, values)["out"].sum(), values["x"])[0]
        for run, values in (
            (by_kernel, {name: leaf.requires_grad_() for name, leaf in case.leaves().items()}),
            (by_equations, {name: leaf.double().requires_grad_() for name, leaf in case.leaves().items()}),
        )
    )
    assert_near("d x", found, expected, 1e-5)


def test_arguments_are_not_changed(variant):
    case = Case(5, 20, lengths=(150, *RAGGED), layers=2, bidirectional=True)
    leaves, before = case.leaves(), case.leaves()
    compute_on_kernel(case, leaves)
    assert_same_bits(leaves, before)


def test_dropout_between_layers_draws_as_the_equations_do():
    case = Case(5, 20, lengths=RAGGED, layers=3)
    leaves = case.leaves()
    found = []
    for run in (run_native, run_equations):
        torch.manual_seed(3)
        out, *states = run(ragged(case, leaves), *initial(case, leaves), layer_weights(case, leaves), case.spec, 0.5)
        found.append(dict(zip(RESULTS, (out.values, *states), strict=True)))
    assert_close(*found)
