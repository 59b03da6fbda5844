"""The run directory: training into it, judging, reading it again, comparing runs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longshort.runs.bundle import Bundle, load_bundle, save_bundle
    from longshort.runs.comparison import Comparison, RunSummary, compare
    from longshort.runs.directory import RunDirectory
    from longshort.runs.evaluating import Evaluation, evaluate
    from longshort.runs.job import RunResult, train

__all__ = [
    "Bundle",
    "Comparison",
    "Evaluation",
    "RunDirectory",
    "RunResult",
    "RunSummary",
    "compare",
    "evaluate",
    "load_bundle",
    "save_bundle",
    "train",
]

# Loaded when first asked for: listing runs loads no torch, and predicting draws no figures.
_HOMES = {
    "Bundle": "bundle",
    "Comparison": "comparison",
    "Evaluation": "evaluating",
    "RunDirectory": "directory",
    "RunResult": "job",
    "RunSummary": "comparison",
    "compare": "comparison",
    "evaluate": "evaluating",
    "load_bundle": "bundle",
    "save_bundle": "bundle",
    "train": "job",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'longshort.runs' has no attribute {name!r}")
    return getattr(importlib.import_module(f"longshort.runs.{_HOMES[name]}"), name)
