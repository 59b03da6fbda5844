"""What the header of a .ts file says of its targets."""

from __future__ import annotations

import itertools
from pathlib import Path

__all__ = ["has_numbers"]

MOST_LINES = 200


def has_numbers(path: Path) -> bool:
    """Return whether the targets are numbers; what else is wrong with the file is reported when it is read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = itertools.islice(file, MOST_LINES)
            header = itertools.takewhile(lambda line: not line.lower().startswith("@data"), lines)
            return any(line.lower().split()[:2] == ["@targetlabel", "true"] for line in header)
    except OSError:
        return False
