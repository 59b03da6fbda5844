"""What a finished run leaves: `metrics.json`, predictions, pictures, the model card and the report."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from longshort.artifacts.atomic import put_in_place, write_bytes
from longshort.artifacts.run_directory import RunDirectory
from longshort.config import RunSettings
from longshort.figures import curves, save
from longshort.figures.dynamics import dynamics
from longshort.kinds.registry import kind_for
from longshort.kinds.seam import Fitted, Judgement, Prepared, Task
from longshort.pages.card import model_card
from longshort.pages.report import report_html
from longshort.pages.view import words
from longshort.plain import Plain
from longshort.training import Listener
from longshort.version import __version__

__all__ = ["describe", "write_run"]


def describe(
    run: RunDirectory, prepared: Prepared, fitted: Fitted[Task], judgement: Judgement, settings: RunSettings
) -> Plain:
    """What `metrics.json` says of any run; the report, the model card and the comparison of runs show it."""
    kind = kind_for(settings)
    return {
        "format": 1,
        "longshort": __version__,
        "name": run.path.name,
        "task": fitted.task.name,
        "created": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "settings": settings.model_dump(),
        "judged_on": judgement.part,
        "test": judgement.metrics,
        "train": judgement.train_metrics,
        "baselines": judgement.baselines,
        "verdict": judgement.verdict.to_dict(),
        "worst_errors": judgement.errors,
        "examples": judgement.examples,
        "data": _describe_data(prepared, kind.describe_parts(prepared, fitted)),
        "training": _describe_training(fitted) | kind.describe_inputs(fitted),
    }


def _describe_data(prepared: Prepared, parts: dict[str, Plain]) -> Plain:
    return {
        "parts": parts,
        "labels": prepared.labels,
        "multi_label": prepared.multi_label,
        "duplicates_across_files": prepared.overlaps,
        "notes": prepared.notes,
    }


def _describe_training(fitted: Fitted[Task]) -> Plain:
    return {
        "weights": sum(p.numel() for p in fitted.network.parameters()),
        "epochs": len(fitted.result.history),
        "epochs_planned": fitted.result.plan.epochs,
        "batch_tokens": fitted.result.plan.batch_tokens,
        "best_epoch": fitted.result.best_epoch,
        "ended": fitted.result.ended,
    }


def write_run(
    run: RunDirectory,
    fitted: Fitted[Task],
    judgement: Judgement,
    metrics: Plain,
    listener: Listener,
) -> None:
    """Each file is put in place whole, and last `metrics.json`, by which a finished run is known."""
    drawn = run.store / run.figures.name
    drawn.mkdir()
    save(curves(fitted.result.history, loss=words(metrics).loss), drawn / "curves.png")
    if any(record.get("dynamics") for record in fitted.result.history):
        save(dynamics(fitted.result.history), drawn / "dynamics.png")
    for name, draw in judgement.figures.items():
        save(draw(), drawn / name)
    drawn.rename(run.figures)
    for name, columns in judgement.tables.items():
        pq.write_table(pa.table(columns), run.store / name)
        put_in_place(run.store / name, run.path / name)
    write_bytes(run.card, model_card(metrics).encode())
    listener.stage("Analysing the model for the report")
    page, failures = report_html(metrics, fitted.result.history, run.figures, run)
    for failure in failures:
        listener.note(f"A part of the report could not be made. {failure}")
    write_bytes(run.report, page.encode())
    run.write_metrics(metrics)
