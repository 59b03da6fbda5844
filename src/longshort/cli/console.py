"""The two streams: data goes to stdout, messages to stderr.

Colour is used on a terminal alone, and not when NO_COLOR is set (https://no-color.org) or TERM is "dumb".
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, TextIO

__all__ = ["out", "out_json", "paint", "say", "table"]

_ANSI = {"red": "31", "yellow": "33", "cyan": "36", "bold": "1"}
_UNBOUNDED = 100_000  # columns: nothing is cut or wrapped where no terminal sets a width


def out(text: str = "") -> None:
    """A line of data, to stdout."""
    print(text, file=sys.stdout)


def out_json(value: object, *, indent: int | None = 2) -> None:
    """A value as JSON, to stdout; on one line when `indent` is None. NaN and infinity are refused, as JSON has none."""
    out(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))


def say(text: str = "") -> None:
    """A message for the user, to stderr."""
    print(text, file=sys.stderr, flush=True)


def paint(text: str, style: Literal["red", "yellow", "cyan", "bold"], *, stream: TextIO | None = None) -> str:
    """`text` in a colour where `stream` (stderr when not given) shows colours; `text` itself elsewhere."""
    if not _shows_colour(stream or sys.stderr):
        return text
    return f"\x1b[{_ANSI[style]}m{text}\x1b[0m"


def _shows_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = (), wrap: Collection[str] = ()
) -> None:
    """Aligned columns, to stdout.

    Args:
        headers: the name of each column.
        rows: the cells, one string per column.
        right: names of the columns that are aligned to the right.
        wrap: names of the columns whose cells take several lines where a terminal is too narrow.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        justify: Literal["left", "right"] = "right" if header in right else "left"
        grid.add_column(header, justify=justify, overflow="fold", no_wrap=header not in wrap)
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _UNBOUNDED, highlight=False)
    with console.capture() as capture:
        console.print(grid)
    for line in capture.get().splitlines():
        out(line.rstrip())
