"""How a kind of task is described: its words, its metrics, its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from longshort.plain import PlainMapping

__all__ = ["MAE", "Card", "Measure", "Metric", "Table", "Words"]


@dataclass(frozen=True)
class Words:
    """What the examples of a kind are called.

    Args:
        example: what gets an answer.
        step: one step of it.
        content: what the data hold.
        row: what is counted in the data.
        loss: the unit of the loss.
    """

    example: str
    step: str
    content: str
    row: str = "row"
    loss: str = "nats per example"


@dataclass(frozen=True)
class Metric:
    """One number that says how good a model is.

    Args:
        key: its name in `metrics.json`.
        label: what tables call it.
        has_unit: whether it is in the unit of the data, and shown with four significant digits; a share has three
            decimals.
        long: its name in sentences and reports; `label` when not given.
        shown: in which tables of a cross-validation it is: of folds and means, of means alone, or in none.
    """

    key: str
    label: str
    has_unit: bool = False
    long: str = ""
    shown: Literal["always", "mean", "never"] = "always"

    @property
    def name(self) -> str:
        """Its name in sentences and reports."""
        return self.long or self.label

    def text(self, value: float | None) -> str:
        """Return the value as tables show it; a dash for None."""
        if value is None:
            return "-"
        return f"{value:,.4g}" if self.has_unit else f"{round(value, 3) + 0.0:.3f}"


@dataclass(frozen=True)
class Measure:
    """How models of a kind are compared.

    Args:
        metrics: those that tables and cross-validation show; models are compared by the first.
        rises: whether more of the first is better.
        better: what a better model is, in words: "more accurate".
        count: the key, in a model's metrics, of the number of examples that it was evaluated on.
        interval: the key of the 95 % interval of the first metric; None if there is none.
        loss: what a search over settings minimises, in words.
    """

    metrics: tuple[Metric, ...]
    rises: bool
    better: str
    count: str = "examples"
    interval: str | None = None
    loss: str = "Validation loss"

    @property
    def first(self) -> Metric:
        """The metric that models are compared by."""
        return self.metrics[0]

    @property
    def name(self) -> str:
        """The key of that metric."""
        return self.first.key

    def rank(self, metrics: PlainMapping) -> float:
        """Return a number to sort models by, the best first; models without the metric are alike."""
        value = float(metrics.get(self.name) or 0.0)
        return -value if self.rises else value


MAE = Metric("mae", "MAE", has_unit=True, long="mean absolute error")


@dataclass(frozen=True)
class Table:
    """Rows of text under headings, for a terminal.

    Args:
        headers: the name of each column.
        rows: the cells, one str per column.
        right: names of the columns that are aligned to the right.
        wrap: names of the columns whose cells take several lines where a terminal is too narrow.
    """

    headers: Sequence[str]
    rows: Iterable[Sequence[str]]
    right: Sequence[str] = ()
    wrap: Sequence[str] = ()


@dataclass(frozen=True)
class Card:
    """The part of a model card that depends on the kind.

    Args:
        template: its path below the package; it extends "pages/templates/card.md.j2".
        values: what the template is filled with, beside what every card has.
        limits: what the model must not be taken for, one sentence each.
    """

    template: str
    values: PlainMapping
    limits: Sequence[str]
