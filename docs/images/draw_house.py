"""Draw docs/images/house.png: the rooms of the package in the layers of the import contract.

    python docs/images/draw_house.py

The layers come from `[tool.importlinter]` in pyproject.toml, and each description from the first sentence of a room's
docstring, so the picture cannot differ from the code.
"""

from __future__ import annotations

import ast
import textwrap
import tomllib
from pathlib import Path

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "longshort"
WIDTH, BAND, GAP = 100.0, 5.4, 0.9
INK, SOFT, FILL, KINDS = "#222222", "#666666", "#eaf1f7", "#f5e3c8"
"""Colours of text and of boxes; the rooms that together are a kind of task have one of their own."""


def layers() -> list[list[str]]:
    """The rooms of each layer, from the top one, which may import all others, to the bottom one."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found = next(each["layers"] for each in contracts if each["type"] == "layers")
    return [[room.strip() for room in layer.split("|")] for layer in found if layer != "__main__"]


def purpose(room: str) -> str:
    """The first sentence of the docstring of a room, without what follows a colon or a semicolon."""
    path = SOURCE.joinpath(*room.split("."))
    text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    sentence = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].replace("\n", " ").replace("`", "")
    return sentence.rstrip(".")


def files(room: str) -> str:
    """How many files a room has; empty for a single one."""
    path = SOURCE.joinpath(*room.split("."))
    return f"{len(list(path.rglob('*.py')))} files" if path.is_dir() else ""


def draw(axes: Axes, rooms: list[str], top: float) -> None:
    """One layer: its rooms side by side, which do not import one another."""
    width = (WIDTH - GAP * (len(rooms) - 1)) / len(rooms)
    for place, room in enumerate(rooms):
        left = place * (width + GAP)
        color = KINDS if room.startswith("kinds.") else FILL
        box = FancyBboxPatch(
            (left, top - BAND), width, BAND, boxstyle="round,pad=0,rounding_size=0.6", fc=color, ec="none"
        )
        axes.add_patch(box)
        axes.text(left + 1, top - 0.6, room, fontsize=11, weight="bold", color=INK, va="top")
        axes.text(left + width - 1, top - 0.7, files(room), fontsize=8.5, color=SOFT, va="top", ha="right")
        lines = textwrap.wrap(purpose(room), int(width * 1.42))
        text = "\n".join(lines[:2]) + (" ..." if len(lines) > 2 else "")
        axes.text(left + 1, top - 2.5, text, fontsize=8.5, color=SOFT, va="top", linespacing=1.15)


def main() -> None:
    """Draw and save."""
    found = layers()
    height = len(found) * (BAND + GAP)
    figure = pyplot.figure(figsize=(11, 0.105 * height))
    axes = figure.add_axes((0.05, 0.01, 0.94, 0.98))
    axes.set_xlim(-0.5, WIDTH + 0.5)
    axes.set_ylim(-0.5, height + 0.5)
    axes.axis("off")
    for number, rooms in enumerate(found):
        draw(axes, rooms, height - number * (BAND + GAP))
    arrow = FancyArrowPatch((-3, height), (-3, 0), arrowstyle="-|>", mutation_scale=16, color=SOFT, clip_on=False)
    axes.add_patch(arrow)
    axes.text(-4.3, height / 2, "may import", rotation=90, fontsize=10, color=SOFT, va="center", ha="center")
    figure.savefig(Path(__file__).with_name("house.png"), dpi=100)


if __name__ == "__main__":
    main()
