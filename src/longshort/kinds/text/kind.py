"""Text classification: one class per text, or several labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, final

from longshort.errors import UserError
from longshort.kinds.base import Kind
from longshort.kinds.classes.measures import CLASSES, class_tables
from longshort.kinds.seam import Evaluation, Example, Judgement, Request
from longshort.kinds.space import Choice, Knob, Range
from longshort.kinds.text.settings import TextRunSettings
from longshort.kinds.words import Card, Table, Words
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    from torch import nn

    from longshort.artifacts.bundle import Bundle
    from longshort.kinds.answers import Answer
    from longshort.kinds.classes.against import Pair
    from longshort.kinds.text.estimator import TextClassifier
    from longshort.kinds.text.fitting import FittedTexts
    from longshort.kinds.text.model_files import TextConfig
    from longshort.kinds.text.preparing import PreparedTexts
    from longshort.kinds.text.task import TextClassification
    from longshort.pages.evidence import Evidence
    from longshort.pages.pair import PairPage
    from longshort.pages.section import Section
    from longshort.training import Checkpoints, Listener

    TextBundle = Bundle[TextClassification, TextRunSettings]

__all__ = ["KIND"]

SIZES = (32, 64, 128, 256)


@final
class TextKind(Kind[TextRunSettings, "TextClassification", "PreparedTexts", "FittedTexts"]):
    """Texts with a label or several."""

    name = "text-classification"
    settings = TextRunSettings
    words = Words("text", "token", "texts and labels")
    measure = CLASSES
    space: ClassVar[tuple[Knob, ...]] = (
        Range("learning_rate", 3e-4, 3e-2, log=True),
        Range("weight_decay", 1e-4, 0.3, log=True),
        Range("output_dropout", 0.0, 0.7),
        Range("word_dropout", 0.0, 0.7),
        Choice("embedding_size", SIZES),
        Choice("hidden_size", SIZES),
        Choice("num_layers", (1, 2)),
        Choice("pooling", ("last", "mean", "max", "mean+max")),
    )
    analyses = frozenset({"explain", "memory", "trace", "units"})

    def prepare(
        self, data: object, validation: object, test: object, settings: TextRunSettings, listener: Listener
    ) -> PreparedTexts:
        """Read, check and split."""
        from longshort.kinds.text.preparing import prepare

        return prepare(data, validation, test, settings, listener)

    def folds(self, data: object, settings: TextRunSettings, count: int, listener: Listener) -> Iterator[PreparedTexts]:
        """Classes are in the same proportions in each fold; identical texts are in one."""
        from longshort.kinds.text.folds import text_folds

        return text_folds(data, settings, count, listener)

    def fit(
        self,
        prepared: PreparedTexts,
        settings: TextRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[TextClassification, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedTexts:
        """Fit tokenizer and network."""
        from longshort.kinds.text.fitting import fit

        return fit(prepared, settings, listener, folder=folder, on_better=on_better, checkpoints=checkpoints)

    def judge(
        self, fitted: FittedTexts, prepared: PreparedTexts, settings: TextRunSettings, listener: Listener
    ) -> Judgement:
        """Evaluate beside the majority class, and TF-IDF with logistic regression."""
        from longshort.kinds.text.judging import judge_run

        return judge_run(fitted, prepared, settings, listener)

    def describe_parts(self, prepared: PreparedTexts, fitted: FittedTexts) -> dict[str, Plain]:
        """Return source, rows, classes, lengths, and what became of the texts."""
        from longshort.kinds.text.judging import describe_parts

        return describe_parts(prepared, fitted)

    def describe_inputs(self, fitted: FittedTexts) -> Plain:
        """Return the size of the vocabulary."""
        return {"vocabulary": fitted.task.encoding.vocabulary_size}

    def evaluate(
        self, run: Path | str, bundle: TextBundle, data: object, settings: TextRunSettings, listener: Listener
    ) -> Evaluation:
        """Evaluate a stored model on labelled texts."""
        from longshort.kinds.text.judging import evaluate

        return evaluate(run, bundle, data, settings, listener)

    def model_config(self) -> type[TextConfig]:
        """Return what `config.json` holds."""
        from longshort.kinds.text.model_files import TextConfig

        return TextConfig

    def stored_fields(self, task: TextClassification) -> Plain:
        """Return the labels."""
        return {"labels": list(task.encoding.labels), "multi_label": task.encoding.multi_label}

    def estimator(self) -> type[TextClassifier]:
        """Return the estimator."""
        from longshort.kinds.text.estimator import TextClassifier

        return TextClassifier

    def predict(self, bundle: TextBundle, request: Request) -> Iterator[Sequence[Answer]]:
        """Answer the texts of the command line, of a file, or of stdin as they arrive."""
        from longshort.kinds.text.predicting import predict

        return predict(bundle, request)

    def example(
        self, bundle: TextBundle, run: str, text: str | None, file: Path | None, row: int, command: str
    ) -> Example:
        """Return the text."""
        if file is not None:
            raise UserError("The model reads texts. Got --file.", "Give the text itself.")
        if text is None:
            raise UserError(
                "TEXT is missing: the text to analyse.",
                f'For example: longshort {command} {run} "What a film!"; - reads it from stdin.',
            )
        return Example(text)

    def tables(self, metrics: PlainMapping, baselines: Mapping[str, Plain], *, on: str = "") -> Iterator[Table | str]:
        """Yield metrics, classes and the confusion matrix."""
        return class_tables(metrics, baselines, f"{on} texts".strip())

    def next_command(self, metrics: PlainMapping, run: str) -> str:
        """Return a call of predict."""
        return f'longshort predict {run} "a text of yours"'

    def inputs(self, training: PlainMapping) -> str:
        """Return the vocabulary, in words."""
        from longshort.evaluation.words import count

        return f"a vocabulary of {count(training['vocabulary'], 'token')}"

    def measures(self, part: PlainMapping) -> dict[str, str]:
        """Return tokens, and texts that lost some."""
        from longshort.evaluation.words import percent
        from longshort.kinds.text.judging import statistics

        found = statistics(part)
        return {
            "tokens": f"{found.tokens:,}",
            "unknown tokens": percent(found.unknown_share),
            "empty texts": f"{found.empty_texts:,}",
            "truncated texts": f"{found.truncated_texts:,}",
        }

    def card(self, metrics: PlainMapping) -> Card:
        """Return results, classes and limits."""
        from longshort.kinds.text.judging import text_card

        return text_card(metrics)

    def sections(self) -> Sequence[Section[Evidence]]:
        """Return the sections of the report."""
        from longshort.kinds.text.sections import SECTIONS

        return SECTIONS

    def pair_page(self) -> PairPage[Pair]:
        """Return the page that compares two runs."""
        from longshort.kinds.classes.against import PAGE

        return PAGE


KIND = TextKind()
