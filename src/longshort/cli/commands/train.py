"""`longshort train`: from data to a model that has been judged."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.options import given
from longshort.cli.results import show_results
from longshort.cli.tasks import TaskCommand, settings_of, task_option
from longshort.config import RunSettings
from longshort.errors import UserError, nearest
from longshort.kinds.registry import kind_of, names
from longshort.plain import Plain

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
        "longshort train --resume runs/NAME",
        "longshort train --task forecast --help",
    ),
)
@click.argument("data", metavar="DATA", required=False)
@task_option
@click.option("--validation", metavar="FILE", help="Choose the best epoch on these rows instead of a share of DATA.")
@click.option("--test", metavar="FILE", help="Evaluate the model on these rows instead of a share of DATA.")
@click.option("--run", "directory", metavar="DIR", type=click.Path(path_type=Path), help="Keep the run in this folder.")
@click.option("--name", metavar="NAME", help="Keep the run in runs/NAME.  [default: the data's name and a number]")
@click.option("--preset", metavar="[demo]", help="Start from these settings; other options override them.")
@click.option(
    "--resume",
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="Resume a run that was stopped or killed; it ends with the same bits. DATA and options are known from it.",
)
@click.option(
    "--force", is_flag=True, help="With --resume, use the present data, options and threads where they differ."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.pass_context
def command(
    context: click.Context,
    /,
    data: str | None,
    validation: str | None,
    test: str | None,
    directory: Path | None,
    name: str | None,
    preset: str | None,
    resume: Path | None,
    force: bool,
    as_json: bool,
    **_: object,
) -> None:
    """Train a model on a file, a folder or a sample, and evaluate it.

    DATA is a file (.csv, .tsv, .jsonl, .parquet), a folder with one subfolder of .txt files per class, or the name of a
    sample (longshort samples). For texts, the columns of texts and labels are recognised by their usual names, or named
    with --text and --label. For sequences of numbers, DATA is a .ts file, or with --task a table with one sequence or
    one step per row. For a forecast, it is a table with a time and its numbers in each row.

    Some rows are held out to evaluate the model. The run's directory keeps the model and everything about its training.
    Progress goes to stderr, the result to stdout.
    """
    if directory and name:
        raise UserError("A run is kept where --run or --name says. Got both.", "Leave one of them out.")
    if resume is None:
        _check_new(context, data, force=force)
    elif directory or name:
        raise UserError("A resumed run keeps its directory. Got --run or --name.", "Leave that option out.")
    kind = settings_of(context)
    flat = {**_preset(preset, kind), **given(context)}
    settings = kind.from_flat(flat) if resume is None else _changed(resume, kind, flat)
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
            resume=resume,
            force=force,
        )
    if as_json:
        console.out_json({"directory": str(result.directory), **result.metrics})
    else:
        _show(result)


def _check_new(context: click.Context, data: str | None, *, force: bool) -> None:
    if data is None:
        raise click.MissingParameter(ctx=context, param=context.command.params[0])
    if force:
        raise UserError("--force goes with --resume. Got it alone.", "Leave it out.")


def _preset(preset: str | None, kind: type[RunSettings]) -> Plain:
    if preset is None or preset in kind.presets:
        return kind.presets[preset] if preset else {}
    owner = next((name for name in names() if preset in kind_of(name).settings.presets), None)
    if owner is not None:
        raise UserError(f"The preset {preset} is one of {owner.replace('-', ' ')}.", "Leave --preset out.")
    known = list(kind.presets) or [each for name in names() for each in kind_of(name).settings.presets]
    rule = known[0] if len(known) == 1 else f"one of {', '.join(known)}"
    hint = " ".join(filter(None, (nearest(preset, known), "Start from these settings; other options override them.")))
    raise UserError(f"--preset must be {rule}. Got {preset!r}.", hint)


def _changed(run: Path, kind: type[RunSettings], flat: Plain) -> RunSettings | None:
    """The settings that a run was started with, and those on the command line; None where there are none of these."""
    from longshort.runs import started_settings

    started = started_settings(run)
    if type(started) is not kind:
        raise UserError(
            f"A run resumes with the task that it was started with, {started.kind}. Got --task {kind.kind}.",
            "Leave --task out.",
        )
    return type(started).from_flat({**started.flat(), **flat}) if flat else None


def _show(result: RunResult) -> None:
    """The metrics, the verdict, where the run is, and what to type next."""
    metrics, run = result.metrics, shlex.quote(str(result.directory))
    show_results(metrics["task"], metrics["test"], metrics["baselines"], on=metrics["judged_on"])
    console.out(f"\n{result.verdict.text()}")
    console.out(f"\nThe run is in {result.directory}; its report.html shows it all.")
    console.out(f"Next: {kind_of(metrics['task']).next_command(metrics, run)}")
