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
from benchmarks.engine.targets import compare_targets

__all__ = ["Result", "as_json", "as_markdown", "epoch_table", "layer_table", "line"]

HOW = f"""\
Each peer runs in its own process, with the same number of threads and CPU cores, and is stopped by a signal whenever
it is not its turn. Its inputs are converted to its preferred form (padded, packed, sorted, transposed) before the clock
starts; compilation does not count. First it computes the workload once. Outputs, final states if it returns them, and
for training the gradients of the inputs (or the embedding table) and of all weights must match the reference, relative
to each array's largest value (1e-3 in float32, 5e-2 in bf16); otherwise it is not timed. Then all peers take turns,
round by round. A figure is the median of a turn; a ratio is taken within a round and reported as the median over the
rounds. Tokens are real tokens; padding is not counted.

Useful operations are the products that every method must compute: 8 * hidden * (features + hidden) per token forward,
three times that for training. With token ids, the product of the input counts once per distinct token of the batch.
The share of a floor is the time of these operations at the rate of a large float32 matrix product ({SIDE} x {SIDE})
over the time taken; the product takes turns in the same rounds. Lengths are log-normal with mean 234, clipped; tokens
follow Zipf's law over 20,000.

Cores of others: average CPU use of other processes, or of other guests on the same host, during the turns. Threads that
wait for each other lose many times that, so above {DISTURBANCE} the figures of a workload are marked as disturbed:
repeat it on an idle machine.
"""


@dataclass
class Result:
    """One run.

    Args:
        machine: machine and date, from `describe`.
        command: the command line.
        cells: in the order of the run.
        products: operations per second by number of threads and name.
        floors: the products that take part in every round, by number of threads.
    """

    machine: dict[str, str]
    command: str
    cells: list[Cell] = field(default_factory=list)
    products: dict[int, dict[str, float]] = field(default_factory=dict)
    floors: dict[int, list[str]] = field(default_factory=dict)


def as_json(result: Result) -> dict[str, Any]:
    """Return all measurements."""
    return dataclasses.asdict(result)


def as_markdown(result: Result) -> str:
    """Return the whole page."""
    cells = [cell for cell in result.cells if cell.reference]
    layers = [cell for cell in cells if cell.workload.mode in ("forward", "train")]
    parts = [
        "# The LSTM engine and its peers",
        _table(["", ""], result.machine.items()),
        f"Made by `{result.command}`; `make bench` sets up what it needs.",
        HOW,
        "## Targets",
        _targets(result.cells),
        "## Matrix products",
        _products(result),
        "## Layers",
        f"The first columns are for {_names(layers)}. Columns of peers show their time relative to it, with minimum "
        "and maximum over the rounds.",
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
    """Return one workload as one line, for the terminal."""
    if not cell.reference:
        return f"{cell.workload.name}: not supported by longshort"
    own = _count(cell.tokens_per_second(cell.reference)) or "?"
    others = [f"others took {_disturbance(cell)} cores"]
    ratios = [f"{name} {_times_as(cell, name)}" for name in cell.outcomes if name != cell.reference]
    ratios = [words for words in ratios if not words.endswith(" ")]
    shares = [f"{_percent(cell.share(name))} of {name}" for name in cell.rates]
    return f"{cell.workload.name}: {own} tokens/s; " + "; ".join([*shares, *ratios, *others])


def layer_table(cells: Sequence[Cell]) -> str:
    """Return a row per workload: our speed, our shares of the floors, and the ratio to each peer."""
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
    """Return tokens per second and the ratio, a row per peer."""
    rows = [
        [cell.workload.name, outcome.name, _count(cell.tokens_per_second(outcome.name)), _times_as(cell, outcome.name)]
        for cell in cells
        for outcome in cell.outcomes.values()
        if outcome.seconds
    ]
    return _table(["workload", "peer", "tokens/s", "time over ours"], rows) if rows else "Not run."


def epoch_table(cells: Sequence[Cell]) -> str:
    """Return seconds per epoch, a row per peer, with the number of measured batches."""
    rows = [_epoch_row(cell, outcome) for cell in cells for outcome in cell.outcomes.values() if outcome.seconds]
    head = ["workload", "peer", "seconds per epoch", "time over ours", "measured batches", "note"]
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
            compared.target.workload.name,
            compared.target.label,
            f"{compared.target.reach:g}",
            "" if compared.figure is None else f"{compared.figure:.3g}",
            compared.verdict,
        ]
        for compared in compare_targets(cells)
    ]
    return _table(["workload", "figure", "target", "measured", ""], rows)


def _products(result: Result) -> str:
    rows = [
        [str(threads), name, f"{rate / 1e9:.1f}", "in every round" if name in result.floors.get(threads, []) else ""]
        for threads, rates in result.products.items()
        for name, rate in rates.items()
    ]
    return _table(["threads", "product", "GFLOP/s", "floor"], rows) if rows else "Not measured."


def _times(cells: Sequence[Cell]) -> str:
    rows = [_time_row(cell, outcome) for cell in cells for outcome in cell.outcomes.values() if outcome.seconds]
    return _table(["workload", "peer", "ms", "minimum to maximum", "rounds", "largest difference", "note"], rows)


def _untimed(cells: Sequence[Cell]) -> str:
    """Return the peers that were not timed and why, a row per reason."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for cell in cells:
        for outcome in cell.outcomes.values():
            if outcome.reason:
                places.setdefault((outcome.name, outcome.status, outcome.reason), []).append(cell.workload.name)
    rows = [[*why, where[0] if len(where) == 1 else f"{len(where)} workloads"] for why, where in places.items()]
    return _table(["peer", "", "why", "where"], rows) if rows else "None."


def _time_row(cell: Cell, outcome: Outcome) -> list[str]:
    times = [seconds * 1e3 for seconds in outcome.seconds]
    median = statistics.median(times)
    largest = max(outcome.differences.values(), default=0.0)
    difference = "reference" if outcome.name == cell.reference else f"{largest:.0e}"
    extent = f"{min(times):.4g} to {max(times):.4g}"
    return [cell.workload.name, outcome.name, f"{median:.4g}", extent, str(len(times)), difference, outcome.note]


def _times_as(cell: Cell, name: str) -> str:
    """Return a ratio with its spread and note; the status if it was not timed."""
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
