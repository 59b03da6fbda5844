"""`longshort forecast`: what comes next, and how sure that is."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.cli.options import given, setting_options
from longshort.cli.writing import written
from longshort.errors import UserError

if TYPE_CHECKING:
    from longshort.kinds.forecast.ahead import Ahead

__all__ = ["command"]

PICTURES = (".png", ".svg", ".pdf")


@click.command(
    cls=Command,
    examples=(
        "longshort forecast runs/NAME",
        "longshort forecast runs/NAME newer.csv --horizon 6 --figure forecast.png",
        "longshort forecast runs/NAME newer.csv --csv > forecast.csv",
    ),
)
@click.argument("run", metavar="RUN")
@click.argument("data", metavar="[DATA]", required=False)
@click.option("--horizon", metavar="N", type=int, help="Steps ahead, at most as many as were trained; by default all.")
@click.option(
    "--figure",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw history, median and bands into this .png, .svg or .pdf file.",
)
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print CSV with all digits; the default if stdout is not a terminal."
)
@click.option("--json", "as_json", is_flag=True, help="Print the forecast as one JSON object.")
@setting_options("time", "value", "series", "fill", "encoding", kind="forecast")
@click.pass_context
def command(
    context: click.Context,
    /,
    run: str,
    data: str | None,
    horizon: int | None,
    figure: Path | None,
    as_csv: bool,
    as_json: bool,
    **_: object,
) -> None:
    """Forecast the next steps with a trained model.

    RUN is the directory of a run, or a model's own directory. DATA is a file with the values so far, read as the
    training data were unless you say otherwise; the forecast starts at its end. Without DATA, the forecast starts at
    the end of the data that the model was trained on.

    Prints a row for each step ahead: the time and every quantile; q0.5 is the median.
    """
    if as_csv and as_json:
        raise UserError("The forecast is printed as CSV or as JSON. Got both.", "Leave one of them out.")
    if figure and figure.suffix.lower() not in PICTURES:
        raise UserError(f"A figure is a file with one of {', '.join(PICTURES)}. Got {figure}.", "Give it such a name.")
    changes = given(context)
    if data is None and changes:
        flag = next(iter(changes)).replace("_", "-")
        raise UserError(f"--{flag} says how DATA is read. Got no DATA.", "Name a file, or leave it out.")
    from longshort.kinds.forecast.ahead import look_ahead

    found = look_ahead(run, data, horizon=horizon, changes=changes)
    for note in found.notes:
        console.say(note)
    if figure:  # first, for whoever reads the table may stop reading
        _draw(found, figure)
    if as_json:
        console.out_json(found.forecast.to_dict())
    elif as_csv or not sys.stdout.isatty():
        csv.writer(sys.stdout, lineterminator="\n").writerows([found.forecast.columns, *found.forecast.rows()])
    else:
        _show(found)


def _show(found: Ahead) -> None:
    forecast = found.forecast
    last = found.series.series[0]
    console.out(
        f"{forecast.target} after {found.series.step.text(last.start + len(last) - 1)}, with a step of "
        f"{found.series.step}:"
    )
    numbers = [column for column in forecast.columns if column.startswith("q")]
    rows = ((*(_cell(each) for each in row),) for row in forecast.rows())
    console.table(forecast.columns, rows, right=numbers)


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,.5g}"


def _draw(found: Ahead, path: Path) -> None:
    from longshort.figures import save
    from longshort.figures.forecast import forecast

    with written(path) as place:
        save(forecast(found.panels(), found.forecast.levels, target=found.forecast.target), place)
