"""Load the compiled kernel: its availability, its build, the processor's features and the variant that runs."""

from __future__ import annotations

import importlib
import logging
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType

import torch

from longshort.errors import BackendError

__all__ = ["KernelStatus", "keep_free", "kernel", "kernel_status", "say_once"]

VARIANT = "LONGSHORT_ISA"
THREADS = "LONGSHORT_THREADS"
"""Threads that run the kernel: torch's ("torch"), or the kernel's own pool ("own")."""


@dataclass(frozen=True)
class KernelStatus:
    """The status of the compiled kernel.

    Args:
        available: whether it is installed and loads.
        reason: why it is not available; empty if it is.
        compiler: name and version of the compiler that built it; empty if it is not available.
        features: instruction sets by name, and whether this processor has them.
        threads: CPU cores that this process may use; 0 if the kernel is not available.
        variants: compiled variants that this processor can run, best first.
    """

    available: bool
    reason: str = ""
    compiler: str = ""
    features: dict[str, bool] = field(default_factory=dict)
    threads: int = 0
    variants: tuple[str, ...] = ()


def kernel_status() -> KernelStatus:
    """Load the compiled kernel and query it; never raises."""
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
    """Set how many bytes the kernel may cache for its next call; return the previous limit, None without a kernel."""
    return int(kernel().keep_free(count)) if kernel_status().available else None


@cache
def kernel() -> ModuleType:
    """Load the kernel, with the variant and threads that LONGSHORT_ISA and LONGSHORT_THREADS select, if set."""
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
            f"Choose one of {', '.join(names)}, or unset it to use the first.",
        )
    return name


def _library_of_torch() -> str:
    """Return the path of torch's CPU library; empty if it is not found."""
    found = Path(torch.__file__).parent.joinpath("lib").glob("libtorch_cpu.*")
    return str(next(found, ""))


@cache
def say_once(reason: str) -> None:
    """Warn once per reason that something else runs instead of the kernel."""
    logging.getLogger(__name__).warning(reason)
