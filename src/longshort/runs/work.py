"""What a run does that depends on what is learnt; `runs.job` does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from matplotlib.figure import Figure
from torch import nn

from longshort.evaluation import Verdict
from longshort.training import Checkpoints, Listener, TrainingResult

__all__ = ["Fitted", "Judgement", "KeptEpoch", "Prepared", "Work"]


class Prepared(Protocol):
    """The parts of the data, before anything is fitted."""

    @property
    def parts(self) -> Mapping[str, Any]:
        """ "train", and "validation" and "test" where they have rows; each has `rows`, `(rows,)` int64, and the
        `fingerprint` of its source."""
        ...

    @property
    def name(self) -> str:
        """What the training data are called."""
        ...

    @property
    def labels(self) -> list[str]:
        """The classes, in the order of their numbers."""
        ...

    @property
    def multi_label(self) -> bool:
        """Whether a row may have several labels, or none."""
        ...

    @property
    def overlaps(self) -> Mapping[str, int]:
        """Rows of a given file that also stand in the training file, by part."""
        ...

    @property
    def notes(self) -> list[str]:
        """Sentences for the user."""
        ...


class Fitted(Protocol):
    """A trained network and what it was trained on."""

    @property
    def task(self) -> Any:
        """What was learnt, with its encoding."""
        ...

    @property
    def network(self) -> nn.Module:
        """Holds the weights of the best epoch."""
        ...

    @property
    def result(self) -> TrainingResult:
        """History, best epoch, and why the training ended."""
        ...


@dataclass(frozen=True)
class Judgement:
    """What was found on the rows that were held out.

    Args:
        part: "test", or "validation" where no test rows were held out.
        metrics: the model's, as plain data.
        train_metrics: the same on rows that it was trained on; empty where they are not looked at.
        baselines: each baseline's metrics on the same rows, with its paired comparison, by name.
        verdict: the honest sentences.
        errors: the worst errors, as plain data.
        tables: the columns of each Parquet file, by its name; `predictions.parquet` has what a row is known by,
            the truth and the answer.
        figures: what draws each picture, by the name of its file.
        examples: those that the report looks into, as plain data, where their inputs are not in the tables.
    """

    part: str
    metrics: dict[str, Any]
    train_metrics: dict[str, Any]
    baselines: dict[str, dict[str, Any]]
    verdict: Verdict
    errors: list[dict[str, Any]]
    tables: dict[str, dict[str, Any]]
    figures: dict[str, Callable[[], Figure]]
    examples: list[dict[str, Any]] = field(default_factory=list)


class KeptEpoch:
    """A work whose settings are compared by the validation loss of the epoch that is kept."""

    loss_of_epochs = True

    def validation_loss(self, fitted: Fitted, prepared: Prepared) -> float:
        """In nats; of a regression, that of targets of standard deviation 1."""
        return float(fitted.result.history[fitted.result.best_epoch - 1]["validation_loss"] or 0.0)


class Work(Protocol):
    """What to do with one kind of data and settings."""

    def prepare(self, data: Any, validation: Any, test: Any, settings: Any, listener: Listener) -> Any:
        """Read, check and split; gives a `Prepared`."""
        ...

    def fit(
        self,
        prepared: Any,
        settings: Any,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[Any, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> Any:
        """Fit the encoding on the training part alone, and train, from the last checkpoint on; gives a `Fitted`."""
        ...

    @property
    def loss_of_epochs(self) -> bool:
        """Whether `validation_loss` is that of an epoch, so that a training can be given up before its end."""
        ...

    def validation_loss(self, fitted: Any, prepared: Any) -> float:
        """What settings are compared by, on the validation part; less is better."""
        ...

    def judge(self, fitted: Any, prepared: Any, settings: Any, listener: Listener) -> Judgement:
        """Measure the model and its opponents on what was held out, and say what that means."""
        ...

    def describe_parts(self, prepared: Any, fitted: Any) -> dict[str, dict[str, Any]]:
        """What `metrics.json` says of each part."""
        ...

    def describe_inputs(self, fitted: Any) -> dict[str, Any]:
        """What `metrics.json` says of the inputs that the network takes."""
        ...
