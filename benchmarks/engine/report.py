"""The tables of a run, in Markdown."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.engine.contest import ONE_THREAD
from benchmarks.engine.outcome import DISTURBANCE, Cell, Outcome, Spread
from benchmarks.engine.peers import OURS, PEERS
from benchmarks.engine.peers.products import SIDE
from benchmarks.engine.targets import judge

__all__ = ["Result", "as_json", "as_markdown", "epoch_table", "layer_table", "line"]

HOW = f"""\
Each peer runs in a process of its own, with the same number of threads and of processor cores, and is stopped by a
signal whenever it is not its turn. Its inputs are brought into the form that it likes best (padded, packed, sorted,
transposed) before the clock starts; compilation does not count. It first computes the workload once: outputs, final
states where it gives them, and for training the gradients of the inputs (or the embedding table) and of all weights
must be those of the reference, as a share of each array's largest value (1e-3 in float32, 5e-2 in bf16), or it is not
timed. Then all have turns, round after round; a figure is the median of a turn, a ratio is taken within a round, and
its median over the rounds is given. Tokens are real tokens; padding is not counted.

Useful operations are the products that no way of computing can leave out: 8 * hidden * (features + hidden) a token
forward, three times that for training. Token ids: the product of the input counts once for each distinct token of the
batch. The share of a floor is the time that these operations take at the rate of a large float32 matrix product
({SIDE} x {SIDE}) over the time taken; the product has its turns in the same rounds. Lengths are log-normal with mean
234, clipped; tokens follow Zipf's law over 20,000.

Cores of others: how much of the machine other processes, or other guests of the same host, used during the turns, on
average. Threads that wait for each other lose many times what is taken from them, so above {DISTURBANCE} the figures of
a workload are marked as disturbed: repeat it on a machine that does nothing else.
"""


@dataclass
class Result:
    """One run.

    Args:
        machine: where and when, as `describe` gives it.
        command: that was typed.
        cells: in the order they were run.
        products: operations a second by number of threads and name.
        floors: the products that have turns in every round, by number of threads.
    """

    machine: dict[str, str]
    command: str
    cells: list[Cell] = field(default_factory=list)
    products: dict[int, dict[str, float]] = field(default_factory=dict)
    floors: dict[int, list[str]] = field(default_factory=dict)


def as_json(result: Result) -> dict[str, Any]:
    """Everything that was measured."""
    return dataclasses.asdict(result)


def as_markdown(result: Result) -> str:
    """The whole page."""
    cells = [cell for cell in result.cells if cell.reference]
    layers = [cell for cell in cells if cell.workload.mode in ("forward", "train")]
    parts = [
        "# The LSTM engine and its peers",
        _table(["", ""], result.machine.items()),
        f"Made by `{result.command}`; `make bench` sets up what it needs.",
        HOW,
        "## What is to be reached",
        _targets(result.cells),
        "## Matrix products",
        _products(result),
        "## Layers",
        f"The first columns are of {_names(layers)}; those of peers say how many times as long each takes, with least "
        "and most of the rounds.",
        layer_table(layers),
        "## Generation: one sequence, a step a call",
        generation_table([cell for cell in cells if cell.workload.mode == "generate"]),
        "## One epoch over documents",
        epoch_table([cell for cell in cells if cell.workload.mode == "epoch"]),
        "## Every time measured",
        _times(cells),
        "## Not timed",
        _untimed(result.cells),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def line(cell: Cell) -> str:
    """One workload in one line, for the terminal."""
    if not cell.reference:
        return f"{cell.workload.name}: none of ours does it"
    own = _count(cell.tokens_per_second(cell.reference)) or "?"
    others = [f"others took {_disturbance(cell)} cores"]
    ratios = [f"{name} {_times_as(cell, name)}" for name in cell.outcomes if name != cell.reference]
    ratios = [words for words in ratios if not words.endswith(" ")]
    shares = [f"{_percent(cell.share(name))} of {name}" for name in cell.rates]
    return f"{cell.workload.name}: {own} tokens/s; " + "; ".join([*shares, *ratios, *others])


def layer_table(cells: Sequence[Cell]) -> str:
    """A row a workload: our speed, our shares of the floors, and the ratio to each peer."""
    if not cells:
        return "Not run."
    peers = [*[name for name in PEERS if name != OURS[0]], ONE_THREAD]
    header = ["workload", "tokens/s", "share of floors", "cores of others", *peers]
    return _table(header, [_layer_row(cell, peers) for cell in cells])


def _layer_row(cell: Cell, peers: Iterable[str]) -> list[str]:
    floors = ", ".join(f"{_percent(cell.share(name))} of {name}" for name in cell.rates)
    own = _count(cell.tokens_per_second(cell.reference))
    return [cell.workload.name, own, floors, _disturbance(cell), *(_times_as(cell, name) for name in peers)]


def generation_table(cells: Sequence[Cell]) -> str:
    """Tokens a second and the ratio, a row a peer."""
    rows = [
        [cell.workload.name, outcome.name, _count(cell.tokens_per_second(outcome.name)), _times_as(cell, outcome.name)]
        for cell in cells
        for outcome in cell.outcomes.values()
        if outcome.seconds
    ]
    return _table(["workload", "peer", "tokens/s", "time over ours"], rows) if rows else "Not run."


def epoch_table(cells: Sequence[Cell]) -> str:
    """Seconds an epoch, a row a peer, and how many batches that is from."""
    rows = [_epoch_row(cell, outcome) for cell in cells for outcome in cell.outcomes.values() if outcome.seconds]
    head = ["workload", "peer", "seconds an epoch", "time over ours", "on how many batches", "note"]
    return _table(head, rows) if rows else "Not run."


def _epoch_row(cell: Cell, outcome: Outcome) -> list[str]:
    seconds = cell.epoch_seconds(outcome.name)
    measured = outcome.name == cell.reference and cell.whole is not None
    batches = f"{cell.batches} (all)" if measured else f"{len(outcome.seconds)} of {cell.batches}"
    shown = "" if seconds is None else f"{seconds:.1f}" if measured else f"{seconds:.1f} (ratio times ours)"
    return [cell.workload.name, outcome.name, shown, _times_as(cell, outcome.name), batches, outcome.note]


def _disturbance(cell: Cell) -> str:
    return f"{cell.foreign_cores:.2f}" + (" (disturbed)" if cell.disturbed else "")


def _targets(cells: Sequence[Cell]) -> str:
    rows = [
        [
            judged.target.workload.name,
            judged.target.label,
            f"{judged.target.reach:g}",
            "" if judged.figure is None else f"{judged.figure:.3g}",
            judged.verdict,
        ]
        for judged in judge(cells)
    ]
    return _table(["workload", "figure", "reach", "measured", ""], rows)


def _products(result: Result) -> str:
    rows = [
        [str(threads), name, f"{rate / 1e9:.1f}", "in every round" if name in result.floors.get(threads, []) else ""]
        for threads, rates in result.products.items()
        for name, rate in rates.items()
    ]
    return _table(["threads", "product", "GFLOP/s", "floor"], rows) if rows else "Not measured."


def _times(cells: Sequence[Cell]) -> str:
    rows = [_time_row(cell, outcome) for cell in cells for outcome in cell.outcomes.values() if outcome.seconds]
    return _table(["workload", "peer", "ms", "least to most", "rounds", "largest difference", "note"], rows)


def _untimed(cells: Sequence[Cell]) -> str:
    """Who was not timed and why, with the workloads of one reason in one row."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for cell in cells:
        for outcome in cell.outcomes.values():
            if outcome.reason:
                places.setdefault((outcome.name, outcome.status, outcome.reason), []).append(cell.workload.name)
    rows = [[*why, where[0] if len(where) == 1 else f"{len(where)} workloads"] for why, where in places.items()]
    return _table(["peer", "", "why", "where"], rows) if rows else "Nobody."


def _time_row(cell: Cell, outcome: Outcome) -> list[str]:
    times = [seconds * 1e3 for seconds in outcome.seconds]
    median = statistics.median(times)
    largest = max(outcome.differences.values(), default=0.0)
    difference = "reference" if outcome.name == cell.reference else f"{largest:.0e}"
    extent = f"{min(times):.4g} to {max(times):.4g}"
    return [cell.workload.name, outcome.name, f"{median:.4g}", extent, str(len(times)), difference, outcome.note]


def _times_as(cell: Cell, name: str) -> str:
    """A ratio with its spread, and the note that belongs to it; a word where there is none."""
    outcome = cell.outcomes.get(name)
    spread = cell.ratio(name)
    if spread is None:
        return "" if outcome is None or outcome.status == "refused" else outcome.status
    note = f" ({outcome.note})" if outcome and outcome.note else ""
    return f"{spread.median:.3g}x [{spread.low:.3g}, {spread.high:.3g}]{note}"


def _names(cells: Sequence[Cell]) -> str:
    return " or ".join(dict.fromkeys(cell.reference for cell in cells)) or "ours"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _percent(spread: Spread | None) -> str:
    return "?" if spread is None else f"{spread.median:.0%}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "/") for cell in row) + " |" for row in lines)
