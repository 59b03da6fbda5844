"""`longshort units`: what each hidden unit of a model does, and what it is worth."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from longshort.cli import console
from longshort.cli.command import Choice, Command
from longshort.cli.commands.unit_tables import show_ranking, show_search, show_unit, show_values
from longshort.cli.models import load_for
from longshort.cli.options import given, setting_options
from longshort.cli.writing import written
from longshort.errors import DataError, SettingError, UserError
from longshort.plain import Plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from longshort import TextClassifier
    from longshort.insight.units import UnitReport, UnitStudy
    from longshort.insight.units.states import Kind

__all__ = ["command"]

ABLATED = ("damage", "accuracy")
"""Rankings that need every unit to be ablated."""


@click.command(
    cls=Command,
    examples=(
        "longshort units runs/NAME",
        "longshort units runs/NAME --unit 0/forward/21 --figure unit.png",
        "longshort units runs/NAME --rank negation",
        'longshort units runs/NAME --find "QUOTE..QUOTE"',
        'longshort units runs/NAME --unit 0/forward/21 --color "What a film!"',
    ),
)
@click.argument("run", metavar="RUN")
@click.argument("data", metavar="[DATA]", required=False)
@click.option(
    "--rank",
    metavar="NAME",
    help="Order of the table: damage (the default: how much the loss rises without the unit), accuracy, correlation, "
    "words (how much the word just read drives it), memory (how little), or a property: position, length, negation, "
    "quote, digit, line-end, punctuation, capital, unknown, or 'label NAME'.",
)
@click.option("--unit", metavar="UNIT", help="Show one unit in full, named layer/direction/number: 0/forward/21.")
@click.option(
    "--find",
    metavar="PATTERN",
    help="Find the units that switch on where PATTERN starts and stay on until it ends: words, or FROM..TO, where "
    "either is a word or one of NEGATION, QUOTE, DIGIT, LINE-END, PUNCTUATION, CAPITAL, UNKNOWN.",
)
@click.option("--color", metavar="TEXT", help="Show the value of --unit at each token of TEXT; - reads it from stdin.")
@click.option(
    "--state",
    type=Choice(["hidden", "cell"]),
    default="hidden",
    show_default=True,
    help="What --find and --color show: the hidden state, or the cell (as its hyperbolic tangent).",
)
@click.option(
    "--ablation",
    type=Choice(["mean", "zero", "none"]),
    help="Hold a unit at its mean or at zero, or measure no damage; mean where the ranking or --unit asks for it.",
)
@click.option("--examples", type=int, metavar="N", help="Use N of the texts, evenly spread; all by default.")
@click.option("--top", type=click.IntRange(min=1), default=15, show_default=True, help="Units in the table.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option(
    "--figure",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the ranking, the unit or the coloured text, as PNG.",
)
@setting_options("text", "label", "encoding")
@click.pass_context
def command(
    context: click.Context,
    /,
    run: str,
    data: str | None,
    rank: str | None,
    unit: str | None,
    find: str | None,
    color: str | None,
    state: Kind,
    ablation: object,
    examples: int | None,
    top: int,
    as_json: bool,
    figure: Path | None,
    **_: object,
) -> None:
    """Show what each hidden unit does, and how much it matters.

    RUN is the directory of a run, or a model's own directory. DATA is a file, a folder or a sample with labels that the
    model was not trained on; by default the run's own test texts.

    Prints a table of the units: how much the loss rises when a unit is held at its mean at every step (with a 95 %
    interval), what its activity correlates with, and the words after which it is highest; then a sentence for each unit
    of which something is certain.
    """
    _check(find=find, color=color, unit=unit, figure=figure, examples=examples)
    model = load_for("units", run)
    if color is not None and unit is not None:
        return _color(model, sys.stdin.read().strip() if color == "-" else color, unit, state, as_json, figure)
    order = rank or ("damage" if ablation != "none" else "correlation")
    method: Any = ablation or ("mean" if order in ABLATED or unit else "none")
    _check_order(model, order, method, draws_ranking=figure is not None and unit is None)
    texts, labels, source = _own_texts(run, model) if data is None else _data(model, data, given(context))
    console.say(_used(source, len(texts), examples))
    if find is not None:
        return _find(model, _sample(texts, examples), find, state, top, as_json)
    from longshort.insight.units import units

    chosen = None if unit is None else [unit]
    with _Progress() as progress:
        study = units(model, texts, labels, chosen=chosen, ablation=method, examples=examples, progress=progress.update)
    ranked = study.ranked(order) if unit is None else study.reports
    if figure is not None:
        _draw(figure, study, ranked, unit, source)
    if as_json:
        units_of = [report.to_dict() for report in ranked]
        return console.out_json({"run": run, "data": source, "rank": order, **study.to_dict(), "units": units_of})
    if unit is not None:
        return show_unit(study, study.reports[0])
    return show_ranking(study, ranked[:top], order)


def _check(*, find: str | None, color: str | None, unit: str | None, figure: Path | None, examples: int | None) -> None:
    if color is not None and unit is None:
        raise UserError("--color shows the values of one unit. Got no --unit.", "For example --unit 0/forward/21.")
    if find is not None and (color is not None or unit is not None):
        raise UserError("--find searches all units. Got --unit or --color too.", "Leave one of them out.")
    if find is not None and figure is not None:
        raise UserError(
            "--figure draws a ranking, a unit or a coloured text. Got --find.",
            "Draw what was found with --unit UNIT --figure FILE.",
        )
    if figure is not None and figure.suffix != ".png":
        raise SettingError(f"The file of --figure must end in .png. Got {figure.name}.")
    if examples is not None and examples < 2:
        raise SettingError(
            f"--examples must be at least 2. Got {examples}.", "A few hundred texts give more certain results."
        )


def _check_order(model: object, order: str, method: str, *, draws_ranking: bool) -> None:
    """Found out before the work, not after it."""
    from longshort.insight.units import check_order

    check_order(model, order)
    if method == "none" and (order in ABLATED or draws_ranking):
        what = "The figure of a ranking" if draws_ranking else f"A ranking by {order}"
        raise SettingError(f"{what} shows what is lost without each unit. Got no ablation.", "Add --ablation mean.")


# --- what is read ---


def _own_texts(run: str, model: TextClassifier) -> tuple[list[str], list[tuple[str, ...]], str]:
    """The texts on which the run was judged, with their labels."""
    import pyarrow.parquet as pq

    from longshort.runs import RunDirectory

    directory = RunDirectory(Path(run))
    hint = f"Name labelled data that the model was not trained on: longshort units {run} DATA."
    if not directory.predictions.is_file() or not directory.metrics.is_file():
        raise DataError(f"DATA must be given if RUN stores no texts. {run} stores none.", hint)
    try:
        table = pq.read_table(directory.predictions, columns=["text", "truth"])
    except (OSError, ValueError) as error:
        raise DataError(f"{directory.predictions} must hold the texts of the run: {error}.", hint) from None
    encoding = model.bundle_.task.encoding
    several = encoding.multi_label
    labels = [tuple(filter(None, truth.split("|"))) if several else (truth,) for truth in table["truth"].to_pylist()]
    part = directory.read_metrics().get("judged_on", "test")
    return table["text"].to_pylist(), labels, f"{part} texts of {directory.path.name}"


def _data(model: TextClassifier, data: str, changes: Plain) -> tuple[list[str], list[tuple[str, ...]], str]:
    from longshort.data import open_source

    source = open_source(data, model.bundle_.settings.data.replace(**changes))
    rows = list(source.rows())
    return [row.text for row in rows], [row.labels for row in rows], f"texts of {source.name}"


def _sample(texts: list[str], count: int | None) -> list[str]:
    import numpy as np

    if count is None or count >= len(texts):
        return texts
    return [texts[int(place)] for place in np.linspace(0, len(texts) - 1, count)]


def _used(source: str, count: int, examples: int | None) -> str:
    if examples is None or examples >= count:
        return f"Using all {count:,} {source}"
    return f"Using {examples:,} of the {count:,} {source}, evenly spread"


class _Progress:
    """Progress on stderr: a bar with the time left on a terminal, a line for each stage elsewhere."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(
            *columns,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, Any] = {}
        self._began = time.perf_counter()

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bar.stop()
        if kind is None:
            console.say(f"  done in {time.perf_counter() - self._began:.0f} s")

    def update(self, work: str, done: int, total: int) -> None:
        names = {"reading": f"Reading {total:,} texts", "ablating": f"Answering again without each of {total:,} units"}
        if work not in self._tasks:
            self._console.print(f"  {names[work]}", markup=False, highlight=False)
            self._tasks[work] = self._bar.add_task(names[work], total=total)
        self._bar.update(self._tasks[work], completed=done)


# --- the other questions ---


def _find(model: TextClassifier, texts: list[str], pattern: str, state: Kind, top: int, as_json: bool) -> None:
    from longshort.insight.units import find_units

    with _Progress() as progress:
        found = find_units(model, texts, pattern, kind=state, progress=progress.update)
    if as_json:
        return console.out_json(found.to_dict())
    return show_search(found, top)


def _color(model: TextClassifier, text: str, unit: str, state: Kind, as_json: bool, figure: Path | None) -> None:
    from longshort.insight.units import unit_values

    tokens, values = unit_values(model, text, unit, kind=state)
    if not tokens:
        raise DataError(f"The text must hold at least one token. Got {text!r}.", "Write a few words.")
    if figure is not None:
        from longshort.figures.units import unit_strip

        _save(unit_strip(tokens, values, title=f"Unit {unit}, {state} state"), figure)
    if as_json:
        return console.out_json({"unit": unit, "state": state, "tokens": tokens, "values": values})
    return show_values(tokens, values, state)


def _draw(figure: Path, study: UnitStudy, ranked: Sequence[UnitReport], unit: str | None, source: str) -> None:
    from longshort.figures.units import unit_page, unit_ranking

    if unit is not None:
        return _save(unit_page(ranked[0].to_dict()), figure)
    title = f"What the model loses without each unit: {study.texts:,} {source}"
    return _save(unit_ranking([report.to_dict() for report in ranked], study.changes, title=title), figure)


def _save(drawn: Figure, path: Path) -> None:
    from longshort.figures.style import save

    with written(path) as place:
        save(drawn, place)
