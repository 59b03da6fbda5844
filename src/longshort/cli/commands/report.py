"""`longshort report`: rebuild the report of a run, or compare two runs on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.command import Command

if TYPE_CHECKING:
    from longshort.runs import RunDirectory

__all__ = ["command"]


@click.command(
    cls=Command,
    examples=(
        "longshort report runs/NAME",
        "longshort report runs/NAME --output report.html",
        "longshort report runs/NAME --against runs/OTHER",
    ),
)
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--against",
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="Compare with this run: settings, curves, metrics with their paired interval, texts on which they disagree.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.  [default: report.html in RUN; against-OTHER.html with --against]",
)
def command(run: Path, against: Path | None, output: Path | None) -> None:
    """Rebuild the report of a run, or compare two runs on one page.

    RUN is the directory of a run. The report is one HTML file that opens offline. It looks into the trained model while
    it is made, which takes some seconds. Prints the file that was written.
    """
    from longshort.runs import RunDirectory

    found = RunDirectory.open(run)
    path, failures = _report(found, output) if against is None else _compare(found, against, output)
    for failure in failures:
        console.say(f"warning: a part of the report could not be made. {failure}")
    console.out(str(path))


def _report(run: RunDirectory, output: Path | None) -> tuple[Path, list[str]]:
    from longshort.pages.report import write_report

    console.say(f"Analysing {run.path}")
    return write_report(run, output)


def _compare(run: RunDirectory, against: Path, output: Path | None) -> tuple[Path, list[str]]:
    from longshort.pages.report import comparison_html, write_page
    from longshort.runs import RunDirectory

    other = RunDirectory.open(against)
    path = output or run.path / f"against-{other.path.resolve().name}.html"
    page, failures = comparison_html(run, other)
    write_page(path, page)
    return path, failures
