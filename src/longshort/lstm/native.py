"""Whether the compiled kernel is there, how it was built, and what this processor can do."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field

__all__ = ["KernelStatus", "kernel_status"]


@dataclass(frozen=True)
class KernelStatus:
    """What is known of the compiled kernel.

    Args:
        available: whether it is installed and loads.
        reason: why it is not available; empty where it is.
        compiler: name and version of the compiler that built it; empty where it is not available.
        features: instruction sets by name, and whether this processor has them.
        threads: processor cores that this process may use; 0 where the kernel is not available.
    """

    available: bool
    reason: str = ""
    compiler: str = ""
    features: dict[str, bool] = field(default_factory=dict)
    threads: int = 0


def kernel_status() -> KernelStatus:
    """Load the compiled kernel and ask it; never raises."""
    try:
        kernel = importlib.import_module("longshort.lstm._kernel")
    except ModuleNotFoundError:
        return KernelStatus(False, "it was not built: the installation found no working C++ compiler")
    except ImportError as error:
        return KernelStatus(False, f"it does not load: {error}")
    return KernelStatus(True, "", kernel.compiler(), dict(kernel.cpu_features()), kernel.threads())
