"""Which backend runs an LSTM, and why.

Every backend computes the same numbers; they differ in speed and in what they can run. "auto" takes the first one that
can do what is asked. A backend that is asked for by name either runs or is refused with the reason.
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
"""Sequences for which a backend's `step` is worth while."""


class Run(Protocol):
    """Runs all layers and directions; arguments and result as in `longshort.lstm.stack.run_stack`.

    The inputs are a Ragged, or, where the backend shares, also a `Shared`.
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
        name: what it is asked for by.
        strength: what it is good for, in a few words.
        supports: None where it can run a spec, otherwise the reason why not.
        run: the run itself.
        shares: whether its run also takes `Shared` inputs, and computes what tokens share once.
        step: one step of each of at most `FEW` sequences without gradients; None where the run is as good.
    """

    name: str
    strength: str
    supports: Callable[[Spec], str | None]
    run: Run
    shares: bool = False
    step: Step | None = None


@dataclass(frozen=True)
class Choice:
    """The backend that runs, and the reason in one sentence."""

    backend: Backend
    reason: str


BACKENDS = (
    Backend("native", "the compiled kernel, unpadded", native.supports, native.run_native, True, native.step_native),
    Backend("torch", "torch's own kernels, nearly unpadded", torch_backend.supports, torch_backend.run_torch),
    Backend("equations", "the equations step by step, every gate visible", equations.supports, equations.run_equations),
)
"""All backends, the fastest first."""


def choose(name: str, spec: Spec) -> Choice:
    """The backend for an LSTM.

    Args:
        name: a name in `BACKENDS`, or "auto" for the fastest that can run it; the environment variable
            LONGSHORT_BACKEND, where it is set, stands in for "auto".
        spec: what must be run.

    Raises:
        BackendError: the name is unknown, or the backend of that name cannot run this LSTM.
    """
    asked_by = "asked for by name"
    if name == "auto" and (name := os.environ.get(VARIABLE) or "auto") != "auto":
        asked_by = f"asked for by {VARIABLE}"
    return _first(spec) if name == "auto" else _named(name, spec, asked_by)


def _first(spec: Spec) -> Choice:
    refusals: list[str] = []
    for backend in BACKENDS:
        refusal = backend.supports(spec)
        if refusal is None:
            choice = Choice(backend, "; ".join([f"{backend.name}: {backend.strength}", *refusals]) + ".")
            if refusals and spec.device != "meta":  # where nothing runs: models are built there before they are loaded
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
            f"There is no backend {name!r} ({asked_by}).",
            nearest(name, names) or f"The backends are {', '.join(names)}.",
        )
    refusal = backend.supports(spec)
    if refusal is not None:
        raise BackendError(
            f"The backend {name!r} ({asked_by}) cannot run this LSTM: {refusal}.",
            "backend='auto' takes the fastest backend that can.",
        )
    return Choice(backend, f"{name}: {asked_by}.")
