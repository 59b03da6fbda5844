"""The study of all units as data: tables, JSON, and a sentence where the evidence is strong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np

from longshort.errors import SettingError, nearest
from longshort.insight.tables import Tabular
from longshort.insight.units.ablation import Ablation, Baseline
from longshort.insight.units.correlation import Correlation
from longshort.insight.units.names import Unit
from longshort.insight.units.peaks import Context
from longshort.insight.units.words import WordMean
from longshort.plain import Plain

__all__ = ["RANKS", "UnitReport", "UnitStudy", "no_such_order"]

# What counts as strong: a correlation that is large and certain, and a loss that is certain and beyond most units'.
STRONG_R, CERTAIN = 0.3, 0.001
DAMAGING, BEYOND = 0.05, 0.9
DRIVEN_BY_WORD = 0.25
NAMED_WORDS = 4


@final
@dataclass(frozen=True)
class UnitReport:
    """What one unit does.

    Args:
        unit: which it is.
        mean: of its hidden state over all tokens.
        deviation: its standard deviation.
        word_share: the share of its variance that the word just read explains, 0 to 1; the rest is what it remembers.
        correlations: with each property, the strongest first.
        high_words: the words at which it is highest on average, highest first.
        low_words: those at which it is lowest, lowest first.
        highest: its highest values in context, of one text at most each.
        lowest: its lowest values, likewise.
        ablation: what its removal changes; None if that was not measured.
    """

    unit: Unit
    mean: float
    deviation: float
    word_share: float
    correlations: tuple[Correlation, ...]
    high_words: tuple[WordMean, ...]
    low_words: tuple[WordMean, ...]
    highest: tuple[Context, ...]
    lowest: tuple[Context, ...]
    ablation: Ablation | None = None

    @property
    def strongest(self) -> Correlation | None:
        """The strongest correlation that is certain; None if there is none."""
        return next((each for each in self.correlations if each.p_value < CERTAIN), None)

    def correlation(self, name: str) -> Correlation | None:
        """The strongest correlation with the property of this name, or whose name begins with it and a comma."""
        return next((each for each in self.correlations if each.property.split(",")[0] == name.split(",")[0]), None)

    def sentence(self) -> str:
        """What is known of the unit for sure, in plain words; empty if nothing is."""
        parts = [part for part in (self._goes_with(), self._words(), self._worth()) if part]
        return f"{self.unit} {'; '.join(parts)}." if parts else ""

    def _goes_with(self) -> str:
        found = self.strongest
        if found is None or abs(found.r) < STRONG_R:
            return ""
        return f"{_in_words(found)} (r {found.r:+.2f}, {found.interval[0]:+.2f} to {found.interval[1]:+.2f})"

    def _words(self) -> str:
        if self.word_share < DRIVEN_BY_WORD or not self.high_words:
            return ""
        high, low = (
            ", ".join(each.word.strip() for each in words[:NAMED_WORDS]) for words in (self.high_words, self.low_words)
        )
        return f"is highest at {high} and lowest at {low}"

    def _worth(self) -> str:
        ablation = self.ablation
        if ablation is None or ablation.p_value >= DAMAGING or ablation.above < BEYOND:
            return ""
        if ablation.loss_change < 0:
            return ""
        low, high = ablation.loss_interval
        return (
            f"the loss rises by {ablation.loss_change:.4f} ({low:.4f} to {high:.4f}) without it, more than without "
            f"{100 * ablation.above:.0f} % of the others"
        )

    def to_dict(self) -> Plain:
        """Everything as JSON holds it, with the sentence."""
        content = asdict(self) | {"unit": str(self.unit), "sentence": self.sentence()}
        content["correlations"] = [each.to_dict() for each in self.correlations]
        return content


RANKS: dict[str, Callable[[UnitReport], float]] = {
    "damage": lambda report: report.ablation.loss_change if report.ablation else float("-inf"),
    "accuracy": lambda report: -report.ablation.accuracy_change if report.ablation else float("-inf"),
    "correlation": lambda report: abs(report.correlations[0].r) if report.correlations else -1.0,
    "words": lambda report: report.word_share,
    "memory": lambda report: -report.word_share,
}
"""Orders of a ranking, the largest first; any property is one more, by the size of its correlation."""


@final
@dataclass(frozen=True, eq=False, repr=False)
class UnitStudy(Tabular):
    """What the units of a model do on some texts.

    Args:
        reports: one per unit.
        texts: how many were read.
        given: how many there were to choose from.
        tokens: in the texts that were read.
        method: what a unit is held at: "mean" or "zero"; "none" where nothing was ablated.
        baseline: the whole model on the same texts; None if nothing was ablated.
        changes: the change of the loss for every unit that was ablated: those of the reports first, then those that
            were drawn at random beside them.
    """

    reports: list[UnitReport]
    texts: int
    given: int
    tokens: int
    method: str
    baseline: Baseline | None
    changes: list[float]

    def __repr__(self) -> str:
        ablated = f", held at {self.method}" if self.baseline else ""
        return f"UnitStudy({len(self.reports)} units on {self.texts:,} texts of {self.tokens:,} tokens{ablated})"

    def __len__(self) -> int:
        return len(self.reports)

    def __getitem__(self, unit: Unit | str) -> UnitReport:
        name = str(unit)
        for report in self.reports:
            if str(report.unit) == name:
                return report
        raise KeyError(name)

    @property
    def properties(self) -> list[str]:
        """The names of all properties that were correlated with."""
        return sorted({each.property.split(",")[0] for report in self.reports for each in report.correlations})

    @property
    def band(self) -> tuple[float, float, float] | None:
        """The 5th, 50th and 95th percentile of the change of the loss over all units that were ablated."""
        if not self.changes:
            return None
        low, middle, high = np.percentile(self.changes, [5, 50, 95]).tolist()
        return low, middle, high

    def ranked(self, by: str = "damage") -> list[UnitReport]:
        """The reports, the foremost first.

        Args:
            by: "damage" (rise of the loss without the unit), "accuracy" (fall of it), "correlation" (the strongest
                of each), "words" (how much the word just read drives it), "memory" (how little), or a property.

        Raises:
            SettingError: there is no such order, or nothing was ablated.
        """
        key = RANKS.get(by)
        if key is None and by not in self.properties:
            raise no_such_order(by, [*RANKS, *self.properties])
        if by in ("damage", "accuracy") and self.baseline is None:
            raise SettingError(f"A ranking by {by} needs an ablation. None was measured.", 'Use ablation="mean".')
        return sorted(self.reports, key=lambda report: -(key(report) if key else _strength(report, by)))

    def sentences(self, by: str = "damage") -> list[str]:
        """One for each unit of which something is known for sure, in the order of the ranking."""
        return [sentence for report in self.ranked(by) if (sentence := report.sentence())]

    def to_dict(self) -> Plain:
        """Everything as JSON holds it."""
        rest = {name: getattr(self, name) for name in ("texts", "given", "tokens", "method", "changes", "band")}
        baseline = asdict(self.baseline) if self.baseline else None
        return rest | {"baseline": baseline, "units": [report.to_dict() for report in self.reports]}

    def to_columns(self) -> dict[str, list[object]]:
        """A table as columns of equal length, one row per unit; what was not measured is None."""
        table: dict[str, list[Any]] = {
            "layer": [report.unit.layer for report in self.reports],
            "direction": [report.unit.direction for report in self.reports],
            "unit": [report.unit.number for report in self.reports],
            **{name: [getattr(each, name) for each in self.reports] for name in ("mean", "deviation", "word_share")},
        }
        for name in ("loss_change", "accuracy_change", "p_value", "lost", "gained", "above"):
            table[name] = [getattr(report.ablation, name, None) for report in self.reports]
        for end, words in (("high", "high_words"), ("low", "low_words")):
            table[f"{end}_words"] = [" ".join(each.word.strip() for each in getattr(r, words)) for r in self.reports]
        for name in sorted({each.property for report in self.reports for each in report.correlations}):
            table[f"r {name}"] = [_r(report.correlations, name) for report in self.reports]
        return table


AT = {
    "negation": "negation words",
    "quote": "quotation marks",
    "digit": "digits",
    "line-end": "line ends",
    "punctuation": "punctuation",
    "capital": "capitals",
    "unknown": "words that the vocabulary lacks",
}
"""Token classes as a sentence names them."""


def _in_words(correlation: Correlation) -> str:
    way, name = "higher" if correlation.r > 0 else "lower", correlation.property
    if name == "position":
        return f"gets {way} from the start of a text to its end"
    if name == "length":
        return f"is {way} in long texts"
    if name.startswith("label "):
        label, _, which = name.removeprefix("label ").rpartition(", ")
        return f"{'peaks' if which == 'highest' else 'is'} {way} in texts that are {label!r}"
    return f"is {way} at {AT[name]}"


def no_such_order(name: str, known: Sequence[str]) -> SettingError:
    """What is said where `name` is none of the `known` orders of a ranking."""
    return SettingError(f"Units are ranked by one of {', '.join(known)}. Got {name!r}.", nearest(name, known))


def _strength(report: UnitReport, name: str) -> float:
    found = report.correlation(name)
    return abs(found.r) if found else -1.0


def _r(correlations: Sequence[Correlation], name: str) -> float | None:
    return next((each.r for each in correlations if each.property == name), None)
