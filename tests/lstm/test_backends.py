"""Which backend runs, and why."""

from __future__ import annotations

import logging

import pytest
import torch

from longshort.errors import BackendError
from longshort.lstm import backends
from longshort.lstm.backends import BACKENDS, choose
from longshort.lstm.weights import Spec


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("LONGSHORT_BACKEND", raising=False)
    backends._say_once.cache_clear()


def test_auto_takes_the_fastest():
    choice = choose("auto", Spec(3, 4))
    assert choice.backend.name == "torch"
    assert choice.reason == "torch: torch's own kernels, nearly unpadded."


def test_auto_says_once_why_it_does_not_take_the_fastest(caplog):
    with caplog.at_level(logging.WARNING):
        choices = [choose("auto", Spec(3, 4, device="xpu")) for _ in range(3)]
    assert {choice.backend.name for choice in choices} == {"equations"}
    reason = (
        "equations: the equations step by step, every gate visible; "
        "not torch, because torch's kernels are used on cpu and cuda, not on xpu."
    )
    assert choices[0].reason == reason
    assert [record.getMessage() for record in caplog.records] == [f"The LSTM runs on {reason}"]


@pytest.mark.parametrize("name", [backend.name for backend in BACKENDS])
def test_each_backend_can_be_asked_for(name):
    choice = choose(name, Spec(3, 4))
    assert choice.backend.name == name
    assert choice.reason == f"{name}: asked for by name."


def test_the_environment_stands_in_for_auto_alone(monkeypatch):
    monkeypatch.setenv("LONGSHORT_BACKEND", "equations")
    assert choose("auto", Spec(3, 4)).backend.name == "equations"
    assert choose("auto", Spec(3, 4)).reason == "equations: asked for by LONGSHORT_BACKEND."
    assert choose("torch", Spec(3, 4)).backend.name == "torch"


@pytest.mark.parametrize("value", ["", "auto"])
def test_an_environment_that_says_nothing_changes_nothing(monkeypatch, value):
    monkeypatch.setenv("LONGSHORT_BACKEND", value)
    assert choose("auto", Spec(3, 4)).backend.name == "torch"


def test_a_request_that_cannot_be_met_is_an_error():
    with pytest.raises(BackendError) as caught:
        choose("torch", Spec(3, 4, device="xpu"))
    assert str(caught.value) == (
        "The backend 'torch' (asked for by name) cannot run this LSTM: torch's kernels are used on cpu and cuda, "
        "not on xpu.\n\nhint: backend='auto' takes the fastest backend that can."
    )


def test_nothing_runs_whole_numbers():
    with pytest.raises(BackendError) as caught:
        choose("auto", Spec(3, 4, dtype=torch.int64))
    because = "an LSTM computes in floating point, not in torch.int64"
    assert str(caught.value) == (
        f"No backend can run this LSTM: not torch, because {because}; not equations, because {because}."
        "\n\nhint: Move it to float32 on the CPU: lstm.float().cpu()."
    )


def test_an_unknown_name_gets_the_nearest(monkeypatch):
    with pytest.raises(BackendError) as caught:
        choose("equation", Spec(3, 4))
    assert str(caught.value) == (
        "There is no backend 'equation' (asked for by name).\n\nhint: Did you mean 'equations'?"
    )
    monkeypatch.setenv("LONGSHORT_BACKEND", "xyz")
    with pytest.raises(BackendError) as caught:
        choose("auto", Spec(3, 4))
    assert str(caught.value) == (
        "There is no backend 'xyz' (asked for by LONGSHORT_BACKEND).\n\nhint: The backends are auto, torch, equations."
    )
