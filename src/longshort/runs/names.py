"""What a run may be called that was named wrong."""

from __future__ import annotations

from pathlib import Path

from longshort.errors import closest

__all__ = ["nearest_run"]


def nearest_run(path: Path) -> str:
    """The sentence "Did you mean 'x'?" for the model in runs/ with that name, or beside it or there with one most like
    it; empty where there is none."""
    usual = Path("runs") / path
    if len(path.parts) == 1 and _is_model(usual):
        return f"Did you mean {str(usual)!r}?"
    for folder in dict.fromkeys((path.parent, usual.parent)):
        found = closest(path.name, _models(folder))
        if found:
            return f"Did you mean {str(folder / found)!r}?"
    return ""


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
