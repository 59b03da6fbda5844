"""Sequence classification: one class per sequence of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, final

from longshort.kinds.classes.measures import CLASSES, class_tables
from longshort.kinds.seam import Evaluation, Judgement
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.shared import SequenceKind
from longshort.kinds.words import Card, Table
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    import torch
    from torch import nn

    from longshort.artifacts.bundle import Bundle
    from longshort.data.sequences import Sequences
    from longshort.kinds.answers import ClassAnswer
    from longshort.kinds.classes.against import Pair
    from longshort.kinds.sequences.estimators.classifier import SequenceClassifier
    from longshort.kinds.sequences.fitting import FittedSequences
    from longshort.kinds.sequences.model_files import SequenceClassifierConfig
    from longshort.kinds.sequences.preparing import PreparedSequences
    from longshort.kinds.sequences.tasks import SequenceClassification
    from longshort.pages.evidence import Evidence
    from longshort.pages.pair import PairPage
    from longshort.pages.section import Section
    from longshort.training import Checkpoints, Listener

__all__ = ["KIND"]


@final
class SequenceClassificationKind(SequenceKind[SequenceRunSettings, "SequenceClassification"]):
    """Sequences of numbers with a class each."""

    name = "sequence-classification"
    settings = SequenceRunSettings
    measure = CLASSES
    numbers = False

    def fit(
        self,
        prepared: PreparedSequences,
        settings: SequenceRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[SequenceClassification, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedSequences[SequenceClassification]:
        """Measure the channels and train; `folder` is not used."""
        from longshort.kinds.sequences.fitting import classification_of, fit_sequences

        return fit_sequences(
            prepared, settings, listener, make=classification_of, on_better=on_better, checkpoints=checkpoints
        )

    def judge(
        self,
        fitted: FittedSequences[SequenceClassification],
        prepared: PreparedSequences,
        settings: SequenceRunSettings,
        listener: Listener,
    ) -> Judgement:
        """Evaluate beside the majority, logistic regressions and the nearest neighbour."""
        from longshort.kinds.sequences.classes_judging import judge_run

        return judge_run(fitted, prepared, settings, listener)

    def describe_targets(
        self, prepared: PreparedSequences, fitted: FittedSequences[SequenceClassification]
    ) -> dict[str, Plain]:
        """Return how many sequences have each class."""
        from longshort.kinds.classes.tables import class_counts

        classes = len(prepared.labels)
        return {
            name: {"class_counts": class_counts(examples.targets, classes)}
            for name, examples in fitted.examples.items()
        }

    def evaluate(
        self,
        run: Path | str,
        bundle: Bundle[SequenceClassification, SequenceRunSettings],
        data: object,
        settings: SequenceRunSettings,
        listener: Listener,
    ) -> Evaluation:
        """Evaluate a stored model on labelled sequences."""
        from longshort.kinds.sequences.classes_judging import evaluate

        return evaluate(run, bundle, data, settings, listener)

    def model_config(self) -> type[SequenceClassifierConfig]:
        """Return what `config.json` holds."""
        from longshort.kinds.sequences.model_files import SequenceClassifierConfig

        return SequenceClassifierConfig

    def estimator(self) -> type[SequenceClassifier]:
        """Return the estimator."""
        from longshort.kinds.sequences.estimators.classifier import SequenceClassifier

        return SequenceClassifier

    def answers(
        self, task: SequenceClassification, sequences: Sequences, outputs: torch.Tensor
    ) -> Sequence[ClassAnswer]:
        """Return the class of each sequence."""
        from longshort.kinds.answers import ClassAnswer

        rows, labels = task.objective.probabilities(outputs).tolist(), task.encoding.labels
        pairs = zip(sequences.origins, rows, strict=True)
        return [ClassAnswer.of(origin, labels, row, multi_label=False) for origin, row in pairs]

    def tables(self, metrics: PlainMapping, baselines: Mapping[str, Plain], *, on: str = "") -> Iterator[Table | str]:
        """Yield metrics, classes and the confusion matrix."""
        return class_tables(metrics, baselines, f"{on} sequences".strip())

    def card(self, metrics: PlainMapping) -> Card:
        """Return results, classes and limits."""
        from longshort.kinds.classes.card import classes_card

        train = metrics["data"]["parts"]["train"]
        reading = (
            f"Its training sequences have {train['steps'] / max(1, train['rows']):,.0f} steps on average; how its "
            "accuracy depends on the length of a sequence has not been measured."
        )
        return classes_card(
            metrics,
            "kinds/sequences/templates/card_classification.md.j2",
            elsewhere="on sequences from another source, device or time",
            reading=[reading],
        )

    def sections(self) -> Sequence[Section[Evidence]]:
        """Return the sections of the report."""
        from longshort.kinds.sequences.report.sections import CLASSIFICATION

        return CLASSIFICATION

    def pair_page(self) -> PairPage[Pair]:
        """Return the page that compares two runs."""
        from longshort.kinds.classes.against import PAGE

        return PAGE


KIND = SequenceClassificationKind()
