"""`longshort predict`: the class of each text, and how sure the model is."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.cli.options import given, setting_options
from longshort.cli.texts import chunks
from longshort.config import DataSettings
from longshort.errors import UserError

__all__ = ["command"]

THRESHOLD = 0.5
"""Of several labels per text, those above this probability are the answer."""

ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What would break a line or a column, in a label."""


class Answer(NamedTuple):
    """What the model says about one text.

    Args:
        text: the text.
        labels: the one class; where a text may have several labels, all of them above the threshold.
        probability: that of the class, or of the least sure label; None when there is no label.
        probabilities: that of each class.
    """

    text: str
    labels: list[str]
    probability: float | None
    probabilities: dict[str, float]


Writer = Callable[[Answer], None]


@click.command(
    cls=Command,
    examples=(
        'longshort predict runs/NAME "What a film!"',
        "longshort predict runs/NAME --file new.csv --text review --json",
        "cat texts.txt | longshort predict runs/NAME",
        "longshort predict runs/NAME --file sequences.ts",
    ),
)
@click.argument("run", metavar="RUN")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--file", metavar="FILE", type=click.Path(path_type=Path), help="Classify the texts of this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per text, with all probabilities.")
@setting_options("text", "encoding", "skip_bad")
@click.pass_context
def command(
    context: click.Context, /, run: str, texts: tuple[str, ...], file: Path | None, as_json: bool, **_: Any
) -> None:
    """Classify texts, or sequences of numbers, with a trained model.

    RUN is the directory of a run, or a model's own directory. The texts are the arguments; or those of --file (a .txt
    file holds one text a line, any other a column of texts); or else the lines of stdin, one text a line.

    Prints one line per text, in their order: the class and its probability, with a tab between. Where a text may have
    several labels: all those of at least 0.5, with commas between, and the least of their probabilities. Sequences of
    numbers are those of --file, whose targets are not looked at. Rows that --skip-bad leaves out have no line.
    """
    if texts and file:
        raise UserError("Texts are given as arguments or with --file. Got both.", "Leave one of them out.")
    from longshort.data import encode_texts
    from longshort.runs import load_bundle

    bundle = load_bundle(run)
    if bundle.task.name == "forecast":
        raise UserError(f"{run} is a forecast, which has no classes to give.", f"longshort forecast {run}")
    if bundle.task.name != "text-classification":
        return _predict_sequences(bundle, texts, file, as_json, given(context))
    encoding = bundle.task.encoding
    write = _writer(encoding.labels, as_json=as_json, multi_label=encoding.multi_label)
    for chunk in chunks(texts, file, _settings(bundle.settings.data, file, given(context))):
        for text, row in zip(chunk, _probabilities(bundle, encode_texts(chunk, encoding)), strict=True):
            write(_answer(text, encoding.labels, row, multi_label=encoding.multi_label))
        sys.stdout.flush()
    return None


def _predict_sequences(
    bundle: Any, texts: Sequence[str], file: Path | None, as_json: bool, changes: dict[str, Any]
) -> None:
    """The class of each sequence of a file."""
    from longshort.data.sequences import open_sequences
    from longshort.tasks import predict_logits

    if texts or file is None:
        raise UserError(
            "The model reads sequences of numbers, from a file. Got " + ("texts." if texts else "no file."),
            "Name a .ts, .csv, .tsv or .parquet file with --file.",
        )
    task = bundle.task
    settings = bundle.settings.data.replace(**{"skip_bad": False, **changes})
    sequences = open_sequences(file, settings, labelled=False, channels=task.encoding.channels)
    examples = task.encoding.encode(sequences)
    for note in [*sequences.notes, *examples.notes]:
        console.say(note)
    if task.name == "sequence-regression":
        answers = task.objective.answers(predict_logits(bundle.network, examples).double())
        _write_numbers(sequences.origins, answers.tolist(), as_json=as_json)
        return
    labels = task.encoding.labels
    write = _writer(labels, as_json=as_json, multi_label=False)
    for origin, row in zip(sequences.origins, _probabilities(bundle, examples), strict=True):
        write(_answer(origin, labels, row, multi_label=False))


def _probabilities(bundle: Any, examples: Any) -> list[list[float]]:
    """That of each class, for each example."""
    from longshort.tasks import predict_logits

    if not len(examples):
        return []
    rows: list[list[float]] = bundle.task.objective.probabilities(
        predict_logits(bundle.network, examples).double()
    ).tolist()
    return rows


def _write_numbers(origins: Sequence[str], answers: Sequence[float], *, as_json: bool) -> None:
    """One line a sequence: its answer with all its digits; for people, beside where it stands."""
    for origin, answer in zip(origins, answers, strict=True):
        if as_json:
            console.out_json({"text": origin, "answer": answer}, indent=None)
        else:
            console.out(f"{answer:<12.6g}  {origin}" if sys.stdout.isatty() else repr(answer))


def _settings(trained: DataSettings, file: Path | None, changes: dict[str, Any]) -> DataSettings:
    """Those of the training for a file with columns, which may have no labels; the defaults for lines of text."""
    lines = file is None or file.suffix == ".txt"
    start = DataSettings() if lines else trained.replace(label=None, classes=None, skip_bad=False)
    return start.replace(**changes)


def _answer(text: str, labels: Sequence[str], row: Sequence[float], *, multi_label: bool) -> Answer:
    probabilities = dict(zip(labels, row, strict=True))
    ranked = sorted(probabilities, key=probabilities.__getitem__, reverse=True)
    chosen = [label for label in ranked if probabilities[label] >= THRESHOLD] if multi_label else ranked[:1]
    return Answer(text, chosen, min((probabilities[label] for label in chosen), default=None), probabilities)


def _writer(labels: Sequence[str], *, as_json: bool, multi_label: bool) -> Writer:
    if as_json:
        return _as_json(multi_label)
    return _for_people(labels) if sys.stdout.isatty() else _as_columns


def _as_json(multi_label: bool) -> Writer:
    key = "labels" if multi_label else "label"

    def write(answer: Answer) -> None:
        fields = {key: answer.labels if multi_label else answer.labels[0], "probability": answer.probability}
        console.out_json({"text": answer.text, **fields, "probabilities": answer.probabilities}, indent=None)

    return write


def _as_columns(answer: Answer) -> None:
    label = ",".join(answer.labels).translate(ESCAPES)
    console.out(f"{label}\t{_number(answer.probability)}")


def _for_people(labels: Sequence[str]) -> Writer:
    """Aligned columns, with as much of the text as the terminal has room for."""
    width = max(map(len, labels))

    def write(answer: Answer) -> None:
        start = f"{', '.join(answer.labels) or '-':<{width}}  {_number(answer.probability):<6}  "
        room = max(shutil.get_terminal_size().columns - len(start), 10)
        console.out(start + textwrap.shorten(answer.text, room, placeholder=" ..."))

    return write


def _number(probability: float | None) -> str:
    return "" if probability is None else f"{probability:.4f}"
