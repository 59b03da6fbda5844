"""Cross-validation: the whole way from the tokens to the answers, once for each fold."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from longshort.config import RunSettings
from longshort.errors import Interrupted, SettingError
from longshort.kinds.registry import DEFAULT, kind_for, kind_of
from longshort.kinds.seam import Prepared
from longshort.kinds.words import Measure
from longshort.plain import Plain
from longshort.training import Listener, Progress
from longshort.training.interrupt import Termination

__all__ = ["CrossValidation", "Difference", "Fold", "cross_validate", "summary"]


@dataclass(frozen=True)
class Fold:
    """How one fold went.

    Args:
        task: what was learnt.
        rows: of "train", of "validation" where some chose the best epoch, and of "test", which were held out.
        metrics: the model's on the rows held out, as `ClassificationMetrics.to_dict` gives them.
        baselines: those of each baseline on the same rows, by name.
        best_epoch: the epoch whose weights answered.
        begins: of series, the first time that was held out.
    """

    task: str
    rows: dict[str, int]
    metrics: Plain
    baselines: dict[str, Plain]
    best_epoch: int
    begins: str | None = None


@dataclass(frozen=True)
class Difference:
    """The model beside its strongest baseline, by accuracy, or by the mean absolute error of a regression or forecast.

    Args:
        baseline: the name of the baseline whose mean is best.
        mean: over the folds, of the model's less the baseline's.
        interval: of 95 %, by Student's t with the variance corrected for folds that share their training rows (Nadeau &
            Bengio 2003).
        better: folds in which the model is better.
    """

    baseline: str
    mean: float
    interval: tuple[float, float]
    better: int


@dataclass(frozen=True)
class CrossValidation:
    """What cross-validation found.

    Args:
        source: what the data are called.
        task: what was learnt.
        settings: all settings.
        folds: each fold.
    """

    source: str
    task: str
    settings: RunSettings
    folds: list[Fold]

    def of(self, metric: str, model: str | None = None) -> list[float]:
        """A metric in each fold, of a baseline or, when not given, of the model; empty if a fold has none."""
        each = [fold.metrics if model is None else fold.baselines[model] for fold in self.folds]
        values = [metrics[metric] for metrics in each]
        return [] if None in values else values

    @property
    def measure(self) -> Measure:
        """What the model and its baselines are compared by."""
        return kind_for(self.settings).measure

    @property
    def baselines(self) -> list[str]:
        """The names of the baselines."""
        return list(self.folds[0].baselines)

    def difference(self) -> Difference:
        """The model beside its strongest baseline."""
        name, sign = self.measure.name, 1 if self.measure.rises else -1
        best = max(self.baselines, key=lambda baseline: sign * float(np.mean(self.of(name, baseline))))
        differences = np.subtract(self.of(name), self.of(name, best))
        count, held = len(self.folds), [fold.rows["test"] for fold in self.folds]
        trained = [fold.rows["train"] + fold.rows.get("validation", 0) for fold in self.folds]
        error = math.sqrt((1 / count + np.mean(held) / np.mean(trained)) * differences.var(ddof=1))
        half = float(stats.t.ppf(0.975, count - 1)) * error
        mean = float(differences.mean())
        return Difference(best, mean, (mean - half, mean + half), int((sign * differences > 0).sum()))

    def to_dict(self) -> Plain:
        """All of it as plain data."""
        difference = self.difference()
        return {
            "source": self.source,
            "task": self.task,
            "settings": self.settings.model_dump(),
            "model": self._summary(None),
            "baselines": {name: self._summary(name) for name in self.baselines},
            "difference": {
                "opponent": difference.baseline,
                self.measure.name: difference.mean,
                "interval": list(difference.interval),
                "better_folds": difference.better,
            },
            "folds": [
                {"rows": each.rows, "best_epoch": each.best_epoch, "model": each.metrics, "baselines": each.baselines}
                | ({"begins": each.begins} if each.begins else {})
                for each in self.folds
            ],
        }

    def _summary(self, model: str | None) -> dict[str, dict[str, float] | None]:
        found = {name: self.of(name, model) for name in (each.key for each in self.measure.metrics)}
        return {name: summary(values) if values else None for name, values in found.items()}


def summary(values: list[float]) -> dict[str, float]:
    """The mean over the folds, and the spread: the standard deviation from fold to fold."""
    return {"mean": float(np.mean(values)), "spread": float(np.std(values, ddof=1))}


def cross_validate(
    data: object, *, settings: RunSettings | None = None, folds: int = 5, listener: Listener | None = None
) -> CrossValidation:
    """Train and judge once for each fold, each time from nothing: tokens, scales, weights and baselines.

    Args:
        data: as for `train`. Identical texts or sequences, or the sequences of a group, are in one fold. Folds of
            series follow one another in time, and each is forecast from what comes before it.
        settings: all settings, whose kind says what is learnt; those of a text classifier when not given. The seed
            decides the folds, but of series; `test_share` plays no part, and `test_steps`, where it is set, says how
            long a fold of series is.
        folds: how many, at least 2.
        listener: receives events.

    Raises:
        UserError: something that the user can put right.
        NonFiniteError: the loss became NaN or infinite.
        Interrupted: Ctrl-C or SIGTERM.
    """
    settings, listener = settings or kind_of(DEFAULT).settings(), listener or Listener()
    if folds < 2:
        raise SettingError(f"There must be at least 2 folds. Got {folds}.", "Usual numbers are 5 and 10.")
    found: list[Fold] = []
    with Termination() as termination:
        try:
            for number, prepared in enumerate(kind_for(settings).folds(data, settings, folds, listener), start=1):
                for note in () if found else prepared.notes:
                    listener.note(note)
                listener.stage(f"Fold {number} of {folds}")
                found.append(_fold(prepared, settings, listener))
        except KeyboardInterrupt:
            message = "Stopped before the last fold was done; nothing is kept."
            raise Interrupted(message, "Run it again.", signal=termination.signal) from None
    return CrossValidation(prepared.name, found[0].task, settings, found)


def _fold(prepared: Prepared, settings: RunSettings, listener: Listener) -> Fold:
    kind = kind_for(settings)
    # What is encoded is mapped from files, so that data larger than memory can be cross-validated.
    with tempfile.TemporaryDirectory(prefix="longshort-") as store:
        # With several networks for each fold, the epochs would be hundreds of lines.
        heard = listener if kind.loss_of_epochs else Progress(listener)
        fitted = kind.fit(prepared, settings, heard, folder=Path(store))
        if fitted.result.ended == "interrupted":
            raise KeyboardInterrupt
        judgement = kind.judge(fitted, prepared, settings, listener)
    parts = kind.describe_parts(prepared, fitted)
    rows = {name: int(part["rows"]) for name, part in parts.items()}
    best, begins = fitted.result.best_epoch, parts["test"].get("begins")
    return Fold(fitted.task.name, rows, judgement.metrics, judgement.baselines, best, begins)
