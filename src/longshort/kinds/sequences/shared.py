"""What the two kinds share that read sequences of numbers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from longshort.errors import SettingError, UserError
from longshort.kinds.base import Kind, without_test
from longshort.kinds.seam import Example, Request
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.space import Choice, Knob, Range
from longshort.kinds.words import Words
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    import torch

    from longshort.artifacts.bundle import Bundle
    from longshort.data.sequences import EncodedSequences, Sequences
    from longshort.kinds.answers import Answer
    from longshort.kinds.sequences.fitting import FittedSequences
    from longshort.kinds.sequences.preparing import PreparedSequences
    from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
    from longshort.training import Listener

__all__ = ["SequenceKind"]

SIZES = (16, 32, 64, 128)

SettingsT = TypeVar("SettingsT", bound=SequenceRunSettings)
TaskT = TypeVar("TaskT", "SequenceClassification", "SequenceRegression")


class SequenceKind(Kind[SettingsT, TaskT, "PreparedSequences", "FittedSequences[TaskT]"]):
    """Sequences of numbers with a target each."""

    space: ClassVar[tuple[Knob, ...]] = (
        Range("learning_rate", 3e-4, 3e-2, log=True),
        Range("weight_decay", 1e-4, 0.3, log=True),
        Range("output_dropout", 0.0, 0.7),
        Choice("front", ("conv", "none")),
        Choice("filters", SIZES),
        Choice("hidden_size", SIZES),
        Choice("num_layers", (1, 2)),
        Choice("pooling", ("last", "mean", "max", "mean+max")),
    )
    words: ClassVar[Words] = Words("sequence", "step", "sequences and labels")
    analyses = frozenset({"explain", "trace"})
    numbers: ClassVar[bool]
    """Whether targets are numbers; else classes."""

    def recognises(self, data: str) -> bool:
        """Return whether it is a .ts file whose targets are of this kind."""
        if not data.lower().endswith(".ts"):
            return False
        from longshort.kinds.sequences.header import has_numbers

        return has_numbers(Path(data)) is self.numbers

    def prepare(
        self, data: object, validation: object, test: object, settings: SettingsT, listener: Listener
    ) -> PreparedSequences:
        """Read, check and split."""
        from longshort.kinds.sequences.preparing import prepare_sequences

        return prepare_sequences(data, validation, test, settings, listener, numbers=self.numbers)

    def folds(self, data: object, settings: SettingsT, count: int, listener: Listener) -> Iterator[PreparedSequences]:
        """Targets are spread alike over the folds; identical sequences, and those of a group, are in one."""
        from longshort.kinds.sequences.folds import sequence_folds
        from longshort.kinds.sequences.preparing import read_classes, read_numbers

        read = read_numbers if self.numbers else read_classes
        return sequence_folds(read(data, settings=settings, listener=listener), settings, count)

    def inner_folds(self, prepared: PreparedSequences, settings: SettingsT) -> Sequence[PreparedSequences]:
        """Return the validation split, or folds of the training split if it is too small to hold any out."""
        if "validation" in prepared.parts:
            return [without_test(prepared)]
        from longshort.kinds.sequences.folds import inner_folds

        return inner_folds(prepared, settings)

    def describe_parts(self, prepared: PreparedSequences, fitted: FittedSequences[TaskT]) -> dict[str, Plain]:
        """Return source, sequences, lengths, steps, the share of missing values, and facts about the targets."""
        from longshort.kinds.sequences.preparing import describe_part

        targets = self.describe_targets(prepared, fitted)
        return {name: describe_part(part) | targets[name] for name, part in prepared.parts.items()}

    @abstractmethod
    def describe_targets(self, prepared: PreparedSequences, fitted: FittedSequences[TaskT]) -> dict[str, Plain]:
        """Return what `metrics.json` holds about the targets of each split."""

    def describe_inputs(self, fitted: FittedSequences[TaskT]) -> Plain:
        """Return the channels, and how many networks read them."""
        from longshort.kinds.sequences.fitting import describe_inputs

        return describe_inputs(fitted)

    def stored_fields(self, task: TaskT) -> Plain:
        """Return the number of networks."""
        return {"members": task.settings.members or 1}

    def predict(self, bundle: Bundle[TaskT, SettingsT], request: Request) -> Iterator[Sequence[Answer]]:
        """Answer the sequences of a file; their targets are not used."""
        if request.texts or request.file is None:
            raise UserError(
                "The model reads sequences of numbers, from a file. Got " + ("texts." if request.texts else "no file."),
                "Name a .ts, .csv, .tsv or .parquet file with --file.",
            )
        from longshort.data.sequences import open_sequences
        from longshort.networks import predict_logits

        encoding = bundle.task.encoding
        settings = bundle.settings.data.replace(**{"skip_bad": False, **request.changes})
        sequences: Sequences = open_sequences(request.file, settings, labelled=False, channels=encoding.channels)
        examples: EncodedSequences = encoding.encode(sequences)
        for note in [*sequences.notes, *examples.notes]:
            request.note(note)
        if len(examples):
            yield self.answers(bundle.task, sequences, predict_logits(bundle.network, examples).double())

    @abstractmethod
    def answers(self, task: TaskT, sequences: Sequences, outputs: torch.Tensor) -> Sequence[Answer]:
        """Return the answer to each sequence, from the outputs `(sequences, outputs)` of the network."""

    def example(
        self, bundle: Bundle[TaskT, SettingsT], run: str, text: str | None, file: Path | None, row: int, command: str
    ) -> Example:
        """Return a sequence of a file."""
        if text is not None or file is None:
            raise UserError(
                "The model reads sequences of numbers, from a file. Got "
                + ("a text." if text is not None else "no file."),
                "Name a .ts, .csv, .tsv or .parquet file with --file, and the sequence in it with --row.",
            )
        from longshort.data.sequences import open_sequences

        channels = bundle.task.encoding.channels
        found = open_sequences(file, bundle.settings.data, labelled=False, channels=channels)
        if not 0 <= row < len(found):
            raise SettingError(f"--row must be from 0 to {len(found) - 1}. Got {row}.", "Rows are counted from 0.")
        return Example(found.sequence(row), found.origins[row], tuple(found.channels))

    def inputs(self, training: PlainMapping) -> str:
        """Return the channels, in words."""
        from longshort.evaluation.words import count

        members = training.get("members", 1)
        together = f", in {members} networks that answer together" if members > 1 else ""
        return f"inputs of {count(len(training['channels']), 'channel')}{together}"

    def measures(self, part: PlainMapping) -> dict[str, str]:
        """Return steps and missing values."""
        from longshort.evaluation.words import percent

        return {"steps": f"{part['steps']:,}", "missing values": percent(part["missing_share"])}
