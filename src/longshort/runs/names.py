"""What a run may be called that was named wrong."""

from __future__ import annotations

import difflib
from pathlib import Path

__all__ = ["nearest_run"]

_LIST = "`longshort runs` lists the runs there are."


def nearest_run(path: Path) -> str:
    """What to do about a folder that holds no model: the one in runs/ with that name, or beside it with one like it."""
    usual = Path("runs") / path
    if len(path.parts) == 1 and _is_model(usual):
        return f"Did you mean {str(usual)!r}?"
    for folder in dict.fromkeys((path.parent, usual.parent)):
        found = difflib.get_close_matches(path.name, _models(folder), n=1)
        if found:
            return f"Did you mean {str(folder / found[0])!r}?"
    return _LIST


def _models(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if _is_model(entry))
    except (OSError, ValueError):
        return []


def _is_model(folder: Path) -> bool:
    try:
        return (folder / "config.json").is_file() or (folder / "model" / "config.json").is_file()
    except (OSError, ValueError):
        return False
