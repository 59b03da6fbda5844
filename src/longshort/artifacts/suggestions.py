"""What a run may be called that was named wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from longshort.errors import closest

__all__ = ["begun", "has_model", "nearest_run"]

Check = Callable[[Path], bool]


def has_model(folder: Path) -> bool:
    """Whether it is a model's own folder, or that of a run with one."""
    return _holds(folder, "config.json") or _holds(folder, "model/config.json")


def begun(folder: Path) -> bool:
    """Whether it is the folder of a run that was begun and has not been finished."""
    return _holds(folder, "run.json") and not _holds(folder, "metrics.json")


def nearest_run(path: Path, check: Check = has_model) -> str:
    """The sentence "Did you mean 'x'?" for the folder in runs/ with that name, or beside it or there with one most like
    it; empty if there is none.

    Args:
        path: that was named.
        check: whether a folder is one that could have been meant.
    """
    usual = Path("runs") / path
    if len(path.parts) == 1 and check(usual):
        return f"Did you mean {str(usual)!r}?"
    for folder in dict.fromkeys((path.parent, usual.parent)):
        found = closest(path.name, _folders(folder, check))
        if found:
            return f"Did you mean {str(folder / found)!r}?"
    return ""


def _folders(parent: Path, check: Check) -> list[str]:
    try:
        return sorted(entry.name for entry in parent.iterdir() if check(entry))
    except (OSError, ValueError):
        return []


def _holds(folder: Path, name: str) -> bool:
    try:
        return (folder / name).is_file()
    except (OSError, ValueError):
        return False
