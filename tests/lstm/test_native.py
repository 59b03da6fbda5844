"""The status of the compiled kernel, its variants, and its operators."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
import torch
from tests.lstm.parity import (
    RESULTS,
    Case,
    assert_close,
    assert_same_bits,
    by_equations,
    by_kernel,
    compute,
    initial,
    layer_weights,
    parameter_shapes,
    threads,
)

from longshort.errors import BackendError, DataError
from longshort.lstm import LSTM, compiled, equations, native
from longshort.lstm.compiled import KernelStatus, kernel_status
from longshort.lstm.native import run_native
from longshort.lstm.operators import CELLS, GATES, NOTHING, lstm_layer, lstm_layer_backward
from longshort.lstm.parameters import Spec
from longshort.lstm.shared import Shared
from longshort.ragged import Ragged

NAME = "longshort.lstm._kernel"


# --- status ---


def test_the_built_kernel_is_available(kernel):
    status = kernel_status()
    assert status.available
    assert status.reason == ""
    assert status.compiler == kernel.compiler()
    assert status.compiler.startswith(("gcc ", "clang "))
    assert status.variants == tuple(kernel.variants())
    assert status.variants[-1] == "baseline"


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="asks Linux")
def test_threads_are_those_that_this_process_may_use(kernel):
    assert kernel_status().threads == len(os.sched_getaffinity(0))


@pytest.mark.skipif(platform.machine() != "x86_64" or not Path("/proc/cpuinfo").exists(), reason="asks Linux on x86")
def test_features_are_those_that_the_system_names(kernel):
    line = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    flags = set(line.split(":")[1].split())
    assert kernel_status().features == {
        name: name in flags for name in ("avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_bf16")
    }


def test_a_missing_kernel_is_reported(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", _raise(ModuleNotFoundError(f"No module named {NAME!r}", name=NAME)))
    assert kernel_status() == KernelStatus(False, "it was not built: the installation found no working C++ compiler")


def test_a_kernel_that_does_not_load_is_reported(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", _raise(ImportError("undefined symbol: _ZN3foo")))
    assert kernel_status() == KernelStatus(False, "it does not load: undefined symbol: _ZN3foo")


def test_a_broken_file_is_reported(monkeypatch, tmp_path):
    """An invalid file in place of the module."""
    import longshort.lstm

    (tmp_path / "_kernel.so").write_bytes(b"not a library")
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    monkeypatch.setattr(longshort.lstm, "__path__", [str(tmp_path)])
    status = kernel_status()
    assert not status.available
    assert status.reason.startswith("it does not load: ")


def _raise(error):
    def import_module(name):
        raise error

    return import_module


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (Spec(3, 4, device="cuda"), "the kernel runs on the CPU, not on cuda"),
        (Spec(3, 4, dtype=torch.float64), "the kernel computes in float32, not in float64"),
        (Spec(3, 4, proj_size=2), "the kernel does not support projections (proj_size)"),
    ],
)
def test_unsupported_specs_are_reported(spec, reason):
    assert native.supports(spec) == reason


def test_it_supports_what_it_can_run_where_it_is_built(kernel):
    assert native.supports(Spec(3, 4, num_layers=2, bias=False, bidirectional=True)) is None


def test_it_supports_nothing_where_it_is_not_built(monkeypatch):
    monkeypatch.setattr(native, "_why_missing", lambda: "the kernel is not available: it was not built")
    assert native.supports(Spec(3, 4)) == "the kernel is not available: it was not built"


# --- variants ---


@pytest.fixture
def _uncached_kernel(kernel):
    compiled.kernel.cache_clear()
    yield
    compiled.kernel.cache_clear()


@pytest.mark.usefixtures("_uncached_kernel")
def test_the_variant_that_is_named_runs(kernel, monkeypatch):
    for name in kernel.variants():
        monkeypatch.setenv("LONGSHORT_ISA", name)
        compiled.kernel.cache_clear()
        by_kernel(Case(), Case().leaves())
        assert kernel.variant_in_use() == name


@pytest.mark.usefixtures("_uncached_kernel")
def test_an_unknown_variant_is_rejected(kernel, monkeypatch):
    monkeypatch.setenv("LONGSHORT_ISA", "avx1024")
    with pytest.raises(BackendError) as caught:
        by_kernel(Case(), Case().leaves())
    assert str(caught.value) == (
        "LONGSHORT_ISA must name a variant of the kernel that this processor can run; got 'avx1024'."
        f"\n\nhint: Choose one of {', '.join(kernel.variants())}, or unset it to use the first."
    )


@pytest.mark.usefixtures("_uncached_kernel")
def test_unknown_threads_are_rejected(kernel, monkeypatch):
    monkeypatch.setenv("LONGSHORT_THREADS", "mine")
    with pytest.raises(BackendError) as caught:
        by_kernel(Case(), Case().leaves())
    assert str(caught.value) == (
        "LONGSHORT_THREADS must name whose threads run the kernel; got 'mine'."
        "\n\nhint: Choose one of torch, own, or unset it to use the first."
    )


def test_the_module_rejects_an_unknown_variant(kernel):
    before = kernel.variant_in_use()
    with pytest.raises(ValueError, match=r"^this processor or this build has no variant avx1024$"):
        kernel.use_variant("avx1024")
    assert kernel.variant_in_use() == before


# --- the operators ---

CASES = [
    Case(lengths=(5, 1, 0, 9, 2, 2, 13, 1)),
    Case(1, 1, lengths=(2,)),
    Case(5, 20, lengths=(150, 3, 149, 80), bidirectional=True),
    Case(5, 20, lengths=(4, 1), bidirectional=True, bias=False),
    Case(5, 20, lengths=(0, 0)),
    Case(5, 20, lengths=()),
]


def call(case, keep, requires_grad, table_row=None):
    """Make the arguments of the operator for one layer."""
    values = {name: leaf.requires_grad_(requires_grad) for name, leaf in case.leaves().items()}
    weights = [values[name] for name in parameter_shapes(case.spec)]
    lengths = torch.tensor(case.lengths, dtype=torch.int64)
    return values["x"], lengths, table_row, values["h0"], values["c0"], weights, keep, False


@pytest.mark.parametrize(("case", "keep"), [*((case, GATES) for case in CASES), (CASES[3], NOTHING), (CASES[3], CELLS)])
def test_opcheck_accepts_the_operator(kernel, case, keep):
    torch.library.opcheck(lstm_layer, call(case, keep, requires_grad=False))
    if keep != NOTHING:
        torch.library.opcheck(lstm_layer, call(case, keep, requires_grad=True))


@pytest.mark.parametrize(("case", "keep"), [*((case, GATES) for case in CASES), (CASES[3], CELLS)])
@pytest.mark.parametrize("every", [True, False])
def test_opcheck_accepts_the_gradient_operator(kernel, case, keep, every):
    arguments = call(case, keep, requires_grad=False)
    out, h_n, c_n, gates, cells = lstm_layer(*arguments)
    given = (torch.randn_like(out), torch.randn_like(h_n), torch.randn_like(c_n)) if every else (out, None, None)
    wanted = [every or number % 2 == 0 for number in range(3 + 3 * case.spec.directions)]
    torch.library.opcheck(lstm_layer_backward, (*arguments[:6], out, gates, cells, *given, wanted, False))


def by_operator(keep, table_row=None):
    def results(case, values):
        weights = [values[name] for name in parameter_shapes(case.spec)]
        lengths = torch.tensor(case.lengths, dtype=torch.int64)
        found = lstm_layer(values["x"], lengths, table_row, values["h0"], values["c0"], weights, keep, False)
        return dict(zip(RESULTS, found, strict=False))

    return results


@pytest.mark.parametrize("case", [*CASES, Case(70, 67, lengths=(150, 3, 149, 80), bidirectional=True)], ids=str)
@pytest.mark.parametrize("count", [1, 3])
def test_recomputed_gates_give_the_same_gradients(variant, poisoned, case, count):
    with threads(count):
        found = compute(by_operator(CELLS), case, dtype=torch.float32)
    assert_close(found, compute(by_equations, case))


@pytest.mark.parametrize(("bidirectional", "keep"), [(False, GATES), (True, GATES), (True, CELLS)])
@pytest.mark.parametrize(("distinct", "count"), [(1, 1), (7, 3), (150, 1), (150, 3)])
def test_tokens_may_share_their_inputs(variant, poisoned, bidirectional, keep, count, distinct):
    """Each token refers to a row; unused rows have a gradient of zero."""
    case = Case(33, 20, lengths=(150, 3, 0, 149, 80), bidirectional=bidirectional)
    row = torch.randint(max(distinct - 2, 1), (sum(case.lengths),), generator=torch.Generator().manual_seed(5))
    leaves = case.leaves()
    leaves["x"] = leaves["x"][:distinct]
    with threads(count):
        found = compute(by_operator(keep, row), case, leaves, torch.float32)

    def looked_up(case, values):
        return by_equations(case, values | {"x": values["x"][row]})

    assert_close(found, compute(looked_up, case, leaves))


def test_shared_inputs_may_want_no_gradient(variant, poisoned):
    case = Case(33, 20, lengths=(50, 3), bidirectional=True)
    row = torch.arange(53) % 7
    leaves = case.leaves()
    leaves["x"] = leaves["x"][:7]
    every = compute(by_operator(GATES, row), case, leaves, torch.float32)
    for frozen in [("x",), ("weight_ih_l0", "x"), ("weight_hh_l0", "weight_ih_l0_reverse", "bias_hh_l0")]:
        found = compute(by_operator(GATES, row), replace(case, frozen=frozen), leaves, torch.float32)
        assert_same_bits(found, {name: value for name, value in every.items() if name[2:] not in frozen})


@pytest.mark.parametrize("lengths", [(150, 3, 0, 149), (3, 0, 2), (1,)], ids=str)
@pytest.mark.parametrize("precision", ["full", "bf16"])
@pytest.mark.parametrize("recompute", [False, True])
def test_shared_inputs_are_those_of_the_equations(kernel, poisoned, lengths, precision, recompute):
    if precision == "bf16" and not kernel.can_round():
        pytest.skip("needs a processor that multiplies bfloat16")
    case = Case(33, 20, lengths=lengths, layers=2, bidirectional=True, precision=precision, recompute=recompute)
    row = torch.randint(7, (sum(lengths),), generator=torch.Generator().manual_seed(5))
    leaves = case.leaves()
    leaves["x"] = leaves["x"][:7]

    def shared(run):
        def results(case, values):
            inputs = Shared(values["x"], row[: sum(lengths)] % len(values["x"]), torch.tensor(lengths))
            spread = inputs if run is run_native else inputs.ragged()
            found = run(spread, *initial(case, values), layer_weights(case, values), case.spec, 0.0)
            return dict(zip(RESULTS, (found[0].values, *found[1:]), strict=True))

        return results

    bound = 1e-5 if precision == "full" else 3e-2
    expected = compute(shared(equations.run_equations), case, leaves)
    assert_close(compute(shared(run_native), case, leaves, torch.float32), expected, bound)
    with torch.no_grad():
        assert_close(shared(run_native)(case, leaves), {name: expected[name] for name in RESULTS}, bound)


MISFIT = (
    "longshort::lstm_layer takes float32 and int64 tensors with the shapes in its docstring; got others."
    "\n\nhint: longshort.LSTM checks its inputs and reports which one does not fit."
)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (0, torch.zeros(4, 7, dtype=torch.float64)),
        (0, torch.zeros(4, 6)),
        (0, torch.zeros(4)),
        (1, torch.tensor([3, 1], dtype=torch.int32)),
        (1, torch.tensor([4])),
        (2, torch.zeros(4, dtype=torch.int32)),
        (2, torch.zeros(4, 1, dtype=torch.int64)),
        (3, torch.zeros(2, 9)),
        (3, torch.zeros(3, 2, 9)),
        (4, torch.zeros(1, 2, 8)),
        (5, [torch.zeros(36, 7)]),
        (5, [torch.zeros(36, 7), torch.zeros(36, 8)]),
        (5, [torch.zeros(36, 7), torch.zeros(36, 9), torch.zeros(36), torch.zeros(35)]),
    ],
)
def test_misfit_tensors_are_rejected(kernel, place, wrong):
    arguments = list(call(Case(lengths=(3, 1)), NOTHING, requires_grad=False))
    arguments[place] = wrong
    with pytest.raises(DataError) as caught:
        lstm_layer(*arguments)
    assert str(caught.value) == MISFIT


@pytest.mark.parametrize("keep", [NOTHING, GATES])
@pytest.mark.parametrize(
    ("lengths", "row"),
    [((3, 2), None), ((5, -1), None), ((3, 0), None), ((3, 1), (0, 1, 2, 4)), ((3, 1), (0, 1, -1, 3))],
)
def test_invalid_lengths_and_rows_are_rejected(kernel, keep, lengths, row):
    arguments = list(call(Case(lengths=(3, 1)), keep, requires_grad=False))
    arguments[1] = torch.tensor(lengths)
    arguments[2] = None if row is None else torch.tensor(row)
    expected = r"^lengths must be at least 0 and sum to the tokens, and rows must be those of x\.\n"
    with pytest.raises(DataError, match=expected):
        lstm_layer(*arguments)


def test_the_gradients_reject_invalid_lengths(kernel):
    arguments = list(call(Case(lengths=(3, 1)), GATES, requires_grad=False))
    out, h_n, c_n, gates, cells = lstm_layer(*arguments)
    arguments[1] = torch.tensor([3, 2])
    with pytest.raises(DataError, match=r"^lengths must be at least 0"):
        lstm_layer_backward(*arguments[:6], out, gates, cells, out, h_n, c_n, [True] * 6, False)


def test_torch_func_transforms_run_the_equations_with_a_warning(kernel, caplog):
    compiled.say_once.cache_clear()
    case = Case(3, 4, lengths=(2, 3))
    leaves = case.leaves()

    def loss(x):
        return by_kernel(case, leaves | {"x": x})["out"].square().sum()

    found = torch.func.grad(loss)(leaves["x"])
    x = leaves["x"].clone().requires_grad_()
    (expected,) = torch.autograd.grad(loss(x), x)
    torch.testing.assert_close(found, expected)
    assert [record.getMessage() for record in caplog.records] == [
        "The equations, not the kernel, run the LSTM in torch.func transforms and forward-mode differentiation."
    ]


def test_only_the_requested_values_are_kept(kernel):
    case = Case(5, 20, lengths=(3, 1))
    sizes = {}
    for keep in (NOTHING, GATES, CELLS):
        _, _, _, gates, cells = lstm_layer(*call(case, keep, requires_grad=False))
        sizes[keep] = (tuple(gates.shape), tuple(cells.shape))
    assert sizes == {NOTHING: ((0,), (0,)), GATES: ((1, 4, 128), (1, 4, 32)), CELLS: ((0,), (1, 4, 32))}


def test_gradients_of_gradients_of_shared_inputs_are_those_of_the_equations(kernel):
    case, row = Case(3, 5, lengths=(3, 0, 4)), torch.tensor([0, 1, 0, 1, 1, 1, 0])

    def second(run, dtype):
        values = {name: leaf.to(dtype) for name, leaf in case.leaves().items()}
        values = {name: value.requires_grad_() for name, value in (values | {"x": values["x"][:2]}).items()}
        loss = sum((value**2).sum() for value in run(case, values).values())
        (first,) = torch.autograd.grad(loss, values["x"], create_graph=True)
        return dict(zip(values, torch.autograd.grad((first**2).sum(), list(values.values())), strict=True))

    def on_rows(case, values):
        return dict(zip(RESULTS, list(by_operator(GATES, row)(case, values).values())[:3], strict=True))

    def looked_up(case, values):
        return by_equations(case, values | {"x": values["x"][row]})

    assert_close(second(on_rows, torch.float32), second(looked_up, torch.float64), bound=1e-4)


def test_gradients_of_gradients_warn_once_about_the_equations(kernel, caplog):
    compiled.say_once.cache_clear()
    case = Case(3, 4, lengths=(2,))
    for _ in range(2):
        values = {name: leaf.requires_grad_() for name, leaf in case.leaves().items()}
        out = by_kernel(case, values)["out"]
        torch.autograd.grad(out.sum(), values["x"], create_graph=True)
    assert [record.getMessage() for record in caplog.records] == [
        "The equations, not the kernel, compute gradients of gradients and batched gradients."
    ]


def test_nothing_is_kept_without_gradients(kernel, monkeypatch):
    kept = []
    real = native.lstm_layer

    def watched(*arguments):
        kept.append(arguments[6])
        return real(*arguments)

    monkeypatch.setattr(native, "lstm_layer", watched)
    case = Case(lengths=(3, 2))
    by_kernel(case, case.leaves())
    values = {name: leaf.requires_grad_() for name, leaf in case.leaves().items()}
    by_kernel(case, values)
    with torch.no_grad():
        by_kernel(case, values)
    by_kernel(replace(case, recompute=True), values)
    assert kept == [NOTHING, GATES, NOTHING, CELLS]


def test_a_layer_of_the_operator_is_a_direction_of_the_equations(kernel):
    """Written without the helpers shared by other tests."""
    generator = torch.Generator().manual_seed(0)
    weights = [torch.randn(shape, generator=generator) for shape in ((12, 2), (12, 3), (12,), (12,))]
    x, h0, c0 = (torch.randn(shape, generator=generator) for shape in ((5, 2), (1, 2, 3), (1, 2, 3)))
    lengths = torch.tensor([2, 3])
    out, h_n, c_n, _, _ = lstm_layer(x, lengths, None, h0, c0, weights, NOTHING, False)
    trace = equations.run(Ragged(x, lengths), h0[0], c0[0], equations.LayerWeights(*weights))
    torch.testing.assert_close(out, trace.hidden.values)
    torch.testing.assert_close(h_n[0], trace.h_n)
    torch.testing.assert_close(c_n[0], trace.c_n)


@pytest.mark.parametrize("keep", [NOTHING, GATES])
def test_lengths_with_an_overflowing_sum_are_rejected(kernel, keep):
    """Four times 2^62 are 0, in 64 bits."""
    arguments = list(call(Case(lengths=(3, 1)), keep, requires_grad=False))
    states = torch.zeros(1, 6, arguments[3].shape[2])
    arguments[1:5] = torch.tensor([2**62] * 4 + [3, 1]), None, states, states.clone()
    with pytest.raises(DataError, match=r"^lengths must be at least 0 and sum to the tokens"):
        lstm_layer(*arguments)
    with pytest.raises(DataError, match="got the length 4611686018427387904"):
        Ragged(arguments[0], arguments[1])


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("wrong", ["short", "kind", "layout", "axes"])
def test_the_gradients_need_the_results_of_the_forward_pass(kernel, place, wrong):
    """The kernel receives addresses: a short tensor would be read beyond its end."""
    arguments = list(call(Case(lengths=(3, 1)), GATES, requires_grad=False))
    out, h_n, c_n, gates, cells = lstm_layer(*arguments)
    given = [out, gates, cells, out.clone(), h_n, c_n]
    spoil = {
        "short": lambda tensor: tensor[..., :-1].contiguous(),
        "kind": lambda tensor: tensor.double(),
        "layout": lambda tensor: torch.stack([tensor, tensor], dim=-1)[..., 0],
        "axes": lambda tensor: tensor[None],
    }[wrong]
    given[place] = spoil(given[place])
    if place > 2 and wrong == "layout":  # gradients are made contiguous
        lstm_layer_backward(*arguments[:6], *given, [True] * 6, False)
        return
    with pytest.raises(DataError) as caught:
        lstm_layer_backward(*arguments[:6], *given, [True] * 6, False)
    assert str(caught.value) == MISFIT


def test_the_gradients_reject_wanted_flags_of_another_length(kernel):
    arguments = list(call(Case(lengths=(3, 1)), GATES, requires_grad=False))
    out, h_n, c_n, gates, cells = lstm_layer(*arguments)
    with pytest.raises(DataError):
        lstm_layer_backward(*arguments[:6], out, gates, cells, out, h_n, c_n, [True] * 5, False)


@pytest.mark.parametrize("keep", [-1, 3, 2**40])
def test_other_values_of_keep_are_rejected(kernel, keep):
    arguments = list(call(Case(lengths=(3, 1)), NOTHING, requires_grad=False))
    arguments[6] = keep
    with pytest.raises(DataError):
        lstm_layer(*arguments)


@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
def test_a_step_rejects_parameters_of_another_shape(kernel, name):
    lstm = LSTM(3, 5, backend="native")
    states = torch.zeros(1, 2, 5)
    getattr(lstm, name).data = torch.zeros(1)
    with torch.no_grad(), pytest.raises(DataError):
        lstm(torch.zeros(1, 2, 3), (states, states.clone()))
