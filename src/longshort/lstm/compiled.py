"""The compiled kernel: whether it is there, how it was built, what this processor can do, and which variant runs."""

from __future__ import annotations

import importlib
import logging
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch

from longshort.errors import BackendError

__all__ = ["KernelStatus", "keep_free", "kernel", "kernel_status", "say_once"]

VARIANT = "LONGSHORT_ISA"
THREADS = "LONGSHORT_THREADS"
"""Whose threads run the kernel: those that torch has anyway ("torch"), or a pool of its own ("own")."""


@dataclass(frozen=True)
class KernelStatus:
    """What is known of the compiled kernel.

    Args:
        available: whether it is installed and loads.
        reason: why it is not available; empty where it is.
        compiler: name and version of the compiler that built it; empty where it is not available.
        features: instruction sets by name, and whether this processor has them.
        threads: processor cores that this process may use; 0 where the kernel is not available.
        variants: compiled variants that this processor can run, the best first.
    """

    available: bool
    reason: str = ""
    compiler: str = ""
    features: dict[str, bool] = field(default_factory=dict)
    threads: int = 0
    variants: tuple[str, ...] = ()


def kernel_status() -> KernelStatus:
    """Load the compiled kernel and ask it; never raises."""
    try:
        kernel = importlib.import_module("longshort.lstm._kernel")
    except ModuleNotFoundError:
        return KernelStatus(False, "it was not built: the installation found no working C++ compiler")
    except ImportError as error:
        return KernelStatus(False, f"it does not load: {error}")
    return KernelStatus(
        True, "", kernel.compiler(), dict(kernel.cpu_features()), kernel.threads(), tuple(kernel.variants())
    )


def keep_free(count: int) -> int | None:
    """Bytes that the kernel may keep for its next call; those that it might before, None where there is no kernel."""
    return kernel().keep_free(count) if kernel_status().available else None


@cache
def kernel() -> Any:
    """The kernel, with the variant and the threads that LONGSHORT_ISA and LONGSHORT_THREADS ask for, if they do."""
    loaded = importlib.import_module("longshort.lstm._kernel")
    names = loaded.variants()
    if variant := _asked(VARIANT, names, "a variant of the kernel that this processor can run"):
        loaded.use_variant(variant)
    if _asked(THREADS, ["torch", "own"], "whose threads run the kernel") != "own":
        loaded.share_threads(_library_of_torch())
    return loaded


def _asked(variable: str, names: list[str], what: str) -> str:
    name = os.environ.get(variable, "")
    if name and name not in names:
        raise BackendError(
            f"{variable} must name {what}; got {name!r}.",
            f"Those are {', '.join(names)}. Unset it to take the first.",
        )
    return name


def _library_of_torch() -> str:
    """The one that computes on the CPU; empty where it is not found."""
    found = Path(torch.__file__).parent.joinpath("lib").glob("libtorch_cpu.*")
    return str(next(found, ""))


@cache
def say_once(reason: str) -> None:
    """Warn of what runs instead of the kernel, the first time that it does."""
    logging.getLogger(__name__).warning(reason)
