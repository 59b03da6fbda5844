"""`Kind`: everything that depends on the kind of task, in one protocol."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from longshort.config import RunSettings
from longshort.errors import SettingError, UserError
from longshort.kinds.seam import Evaluation, Example, Fitted, Judgement, Prepared, Request, Task
from longshort.kinds.space import Knob
from longshort.kinds.words import Card, Measure, Table, Words
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    from torch import nn

    from longshort.artifacts.bundle import Bundle
    from longshort.artifacts.model_config import ModelConfig
    from longshort.estimators.base import Estimator
    from longshort.kinds.answers import Answer
    from longshort.pages.evidence import Evidence
    from longshort.pages.pair import PairPage
    from longshort.pages.section import Section
    from longshort.training import Checkpoints, Listener

__all__ = ["Kind"]

SettingsT = TypeVar("SettingsT", bound=RunSettings)
TaskT = TypeVar("TaskT", bound=Task)
PreparedT = TypeVar("PreparedT", bound=Prepared)
FittedT = TypeVar("FittedT", bound="Fitted[Task]")


class Kind(ABC, Generic[SettingsT, TaskT, PreparedT, FittedT]):
    """A kind of task.

    A module that defines one imports nothing heavy: listing runs and printing the help load every kind. Methods import
    what they need when they are called.

    Attributes:
        name: "text-classification", for example; stored with every model and run.
        settings: all settings of a run.
        words: what its examples are called.
        measure: how its models are compared.
        space: what a search over settings chooses from.
        analyses: the commands, beyond those that every kind has, that can be asked about its models.
        loss_of_epochs: whether `validation_loss` is that of an epoch, so that a search can stop a training early.
    """

    name: ClassVar[str]
    settings: type[SettingsT]
    words: ClassVar[Words]
    measure: ClassVar[Measure]
    space: ClassVar[tuple[Knob, ...]] = ()
    analyses: ClassVar[frozenset[str]] = frozenset()
    loss_of_epochs: ClassVar[bool] = True

    # --- data ---

    def recognises(self, data: str) -> bool:
        """Return whether a file is of this kind for certain, by its name or header; it may not exist."""
        return False

    @abstractmethod
    def prepare(
        self, data: object, validation: object, test: object, settings: SettingsT, listener: Listener
    ) -> PreparedT:
        """Read, check and split.

        Args:
            data: a file, a folder, the name of a sample, a frame or arrays, as the kind takes them.
            validation: rows that choose the best epoch; split off `data` if None.
            test: rows that the report is made on; split off `data` if None.
            settings: of the run.
            listener: receives events.

        Raises:
            DataError: the data do not hold what they must.
            SettingError: nothing would be held out to evaluate on.
        """

    @abstractmethod
    def folds(self, data: object, settings: SettingsT, count: int, listener: Listener) -> Iterator[PreparedT]:
        """Prepare each fold in turn; its "test" split is held out, the others are all the rest.

        Raises:
            DataError: the data do not hold what they must, or are too few for so many folds.
        """

    def inner_folds(self, prepared: PreparedT, settings: SettingsT) -> Sequence[PreparedT]:
        """Return what a search compares settings on: "train" and "validation" splits, never the test split.

        Raises:
            SettingError: no validation rows are held out.
        """
        if "validation" not in prepared.parts:
            raise SettingError(
                "A search needs validation rows to judge by. Got a validation_share of 0.", "Leave it at 0.1."
            )
        return [without_test(prepared)]

    # --- training ---

    @abstractmethod
    def fit(
        self,
        prepared: PreparedT,
        settings: SettingsT,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[TaskT, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedT:
        """Fit the encoding on the training split alone, and train, from the last checkpoint on.

        Args:
            prepared: the splits.
            settings: of the run.
            listener: receives events.
            folder: where encoded examples may be stored in files; in memory if None.
            on_better: called with the task and the network after each epoch that is the best so far.
            checkpoints: where trainings are resumed from, and stored.
        """

    def validation_loss(self, fitted: FittedT, prepared: PreparedT) -> float:
        """Return what a search minimises: the validation loss of the best epoch."""
        return float(fitted.result.history[fitted.result.best_epoch - 1]["validation_loss"] or 0.0)

    # --- how good it is ---

    @abstractmethod
    def judge(self, fitted: FittedT, prepared: PreparedT, settings: SettingsT, listener: Listener) -> Judgement:
        """Evaluate the model and its baselines on what was held out, and reach a verdict."""

    def describe_parts(self, prepared: PreparedT, fitted: FittedT) -> dict[str, Plain]:
        """Return what `metrics.json` holds about each split: at least `source`, `fingerprint` and `rows`."""
        return {
            name: {"source": prepared.name, "fingerprint": part.fingerprint, "rows": len(part.rows)}
            for name, part in prepared.parts.items()
        }

    def describe_inputs(self, fitted: FittedT) -> Plain:
        """Return what `metrics.json` holds about the inputs of the network."""
        return {}

    @abstractmethod
    def evaluate(
        self, run: Path | str, bundle: Bundle[TaskT, SettingsT], data: object, settings: SettingsT, listener: Listener
    ) -> Evaluation:
        """Evaluate a stored model on labelled data.

        Args:
            run: the run directory or model folder that it is from.
            bundle: the model.
            data: as for `prepare`.
            settings: those of the training, with those that say how `data` is read as the caller wants them.
            listener: receives events.
        """

    # --- stored models ---

    @abstractmethod
    def model_config(self) -> type[ModelConfig]:
        """Return what `config.json` of a model folder holds."""

    def stored_fields(self, task: TaskT) -> Plain:
        """Return what `config.json` holds of the task, beside its settings; the encoding has a file of its own."""
        return {}

    def estimator(self) -> type[Estimator[TaskT, SettingsT]]:
        """Return the scikit-learn estimator of its models.

        Raises:
            UserError: there is none.
        """
        raise UserError(
            f"longshort.load returns estimators. {self.name} models have none.",
            "longshort.runs.load_bundle(RUN) returns the network and its encoding.",
        )

    def predict(self, bundle: Bundle[TaskT, SettingsT], request: Request) -> Iterator[Sequence[Answer]]:
        """Answer examples, batch by batch.

        Raises:
            UserError: the model cannot be asked so.
        """
        raise UserError(f"{self.name} models do not answer `longshort predict`.")

    def example(
        self, bundle: Bundle[TaskT, SettingsT], run: str, text: str | None, file: Path | None, row: int, command: str
    ) -> Example:
        """Return the input that a command is to analyse.

        Args:
            bundle: the model.
            run: what it was loaded from, for messages.
            text, file, row: what the command line names.
            command: its name, for messages.

        Raises:
            UserError: the model does not read that, or cannot be analysed.
        """
        raise UserError(
            f"The model must be one of texts or of sequences. {run} is one of a {self.name}.",
            "longshort.watch inspects any network, in Python.",
        )

    # --- what people see ---

    def tables(self, metrics: PlainMapping, baselines: Mapping[str, Plain], *, on: str = "") -> Iterator[Table | str]:
        """Yield tables and lines that show a model beside its baselines.

        Args:
            metrics: the model's.
            baselines: those of each baseline on the same rows, by name; may be empty.
            on: what the rows are besides texts or sequences, such as "test".
        """
        shown = self.measure.metrics
        yield f"On {metrics[self.measure.count]:,} {f'{on} {self.words.example}s'.strip()}:"
        models = {"this model": metrics, **dict(sorted(baselines.items(), key=lambda item: self.measure.rank(item[1])))}
        headers = ("", *(each.label for each in shown))
        rows = [(name, *(each.text(found[each.key]) for each in shown)) for name, found in models.items()]
        yield Table(headers, rows, right=headers[1:], wrap=headers[:1])

    def next_command(self, metrics: PlainMapping, run: str) -> str:
        """Return what to type after a training; `run` is quoted for a shell."""
        return f"longshort predict {run} --file FILE"

    def describe_folds(self, rows: int, source: str, folds: int) -> str:
        """Return what a cross-validation was evaluated on, after "On "."""
        return f"{rows:,} {self.words.example}s of {source}, each held out once, in {folds} folds"

    def inputs(self, training: PlainMapping) -> str:
        """Return what the network reads, as the middle of a sentence; `training` is from `metrics.json`."""
        return f"inputs of one {self.words.step} each"

    def measures(self, part: PlainMapping) -> dict[str, str]:
        """Return what was counted in a split, in words, by what it is; `part` is from `metrics.json`."""
        return {}

    def card(self, metrics: PlainMapping) -> Card:
        """Return the parts of the model card that depend on the kind; `metrics` is all of `metrics.json`."""
        return Card("pages/templates/card.md.j2", {}, self.limits(metrics))

    def limits(self, metrics: PlainMapping) -> Sequence[str]:
        """Return what a model must not be taken for, one sentence each; they follow from its `metrics.json`."""
        return ()

    def sections(self) -> Sequence[Section[Evidence]]:
        """Return the sections of the report, in their order; those that serve every kind if empty."""
        return ()

    def pair_page(self) -> PairPage[Any] | None:
        """Return what a page that compares two runs holds; None if there is no such page."""
        return None


def without_test(prepared: PreparedT) -> PreparedT:
    """Return the same splits without the test split."""
    parts = {name: part for name, part in prepared.parts.items() if name != "test"}
    return dataclasses.replace(prepared, parts=parts)  # type: ignore[type-var]
