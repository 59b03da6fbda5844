"""The choice of the backend, and its reason."""

from __future__ import annotations

import logging

import pytest
import torch

from longshort.errors import BackendError
from longshort.lstm import backends, native
from longshort.lstm.backends import BACKENDS, choose
from longshort.lstm.parameters import Spec

MISSING = "the kernel is not available: it was not built: the installation found no working C++ compiler"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("LONGSHORT_BACKEND", raising=False)
    backends._say_once.cache_clear()


@pytest.fixture
def _built(monkeypatch):
    """Pretend that the kernel is built; only the choice is tested."""
    monkeypatch.setattr(native, "_why_missing", lambda: None)


@pytest.fixture
def _not_built(monkeypatch):
    monkeypatch.setattr(native, "_why_missing", lambda: MISSING)


@pytest.mark.usefixtures("_built")
def test_auto_takes_the_fastest(caplog):
    choice = choose("auto", Spec(3, 4))
    assert choice.backend.name == "native"
    assert choice.reason == "native: the compiled kernel, unpadded."
    assert not caplog.records


@pytest.mark.usefixtures("kernel")
def test_auto_takes_the_kernel_that_was_built():
    assert choose("auto", Spec(3, 4)).backend.name == "native"


@pytest.mark.usefixtures("_not_built")
def test_auto_reports_a_missing_kernel(caplog):
    choice = choose("auto", Spec(3, 4))
    assert choice.backend.name == "torch"
    assert choice.reason == f"torch: torch's own kernels, nearly unpadded; not native, because {MISSING}."
    assert [record.getMessage() for record in caplog.records] == [f"The LSTM runs on {choice.reason}"]


@pytest.mark.parametrize(
    ("spec", "because"),
    [
        (Spec(3, 4, dtype=torch.float64), "the kernel computes in float32, not in float64"),
        (Spec(3, 4, proj_size=2), "the kernel does not support projections (proj_size)"),
        (Spec(3, 4, device="cuda"), "the kernel runs on the CPU, not on cuda"),
    ],
)
@pytest.mark.usefixtures("_built")
def test_auto_reports_why_the_kernel_cannot_run(spec, because):
    choice = choose("auto", spec)
    assert choice.backend.name == "torch"
    assert choice.reason == f"torch: torch's own kernels, nearly unpadded; not native, because {because}."


def test_auto_warns_once_about_a_slower_backend(caplog):
    with caplog.at_level(logging.WARNING):
        choices = [choose("auto", Spec(3, 4, device="xpu")) for _ in range(3)]
    assert {choice.backend.name for choice in choices} == {"equations"}
    reason = (
        "equations: the equations step by step, every gate visible; "
        "not native, because the kernel runs on the CPU, not on xpu; "
        "not torch, because torch's kernels are used on cpu and cuda, not on xpu."
    )
    assert choices[0].reason == reason
    assert [record.getMessage() for record in caplog.records] == [f"The LSTM runs on {reason}"]


@pytest.mark.usefixtures("_built")
@pytest.mark.parametrize("name", [backend.name for backend in BACKENDS])
def test_each_backend_can_be_requested(name):
    choice = choose(name, Spec(3, 4))
    assert choice.backend.name == name
    assert choice.reason == f"{name}: requested by name."


def test_the_environment_replaces_only_auto(monkeypatch):
    monkeypatch.setenv("LONGSHORT_BACKEND", "equations")
    assert choose("auto", Spec(3, 4)).backend.name == "equations"
    assert choose("auto", Spec(3, 4)).reason == "equations: requested by LONGSHORT_BACKEND."
    assert choose("torch", Spec(3, 4)).backend.name == "torch"


@pytest.mark.parametrize("value", ["", "auto"])
def test_an_empty_environment_variable_has_no_effect(monkeypatch, value):
    expected = choose("auto", Spec(3, 4))
    monkeypatch.setenv("LONGSHORT_BACKEND", value)
    assert choose("auto", Spec(3, 4)) == expected


def test_an_impossible_request_is_an_error():
    with pytest.raises(BackendError) as caught:
        choose("torch", Spec(3, 4, device="xpu"))
    assert str(caught.value) == (
        "The backend 'torch' (requested by name) cannot run this LSTM: torch's kernels are used on cpu and cuda, "
        "not on xpu.\n\nhint: backend='auto' takes the fastest backend that can."
    )


@pytest.mark.usefixtures("_not_built")
def test_requesting_a_missing_kernel_is_an_error():
    with pytest.raises(BackendError) as caught:
        choose("native", Spec(3, 4))
    assert str(caught.value) == (
        f"The backend 'native' (requested by name) cannot run this LSTM: {MISSING}."
        "\n\nhint: backend='auto' takes the fastest backend that can."
    )


def test_no_backend_runs_integers():
    with pytest.raises(BackendError) as caught:
        choose("auto", Spec(3, 4, dtype=torch.int64))
    because = "an LSTM computes in floating point, not in torch.int64"
    assert str(caught.value) == (
        "No backend can run this LSTM: not native, because the kernel computes in float32, not in int64; "
        f"not torch, because {because}; not equations, because {because}."
        "\n\nhint: Move it to float32 on the CPU: lstm.float().cpu()."
    )


def test_an_unknown_name_gets_the_closest_match(monkeypatch):
    with pytest.raises(BackendError) as caught:
        choose("equation", Spec(3, 4))
    assert str(caught.value) == (
        "backend must be one of auto, native, torch, equations. Got 'equation' (requested by name).\n\nhint: Did you mean 'equations'?"
    )
    monkeypatch.setenv("LONGSHORT_BACKEND", "xyz")
    with pytest.raises(BackendError) as caught:
        choose("auto", Spec(3, 4))
    assert str(caught.value) == (
        "backend must be one of auto, native, torch, equations. Got 'xyz' (requested by LONGSHORT_BACKEND)."
        "\n\nhint: auto takes the fastest backend that can run the LSTM."
    )


def test_models_on_meta_are_not_logged(caplog):
    choose("auto", Spec(3, 4, device="meta"))
    assert not caplog.records
