"""A search over settings: every trial is evaluated on validation rows only, and stored, so a search can continue."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from longshort.config import RunSettings
from longshort.errors import Interrupted, NonFiniteError, RunError, SettingError
from longshort.kinds.registry import kind_for
from longshort.kinds.seam import Prepared
from longshort.kinds.space import Knob
from longshort.plain import Plain, PlainMapping
from longshort.runs.search.study import open_study
from longshort.training import EpochRecord, Listener, Listeners, Progress
from longshort.training.interrupt import Termination

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

__all__ = ["Tuning", "tune"]

LEAST_FOR_IMPORTANCE = 4
"""Trials that were trained to the end, from which on it can be said what mattered."""


@dataclass(frozen=True)
class Tuning:
    """What a search has found so far.

    Args:
        study: the file that keeps it.
        trials: how many were tried, in this call and before.
        pruned: of those, those that were stopped early.
        best: the settings of the best trial, those that were searched alone.
        loss: its validation loss, in nats (of a regression, that of targets of standard deviation 1; of a forecast, the
            CRPS as a share of the usual change from season to season): the mean over folds if there are any.
        default_loss: that of the defaults, which are the first trial; None if they were given up.
        importance: how much of the variance of the loss each setting explains, largest first, 1 together (fANOVA,
            Hutter et al. 2014); empty if too few trials were trained to the end.
        folds: how often each trial was trained.
    """

    study: Path
    trials: int
    pruned: int
    best: Plain
    loss: float
    default_loss: float | None
    importance: dict[str, float]
    folds: int


def tune(
    data: object,
    *,
    study: Path,
    trials: int = 20,
    validation: object = None,
    test: object = None,
    kind: type[RunSettings],
    fixed: PlainMapping,
    listener: Listener | None = None,
) -> Tuning:
    """Search until there are `trials` of them in the file `study`.

    The rows that `train` would hold out for its report, with the same settings, are not used. The validation rows
    are its own too; of sequences, where they are too few for that, three folds of the training part are, and of short
    series three parts at its end, each forecast from what comes before it.

    Args:
        data: as for `train`.
        study: the file; a search that it holds is continued.
        trials: in all. The first one has the defaults.
        validation: rows to judge the trials by; as for `train`.
        test: rows that `train` is to judge the best by; nothing is split off for that then.
        kind: the settings of the task.
        fixed: settings by name that are not searched.
        listener: receives events.

    Raises:
        UserError: something that the user can put right; a study of other data or settings among it.
        Interrupted: Ctrl-C or SIGTERM; what was tried is kept.
    """
    if trials < 1:
        raise SettingError(f"There must be at least 1 trial. Got {trials}.", "20 are a beginning.")
    settings = kind.from_flat(fixed)
    knobs = tuple(knob for knob in kind_for(kind).space if knob.name not in fixed)
    if not knobs:
        raise SettingError("There is nothing left to search: every setting is given.", "Leave some out.")
    listener = listener or Listener()
    with Termination() as termination:
        prepared = kind_for(kind).prepare(data, validation, test, settings, listener)
        splits = list(kind_for(kind).inner_folds(prepared, settings))
        held = open_study(study, _fingerprints(splits), settings, knobs)
        search = _Search(held, knobs, splits, settings, listener, termination)
        for _ in range(len(search.trials("COMPLETE", "PRUNED")), trials):
            search.attempt(trials)
    return search.found(study)


class _Search:
    """The trials of one study.

    Args:
        study: with the trials so far.
        knobs: what is searched.
        splits: what each trial is trained on, and judged by: one, or the folds.
        settings: those that are fixed, and the defaults of the others.
        listener: receives an event for each trial.
        termination: knows which signal ended a trial.
    """

    def __init__(
        self,
        study: Study,
        knobs: tuple[Knob, ...],
        splits: list[Prepared],
        settings: RunSettings,
        listener: Listener,
        termination: Termination,
    ) -> None:
        self.study, self.knobs, self.splits, self.settings = study, knobs, splits, settings
        self.listener, self.termination = listener, termination

    def trials(self, *states: str) -> list[FrozenTrial]:
        """Those that ended so; one that was interrupted counts for nothing."""
        return [trial for trial in self.study.get_trials(deepcopy=False) if trial.state.name in states]

    def attempt(self, trials: int) -> None:
        """One trial more, of `trials` in all."""
        import optuna

        number = len(self.trials("COMPLETE", "PRUNED")) + 1
        trial = self.study.ask()
        chosen = {knob.name: knob.suggest(trial) for knob in self.knobs}
        trial.set_user_attr("settings", chosen)
        shown = ", ".join(f"{name} {value}" for name, value in chosen.items())
        self.listener.stage(f"Trial {number} of {trials}: {shown}")
        try:
            loss = self._loss(trial, type(self.settings).from_flat({**self.settings.flat(), **chosen}))
        except optuna.TrialPruned:
            self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            self.listener.note("stopped: worse than most at this point")
        except (NonFiniteError, SettingError) as error:
            # The first trial has the user's own settings and the defaults; in others, the combination is at fault.
            if number == 1 and isinstance(error, SettingError):
                self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
                raise
            self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            self.listener.note(f"skipped: {error.message}")
        except KeyboardInterrupt:
            self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
            raise Interrupted(
                f"Stopped in trial {number}; the {number - 1} before it are kept.",
                "The same command continues from there.",
                signal=self.termination.signal,
            ) from None
        else:
            best = all(other.value is None or loss < other.value for other in self.trials("COMPLETE"))
            self.study.tell(trial, loss)
            self.listener.note(f"validation loss {loss:.4f}" + (", the best so far" if best and number > 1 else ""))

    def found(self, path: Path) -> Tuning:
        """What all trials together say.

        Raises:
            RunError: none was trained to the end.
        """
        done = self.trials("COMPLETE")
        if not done:
            raise RunError(
                f"No trial was trained to the end: all {len(self.trials('PRUNED'))} in {path} were given up.",
                "Try more, or a smaller --learning-rate.",
            )
        best = min(done, key=lambda trial: trial.value)  # type: ignore[arg-type, return-value]
        first = next((trial for trial in done if trial.number == 0), None)
        return Tuning(
            study=path,
            trials=len(self.trials("COMPLETE", "PRUNED")),
            pruned=len(self.trials("PRUNED")),
            best=best.user_attrs["settings"],
            loss=float(best.value or 0.0),
            default_loss=None if first is None else first.value,
            importance=self._importance(done),
            folds=len(self.splits),
        )

    def _loss(self, trial: Trial, settings: RunSettings) -> float:
        """The validation loss of the epoch that is kept; the mean over the folds."""
        losses: list[float] = []
        kind = kind_for(settings)
        for prepared in self.splits:
            pruning = _Pruning(trial, losses, len(self.splits))
            listeners = [Progress(self.listener), pruning] if kind.loss_of_epochs else [Progress(self.listener)]
            with tempfile.TemporaryDirectory(prefix="longshort-") as store:
                fitted = kind.fit(prepared, settings, Listeners(listeners), folder=Path(store))
            if fitted.result.ended == "interrupted":
                raise KeyboardInterrupt
            losses.append(kind.validation_loss(fitted, prepared))
            if not kind.loss_of_epochs:
                pruning.fold_ended(losses)
        return float(np.mean(losses))

    def _importance(self, done: list[FrozenTrial]) -> dict[str, float]:
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        if len(done) < LEAST_FOR_IMPORTANCE or len({trial.value for trial in done}) < 2:
            return {}
        evaluator = FanovaImportanceEvaluator(seed=self.settings.flat()["seed"] % 2**32)
        found = get_param_importances(self.study, evaluator=evaluator)
        return {name: float(share) for name, share in found.items()}


class _Pruning(Listener):
    """Reports the validation loss after each epoch, and ends a trial that is worse than most were at that point.

    Args:
        trial: of optuna.
        before: the losses of the folds that are done.
        folds: how many there are.
    """

    def __init__(self, trial: Trial, before: list[float], folds: int) -> None:
        self._trial, self._before, self._folds = trial, before, folds
        self._epochs = 1

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Remember how many there are."""
        self._epochs = epochs

    def epoch_ended(self, record: EpochRecord) -> None:
        """The mean over the folds so far, this one as it stands."""
        loss = record["validation_loss"]
        if loss is not None:
            self._report([*self._before, loss], len(self._before) + record["epoch"] / self._epochs)

    def fold_ended(self, losses: list[float]) -> None:
        """The mean over the folds so far; after the last one there is nothing left to give up."""
        if len(losses) < self._folds:
            self._report(losses, len(losses))

    def _report(self, losses: list[float], done: float) -> None:
        """At the percentage of the work that is done."""
        import optuna

        self._trial.report(float(np.mean(losses)), round(100 * done / self._folds))
        if self._trial.should_prune():
            raise optuna.TrialPruned


def _fingerprints(splits: list[Prepared]) -> list[str]:
    """The fingerprints of the sources, and how many rows each part has."""
    parts = (pair for prepared in splits for pair in prepared.parts.items())
    return [f"{name} {len(part.rows)} {part.fingerprint}" for name, part in parts]
