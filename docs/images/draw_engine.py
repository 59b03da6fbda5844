"""Draw docs/images/engine.png: how a ragged batch goes through the compiled LSTM kernel.

    python docs/images/draw_engine.py

Rows are dealt out and steps are cut into chunks by the rules of the kernel (`Deal` in engine.cpp, `chunk_from` in
forward.hpp), with a small batch and small chunks, so that the picture shows what really happens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

LENGTHS = (5, 14, 3, 9, 20, 7, 11, 2, 16, 6, 12, 4)
CHUNK = 24  # tokens; 128 in the kernel
STEP = 5  # the one that is pointed out
WIDTH, HEIGHT = 900, 696
THREADS = ("#2f6f9f", "#d9822b")
PALE = ("#b9d3e6", "#f5d5b3")
INK, SOFT, LIGHT = "#222222", "#666666", "#d8d8d8"
GATES = ("i", "f", "g", "o")
GATE_SHADES = ("#dce9f3", "#b9d3e6", "#8fb8d6", "#639cc4")


def deal(lengths: tuple[int, ...]) -> list[list[int]]:
    """The rows of each of two threads, the longest first."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    parts: list[list[int]] = [[], []]
    for place, row in enumerate(order):
        parts[(0, 1, 1, 0)[place % 4]].append(row)
    return parts


def chunks(lengths: list[int]) -> list[tuple[int, int]]:
    """First and last step (exclusive) of each chunk of one thread's rows, the longest first."""
    found, start = [], 0
    while start < lengths[0]:
        alive = sum(length > start for length in lengths)
        end = min(start + max(CHUNK, len(lengths)) // alive, lengths[0])
        found.append((start, end))
        start = end
    return found


class Page:
    """Boxes and words at places in units of a hundredth of an inch, from the top left."""

    def __init__(self) -> None:
        figure = pyplot.figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=200)
        self.axes: Axes = figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.axis("off")
        self.figure = figure

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, edge: str = "white", line: float = 0.8
    ) -> None:
        """A filled rectangle."""
        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, linewidth=line))

    def word(self, x: float, y: float, text: str, size: float = 9.5, **how: Any) -> None:
        """One line of text, from its left end at half of its height."""
        self.axes.text(x, y, text, fontsize=size, **({"color": INK, "va": "center"} | how))

    def title(self, x: float, y: float, number: int, text: str) -> None:
        """A number in a circle and a heading."""
        self.word(
            x,
            y,
            f"{number}",
            12,
            weight="bold",
            color="white",
            ha="center",
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": INK, "edgecolor": INK},
        )
        self.word(x + 20, y, text, 11.5, weight="bold")

    def notes(self, x: float, y: float, *lines: str) -> None:
        """What there is to see."""
        for place, line in enumerate(lines):
            self.word(x, y + 17 * place, line, color=SOFT)

    def line(self, xs: tuple[float, float], ys: tuple[float, float], **how: Any) -> None:
        """From one point to another."""
        options: dict[str, Any] = {"color": INK, "linewidth": 1.2, "solid_capstyle": "butt"} | how
        self.axes.plot(xs, ys, **options)

    def arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """The same with a head."""
        self.axes.annotate(
            "", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
        )


def draw_batch(page: Page, parts: list[list[int]], x: float, y: float) -> None:
    """As the caller gives it."""
    page.title(x + 10, y, 1, "The batch: sequences one after another")
    cell, high = 14.0, 15.0
    for row, length in enumerate(LENGTHS):
        thread = 0 if row in parts[0] else 1
        for step in range(length):
            page.box(x + step * cell, y + 30 + row * (high + 3), cell, high, PALE[thread])
    page.notes(x, y + 262, "a cell is a token; blue rows go to thread 1, orange", "rows to thread 2; nothing is padded")


def draw_shares(page: Page, parts: list[list[int]], x: float, y: float) -> None:
    """What the threads own."""
    page.title(x + 10, y, 2, "Each thread owns its rows, for all steps")
    cell, high, top = 17.0, 15.0, y + 30
    for thread, rows in enumerate(parts):
        lengths = [LENGTHS[row] for row in rows]
        for place, length in enumerate(lengths):
            for step in range(length):
                pointed = thread == 0 and step == STEP
                page.box(x + step * cell, top + place * high, cell, high, (THREADS if pointed else PALE)[thread])
        bottom = top + len(rows) * high
        for start, _ in chunks(lengths)[1:]:
            page.line((x + start * cell,) * 2, (top - 3, bottom + 3), linewidth=1.6)
        page.word(x + 20 * cell, bottom - 8, f"thread {thread + 1}", color=THREADS[thread], ha="right", weight="bold")
        if thread == 0:
            page.arrow((x + (STEP + 0.5) * cell, bottom + 17), (x + (STEP + 0.5) * cell, top + 4 * high + 2))
            page.word(x + (STEP + 0.9) * cell, bottom + 14, "the rows alive at a step", color=SOFT)
        top = bottom + 34
    page.notes(
        x,
        y + 262,
        "longest first, so the rows alive are the top ones; lines",
        "cut the steps into chunks of at most 128 tokens (here 24)",
    )


def draw_chunk(page: Page, parts: list[list[int]], x: float, y: float) -> None:
    """Of thread 1, its second."""
    page.title(x + 10, y, 3, "A chunk: one product, then step by step")
    lengths = [LENGTHS[row] for row in parts[0]]
    start, end = chunks(lengths)[1]
    cell, high, top = 26.0, 22.0, y + 60
    alive = [length for length in lengths if length > start]
    page.word(x, y + 32, "all tokens: x W_ih + bias", weight="bold")
    page.word(x + 212, y + 32, "a step: + h W_hh, gates", weight="bold")
    for left, upto in ((x + 18, end), (x + 233, STEP)):
        for place, length in enumerate(alive):
            for step in range(start, min(end, length)):
                done = step < upto if left == x + 233 else False
                whole = left == x + 18
                fill = PALE[0] if whole or done else THREADS[0] if step == STEP else "white"
                page.box(
                    left + (step - start) * cell,
                    top + place * high,
                    cell,
                    high,
                    fill,
                    edge="white" if fill != "white" else LIGHT,
                )
    page.arrow((x + 140, top + 2.5 * high), (x + 218, top + 2.5 * high))
    page.arrow((x + 233, top + 5 * high + 14), (x + 233 + 4 * cell, top + 5 * high + 14))
    page.word(x + 233, top + 5 * high + 30, "steps, in turn", color=SOFT)
    page.notes(
        x,
        y + 246,
        "left: no token waits for another, so it is one product",
        "right: a step needs the h of the step before, but only",
        "for rows that this thread owns: it waits for nobody",
    )


def draw_tile(page: Page, x: float, y: float) -> None:
    """The inner loop."""
    page.title(x + 10, y, 4, "A tile: 6 rows x 4 gates x 16 units")
    left, top, vector, high, deep = x + 112, y + 128, 66.0, 17.0, 66.0
    for gate, shade in enumerate(GATE_SHADES):
        page.box(left + gate * vector, top - deep - 12, vector, deep, shade)
        page.word(left + (gate + 0.5) * vector, top - deep / 2 - 20, GATES[gate], 11, ha="center", weight="bold")
        page.word(left + (gate + 0.5) * vector, top - deep / 2 - 3, "16 units", 8.5, ha="center")
        for row in range(6):
            page.box(left + gate * vector, top + row * high, vector, high, shade)
    page.box(left, top, 4 * vector, 6 * high, "none", edge=INK, line=1.6)
    for row in range(6):
        page.box(left - 102, top + row * high, 90, high, THREADS[0])
    page.box(left - 101.5, top + 2.35 * high, 89, 1.3 * high, THREADS[0], line=0)
    page.word(left - 57, top + 3 * high, "h of 6 rows", ha="center", color="white", weight="bold")
    page.word(
        left + 2 * vector,
        top + 3 * high,
        "24 vectors of sums, in registers",
        9.5,
        ha="center",
        weight="bold",
        bbox={"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": "none"},
    )
    page.word(left - 12, top - deep / 2 - 20, "W_hh, a panel:", ha="right", color=SOFT)
    page.word(left - 12, top - deep / 2 - 3, "hidden x 64", ha="right", color=SOFT)
    page.notes(
        x,
        y + 246,
        "sums += h[row][k] * panel[k], over all k; the four gates of",
        "a unit stand together, so gates, c and h follow at once,",
        "before the next tile; a panel serves all rows alive",
    )


def main() -> None:
    """Draw it, next to this file."""
    page, parts = Page(), deal(LENGTHS)
    draw_batch(page, parts, 30, 36)
    draw_shares(page, parts, 480, 36)
    page.line((30, WIDTH - 30), (358, 358), color=LIGHT)
    draw_chunk(page, parts, 30, 396)
    draw_tile(page, 480, 396)
    page.figure.savefig(Path(__file__).with_name("engine.png"))


if __name__ == "__main__":
    main()
