"""PyTorch's own module tests of `torch.nn.LSTM`, run on `longshort.LSTM`."""

from __future__ import annotations

import importlib
import re
import warnings

import hypothesis
import pytest
import torch

from longshort.lstm import LSTM
from longshort.lstm.backends import BACKENDS
from longshort.lstm.parameters import Spec

TOLERANCES = {torch.float32: 2e-6, torch.float64: 1e-12}
"""Largest difference, relative to a tensor's largest value if that is above 1; torch's own float32 results are as far
from float64."""
BY_NAME = {backend.name: backend for backend in BACKENDS}

# Torch checks these first, with other messages.
OUR_WORDS = {
    "hidden_size must be greater than zero": "hidden_size must be an integer of at least 1. Got 0.",
    "num_layers must be greater than zero": "num_layers must be an integer of at least 1. Got 0.",
    "input_size must be greater than zero": "input_size must be an integer of at least 1. Got ",
    "input_size should be of type int, got: float": "input_size must be an integer of at least 1. Got 3.0.",
    "input_size should be of type int, got: str": "input_size must be an integer of at least 1. Got '10'.",
    "hidden_size should be of type int, got: float": "hidden_size must be an integer of at least 1. Got 5.0.",
    r"RNN input dtype .* does not match weight dtype .* Convert input: input\.to\(.*\), or convert model: model\.to\(.*\)": "input must have the dtype and device of the weights, ",
}


@pytest.fixture(scope="module")
def suite():
    """Load torch's tests of `nn.LSTM`; the import changes the hypothesis profile."""
    chosen = hypothesis.settings.get_current_profile_name()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # warnings about other torch tests
        modules = importlib.import_module("torch.testing._internal.common_modules")
    hypothesis.settings.load_profile(chosen)
    (info,) = (info for info in modules.module_db if info.module_cls is torch.nn.LSTM)
    return info


def inputs_of(suite, dtype: torch.dtype, training: bool) -> list:
    torch.manual_seed(0)
    given = {"device": "cpu", "dtype": dtype, "requires_grad": True, "training": training}
    return suite.module_inputs_func(suite, **given)


def build(kind: type, arguments, dtype: torch.dtype, training: bool, **more) -> torch.nn.LSTM:
    lstm = kind(*arguments.args, **arguments.kwargs, **more, dtype=dtype)
    return lstm.train(training)


def everything(lstm: torch.nn.LSTM, arguments) -> dict[str, torch.Tensor]:
    """Return output, final states, and the gradients of inputs, states and weights."""
    args = [_fresh(argument) for argument in arguments.args]
    output, (h, c) = lstm(*args)
    results = {"output": output, "h_n": h, "c_n": c}
    loss = sum((each * torch.linspace(0.5, 2, each.numel()).view_as(each)).sum() for each in results.values())
    leaves = [args[0], *(args[1] if len(args) > 1 else ())]
    named = {**dict(zip(("input", "h_0", "c_0"), leaves, strict=False)), **dict(lstm.named_parameters())}
    gradients = torch.autograd.grad(loss, list(named.values()))
    return results | {f"gradient of {name}": value for name, value in zip(named, gradients, strict=True)}


def _fresh(argument):
    if isinstance(argument, tuple):
        return tuple(_fresh(each) for each in argument)
    return argument.detach().clone().requires_grad_()


@pytest.mark.parametrize("backend", BY_NAME)
@pytest.mark.parametrize("dtype", list(TOLERANCES))
@pytest.mark.parametrize("training", [True, False])
def test_forward_and_gradients(suite, backend, dtype, training):
    cases = inputs_of(suite, dtype, training)
    assert len(cases) == 32
    ran = 0
    for case in cases:
        arguments = case.constructor_input
        if BY_NAME[backend].supports(_spec(arguments, dtype)) is not None:
            continue
        ours = build(LSTM, arguments, dtype, training, backend=backend)
        theirs = build(torch.nn.LSTM, arguments, dtype, training)
        theirs.load_state_dict(ours.state_dict())
        found, expected = everything(ours, case.forward_input), everything(theirs, case.forward_input)
        assert list(found) == list(expected)
        for name in expected:
            torch.testing.assert_close(
                found[name],
                expected[name],
                atol=TOLERANCES[dtype] * max(1.0, expected[name].detach().abs().max().item()),
                rtol=0,
                msg=lambda text, name=name, arguments=arguments: f"{name} of {arguments.kwargs}: {text}",
            )
        ran += 1
    if not ran:
        pytest.skip(f"{backend} runs none of them: {BY_NAME[backend].supports(Spec(2, 3, dtype=dtype))}")
    assert ran in (16, 32)  # without and with projections


@pytest.mark.parametrize("dtype", list(TOLERANCES))
def test_the_reference_of_torch_itself(suite, dtype):
    """Torch compares an unbatched sequence with a batch of one."""
    for case in inputs_of(suite, dtype, training=False):
        lstm = build(LSTM, case.constructor_input, dtype, training=False)
        output, states = lstm(*case.forward_input.args)
        expected, expected_states = case.reference_fn(lstm, *case.forward_input.args)
        for one, other in zip((output, *states), (expected, *expected_states), strict=True):
            torch.testing.assert_close(one, other)


def test_errors_have_the_types_that_torch_expects(suite):
    cases = suite.module_error_inputs_func(
        suite, device="cpu", dtype=torch.float32, requires_grad=False, training=False
    )
    assert len(cases) == 14
    for case in cases:
        made, given = case.module_error_input.constructor_input, case.module_error_input.forward_input
        words = OUR_WORDS.get(case.error_regex)
        with pytest.raises(case.error_type, match=case.error_regex if words is None else re.escape(words)):
            LSTM(*made.args, **made.kwargs)(*given.args)


def _spec(arguments, dtype: torch.dtype) -> Spec:
    return Spec(**{name: value for name, value in arguments.kwargs.items() if name != "batch_first"}, dtype=dtype)
