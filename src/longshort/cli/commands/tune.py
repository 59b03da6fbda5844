"""`longshort tune`: search for better settings, judged on validation rows alone."""

from __future__ import annotations

import re
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.options import given
from longshort.cli.tasks import TaskCommand, settings_of, task_option
from longshort.config import RunSettings
from longshort.kinds.registry import guess, kind_for
from longshort.plain import PlainMapping

if TYPE_CHECKING:
    from longshort.runs.search.tuning import Tuning

__all__ = ["command"]


@click.command(
    cls=TaskCommand,
    examples=(
        "longshort tune movie-sentences --trials 20",
        "longshort tune reviews.csv --trials 50 --hidden-size 64 --epochs 6",
        "longshort tune GunPoint_TRAIN.ts --test GunPoint_TEST.ts",
        "longshort tune passengers.csv --task forecast --horizon 12",
    ),
)
@click.argument("data", metavar="DATA")
@task_option
@click.option(
    "--trials",
    metavar="N",
    type=int,
    default=20,
    show_default=True,
    help="Total number of trials, including earlier ones.",
)
@click.option("--validation", metavar="FILE", help="Compare the trials on these rows instead of a share of DATA.")
@click.option("--test", metavar="FILE", help="Leave these rows to the training that follows; no trial uses them.")
@click.option(
    "--study",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep the trials in this file; the same command continues from it.  [default: runs/tuning/DATA.jsonl]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.pass_context
def command(
    context: click.Context,
    /,
    data: str,
    trials: int,
    validation: str | None,
    test: str | None,
    study: Path | None,
    as_json: bool,
    **_: object,
) -> None:
    """Search for better settings, compared on validation rows only.

    DATA is the same as for longshort train. Settings that you give stay fixed; the others that matter are searched. The
    first trial uses the defaults. A trial that is worse than most is stopped early. The rows that longshort train holds
    out for its report are not used, so its verdict stays honest.

    At the end it prints the command that trains with the best settings, and which settings mattered.
    """
    from longshort.cli.progress import ConsoleListener
    from longshort.runs.search.tuning import tune

    kind, fixed = settings_of(context), given(context)
    with ConsoleListener() as listener:
        result = tune(
            data,
            study=study or _default(data),
            trials=trials,
            validation=validation,
            test=test,
            kind=kind,
            fixed=fixed,
            listener=listener,
        )
    files = {name: file for name, file in (("validation", validation), ("test", test)) if file is not None}
    line = _train_line(data, kind, {**files, **fixed, **result.best})
    if as_json:
        console.out_json({**asdict(result), "study": str(result.study), "command": line})
    else:
        _show(result, kind(), line)


def _default(data: str) -> Path:
    stem = re.sub(r"[^\w.-]+", "-", Path(data).stem).strip("-.") or "data"
    return Path("runs") / "tuning" / f"{stem}.jsonl"


def _train_line(data: str, kind: type[RunSettings], settings: PlainMapping) -> str:
    """The command that trains with these settings."""
    parts = ["longshort", "train", data, *(() if guess(data) == kind.kind else ("--task", kind.kind))]
    for name, value in settings.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            parts.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            parts += [f"--{flag}", _written(value)]
    return shlex.join(parts)


def _written(value: object) -> str:
    """A setting as it is typed."""
    if value is None:
        return "none"
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _show(result: Tuning, defaults: RunSettings, line: str) -> None:
    flat, count = defaults.flat(), result.trials
    measure = kind_for(defaults).measure.loss
    given_up = f", {result.pruned} of them stopped early" if result.pruned else ""
    where = "" if result.folds == 1 else f" (mean over {result.folds} folds of the training part)"
    console.out(f"{count} trial{'s' * (count != 1)}{given_up}. {measure}{where}:")
    losses = [("best trial", f"{result.loss:.4f}")]
    if result.default_loss is not None:
        losses.append(("defaults", f"{result.default_loss:.4f}"))
    console.table(("", "loss"), losses, right=("loss",))
    console.out()
    _show_settings(result, flat)
    console.out(
        "\nThe best of many trials is also the luckiest: the training below judges it on rows that no trial has seen."
    )
    console.out(f"The trials are in {result.study}; the same command with more --trials adds to them.")
    console.out(f"Next: {line}")


def _show_settings(result: Tuning, defaults: PlainMapping) -> None:
    """What was searched, what mattered most first."""
    names = [*result.importance, *(name for name in result.best if name not in result.importance)]
    rows = [
        (
            f"--{name.replace('_', '-')}",
            f"{result.importance[name]:.0%}" if name in result.importance else "-",
            _written(result.best[name]),
            _written(defaults[name]),
        )
        for name in names
    ]
    console.table(("setting", "mattered", "best", "default"), rows, right=("mattered",))
    if result.importance:
        console.out("(mattered: its share of the variance of the loss over all trials)")
    else:
        console.out("(too few trials were trained to the end to say what mattered)")
