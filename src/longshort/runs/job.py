"""One whole training: read, split, fit, train, judge, and keep everything in a run directory."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from longshort.artifacts.bundle import Bundle, save_bundle
from longshort.artifacts.run_directory import RunDirectory
from longshort.config import RunSettings
from longshort.errors import Interrupted, NonFiniteError, StorageError
from longshort.evaluation import Verdict
from longshort.kinds.registry import DEFAULT, kind_for, kind_of
from longshort.kinds.seam import Fitted, Prepared, Task
from longshort.plain import Plain
from longshort.runs.checkpoints import FolderCheckpoints
from longshort.runs.log import Log
from longshort.runs.provenance import Given, Provenance, check_names
from longshort.runs.writing import describe, write_run
from longshort.training import Listener, Listeners
from longshort.training.interrupt import Termination

__all__ = ["RunResult", "train"]

REPORT_BYTES, ROW_BYTES, CLASS_BYTES = 5_000_000, 100, 16
"""What report and pictures take, about, and in the predictions each row, and each class of each row."""

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
"""What the system says where nothing more can be written."""


@dataclass(frozen=True)
class RunResult:
    """What a finished run leaves.

    Args:
        directory: the run directory.
        metrics: what its `metrics.json` holds.
        verdict: the honest sentences.
    """

    directory: Path
    metrics: Plain
    verdict: Verdict


def train(
    data: object = None,
    *,
    validation: object = None,
    test: object = None,
    settings: RunSettings | None = None,
    directory: Path | None = None,
    name: str | None = None,
    listener: Listener | None = None,
    resume: Path | str | None = None,
    force: bool = False,
) -> RunResult:
    """Train a model, judge it on rows that it has not seen, and keep everything in a run directory.

    What ends the run before there is a model or a checkpoint leaves no directory behind. A run that was stopped or
    killed is continued with `resume`, and ends with the same bits as an uninterrupted run.

    Args:
        data: a file, a folder, the name of a sample, a pandas frame, or (texts, labels).
        validation: rows that choose the best epoch; split off `data` when not given.
        test: rows that the report is made on; split off `data` when not given.
        settings: all settings, whose kind says what is learnt; those of a text classifier if None.
        directory: the run directory; `runs/<name>` when not given.
        name: the run's name; made from the name of the data when not given.
        listener: receives events.
        resume: an unfinished run to resume. What is not given is what it was started with; what is given must agree
            with that.
        force: with `resume`, take what is given now where it does not agree.

    Raises:
        UserError: something that the user can put right; a StorageError where a file cannot be written.
        NonFiniteError: the loss became NaN or infinite; the best model so far is kept.
        Interrupted: Ctrl-C or SIGTERM; the best model so far and a checkpoint are kept.
    """
    listener, began = listener or Listener(), time.perf_counter()
    check_names(data, validation, test, directory, name, resume, Path.cwd())
    with Termination() as termination:
        if resume is None:
            given = Given(data, validation, test, settings or kind_of(DEFAULT).settings())
            prepared = _prepare(given, listener)
            named = str(data) if isinstance(data, str | Path) else prepared.name
            run = RunDirectory.create(directory, name, named)
            now = Provenance.of(given, prepared.parts)
            job = _Job(run, given, prepared, listener, termination, began, now)
            with run.locked(), job.kept(fresh=True):
                now.write(run)
                return job.run()
        run = RunDirectory(Path(resume))
        started = Provenance.read(run)
        with run.locked():
            given = started.complete(data, validation, test, settings)
            prepared = _prepare(given, listener)
            now = Provenance.of(given, prepared.parts)
            notes = started.check(now, force=force)
            job = _Job(run, given, prepared, listener, termination, began, now if notes else started)
            with job.kept(fresh=False):
                run.clear()
                return job.run([f"Resuming {run.path}.", *notes])


def _prepare(given: Given, listener: Listener) -> Prepared:
    return kind_for(given.settings).prepare(given.data, given.validation, given.test, given.settings, listener)


@dataclass(frozen=True)
class _Job:
    """What is to be done in a run directory, once the data are read."""

    directory: RunDirectory
    given: Given
    prepared: Prepared
    listener: Listener
    termination: Termination
    began: float
    provenance: Provenance
    """What the checkpoints of now follow from; that of the ones before stays until there is one of these."""

    @contextmanager
    def kept(self, *, fresh: bool) -> Iterator[None]:
        """Report an interruption with the command that resumes; remove a fresh run that has nothing yet."""
        run = self.directory
        try:
            yield
        except KeyboardInterrupt:
            raise self._stopped("before the work was done") from None
        except NonFiniteError as error:
            raise self._with_advice(error) from None
        except StorageError as error:
            raise StorageError(error.message, self._when_there_is_room()) from None
        except OSError as error:
            if error.errno not in NO_ROOM and not str(error.filename or "").startswith(str(run.path)):
                raise
            raise StorageError(
                StorageError.of(error, "A file of the run").message, self._when_there_is_room()
            ) from None
        finally:
            shutil.rmtree(run.store, ignore_errors=True)
            if run.metrics.is_file():
                shutil.rmtree(run.checkpoints, ignore_errors=True)
            if fresh and not self._can_go_on():
                run.discard()

    def run(self, notes: list[str] | None = None) -> RunResult:
        """Train, judge, write."""
        run, settings = self.directory, self.given.settings
        kind = kind_for(settings)
        listener = Listeners([Log(run.log), self.listener])
        for note in [*(notes or []), *self.prepared.notes]:
            listener.note(note)
        fitted = self._fit(listener)
        judgement = kind.judge(fitted, self.prepared, settings, listener)
        metrics = {
            **describe(run, self.prepared, fitted, judgement, settings),
            "seconds": round(time.perf_counter() - self.began, 1),
        }
        write_run(run, fitted, judgement, metrics, listener)
        return RunResult(run.path, metrics, judgement.verdict)

    def _fit(self, listener: Listener) -> Fitted[Task]:
        """Train; every better model is kept at once, so that whatever happens later does not lose it."""
        run, settings = self.directory, self.given.settings
        run.store.mkdir()
        checkpoints = FolderCheckpoints(
            run.checkpoints, listener.note, beside=self._size(), before=lambda: self.provenance.write(run)
        )
        try:
            fitted = kind_for(settings).fit(
                self.prepared,
                settings,
                listener,
                folder=run.store,
                on_better=lambda task, network: save_bundle(run.model, Bundle(task, network, settings)),
                checkpoints=checkpoints,
            )
        except Interrupted:
            raise self._stopped("in the training") from None
        result = fitted.result
        self.provenance.write(run)
        if result.best_epoch:
            # A checkpoint may be younger or older than the model beside it.
            save_bundle(run.model, Bundle(fitted.task, fitted.network, settings))
        run.write_history(result.history)
        if result.ended == "interrupted":
            raise self._stopped(f"in epoch {len(result.history) + 1}", f", of epoch {result.best_epoch},")
        return fitted

    def _size(self) -> int:
        """Bytes that are written beside checkpoints and model, about."""
        held_out = sum(len(part.rows) for name, part in self.prepared.parts.items() if name != "train")
        return REPORT_BYTES + held_out * (ROW_BYTES + CLASS_BYTES * len(self.prepared.labels))

    def _can_go_on(self) -> bool:
        return self.directory.has_model or FolderCheckpoints(self.directory.checkpoints).any

    def _stopped(self, when: str, which: str = "") -> Interrupted:
        run, number = self.directory, self.termination.signal
        if run.metrics.is_file():
            return Interrupted(
                f"Stopped after the work was done; the run in {run.path} is whole.",
                "Its report.html shows it.",
                signal=number,
            )
        if run.has_model:
            message = f"Stopped {when}; the best model so far{which} is in {run.path}."
        else:
            message = "Stopped before the first epoch was done; there is no model yet."
        return Interrupted(message, self._go_on() if self._can_go_on() else "Run it again.", signal=number)

    def _go_on(self) -> str:
        if isinstance(self.given.data, str | Path):
            return f"Resume with: {self.directory.command}"
        return f"Resume with longshort.runs.train(DATA, resume={str(self.directory.path)!r})."

    def _when_there_is_room(self) -> str:
        free = "Free some room, or see that it may be written to."
        return f"{free} {self._go_on()}" if self._can_go_on() else free

    def _with_advice(self, error: NonFiniteError) -> NonFiniteError:
        """Going on as before would come to the same step again."""
        if not self._can_go_on():
            return error
        rate = self.given.settings.model_dump()["training"]["learning_rate"] / 3
        hint = (
            f"{error.hint} Resuming unchanged reaches the same step again. Where the weights have not grown too large "
            f"already: {self.directory.command} --force --learning-rate {rate:.1g}"
        )
        return NonFiniteError(error.message, hint, step=error.step, rows=error.rows)
