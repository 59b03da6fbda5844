"""Training into a run directory, evaluating, comparing, cross-validating, searching settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.artifacts.bundle import Bundle, load_bundle, save_bundle
    from longshort.artifacts.run_directory import RunDirectory
    from longshort.runs.comparison import Comparison, RunSummary, compare
    from longshort.runs.evaluating import Evaluation, evaluate
    from longshort.runs.job import RunResult, train
    from longshort.runs.provenance import started_settings

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
    "started_settings",
    "train",
]

# Loaded when first asked for: listing runs loads no torch, and predicting draws no figures.
_HOMES = {
    "Bundle": "longshort.artifacts.bundle",
    "Comparison": "longshort.runs.comparison",
    "Evaluation": "longshort.runs.evaluating",
    "RunDirectory": "longshort.artifacts.run_directory",
    "RunResult": "longshort.runs.job",
    "RunSummary": "longshort.runs.comparison",
    "compare": "longshort.runs.comparison",
    "evaluate": "longshort.runs.evaluating",
    "load_bundle": "longshort.artifacts.bundle",
    "save_bundle": "longshort.artifacts.bundle",
    "started_settings": "longshort.runs.provenance",
    "train": "longshort.runs.job",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
