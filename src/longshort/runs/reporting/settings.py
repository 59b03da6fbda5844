"""What was set: first what differs from the defaults, then everything."""

from __future__ import annotations

from markupsafe import Markup

from longshort.config import SequenceRunSettings, Settings
from longshort.runs import pages
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    kind = Settings if evidence.metrics["task"] == "text-classification" else SequenceRunSettings
    every, defaults = pages.settings(evidence.metrics), kind().model_dump()
    given = evidence.metrics["settings"]
    chosen = [
        setting
        for section, settings in every.items()
        for setting in settings
        if given[section][setting.name] != _plain(defaults.get(section, {}).get(setting.name))
    ]
    return render("settings", settings=every, chosen=chosen)


def _plain(value: object) -> object:
    """As it is after being written to JSON and read back."""
    return list(value) if isinstance(value, tuple) else value


SECTION = Section("settings", "Settings", _build)
