"""What a verdict rests on, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from longshort.errors import DataError
from longshort.evaluation.baselines import MAJORITY
from longshort.evaluation.comparison import Comparison
from longshort.evaluation.metrics import ClassificationMetrics

__all__ = ["Course", "Facts", "Finding", "Level"]

Level = Literal["bad", "warning", "note", "good"]


class Course(Protocol):
    """What is known of the course of a training, whatever was learnt; see `Facts`."""

    @property
    def history(self) -> Sequence[Mapping[str, Any]]:
        """One mapping per epoch."""
        ...

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights the model has."""
        ...

    @property
    def stopped_early(self) -> bool:
        """Whether training ended because validation no longer improved."""
        ...

    @property
    def schedule(self) -> str | None:
        """ "one-cycle" or "constant"."""
        ...


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything known about one training; only `test` is needed, what is not known says nothing.

    Attributes:
        test: metrics on the test split.
        judged_on: the split that `test` was measured on: "test", or "validation" where there is no other.
        train: metrics of the final model on the training split.
        train_counts, validation_counts, test_counts: examples per class, in the order of the labels.
        baselines: metrics of the opponents on the same test split, by name.
        comparisons: our model against each of them, by the same names.
        history: one mapping per epoch, in order: `epoch`, `train_loss` and, where measured, `train_accuracy`,
            `validation_loss`, `validation_accuracy`; also `gradient_norm`, the largest of the epoch, and `dynamics`,
            what was recorded of weights, gradients and gates (`longshort.training.statistics`). Other keys are not
            looked at.
        best_epoch: the epoch whose weights the model has, counted as in `history`; the last one when not given.
        stopped_early: whether training ended because validation no longer improved.
        schedule: "one-cycle" or "constant".
        class_weights: whether the loss weighed the classes.
        different: test examples that are no copies of others, and one of each that are; None where that is not known.
        duplicates: rows of a given file that stand in the training file too, by split: "validation", "test".
        unknown_share: share of the test split's tokens that the vocabulary does not know, 0 to 1.
        truncated_share: share of all tokens that were cut off, 0 to 1.
        empty_texts: examples without a single token.

    Raises:
        DataError: counts that are not one per label, or a comparison with a baseline that has no metrics.
    """

    test: ClassificationMetrics
    judged_on: Literal["validation", "test"] = "test"
    train: ClassificationMetrics | None = None
    train_counts: Sequence[int] = ()
    validation_counts: Sequence[int] = ()
    test_counts: Sequence[int] = ()
    baselines: Mapping[str, ClassificationMetrics] = field(default_factory=dict)
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    best_epoch: int | None = None
    stopped_early: bool = False
    schedule: str | None = None
    class_weights: bool = False
    different: int | None = None
    duplicates: Mapping[str, int] = field(default_factory=dict)
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
    def opponents(self) -> dict[str, Comparison]:
        """The comparisons; without that with the majority where all test examples are of one class: an answer that is
        always the same is then all right or all wrong, and says nothing about either."""
        alone = not self.test.multi_label and sum(each.support > 0 for each in self.test.classes) < 2
        return {name: each for name, each in self.comparisons.items() if not (alone and name == MAJORITY)}

    @property
    def dynamics(self) -> list[Mapping[str, Any]]:
        """What was recorded of weights, gradients and gates, one mapping an epoch; empty where nothing was."""
        return [row["dynamics"] for row in self.history if row.get("dynamics")]

    def moment(self) -> Mapping[str, Any] | None:
        """The update looked at closely that is nearest to the weights that the model has; None where none was."""
        rows = [row for row in self.history if row.get("dynamics")]
        kept = [row for row in rows if self.best_epoch is None or row["epoch"] <= self.best_epoch] or rows
        end = sum(row["dynamics"]["steps"] for row in kept)
        moments = [moment for each in self.dynamics for moment in each["moments"]]
        return min(moments, key=lambda moment: abs(moment["step"] - end), default=None)

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
        advice: what to try; empty where nothing needs to be done.
    """

    kind: str
    level: Level
    sentence: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """The fields as JSON holds them."""
        return asdict(self)
