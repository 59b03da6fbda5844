"""What passes between a run and the kind of task that it is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from longshort.plain import Plain

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from matplotlib.figure import Figure
    from torch import nn

    from longshort.evaluation import Verdict
    from longshort.networks import Objective
    from longshort.training import TrainingResult

    Rows = npt.NDArray[np.int64]

__all__ = [
    "Encoding",
    "Evaluation",
    "Example",
    "Fitted",
    "Judgement",
    "Part",
    "Prepared",
    "Request",
    "Splits",
    "Task",
    "Trained",
    "example_weights",
]


class Encoding(Protocol):
    """What was fitted on the training split: a tokenizer, labels, scaling."""

    def to_json(self) -> str:
        """Return all of it as JSON, the content of the encoding's file in a model folder."""
        ...


class Task(Protocol):
    """What a model learned: how inputs become numbers, the network, and its objective."""

    @property
    def name(self) -> str:
        """The name of its kind, such as "text-classification"."""
        ...

    @property
    def encoding(self) -> Encoding:
        """What was fitted on the training split."""
        ...

    @property
    def objective(self) -> Objective:
        """The loss."""
        ...

    def build(self) -> nn.Module:
        """Return a network with new weights, drawn from torch's global generator."""
        ...


class Part(Protocol):
    """One split of the data."""

    @property
    def rows(self) -> Rows:
        """`(rows,)` int64: where its examples are in their source."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the whole source."""
        ...


class Prepared(Protocol):
    """The splits of the data, before anything is fitted."""

    @property
    def parts(self) -> Mapping[str, Part]:
        """ "train", and "validation" and "test" where they have rows."""
        ...

    @property
    def name(self) -> str:
        """The name of the training data."""
        ...

    @property
    def labels(self) -> list[str]:
        """The classes, in the order of their numbers; empty if there are none."""
        ...

    @property
    def multi_label(self) -> bool:
        """Whether a row may have several labels, or none."""
        ...

    @property
    def overlaps(self) -> Mapping[str, int]:
        """Rows of a given file that are also in the training file, by split."""
        ...

    @property
    def notes(self) -> list[str]:
        """Sentences for the user."""
        ...


PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True)
class Splits(Generic[PartT]):
    """The splits of data whose rows are independent of each other; a `Prepared`.

    Args:
        parts: "train", and "validation" and "test" where they have rows.
        name: the name of the training data.
        labels: the classes, in the order of their numbers; empty if there are none.
        multi_label: whether a row may have several labels, or none.
        overlaps: rows of a given file that are also in the training file, by split.
        notes: sentences for the user.
    """

    parts: dict[str, PartT]
    name: str
    labels: list[str] = field(default_factory=list)
    multi_label: bool = False
    overlaps: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


TaskT_co = TypeVar("TaskT_co", bound=Task, covariant=True)


class Fitted(Protocol[TaskT_co]):
    """A trained network and what it was trained on."""

    @property
    def task(self) -> TaskT_co:
        """What was learned, with its encoding."""
        ...

    @property
    def network(self) -> nn.Module:
        """Holds the weights of the best epoch."""
        ...

    @property
    def result(self) -> TrainingResult:
        """History, best epoch, and why the training ended."""
        ...


TaskT = TypeVar("TaskT", bound=Task)
NetworkT = TypeVar("NetworkT", bound="nn.Module")
ExamplesT = TypeVar("ExamplesT")


@dataclass(frozen=True)
class Trained(Generic[TaskT, NetworkT, ExamplesT]):
    """A network after one training; a `Fitted`.

    Args:
        task: what was learned, with its encoding.
        network: holds the weights of the best epoch.
        examples: the encoded splits.
        result: history, best epoch, and why the training ended.
    """

    task: TaskT
    network: NetworkT
    examples: dict[str, ExamplesT]
    result: TrainingResult


@dataclass(frozen=True)
class Judgement:
    """How good a model is on the rows that were held out.

    Args:
        part: "test", or "validation" where no test rows were held out.
        metrics: the model's.
        train_metrics: the same on rows that it was trained on; empty if they are not measured.
        baselines: each baseline's metrics on the same rows, with its paired comparison, by name.
        verdict: the honest sentences.
        errors: the worst errors.
        tables: the columns of each Parquet file, by its name; `predictions.parquet` identifies each row and holds the
            truth and the answer.
        figures: what draws each picture, by the name of its file.
        examples: those that the report analyses, where their inputs are not in the tables.
    """

    part: str
    metrics: Plain
    train_metrics: Plain
    baselines: dict[str, Plain]
    verdict: Verdict
    errors: list[Plain]
    tables: dict[str, Plain]
    figures: dict[str, Callable[[], Figure]]
    examples: list[Plain] = field(default_factory=list)


@dataclass(frozen=True)
class Evaluation:
    """How a model does on data of the user's choice.

    Args:
        source: the name of the data.
        task: the name of the kind of task.
        metrics: the model's.
        baselines: the metrics of baselines on the same rows, by name. A classifier's is the most frequent class of its
            training data; without its run, that of this very data, which is no fair baseline and plays no part in the
            verdict.
        verdict: the honest sentences.
        errors: the ten worst.
    """

    source: str
    task: str
    metrics: Plain
    baselines: dict[str, Plain]
    verdict: Verdict
    errors: list[Plain]


@dataclass(frozen=True)
class Request:
    """What a user asks a model about.

    Args:
        texts: given directly.
        file: a file of examples; None if there is none.
        changes: settings of how the file is read that differ from those of the training.
        note: called with each sentence for the user.
        run: what the model was loaded from, for messages.
    """

    texts: Sequence[str]
    file: Path | None
    changes: Plain
    note: Callable[[str], None]
    run: str = ""


@dataclass(frozen=True, eq=False)
class Example:
    """One input to analyse.

    Args:
        given: what the model reads: a text, or values `(steps, channels)` float64.
        name: where it is from; empty for a text.
        channels: the names of the channels; empty for a text.
    """

    given: str | npt.NDArray[np.float64]
    name: str = ""
    channels: tuple[str, ...] = ()


def example_weights(prepared: Prepared, weights: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the weights of the training split and of the validation split, if there is one.

    Args:
        prepared: the splits.
        weights: `(rows of the data,)` above 0: how much each row counts in the loss.
    """
    return {name: weights[prepared.parts[name].rows] for name in ("train", "validation") if name in prepared.parts}
