"""What was set: first what differs from the defaults, then everything."""

from __future__ import annotations

from markupsafe import Markup

from longshort.kinds.registry import kind_of
from longshort.pages import view as pages
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    every, defaults = pages.settings(evidence.metrics), kind_of(evidence.metrics["task"]).settings().model_dump()
    given = evidence.metrics["settings"]
    chosen = [
        setting
        for section, settings in every.items()
        for setting in settings
        if _plain(given[section][setting.name]) != _plain(defaults.get(section, {}).get(setting.name))
    ]
    return render("settings", settings=every, chosen=chosen)


def _plain(value: object) -> object:
    """As it is after being written to JSON and read back."""
    return list(value) if isinstance(value, tuple) else value


SECTION = Section("settings", "Settings", _build)
