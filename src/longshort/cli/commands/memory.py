"""`longshort memory`: how long a trained model remembers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.cli.models import load_for
from longshort.cli.options import given, setting_options
from longshort.cli.writing import written
from longshort.errors import DataError, SettingError
from longshort.plain import Plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from longshort import TextClassifier
    from longshort.insight.horizon import Horizon
    from longshort.insight.reach import GradientCurve, Reach

__all__ = ["command"]

EXAMPLES = 50
SLOWEST = 5


@click.command(
    cls=Command,
    examples=(
        "longshort memory runs/NAME",
        "longshort memory runs/NAME reviews.csv --examples 200",
        "longshort memory runs/NAME --figure memory.png",
    ),
)
@click.argument("run", metavar="RUN")
@click.argument("data", metavar="[DATA]", required=False)
@click.option(
    "--examples", type=int, default=EXAMPLES, show_default=True, metavar="N", help="Use N of the texts, evenly spread."
)
@click.option(
    "--lags",
    type=int,
    metavar="N",
    help="Look back over N tokens; by default the median length of the texts, at most 500.",
)
@click.option(
    "--projections",
    type=int,
    metavar="N",
    help="Estimate each norm from N random directions: faster for many units. Exact up to 128 units, 64 directions "
    "above, by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option(
    "--figure",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the gradient by lag, and the half-lives of the cells, as PNG.",
)
@setting_options("text", "encoding")
@click.pass_context
def command(
    context: click.Context,
    /,
    run: str,
    data: str | None,
    examples: int,
    lags: int | None,
    projections: int | None,
    as_json: bool,
    figure: Path | None,
    **_: object,
) -> None:
    """Show how long a model remembers.

    RUN is the directory of a run, or a model's own directory. DATA is a file, a folder or a sample with texts; by
    default the run's own test texts.

    Prints how fast the gradient of the last hidden state falls with the distance of a token, for the trained model, for
    the same model before training, and for a plain recurrent network of the same size; then how long the cells retain
    their content, computed from the forget gates.
    """
    for name, number in (("examples", examples), ("lags", lags), ("projections", projections)):
        if number is not None and number < 1:
            raise SettingError(f"--{name} must be at least 1. Got {number}.")
    if figure is not None and figure.suffix != ".png":
        raise SettingError(f"The file of --figure must end in .png. Got {figure.name}.")
    import longshort

    model = load_for("memory", run)
    texts, source = _own_texts(run) if data is None else _texts(model, data, given(context))
    chosen = _spread(texts, examples)
    console.say(_used(source, len(texts), len(chosen)))
    found = longshort.horizon(model, chosen, lags=lags, projections=projections, progress=_progress())
    if figure is not None:
        _draw(found, source, figure)
    if as_json:
        return console.out_json({"run": run, "data": source, **found.to_dict()})
    return _show(found)


# --- what is read ---


def _own_texts(run: str) -> tuple[list[str], str]:
    """The texts on which the run was judged."""
    import pyarrow.parquet as pq

    from longshort.runs import RunDirectory

    directory = RunDirectory(Path(run))
    hint = f"Name texts such as those that the model is for: longshort memory {run} DATA."
    if not directory.predictions.is_file():
        raise DataError(f"DATA must be given if RUN stores no texts. {run} stores none.", hint)
    try:
        texts = pq.read_table(directory.predictions, columns=["text"])["text"].to_pylist()
    except (OSError, ValueError) as error:
        raise DataError(f"{directory.predictions} must hold the texts of the run: {error}.", hint) from None
    return [text for text in texts if text.strip()], f"texts on which {directory.path.name} was judged"


def _texts(model: TextClassifier, data: str, changes: Plain) -> tuple[list[str], str]:
    from longshort.data import open_source

    source = open_source(data, model.bundle_.settings.data.replace(**changes), labelled=False)
    return [row.text for row in source.rows() if row.text.strip()], f"texts of {source.name}"


def _spread(texts: list[str], count: int) -> list[str]:
    """The texts themselves where there are no more; else as many at even distances."""
    if count >= len(texts):
        return texts
    return [texts[place * len(texts) // count] for place in range(count)]


def _used(source: str, count: int, used: int) -> str:
    if used == count:
        return f"Using all {count:,} {source}"
    return f"Using {used:,} of the {count:,} {source}, evenly spread"


def _progress() -> Callable[[int, int], None] | None:
    """Tells how far the work is, on a terminal, in one line that is written over."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, count: int) -> None:
        end = "\r" if done < count else "\r\x1b[K"
        print(f"  {done:,} of {count:,} measured" if done < count else "", end=end, file=sys.stderr, flush=True)

    return show


# --- what is shown ---


def _show(found: Horizon) -> None:
    for sentence in found.sentences():
        console.out(sentence)
    console.out()
    headers = ("layer", "direction", "network", "half gone after", "99 % gone after")
    rows = [
        (str(reach.layer), reach.direction, name, _lag(curve, 0.5, found), _lag(curve, 0.01, found))
        for reach in found.reaches
        for name, curve in ((_models()[key], curve) for key, curve in reach.curves.items())
    ]
    console.table(headers, rows, right=headers[3:])
    console.out()
    for reach in found.reaches:
        console.out(_cells(reach, found))
    console.out(_how(found))


def _models() -> dict[str, str]:
    from longshort.insight.reach import MODELS

    return dict(MODELS)


def _lag(curve: GradientCurve, share: float, found: Horizon) -> str:
    lag = curve.falls_to(share)
    return f"more than {found.lags - 1}" if lag is None else str(lag)


def _cells(reach: Reach, found: Horizon) -> str:
    import numpy as np

    middle, before = (float(np.median(reach.half_lives[name])) for name in ("trained", "start"))
    slowest = ", ".join(f"{unit} ({_length(life)})" for unit, life in reach.longest_units(SLOWEST))
    where = f"layer {reach.layer}, {reach.direction}"
    return (
        f"Cells, {where}: the half-life of the middle one is {_length(middle)} {found.unit}s, {_length(before)} at its "
        f"start; the slowest units: {slowest}."
    )


def _length(steps: float) -> str:
    return f"{steps:,.1f}" if steps < 1e6 else "over a million"


def _how(found: Horizon) -> str:
    how = "exact" if found.projections is None else f"estimated from {found.projections} random directions"
    return f"Medians of {found.examples:,} texts, {found.tokens:,} tokens; norms {how}."


def _draw(found: Horizon, source: str, path: Path) -> None:
    from longshort.figures.horizon import memory_figure
    from longshort.figures.style import save

    title = f"How long it remembers: {found.examples:,} of the {source}"
    drawn = memory_figure([reach.to_dict() for reach in found.reaches], _models(), unit=found.unit, title=title)
    with written(path) as place:
        save(drawn, place)
