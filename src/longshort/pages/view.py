"""What the report and the model card have in common: the numbers of `metrics.json` in words and rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from longshort.config import RunSettings
from longshort.evaluation.words import count, listed, percent, points
from longshort.kinds.registry import kind_of
from longshort.kinds.words import Words
from longshort.plain import PlainMapping

__all__ = [
    "Model",
    "Part",
    "Setting",
    "environment",
    "fingerprints",
    "inputs",
    "models",
    "parts",
    "settings",
    "visible",
    "weakest",
    "words",
]

Metrics = PlainMapping

# Control characters, the marks that turn the direction of writing round, and halves of characters.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CHOSEN = {"epochs": "epochs_planned", "batch_tokens": "batch_tokens", "members": "members"}
_ROLES = {"train": "trained on", "validation": "chose the best epoch", "test": "judged on"}


@dataclass(frozen=True)
class Model:
    """One line of the results: this model, or a baseline.

    Args:
        name: what it is called.
        metrics: its `ClassificationMetrics` as plain data.
        standing: how this model compares with it, in words; empty for the model itself.
    """

    name: str
    metrics: Metrics
    standing: str = ""


@dataclass(frozen=True)
class Part:
    """One part of the data.

    Args:
        name: "train", "validation" or "test".
        role: what it was for, in words.
        source: the name of the file, folder or sample.
        fingerprint: hex SHA-256 of the whole source.
        rows: rows of this part.
        class_counts: rows of each label, in the order of the labels.
        measures: what was counted of its examples, in words, by what it is.
    """

    name: str
    role: str
    source: str
    fingerprint: str
    rows: int
    class_counts: Sequence[int]
    measures: Mapping[str, str]


@dataclass(frozen=True)
class Setting:
    """One setting: its name, its value in words, and what it means (empty if this version does not know it)."""

    name: str
    value: str
    meaning: str


def environment(*, autoescape: bool, finalize: Callable[[object], object]) -> Environment:
    """The templates of the package, with the filters that both pages use; a template is named by its path.

    Args:
        autoescape: whether the template is HTML.
        finalize: is applied to every value that is printed, before it is escaped.
    """
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        "decimals": _decimals,
        "significant": "{:,.4g}".format,
        "whole": "{:,}".format,
        "percent": percent,
        "counted": count,
        "listed": listed,
        "duration": _duration,
        "minute": _minute,
        "words": words,
        "inputs": inputs,
    }
    return found


def words(metrics: Metrics) -> Words:
    """Return what the examples of a run are called."""
    return kind_of(metrics["task"]).words


def inputs(metrics: Metrics) -> str:
    """Return what the network reads, as the middle of a sentence."""
    return kind_of(metrics["task"]).inputs(metrics["training"])


def visible(value: object) -> object:
    """A text with its control characters and its marks of writing direction as codes, such as `\\u202e`.

    One such mark in a text could turn the words around it, or hide what stands there. Anything but a str, and markup
    that is already safe, stays as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", value)


def models(metrics: Metrics) -> list[Model]:
    """Return this model, then the baselines, the best first."""
    measure = kind_of(metrics["task"]).measure
    baselines = sorted(metrics["baselines"].items(), key=lambda item: measure.rank(item[1]))
    return [
        Model("this model", metrics["test"]),
        *(Model(name, baseline, _standing(baseline["comparison"])) for name, baseline in baselines),
    ]


def parts(metrics: Metrics) -> list[Part]:
    """The parts of the data, in the order of their use."""
    found = metrics["data"]["parts"]
    return [_part(name, found[name], metrics) for name in _ROLES if name in found]


def fingerprints(metrics: Metrics) -> dict[str, str]:
    """The name of each source, by its fingerprint: several parts may be split off one source."""
    return {part["fingerprint"]: part["source"] for part in metrics["data"]["parts"].values()}


def settings(metrics: Metrics) -> dict[str, list[Setting]]:
    """All settings, by section; of those that were left to the data, what was chosen."""
    kind = kind_of(metrics["task"]).settings
    return {
        section: [
            Setting(name, _value(value, _chosen(metrics, name)), _meaning(kind, section, name))
            for name, value in values.items()
        ]
        for section, values in metrics["settings"].items()
    }


def weakest(classes: Sequence[Metrics], limit: int) -> list[Metrics]:
    """All classes in their order; of more than `limit`, those with the lowest F1, the lowest first.

    Classes without a single example come last, for nothing is known about them.
    """
    if len(classes) <= limit:
        return list(classes)
    return sorted(classes, key=lambda each: (not each["support"], each["f1"], -each["support"]))[:limit]


_OUTCOMES = {"better": "better than it", "worse": "worse than it", "undecided": "not distinguishable from it"}


def _standing(comparison: Metrics) -> str:
    said = _OUTCOMES[comparison["outcome"]]
    if "moments" in comparison:
        if comparison["interval"] is None:
            return said
        low, high = (f"{-end:+,.3g}" for end in reversed(comparison["interval"]))
        return f"{said}: {-comparison['difference']:+,.3g} ({low} to {high})"
    low, high = comparison["interval"]
    return f"{said}: {points(comparison['difference'])} points ({points(low)} to {points(high)})"


def _part(name: str, part: Metrics, metrics: Metrics) -> Part:
    role = _ROLES[name] + (" and judged on" if name == metrics["judged_on"] == "validation" else "")
    return Part(
        name=name,
        role=role,
        source=part["source"],
        fingerprint=part["fingerprint"],
        rows=part["rows"],
        class_counts=part.get("class_counts", ()),
        measures=kind_of(metrics["task"]).measures(part),
    )


def _chosen(metrics: Metrics, name: str) -> int | None:
    """What the training took for a setting that its size decides if it is not set; None for any other setting."""
    key = _CHOSEN.get(name)
    return None if key is None else metrics["training"].get(key)


def _value(value: object, chosen: int | None) -> str:
    if value is None:
        return "not set" if chosen is None else f"{chosen:,}, chosen by the size of the data"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _meaning(kind: type[RunSettings], section: str, name: str) -> str:
    home = kind.sections().get(section)
    field = home.model_fields.get(name) if home else None
    return (field.description or "") if field else ""


def _decimals(value: float | None, places: int = 3) -> str:
    """A number with a fixed number of decimals; a dash for none."""
    return "–" if value is None else f"{value:.{places}f}"


def _duration(seconds: float) -> str:
    """Seconds in the units that people use: "42 s", "2 min 5 s", "3 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if round(seconds, 1) < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _minute(moment: str) -> str:
    """An ISO 8601 moment to the minute, in its own time zone: "2025-03-01 14:05"."""
    return f"{datetime.datetime.fromisoformat(moment):%Y-%m-%d %H:%M}"
