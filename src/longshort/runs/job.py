"""One whole training: read, split, fit, train, judge, and keep everything in a run directory."""

from __future__ import annotations

import datetime
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longshort.config import RunSettings, SequenceRunSettings, Settings
from longshort.errors import Interrupted
from longshort.evaluation import Verdict
from longshort.figures import calibration, confusion, curves, dynamics, save
from longshort.runs.bundle import Bundle, save_bundle
from longshort.runs.card import model_card
from longshort.runs.directory import RunDirectory
from longshort.runs.files import write_bytes
from longshort.runs.judging import answer_of, names_of
from longshort.runs.log import Log
from longshort.runs.report import report_html
from longshort.runs.sequences import SequenceWork
from longshort.runs.text import TextWork
from longshort.runs.work import Fitted, Judgement, Prepared, Work
from longshort.training import Listener, Listeners
from longshort.version import __version__

__all__ = ["WORKS", "RunResult", "train"]

# A new task is one file and one line here.
WORKS: dict[type[RunSettings], Work] = {Settings: TextWork(), SequenceRunSettings: SequenceWork()}
"""What to do, by the settings of the task."""


@dataclass(frozen=True)
class RunResult:
    """What a finished run leaves.

    Args:
        directory: the run directory.
        metrics: what its `metrics.json` holds.
        verdict: the honest sentences.
    """

    directory: Path
    metrics: dict[str, Any]
    verdict: Verdict


def train(
    data: Any,
    *,
    validation: Any = None,
    test: Any = None,
    settings: RunSettings | None = None,
    directory: Path | None = None,
    name: str | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """Train a model, judge it on rows that it has not seen, and keep everything in a run directory.

    What ends the run before there is a model leaves no directory behind.

    Args:
        data: a file, a folder, the name of a sample, a pandas frame, or (texts, labels).
        validation: rows that choose the best epoch; split off `data` when not given.
        test: rows that the report is made on; split off `data` when not given.
        settings: all settings, whose kind says what is learnt; those of a text classifier when not given.
        directory: the run directory; `runs/<name>` when not given.
        name: the run's name; made from the name of the data when not given.
        listener: is told what happens.

    Raises:
        UserError: something that the user can put right.
        NonFiniteError: the loss became NaN or infinite; the best model so far is kept.
        Interrupted: Ctrl-C; the best model so far is kept.
    """
    settings = settings or Settings()
    work = WORKS[type(settings)]
    began = time.perf_counter()
    prepared: Prepared = work.prepare(data, validation, test, settings, listener or Listener())
    named = isinstance(data, str | Path)
    run = RunDirectory.create(directory, name, str(data) if named else prepared.name)
    try:
        listener = Listeners([Log(run.log), listener or Listener()])
        for note in prepared.notes:
            listener.note(note)
        fitted = _fit(work, run, prepared, settings, listener)
        judgement = work.judge(fitted, prepared, settings, listener)
        metrics = {
            **_describe(run, fitted, judgement, settings, time.perf_counter() - began),
            "data": _describe_data(prepared, work.describe_parts(prepared, fitted)),
            "training": _describe_training(fitted) | work.describe_inputs(fitted),
        }
        _write(run, fitted, judgement, metrics, prepared, listener)
    except KeyboardInterrupt:
        raise _stopped(run, "before the work was done") from None
    finally:
        shutil.rmtree(run.store, ignore_errors=True)
        if not run.has_model:
            run.discard()
    return RunResult(run.path, metrics, judgement.verdict)


def _fit(work: Work, run: RunDirectory, prepared: Prepared, settings: RunSettings, listener: Listener) -> Fitted:
    """Train; every better model is kept at once, so that whatever happens later does not lose it."""
    run.store.mkdir()
    fitted: Fitted = work.fit(
        prepared,
        settings,
        listener,
        folder=run.store,
        on_better=lambda task, network: save_bundle(run.model, Bundle(task, network, settings)),
    )
    run.write_history(fitted.result.history)
    if fitted.result.ended == "interrupted":
        raise _stopped(run, f"in epoch {len(fitted.result.history) + 1}", f", of epoch {fitted.result.best_epoch},")
    return fitted


def _stopped(run: RunDirectory, when: str, which: str = "") -> Interrupted:
    if not run.has_model:
        return Interrupted("Stopped before the first epoch was done; there is no model yet.", "Run it again.")
    return Interrupted(
        f"Stopped {when}; the best model so far{which} is in {run.path}.",
        f"Judge it with: longshort evaluate {shlex.quote(str(run.path))} DATA",
    )


def _describe(
    run: RunDirectory, fitted: Fitted, judgement: Judgement, settings: RunSettings, seconds: float
) -> dict[str, Any]:
    """What `metrics.json` says of any run; the report, the model card and the comparison of runs show it."""
    return {
        "format": 1,
        "longshort": __version__,
        "name": run.path.name,
        "task": fitted.task.name,
        "created": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "settings": settings.model_dump(),
        "judged_on": judgement.part,
        "test": judgement.metrics,
        "train": judgement.train_metrics,
        "baselines": judgement.baselines,
        "verdict": judgement.verdict.to_dict(),
        "worst_errors": judgement.errors,
    }


def _describe_data(prepared: Prepared, parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "parts": parts,
        "labels": prepared.labels,
        "multi_label": prepared.multi_label,
        "duplicates_across_files": prepared.overlaps,
        "notes": prepared.notes,
    }


def _describe_training(fitted: Fitted) -> dict[str, Any]:
    return {
        "weights": sum(p.numel() for p in fitted.network.parameters()),
        "epochs": len(fitted.result.history),
        "epochs_planned": fitted.result.dials.epochs,
        "batch_tokens": fitted.result.dials.batch_tokens,
        "best_epoch": fitted.result.best_epoch,
        "ended": fitted.result.ended,
    }


def _write(
    run: RunDirectory,
    fitted: Fitted,
    judgement: Judgement,
    metrics: dict[str, Any],
    prepared: Prepared,
    listener: Listener,
) -> None:
    """Each file is put in place whole, and last `metrics.json`, by which a finished run is known."""
    drawn = run.store / run.figures.name
    drawn.mkdir()
    save(curves(fitted.result.history), drawn / "curves.png")
    if any(record.get("dynamics") for record in fitted.result.history):
        save(dynamics(fitted.result.history), drawn / "dynamics.png")
    save(calibration(judgement.metrics["calibration"]), drawn / "calibration.png")
    if not prepared.multi_label:
        save(confusion(judgement.metrics["confusion"], prepared.labels), drawn / "confusion.png")
    drawn.rename(run.figures)
    _write_predictions(run, judgement, prepared)
    write_bytes(run.card, model_card(metrics).encode())
    listener.stage("Looking into the model, for the report")
    page, failures = report_html(metrics, fitted.result.history, run.figures, run)
    for failure in failures:
        listener.note(f"A part of the report could not be made. {failure}")
    write_bytes(run.report, page.encode())
    run.write_metrics(metrics)


def _write_predictions(run: RunDirectory, judgement: Judgement, prepared: Prepared) -> None:
    """One row per held-out example: where it stands, what it is, the truth, the answer, every probability."""
    answers = [answer_of(row, multi_label=prepared.multi_label) for row in judgement.probabilities]
    table = pa.table(
        {
            "row": prepared.parts[judgement.part].rows,
            **judgement.columns,
            "truth": ["|".join(names_of(target, prepared.labels)) for target in judgement.targets],
            "answer": ["|".join(names_of(answer, prepared.labels)) for answer in answers],
            **{f"p({label})": judgement.probabilities[:, i] for i, label in enumerate(prepared.labels)},
        }
    )
    written = run.store / run.predictions.name
    pq.write_table(table, written)
    written.replace(run.predictions)
