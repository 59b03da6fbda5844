"""What a verdict rests on, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Literal

from longshort.errors import DataError
from longshort.evaluation.baselines import MAJORITY
from longshort.evaluation.comparison import Comparison
from longshort.evaluation.metrics import ClassificationMetrics
from longshort.plain import PlainMapping

__all__ = ["Facts", "Finding", "Level", "TrainingFacts"]

Level = Literal["bad", "warning", "note", "good"]


@dataclass(frozen=True, kw_only=True)
class TrainingFacts:
    """What is known of any training; what is not known says nothing.

    Attributes:
        judged_on: the split that the model was evaluated on: "test", or "validation" if there is no other.
        history: one mapping per epoch, in order: `epoch`, `train_loss` and, where measured, `train_accuracy`,
            `validation_loss`, `validation_accuracy`; also `gradient_norm`, the largest of the epoch, and `dynamics`,
            what was recorded of weights, gradients and gates (`longshort.training.statistics`). Other keys are not
            used.
        best_epoch: the epoch whose weights the model has, counted as in `history`; the last one if None.
        stopped_early: whether training ended because validation no longer improved.
        schedule: "one-cycle" or "constant".
        duplicates: rows of a given file that are in the training file too, by split: "validation", "test".
        pools: whether the settings of the model have `pooling`, which advice then mentions.
    """

    example: ClassVar[str] = "example"
    """What the model answers."""
    row: ClassVar[str] = "row"
    """What is counted in a file."""
    flattered: ClassVar[str] = "its accuracy there is too high"
    """What evaluating on data that the training has seen does, in words."""

    judged_on: Literal["validation", "test"] = "test"
    history: Sequence[PlainMapping] = ()
    best_epoch: int | None = None
    stopped_early: bool = False
    schedule: str | None = None
    duplicates: Mapping[str, int] = field(default_factory=dict)
    pools: bool = True

    @property
    def examples(self) -> int | None:
        """How many examples the model was evaluated on; None if that is not known."""
        return None

    @property
    def dynamics(self) -> list[PlainMapping]:
        """What was recorded of weights, gradients and gates, one mapping an epoch; empty if nothing was."""
        return [row["dynamics"] for row in self.history if row.get("dynamics")]

    def moment(self) -> PlainMapping | None:
        """The recorded update that is nearest to the weights that the model has; None if there is none."""
        rows = [row for row in self.history if row.get("dynamics")]
        kept = [row for row in rows if self.best_epoch is None or row["epoch"] <= self.best_epoch] or rows
        end = sum(row["dynamics"]["steps"] for row in kept)
        moments = [moment for each in self.dynamics for moment in each["moments"]]
        return min(moments, key=lambda moment: abs(moment["step"] - end), default=None)


@dataclass(frozen=True, kw_only=True)
class Facts(TrainingFacts):
    """Everything known about a classifier; only `test` is needed, what is not known says nothing.

    Attributes:
        test: metrics on the test split.
        train: metrics of the final model on the training split.
        train_counts, validation_counts, test_counts: examples per class, in the order of the labels.
        baselines: metrics of the baselines on the same test split, by name.
        comparisons: our model against each of them, by the same names.
        class_weights: whether the loss weighed the classes.
        different: test examples that are no copies of others, and one of each that are; None if that is not known.
        unknown_share: share of the test split's tokens that the vocabulary does not know, 0 to 1.
        truncated_share: share of all tokens that were cut off, 0 to 1.
        empty_texts: examples without a single token.

    Raises:
        DataError: counts that are not one per label, or a comparison with a baseline that has no metrics.
    """

    test: ClassificationMetrics
    train: ClassificationMetrics | None = None
    train_counts: Sequence[int] = ()
    validation_counts: Sequence[int] = ()
    test_counts: Sequence[int] = ()
    baselines: Mapping[str, ClassificationMetrics] = field(default_factory=dict)
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    class_weights: bool = False
    different: int | None = None
    unknown_share: float | None = None
    truncated_share: float | None = None
    empty_texts: int = 0

    def __post_init__(self) -> None:
        for name in ("train_counts", "validation_counts", "test_counts"):
            counts = getattr(self, name)
            if len(counts) not in (0, len(self.test.labels)):
                raise DataError(
                    f"{name} must hold one number per label, {len(self.test.labels)} of them; got {len(counts)}.",
                    "Count the classes that a split does not have as 0.",
                )

        if strangers := [name for name in self.comparisons if name not in self.baselines]:
            raise DataError(
                f"Each comparison needs the metrics of its baseline; there are none of {strangers[0]!r}.",
                "Use the same names in baselines and comparisons.",
            )

    @property
    def compared(self) -> dict[str, Comparison]:
        """The comparisons; without that with the majority where all test examples are of one class: an answer that is
        always the same is then all right or all wrong, and says nothing about either."""
        alone = not self.test.multi_label and sum(each.support > 0 for each in self.test.classes) < 2
        return {name: each for name, each in self.comparisons.items() if not (alone and name == MAJORITY)}

    @property
    def examples(self) -> int:
        """How many examples the model was evaluated on."""
        return self.test.examples

    def counts_of_test(self) -> tuple[int, ...]:
        """Examples per class in the test split; counted from the metrics when not given."""
        return tuple(self.test_counts) or tuple(each.support for each in self.test.classes)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was found.

    Attributes:
        kind: what it is about, such as "collapsed" or "overfitted".
        level: "bad" (the model should not be used as it is), "warning", "note" or "good".
        sentence: what was found, with the numbers that it rests on.
        advice: what to try; empty if nothing needs to be done.
    """

    kind: str
    level: Level
    sentence: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """The fields as JSON holds them."""
        return asdict(self)
