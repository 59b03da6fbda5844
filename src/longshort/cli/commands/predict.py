"""`longshort predict`: what a trained model answers."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.cli.options import given, setting_options
from longshort.errors import UserError

__all__ = ["command"]


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
    context: click.Context, /, run: str, texts: tuple[str, ...], file: Path | None, as_json: bool, **_: object
) -> None:
    """Classify texts, or sequences of numbers, with a trained model.

    RUN is the directory of a run, or a model's own directory. The texts are the arguments; else those of --file (a .txt
    file holds one text per line, any other file a column of texts); else the lines of stdin.

    Prints one line per text, in order: the class, a tab, and its probability. If a text may have several labels, the
    line has all labels of at least 0.5, separated by commas, and the lowest of their probabilities. Sequences of
    numbers come from --file; their targets are ignored. Rows that --skip-bad leaves out have no line.
    """
    if texts and file:
        raise UserError("Texts are given as arguments or with --file. Got both.", "Leave one of them out.")
    from longshort.kinds.registry import kind_of
    from longshort.kinds.seam import Request
    from longshort.runs import load_bundle

    bundle = load_bundle(run)
    request = Request(texts, file, given(context), console.say, run)
    for answers in kind_of(bundle.task.name).predict(bundle, request):
        for answer in answers:
            if as_json:
                console.out_json(answer.to_json(), indent=None)
            else:
                people = sys.stdout.isatty()
                console.out(answer.shown(shutil.get_terminal_size().columns) if people else answer.line())
        sys.stdout.flush()
