"""The run of a classifier of sequences of numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, final

import numpy as np
from torch import nn

from longshort.config import SequenceRunSettings
from longshort.data.sequences import Sequences, digests, open_sequences, split_sequences
from longshort.errors import DataError, SettingError
from longshort.evaluation import classification_metrics
from longshort.evaluation.sequence_baselines import classification_baselines
from longshort.runs.classified import answers_table, class_counts, draw_answers, list_errors
from longshort.runs.reporting.lengths import describe_lengths
from longshort.runs.sequence_fit import FittedSequences, PreparedSequences, SequencePart, fit_sequences
from longshort.runs.weighing import training_facts, weigh
from longshort.runs.work import Judgement
from longshort.tasks import predict_logits, validation_share
from longshort.training import Checkpoints, Listener

__all__ = ["FittedSequences", "PreparedSequences", "SequencePart", "SequenceWork", "read_classes"]

Array = np.ndarray[Any, Any]


@final
class SequenceWork:
    """Sequences of numbers with a class each; see `runs.work.Work`."""

    def prepare(
        self, data: Any, validation: Any, test: Any, settings: SequenceRunSettings, listener: Listener
    ) -> PreparedSequences:
        """Read, check and split; what is given as validation or test is taken as it is.

        Raises:
            DataError: the data do not hold what they must, or a given file has classes that `data` does not know.
            SettingError: nothing would be held out to judge by.
        """
        read = partial(read_classes, settings=settings, listener=listener)
        whole = read(data)
        given = {name: read(where) for name, where in (("validation", validation), ("test", test)) if where is not None}
        shares = {
            "validation": 0.0
            if "validation" in given
            else validation_share(len(whole), settings.data.validation_share),
            "test": 0.0 if "test" in given else settings.data.test_share,
        }
        if not given and not any(shares.values()):
            raise SettingError(
                "Some sequences must be held out to judge the model by. Got a test_share of 0 and no test file.",
                "Leave it at 0.1, or give a file with --test.",
            )
        divided = split_sequences(
            whole,
            validation_share=shares["validation"],
            test_share=shares["test"],
            seed=settings.training.seed,
        )
        rows = {name: getattr(divided, name) for name in ("train", "validation", "test")}
        parts = {name: SequencePart(whole[each], each) for name, each in rows.items() if len(each)}
        labels = sorted(set(parts["train"].sequences.targets or ()), key=_in_order)
        for name, sequences in given.items():
            parts[name] = SequencePart(sequences, np.arange(len(sequences)))
        known = digests(whole)
        overlaps = {name: int(np.isin(digests(each), known).sum()) for name, each in given.items()}
        return PreparedSequences(parts, labels, overlaps, _notes(parts))

    def fit(
        self,
        prepared: PreparedSequences,
        settings: SequenceRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[Any, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedSequences:
        """Measure the channels of the training part alone, and train; `folder` is not needed."""
        return fit_sequences(prepared, settings, listener, on_better=on_better, checkpoints=checkpoints)

    def judge(
        self, fitted: FittedSequences, prepared: PreparedSequences, settings: SequenceRunSettings, listener: Listener
    ) -> Judgement:
        """Beside the majority, logistic regression on summaries and on the resampled series, and the nearest one."""
        part = "test" if "test" in prepared.parts else "validation"
        held, train = prepared.parts[part].sequences, prepared.parts["train"].sequences
        listener.stage(f"Judging on {len(held):,} {part} sequences")
        targets = fitted.examples[part].targets
        probabilities = _probabilities(fitted, part)
        listener.stage(f"Fitting the baselines on {len(train):,} training sequences, for the same {len(held):,}")
        opponents = classification_baselines(
            train.arrays(), fitted.examples["train"].targets, held.arrays(), prepared.labels
        )
        known = classification_metrics(
            _probabilities(fitted, "train"), fitted.examples["train"].targets, prepared.labels
        )
        counts = {name: class_counts(each.targets, len(prepared.labels)) for name, each in fitted.examples.items()}
        weighed = weigh(
            probabilities,
            targets,
            prepared.labels,
            opponents,
            train=known,
            duplicates=prepared.overlaps,
            **training_facts(fitted.result, settings.training, counts, part),
        )
        return Judgement(
            part=part,
            metrics=weighed.metrics,
            train_metrics=known.to_dict(),
            baselines=weighed.baselines,
            verdict=weighed.verdict,
            errors=list_errors(held.origins, probabilities, targets, prepared.labels, multi_label=False),
            tables={
                "predictions.parquet": answers_table(
                    {"row": prepared.parts[part].rows, "origin": list(held.origins)},
                    probabilities,
                    targets,
                    prepared.labels,
                    multi_label=False,
                )
            },
            figures=draw_answers(weighed.metrics),
        )

    def describe_parts(self, prepared: PreparedSequences, fitted: FittedSequences) -> dict[str, dict[str, Any]]:
        """Source, sequences, classes, lengths, steps, and the share of values that are missing."""
        return {
            name: {
                "source": part.sequences.name,
                "fingerprint": part.sequences.fingerprint,
                "rows": len(part.sequences),
                "class_counts": class_counts(fitted.examples[name].targets, len(prepared.labels)),
                "lengths": describe_lengths(part.sequences.lengths),
                "steps": len(part.sequences.values),
                "missing_share": float(np.isnan(part.sequences.values).mean()),
            }
            for name, part in prepared.parts.items()
        }

    def describe_inputs(self, fitted: FittedSequences) -> dict[str, Any]:
        """The channels."""
        return {"channels": list(fitted.task.encoding.channels), "masked": fitted.task.encoding.masked}


def read_classes(data: Any, *, settings: SequenceRunSettings, listener: Listener) -> Sequences:
    """The sequences in `data`, which have classes.

    Raises:
        DataError: they have numbers to be predicted, or do not hold what they must.
    """
    listener.stage(f"Reading {data}" if isinstance(data, str | Path) else "Reading the data")
    # A table's targets may be numbers that name classes; a .ts file says itself what they are.
    found = open_sequences(data, settings.data, numbers=None if str(data).lower().endswith(".ts") else False)
    if isinstance(found.targets, np.ndarray):
        raise DataError(
            f"{found.name}: sequences must have classes here. Got numbers to be predicted.",
            "longshort.SequenceRegressor learns numbers, in Python.",
        )
    return found


def _in_order(label: str) -> tuple[float, str]:
    """Numbers by their value, before everything else."""
    try:
        return float(label), label
    except ValueError:
        return float("inf"), label


def _notes(parts: dict[str, SequencePart]) -> list[str]:
    notes = [note for part in parts.values() for note in part.sequences.notes]
    for name, part in parts.items():
        share = float(np.isnan(part.sequences.values).mean())
        if share:
            notes.append(
                f"{share:.1%} of the values of the {name} part are missing: the last one of the channel stands for "
                "them, before the first one its mean."
            )
    return list(dict.fromkeys(notes))


def _probabilities(fitted: FittedSequences, part: str) -> Array:
    logits = predict_logits(fitted.network, fitted.examples[part])
    return np.asarray(fitted.task.objective.probabilities(logits.double()).numpy())
