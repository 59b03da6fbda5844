"""`longshort runs`: the runs in a folder, side by side."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.evaluation.words import interval

if TYPE_CHECKING:
    from longshort.runs import RunSummary

__all__ = ["command"]

DEFAULT = Path("runs")


@click.command(cls=Command, examples=("longshort runs", "longshort runs elsewhere/runs --json"))
@click.argument("folder", metavar="[FOLDER]", default=DEFAULT, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of the runs.")
def command(folder: Path, as_json: bool) -> None:
    """Compare the runs in a folder, best first.

    FOLDER is the folder runs when not given. The best run is the one with the highest accuracy, or the lowest mean
    absolute error (MAE), on the rows that were held out; beside it stands the best baseline on the same rows. Runs that
    were judged on different data cannot be compared, whatever their order.
    """
    runs, skipped = _find(folder)
    if as_json:
        console.out_json([asdict(run) | {"directory": str(run.directory)} for run in runs])
    elif runs:
        _show(runs)
    for sentence in skipped:
        console.say(f"Left out: {sentence}")
    if not runs:
        console.say(f"There are no finished runs in {folder}. To make one: longshort train movie-sentences")
    elif len({run.fingerprint for run in runs}) > 1:
        console.say("\nNot all of these were judged on the same data; those with other data cannot be compared.")


def _find(folder: Path) -> tuple[list[RunSummary], list[str]]:
    """The runs, and why others are left out; none where nothing was trained yet."""
    from longshort.runs import compare

    if folder == DEFAULT and not folder.exists():
        return [], []
    comparison = compare(folder)
    return comparison.runs, comparison.skipped


def _show(runs: list[RunSummary]) -> None:
    """A line of numbers for each run, then each verdict."""
    several = len({run.measure for run in runs}) > 1
    score = "score" if several else "accuracy" if runs[0].measure == "accuracy" else "MAE"
    headers = ("name", "data", score, "95 % interval", "baseline", "seconds", "date")
    rows = (
        (
            run.name,
            run.data,
            _score(run, run.score, named=several),
            "-" if run.interval is None else interval(run.interval),
            "-" if run.baseline_score is None else _score(run, run.baseline_score),
            f"{run.seconds:.0f}",
            run.created[:10],
        )
        for run in runs
    )
    console.table(headers, rows, right=(score, "baseline", "seconds"), wrap=("name", "data"))
    for run in runs:
        console.out(f"\n{run.name}: {run.headline}")


def _score(run: RunSummary, score: float, *, named: bool = False) -> str:
    if run.measure == "accuracy":
        return f"{'accuracy ' * named}{score:.3f}"
    return f"{'MAE ' * named}{score:,.4g}"
