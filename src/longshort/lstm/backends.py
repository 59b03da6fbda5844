"""Choose the backend that runs an LSTM, and give the reason.

Every backend computes the same numbers; they differ in speed and in what they can run. "auto" takes the fastest one
that can run an LSTM. A backend requested by name either runs or raises an error with the reason.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from torch import Tensor

from longshort.errors import BackendError, nearest
from longshort.lstm import equations, native, torch_backend
from longshort.lstm.parameters import LayerWeights, Spec
from longshort.lstm.stack import Result, StepResult

__all__ = ["BACKENDS", "FEW", "Backend", "Choice", "choose"]

VARIABLE = "LONGSHORT_BACKEND"

FEW = 6
"""Largest batch for which a backend's `step` is worthwhile."""


class Run(Protocol):
    """Runs all layers and directions; arguments and result as in `longshort.lstm.stack.run_stack`.

    The inputs are a Ragged, or a `Shared` if the backend supports it.
    """

    def __call__(
        self, inputs: Any, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec, dropout: float
    ) -> Result: ...


class Step(Protocol):
    """Runs one step; arguments and result as in `longshort.lstm.native.step_native`."""

    def __call__(
        self, x: Tensor, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec
    ) -> StepResult: ...


@dataclass(frozen=True)
class Backend:
    """One way to run an LSTM.

    Args:
        name: its name in the `backend` argument.
        strength: its strength, in a few words.
        supports: returns None if it can run a spec, otherwise the reason why not.
        run: runs an LSTM.
        shares: whether `run` also takes `Shared` inputs and computes each distinct input once.
        step: runs one step of at most `FEW` sequences without gradients; None if `run` is as fast.
    """

    name: str
    strength: str
    supports: Callable[[Spec], str | None]
    run: Run
    shares: bool = False
    step: Step | None = None


@dataclass(frozen=True)
class Choice:
    """The chosen backend, and the reason in one sentence."""

    backend: Backend
    reason: str


BACKENDS = (
    Backend("native", "the compiled kernel, unpadded", native.supports, native.run_native, True, native.step_native),
    Backend("torch", "torch's own kernels, nearly unpadded", torch_backend.supports, torch_backend.run_torch),
    Backend("equations", "the equations step by step, every gate visible", equations.supports, equations.run_equations),
)
"""All backends, fastest first."""


def choose(name: str, spec: Spec) -> Choice:
    """Choose the backend for an LSTM.

    Args:
        name: a name in `BACKENDS`, or "auto" for the fastest that can run it; the environment variable
            LONGSHORT_BACKEND, if set, replaces "auto".
        spec: the LSTM.

    Raises:
        BackendError: the name is unknown, or the backend of that name cannot run this LSTM.
    """
    asked_by = "requested by name"
    if name == "auto" and (name := os.environ.get(VARIABLE) or "auto") != "auto":
        asked_by = f"requested by {VARIABLE}"
    return _first(spec) if name == "auto" else _named(name, spec, asked_by)


def _first(spec: Spec) -> Choice:
    refusals: list[str] = []
    for backend in BACKENDS:
        refusal = backend.supports(spec)
        if refusal is None:
            choice = Choice(backend, "; ".join([f"{backend.name}: {backend.strength}", *refusals]) + ".")
            if refusals and spec.device != "meta":  # models are built on meta before they are loaded; nothing runs
                _say_once(choice.reason)
            return choice
        refusals.append(f"not {backend.name}, because {refusal}")
    raise BackendError(
        f"No backend can run this LSTM: {'; '.join(refusals)}.", "Move it to float32 on the CPU: lstm.float().cpu()."
    )


@cache
def _say_once(reason: str) -> None:
    logging.getLogger(__name__).warning("The LSTM runs on %s", reason)


def _named(name: str, spec: Spec, asked_by: str) -> Choice:
    backend = next((each for each in BACKENDS if each.name == name), None)
    names = ["auto", *(each.name for each in BACKENDS)]
    if backend is None:
        raise BackendError(
            f"backend must be one of {', '.join(names)}. Got {name!r} ({asked_by}).",
            nearest(name, names) or "auto takes the fastest backend that can run the LSTM.",
        )
    refusal = backend.supports(spec)
    if refusal is not None:
        raise BackendError(
            f"The backend {name!r} ({asked_by}) cannot run this LSTM: {refusal}.",
            "backend='auto' takes the fastest backend that can.",
        )
    return Choice(backend, f"{name}: {asked_by}.")
