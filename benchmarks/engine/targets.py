"""The targets, and whether they are met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from benchmarks.engine.contest import ONE_THREAD
from benchmarks.engine.grid import CENTRE, STEPS
from benchmarks.engine.outcome import Cell, Spread
from benchmarks.engine.peers import OURS, PRODUCTS
from benchmarks.engine.workload import Workload

__all__ = ["TARGETS", "Comparison", "Target", "compare_targets"]

Measure = Literal["ratio", "share", "strict share", "bf16", "second core"]


@dataclass(frozen=True)
class Target:
    """A target for one figure of a workload.

    Args:
        workload: on two threads.
        measure: "ratio": relative time of a peer; "share": share of the floor; "strict share": share of the fastest
            product in the rounds; "bf16": relative time of float32; "second core": relative time of one thread.
        reach: smallest acceptable figure.
        peer: the peer of a ratio.
    """

    workload: Workload
    measure: Measure
    reach: float
    peer: str = ""

    @property
    def label(self) -> str:
        """The figure in words."""
        words = {
            "ratio": f"times as fast as {self.peer}",
            "share": f"share of the floor ({_FLOOR})",
            "strict share": "share of the floor (the fastest product)",
            "bf16": "bf16 times as fast as float32",
            "second core": "two threads times as fast as one",
        }
        return words[self.measure]

    def figure(self, cell: Cell) -> float | None:
        """Return the measured figure; None if there is none."""
        spreads = {
            "ratio": lambda: cell.ratio(self.peer),
            "share": lambda: cell.share(_FLOOR),
            "strict share": lambda: _least([cell.share(name) for name in cell.rates]),
            "bf16": lambda: cell.ratio(OURS[0], over="longshort-bf16"),
            "second core": lambda: cell.ratio(ONE_THREAD),
        }
        spread = spreads[self.measure]()
        return spread.median if spread else None


def _least(shares: list[Spread | None]) -> Spread | None:
    return min((share for share in shares if share), key=lambda share: share.median, default=None)


@dataclass(frozen=True)
class Comparison:
    """A target and its measured figure, None if not measured; and whether other processes disturbed it."""

    target: Target
    figure: float | None
    disturbed: bool = False

    @property
    def verdict(self) -> str:
        """The result in a few words."""
        if self.figure is None:
            return "not measured"
        words = "met" if self.figure >= self.target.reach else f"missed: {self.figure / self.target.reach:.0%} of it"
        return words + (", but disturbed" if self.disturbed else "")


_FLOOR = next(iter(PRODUCTS))
_LONG, _WIDE = CENTRE.replace(longest=1000), CENTRE.replace(hidden=256)
_TOKENS = CENTRE.replace(mode="forward", input="token")
_EPOCH = Workload("epoch", 0, batch=64, hidden=128, input="token")
_SIZES = (128, 256, 512)
_SHARES: tuple[Measure, ...] = ("share", "strict share")

TARGETS: tuple[Target, ...] = (
    Target(CENTRE, "ratio", 30, "torch-packed"),
    Target(CENTRE, "ratio", 6, "torch-padded"),
    Target(CENTRE, "ratio", 2, "torch-bucketed"),
    Target(CENTRE, "ratio", 8, "jax-scan"),
    Target(_LONG, "ratio", 150, "torch-packed"),
    Target(_LONG, "ratio", 8, "torch-padded"),
    Target(_WIDE, "ratio", 60, "torch-packed"),
    Target(_WIDE, "ratio", 7, "torch-padded"),
    Target(_TOKENS, "ratio", 4, "onnxruntime"),
    Target(_TOKENS, "ratio", 4, "torch-padded"),
    *(Target(CENTRE.replace(mode="forward", hidden=hidden), share, 0.80) for hidden in _SIZES for share in _SHARES),
    *(Target(CENTRE.replace(hidden=hidden), share, 0.75) for hidden in _SIZES for share in _SHARES),
    Target(_WIDE, "bf16", 1.7),
    Target(_EPOCH, "ratio", 10, "torch-padded"),
    Target(_EPOCH, "ratio", 100, "torch-packed"),
    Target(CENTRE, "second core", 1.9),
    Target(Workload("generate", STEPS, 1, 512), "ratio", 10, "torch-padded"),
)


def compare_targets(cells: Iterable[Cell]) -> list[Comparison]:
    """Compare every target with the cell of its workload."""
    by_workload = {cell.workload.replace(corpus=""): cell for cell in cells if cell.reference}
    return [_compared(target, by_workload.get(target.workload)) for target in TARGETS]


def _compared(target: Target, cell: Cell | None) -> Comparison:
    return Comparison(target, None) if cell is None else Comparison(target, target.figure(cell), cell.disturbed)
