"""`longshort trace`: what the gates and the cell do while a model reads a text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.command import Choice, Command
from longshort.cli.writing import written
from longshort.errors import DataError, SettingError, UserError, nearest
from longshort.plain import Plain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from longshort.artifacts.bundle import AnyBundle
    from longshort.insight import CellStep, Trace
    from longshort.insight.trace import Direction

__all__ = ["command"]

GATES = {"input": "input_gate", "forget": "forget_gate", "output": "output_gate"}


@click.command(
    cls=Command,
    examples=(
        'longshort trace runs/NAME "What a film!"',
        'longshort trace runs/NAME "What a film!" --unit 7 --step film',
        'longshort trace runs/NAME "What a film!" --unit 7 --step film --output cell.svg',
        'longshort trace runs/NAME "What a film!" --output gates.png',
        "longshort trace runs/NAME --file sequences.ts --row 3",
    ),
)
@click.argument("run", metavar="RUN")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--file", metavar="FILE", type=click.Path(path_type=Path), help="Take a sequence of this file.")
@click.option("--row", metavar="N", type=int, default=0, show_default=True, help="Which sequence of --file, from 0.")
@click.option("--layer", type=int, metavar="N", help="The layer, counted from 0; by default the last.")
@click.option(
    "--direction",
    type=Choice(["forward", "reverse"]),
    help="Reading from the start (the default), or from the end.",
)
@click.option("--unit", type=int, metavar="N", help="The unit, counted from 0; by default all.")
@click.option("--step", metavar="N|TOKEN", help="Show one step in full, with its six equations; a number or a token.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: the whole trace, or the step in full.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a file: .json, .csv or .parquet for the numbers, .png for the heat map of all gates, .svg for the cell "
    "with the numbers of one step.",
)
def command(
    run: str,
    text: str | None,
    file: Path | None,
    row: int,
    layer: int | None,
    direction: Direction | None,
    unit: int | None,
    step: str | None,
    as_json: bool,
    output: Path | None,
) -> None:
    """Show what the gates do while a model reads a text.

    RUN is the directory of a run, or a model's own directory. TEXT is the text; - reads it from stdin. For a model of
    sequences of numbers, --file and --row name a sequence.

    Prints a table with a line for each token: the gates from 0 (shut) to 1 (open) as means over all units, the norms of
    the cell and the hidden state, and the unit whose cell changed most. --unit shows one unit. --step shows the six
    equations of one step with their numbers.

    The numbers (--json, and .json, .csv and .parquet files) cover all layers, directions and units unless you choose
    some.
    """
    if as_json and output is not None:
        raise UserError("A trace is printed with --json or written with --output. Got both.", "Leave one of them out.")
    write = None if output is None else _writer(output)
    from longshort.cli.models import load_example
    from longshort.insight.tracing import trace

    model, example = load_example("trace", run, text, file, row)
    given = sys.stdin.read().strip() if text == "-" else example.given
    whole = trace(model, given)
    if not len(whole):
        raise DataError(f"The text must hold at least one token. Got {given!r}.", "Write a few words.")
    look = _Look(
        model=model,
        given=given,
        whole=whole,
        chosen=whole.select(layer=layer, direction=direction, unit=unit),
        layer=whole.layers[-1] if layer is None else layer,
        direction=direction or "forward",
        unit=unit,
        at=None if step is None else _find_step(step, whole),
    )
    if output is not None and write is not None:
        with written(output) as path:
            write(path, look)
    elif as_json:
        _print_json(look)
    elif look.at is None:
        _show_table(look)
    else:
        _show_step(look, look.at)


@dataclass(frozen=True)
class _Look:
    """The selected layer, direction, and unit (or all units)."""

    model: AnyBundle
    given: str | npt.NDArray[np.float64]
    """The text, or the sequence of numbers."""
    whole: Trace
    chosen: Trace
    """What the command line chose of it, and no less."""
    layer: int
    direction: Direction
    unit: int | None
    at: int | None
    """The step that was asked for."""

    def part(self) -> Trace:
        """Its own part of the trace."""
        return self.whole.select(layer=self.layer, direction=self.direction, unit=self.unit)

    def series(self) -> Plain:
        """One number per step of each quantity."""
        return self.whole.series(layer=self.layer, direction=self.direction, unit=self.unit)

    def changes(self) -> npt.NDArray[np.float32]:
        """How far each cell moved in each step, `(step, unit)`."""
        part = self.part()
        changes: npt.NDArray[np.float32] = (part.cell - part.before("cell"))[0, 0]
        return changes

    def cell_step(self, at: int) -> CellStep:
        """One step in full."""
        from longshort.insight.cellstep import cell_step

        return cell_step(self.model, self.given, at, layer=self.layer, direction=self.direction, unit=self.unit)

    @property
    def names(self) -> list[str]:
        """Labels of the steps: tokens or numbers."""
        return list(self.whole.tokens or map(str, range(len(self.whole))))

    @property
    def heading(self) -> str:
        """The answer, and the selection."""
        scores = self.whole.scores or {}
        best = max(scores, key=scores.__getitem__, default="")
        answer = f"{best} {scores[best]:.3f}; " if best else ""
        from longshort.networks import members_of

        networks = len(members_of(self.model.network))
        which = f"network 1 of {networks}, " if networks > 1 else ""
        who = f"the mean of {len(self.whole.units)} units" if self.unit is None else f"unit {self.unit}"
        word = "step" if self.whole.tokens is None else "token"
        tokens = f"{len(self.whole)} {word}{'s' * (len(self.whole) != 1)}"
        return f"{answer}{tokens}; {which}layer {self.layer}, {self.direction}, {who}"


def _find_step(step: str, whole: Trace) -> int:
    """The step of that number, or the only one with that token."""
    tokens = list(whole.tokens or ())
    places = [place for place, token in enumerate(tokens) if token == step]
    places = places or [place for place, token in enumerate(tokens) if token.lower() == step.lower()]
    if len(places) == 1:
        return places[0]
    if len(places) > 1:
        raise SettingError(
            f"--step must name one step. The token {step!r} stands at {', '.join(map(str, places))}.",
            f"Give the number, for example --step {places[0]}.",
        )
    if step.isdecimal() and int(step) < len(whole):
        return int(step)
    token = ", or a token of the text" if tokens else ""
    raise SettingError(
        f"--step must be a number from 0 to {len(whole) - 1}{token}. Got {step!r}.",
        nearest(step, tokens) or "The table without --step lists the tokens.",
    )


# --- on the terminal ---


def _print_json(look: _Look) -> None:
    if look.at is None:
        console.out(look.chosen.to_json())
    else:
        console.out_json(look.cell_step(look.at).to_dict())


def _show_table(look: _Look) -> None:
    from longshort.figures.names import name_token

    console.out(look.heading)
    console.out()
    columns = _columns_of_all(look) if look.unit is None else _columns_of_unit(look)
    tokens = {} if look.whole.tokens is None else {"token": [name_token(token) for token in look.whole.tokens]}
    columns = {"step": [str(place) for place in range(len(look.whole))], **tokens, **columns}
    headers, rows = tuple(columns), zip(*columns.values(), strict=True)
    console.table(headers, rows, right=[header for header in headers if header != "token"], wrap=("token",))


def _columns_of_all(look: _Look) -> dict[str, list[str]]:
    import numpy as np

    series, part, changes = look.series(), look.part(), look.changes()
    columns = {name: _three(series[quantity]) for name, quantity in GATES.items()}
    columns["cell length"] = _three(np.linalg.norm(part.cell[0, 0], axis=-1))
    columns["hidden length"] = _three(np.linalg.norm(part.hidden[0, 0], axis=-1))
    most = np.abs(changes).argmax(axis=1)
    columns["most changed unit"] = [f"{part.units[place]}" for place in most]
    columns["its change"] = [f"{changes[row, place]:+.3f}" for row, place in enumerate(most)]
    return columns


def _columns_of_unit(look: _Look) -> dict[str, list[str]]:
    series = look.series()
    columns = {name: _three(series[quantity]) for name, quantity in GATES.items()}
    columns["candidate"] = _three(series["cell_gate"])
    columns["cell"] = _three(series["cell"])
    if "hidden" in series:
        columns["hidden"] = _three(series["hidden"])
    return columns


def _three(values: Sequence[float] | npt.NDArray[np.float64]) -> list[str]:
    from longshort.insight.worked import number

    return [number(float(each)) for each in values]


def _show_step(look: _Look, at: int) -> None:
    step = look.cell_step(at)
    console.out(look.heading)
    console.out(f"step {at}" + ("" if step.token is None else f": {step.token!r}"))
    console.out()
    for equation in step.equations:
        console.out(str(equation))


# --- to a file ---


def _writer(output: Path) -> Callable[[Path, _Look], None]:
    writers = {".json": _json, ".csv": _csv, ".parquet": _parquet, ".png": _heat_map, ".svg": _diagram}
    if output.suffix not in writers:
        raise SettingError(f"The file of --output must end in {', '.join(writers)}. Got {output.name}.")
    return writers[output.suffix]


def _json(output: Path, look: _Look) -> None:
    output.write_text(look.chosen.to_json() + "\n", encoding="utf-8")


def _arrow(chosen: Trace) -> pa.Table:
    import pyarrow as pa

    columns = chosen.to_columns()
    return pa.table({name: each if each.dtype.kind in "if" else each.tolist() for name, each in columns.items()})


def _csv(output: Path, look: _Look) -> None:
    from pyarrow import csv

    csv.write_csv(_arrow(look.chosen), output)


def _parquet(output: Path, look: _Look) -> None:
    from pyarrow import parquet

    parquet.write_table(_arrow(look.chosen), output)


def _heat_map(output: Path, look: _Look) -> None:
    from longshort.figures.gates import GATE_PANELS, gates
    from longshort.figures.style import save

    part = look.part()
    values = {name: getattr(part, name)[0, 0] for name in GATE_PANELS}
    save(
        gates(values, look.names, part.units, title=f"What each gate does: layer {look.layer}, {look.direction}"),
        output,
    )


def _diagram(output: Path, look: _Look) -> None:
    from longshort.figures.diagram import cell_diagram

    at = look.at
    if at is None:
        at = int(abs(look.changes()).mean(axis=1).argmax())
        console.say(f"No --step was given: step {at} is drawn, in which the cell moved most.")
    drawing = cell_diagram(look.cell_step(at).to_dict(), look.series(), look.names)
    output.write_text(drawing, encoding="utf-8")
