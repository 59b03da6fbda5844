"""`longshort train`: from data to a model that has been judged."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from longshort.cli import console
from longshort.cli.options import given
from longshort.cli.results import show_forecast, show_metrics
from longshort.cli.tasks import TaskCommand, settings_of
from longshort.config import PRESETS, Settings
from longshort.errors import UserError

if TYPE_CHECKING:
    from longshort.runs import RunResult

__all__ = ["command"]


@click.command(
    cls=TaskCommand,
    examples=(
        "longshort train movie-sentences",
        "longshort train reviews.csv --text review --label stars",
        "longshort train train.jsonl --test test.jsonl --epochs 10 --hidden-size 128",
        "longshort train GunPoint_TRAIN.ts --test GunPoint_TEST.ts",
        "longshort train sales.csv --task forecast --horizon 12 --season 12",
        "longshort train --task forecast --help",
    ),
)
@click.argument("data", metavar="DATA")
@click.option(
    "--task",
    metavar="TASK",
    help="What to learn: text-classification, sequence-classification (of sequences of numbers) or forecast. Found by "
    "itself for texts and .ts files. The options below are those of this task.",
)
@click.option("--validation", metavar="FILE", help="Choose the best epoch by these rows, instead of a share of DATA.")
@click.option("--test", metavar="FILE", help="Judge the model by these rows, instead of a share of DATA.")
@click.option("--run", "directory", metavar="DIR", type=click.Path(path_type=Path), help="Keep the run in this folder.")
@click.option("--name", metavar="NAME", help="Keep the run in runs/NAME.  [default: the data's name and a number]")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="Start from these settings; other options beat them.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.pass_context
def command(
    context: click.Context,
    /,
    data: str,
    validation: str | None,
    test: str | None,
    directory: Path | None,
    name: str | None,
    preset: str | None,
    as_json: bool,
    **_: Any,
) -> None:
    """Train a model on a file, a folder or a sample, and judge it.

    DATA is a file (.csv, .tsv, .jsonl, .parquet), a folder with a subfolder of .txt files per class, or the name of a
    sample (longshort samples). The columns of texts and labels are found by their usual names, or named by --text and
    --label. Of sequences of numbers: a .ts file, or with --task a table with a sequence or a step in each row. For a
    forecast: a table with a time and its numbers in each row.

    Some rows are held out to judge the model by. The run's directory keeps the model and everything about its making.
    Progress goes to stderr, the result to stdout.
    """
    if directory and name:
        raise UserError("A run is kept where --run or --name says. Got both.", "Leave one of them out.")
    kind = settings_of(context)
    if preset and kind is not Settings:
        raise UserError(f"The preset {preset} is one of text classification.", "Leave --preset out.")
    settings = kind.from_flat({**(PRESETS[preset] if preset else {}), **given(context)})
    from longshort import runs
    from longshort.cli.progress import ConsoleListener

    with ConsoleListener() as listener:
        result = runs.train(
            data,
            validation=validation,
            test=test,
            settings=settings,
            directory=directory,
            name=name,
            listener=listener,
        )
    if as_json:
        console.out_json({"directory": str(result.directory), **result.metrics})
    else:
        _show(result)


def _show(result: RunResult) -> None:
    """The metrics, the verdict, where the run is, and what to type next."""
    metrics, run = result.metrics, shlex.quote(str(result.directory))
    if metrics["task"] == "forecast":
        show_forecast(metrics["test"], metrics["baselines"])
    else:
        noun = "texts" if metrics["task"] == "text-classification" else "sequences"
        show_metrics(metrics["test"], metrics["baselines"], on=f"{metrics['judged_on']} {noun}")
    console.out(f"\n{result.verdict.text()}")
    console.out(f"\nThe run is in {result.directory}; its report.html shows it all.")
    console.out(f"Next: {_NEXT[metrics['task']].format(run)}")


_NEXT = {
    "text-classification": 'longshort predict {} "a text of yours"',
    "sequence-classification": "longshort predict {} --file FILE",
    "forecast": "longshort forecast {} --figure forecast.png",
}
"""What to type after a training, by the task; the run stands where the braces are."""
