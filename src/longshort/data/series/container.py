"""`SeriesSet`: one or many series of numbers over time on one grid, without gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longshort.data.series.steps import Step
from longshort.errors import DataError

__all__ = ["Series", "SeriesSet"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Series:
    """One series; every step has a value.

    Args:
        name: what its rows are called in the data; "" if there is one series without a name.
        start: the position of its first step on the grid.
        values: `(steps,)` float64, finite: what is forecast.
        known: `(steps + future, known)` float64, finite: covariates that are known for some steps after the last value.
        past: `(steps, past)` float64, finite: covariates known for the past alone.
        between: `(steps, 1 + past)` bool: which values and covariates of the past were missing and put on a line
            between their neighbours: before the later one they could not be known. None if there are none.
    """

    name: str
    start: int
    values: Array
    known: Array
    past: Array
    between: Array | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def positions(self) -> Array:
        """`(steps,)` int64: where its steps stand on the grid."""
        return self.start + np.arange(len(self), dtype=np.int64)

    def until(self, end: int) -> Series:
        """The first `end` steps; what is known of the future stays known.

        A gap that was filled on a line to a value after `end` holds its last value instead.
        """
        if self.between is None:
            return replace(self, values=self.values[:end], past=self.past[:end])
        own, between = np.column_stack([self.values[:end], self.past[:end]]), self.between[:end]
        for column, guessed in zip(own.T, between.T, strict=True):
            certain = np.flatnonzero(~guessed)
            if len(certain):
                column[certain[-1] + 1 :] = column[certain[-1]]
        return replace(self, values=own[:, 0], past=own[:, 1:], between=between)

    def knowing(self, origins: Array) -> Array:
        """Those of `origins` from which all before can have been known: none within a gap that was filled on a line."""
        if self.between is None:
            return origins
        return np.asarray(origins[~self.between[np.maximum(origins - 1, 0)].any(axis=1)])


@dataclass(frozen=True, eq=False)
class SeriesSet:
    """Series on one grid, with the same covariates.

    Args:
        series: at least one.
        step: the grid.
        target: the name of what is forecast.
        known: names of the covariates that are known for the future too.
        past: names of the covariates that are known for the past alone.
        notes: sentences for the user about what was chosen or repaired.
        source: what messages call the data.
    """

    series: tuple[Series, ...]
    step: Step
    target: str = "value"
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = "the data"

    def __len__(self) -> int:
        return len(self.series)

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series)

    @property
    def lengths(self) -> Array:
        """`(series,)` int64 steps that have a value."""
        return np.array([len(each) for each in self.series], dtype=np.int64)

    @property
    def named(self) -> bool:
        """Whether its series have names; else there is one alone."""
        return any(each.name for each in self.series)

    @property
    def steps_known_ahead(self) -> int:
        """Steps after the last value whose covariates are known, of the series that has the fewest; 0 without any."""
        return min(len(each.known) - len(each) for each in self.series) if self.known else 0

    def until(self, ends: Sequence[int] | Array) -> SeriesSet:
        """The first `ends[i]` steps of series i: all that is known before that step."""
        cut = tuple(each.until(int(end)) for each, end in zip(self.series, ends, strict=True))
        return replace(self, series=cut)

    @property
    def positive(self) -> bool:
        """Whether every value is above 0."""
        return all(bool((each.values > 0).all()) for each in self.series)

    def logarithms(self, known: Array | None = None) -> SeriesSet:
        """The same series of the values' natural logarithms.

        Args:
            known: `(series,)` int64: for each the steps at its beginning whose least value above 0 stands in for every
                value that is not above 0. Every value must be above 0 when not given.

        Raises:
            DataError: a value is not above 0, and nothing stands in for it.
        """
        ends = np.zeros(len(self), dtype=np.int64) if known is None else known
        return replace(
            self, series=tuple(self._logarithm(each, int(end)) for each, end in zip(self.series, ends, strict=True))
        )

    def _logarithm(self, series: Series, known: int) -> Series:
        values, above = series.values, series.values[:known][series.values[:known] > 0]
        if len(above):
            values = np.where(values <= 0, above.min(), values)
        elif bool((values <= 0).any()):
            place = int(np.flatnonzero(values <= 0)[0])
            raise DataError(
                f"{self.source}: every value of {called(series)} must be above 0, for its logarithm is taken. Got "
                f"{values[place]:g} at {self.step.text(series.start + place)}.",
                "Train with --logarithm never.",
            )
        return replace(series, values=np.log(values))

    def holdout(self, *, share: float, steps: int | None = None, least: int = 1, validates: bool = False) -> Array:
        """`(series,)` int64: where the last part of each series begins, which the part before it must not know.

        Args:
            share: of the steps that the last part has; raised to `least` where it is less.
            steps: its steps, in place of the share.
            least: steps that each part must have.
            validates: the series are a training period, and the part is the one that validates: for the message.

        Raises:
            DataError: a series is too short for both parts.
        """
        lengths = self.lengths
        shares = np.maximum(np.round(lengths * share).astype(np.int64), least)
        last = shares if steps is None else np.full(len(self), steps)
        short = np.flatnonzero((last < least) | (lengths - last < least))
        if len(short):
            which = self.series[int(short[0])]
            whole = f"the training period of {called(which)}" if validates else called(which)
            part = "validation part" if validates else "part held out"
            raise DataError(
                f"{self.source}: {whole} must have at least {least} steps before and {least} within the {part} at its "
                f"end. Of its {len(which)} steps, {int(last[short[0]])} are in that part.",
                "Give more history, a smaller horizon, or another share to hold out.",
            )
        return np.asarray(lengths - last, dtype=np.int64)


def called(series: Series) -> str:
    """What a message calls a series."""
    return f"the series {series.name!r}" if series.name else "the series"
