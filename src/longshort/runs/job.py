"""One whole training: read, split, fit, train, judge, and keep everything in a run directory."""

from __future__ import annotations

import dataclasses
import datetime
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longshort.config import Settings
from longshort.data import EncodingStatistics
from longshort.errors import Interrupted
from longshort.evaluation import Verdict
from longshort.figures import calibration, confusion, curves, dynamics, save
from longshort.runs.bundle import Bundle, save_bundle
from longshort.runs.card import model_card
from longshort.runs.directory import RunDirectory
from longshort.runs.files import write_bytes
from longshort.runs.fit import Fitted, fit
from longshort.runs.judging import Judgement, answer_of, class_counts, judge_run, names_of
from longshort.runs.log import Log
from longshort.runs.prepare import Prepared, prepare
from longshort.runs.report import report_html
from longshort.runs.reporting.lengths import describe_lengths
from longshort.training import Listener, Listeners
from longshort.version import __version__

__all__ = ["RunResult", "train"]


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
    settings: Settings | None = None,
    directory: Path | None = None,
    name: str | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """Train a text classifier, judge it on rows that it has not seen, and keep everything in a run directory.

    What ends the run before there is a model leaves no directory behind.

    Args:
        data: a file, a folder, the name of a sample, a pandas frame, or (texts, labels).
        validation: rows that choose the best epoch; split off `data` when not given.
        test: rows that the report is made on; split off `data` when not given.
        settings: all settings; the defaults when not given.
        directory: the run directory; `runs/<name>` when not given.
        name: the run's name; made from the name of the data when not given.
        listener: is told what happens.

    Raises:
        UserError: something that the user can put right.
        NonFiniteError: the loss became NaN or infinite; the best model so far is kept.
        Interrupted: Ctrl-C; the best model so far is kept.
    """
    settings = settings or Settings()
    began = time.perf_counter()
    prepared = prepare(data, validation, test, settings, listener or Listener())
    named = isinstance(data, str | Path)
    run = RunDirectory.create(directory, name, str(data) if named else prepared.parts["train"].source.name)
    try:
        listener = Listeners([Log(run.log), listener or Listener()])
        for note in prepared.notes:
            listener.note(note)
        fitted = _fit(run, prepared, settings, listener)
        judgement = judge_run(fitted, prepared, settings, listener)
        metrics = _describe(run, prepared, fitted, judgement, settings, time.perf_counter() - began)
        _write(run, fitted, judgement, metrics, prepared, listener)
    except KeyboardInterrupt:
        raise _stopped(run, "before the work was done") from None
    finally:
        shutil.rmtree(run.store, ignore_errors=True)
        if not run.has_model:
            run.discard()
    return RunResult(run.path, metrics, judgement.verdict)


def _fit(run: RunDirectory, prepared: Prepared, settings: Settings, listener: Listener) -> Fitted:
    """Train; every better model is kept at once, so that whatever happens later does not lose it."""
    run.store.mkdir()
    fitted = fit(
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
    run: RunDirectory, prepared: Prepared, fitted: Fitted, judgement: Judgement, settings: Settings, seconds: float
) -> dict[str, Any]:
    """All of `metrics.json`: whatever the report, the model card and the comparison of runs show."""
    return {
        "format": 1,
        "longshort": __version__,
        "name": run.path.name,
        "task": fitted.task.name,
        "created": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "data": {
            "parts": {
                name: {
                    "source": part.source.name,
                    "fingerprint": part.index.fingerprint,
                    "rows": len(part.rows),
                    "class_counts": class_counts(fitted.examples[name].targets, len(prepared.labels)),
                    "lengths": describe_lengths(fitted.examples[name].lengths),
                    **_statistics(fitted.examples[name].statistics),
                }
                for name, part in prepared.parts.items()
            },
            "labels": prepared.labels,
            "multi_label": prepared.multi_label,
            "duplicates_across_files": prepared.overlaps,
            "notes": prepared.notes,
        },
        "settings": settings.model_dump(),
        "training": {
            "weights": sum(p.numel() for p in fitted.network.parameters()),
            "vocabulary": fitted.task.encoding.vocabulary_size,
            "epochs": len(fitted.result.history),
            "epochs_planned": fitted.result.dials.epochs,
            "batch_tokens": fitted.result.dials.batch_tokens,
            "best_epoch": fitted.result.best_epoch,
            "ended": fitted.result.ended,
        },
        "judged_on": judgement.part,
        "test": judgement.metrics,
        "train": judgement.train_metrics,
        "baselines": judgement.baselines,
        "verdict": judgement.verdict.to_dict(),
        "worst_errors": judgement.errors,
    }


def _statistics(statistics: EncodingStatistics) -> dict[str, Any]:
    shares = {"unknown_share": statistics.unknown_share, "truncated_share": statistics.truncated_share}
    return dataclasses.asdict(statistics) | shares


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
    """One row per held-out text: where it stands, its text, the truth, the answer, every probability."""
    answers = [answer_of(row, multi_label=prepared.multi_label) for row in judgement.probabilities]
    table = pa.table(
        {
            "row": prepared.parts[judgement.part].rows,
            "text": [row.text for row in judgement.texts],
            "truth": ["|".join(names_of(target, prepared.labels)) for target in judgement.targets],
            "answer": ["|".join(names_of(answer, prepared.labels)) for answer in answers],
            **{f"p({label})": judgement.probabilities[:, i] for i, label in enumerate(prepared.labels)},
        }
    )
    written = run.store / run.predictions.name
    pq.write_table(table, written)
    written.replace(run.predictions)
