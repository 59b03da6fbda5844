"""One whole training: read, split, fit, train, judge, and keep everything in a run directory."""

from __future__ import annotations

import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longshort.config import ForecastRunSettings, RunSettings, SequenceRunSettings, Settings
from longshort.errors import Interrupted
from longshort.evaluation import Verdict
from longshort.runs.bundle import Bundle, save_bundle
from longshort.runs.directory import RunDirectory
from longshort.runs.forecasts import ForecastWork
from longshort.runs.log import Log
from longshort.runs.sequences import SequenceWork
from longshort.runs.text import TextWork
from longshort.runs.work import Fitted, Prepared, Work
from longshort.runs.writing import describe, write_run
from longshort.training import Listener, Listeners

__all__ = ["WORKS", "RunResult", "train"]

# A new task is one file and one line here.
WORKS: dict[type[RunSettings], Work] = {
    Settings: TextWork(),
    SequenceRunSettings: SequenceWork(),
    ForecastRunSettings: ForecastWork(),
}
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
            **describe(run, prepared, fitted, judgement, settings, work),
            "seconds": round(time.perf_counter() - began, 1),
        }
        write_run(run, fitted, judgement, metrics, listener)
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
