"""`Step`: how long it is from one value of a series to the next, and what the calendar says at each."""

from __future__ import annotations

import calendar
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

import numpy as np

from longshort.plain import Plain

__all__ = ["Step", "Uneven", "find_step"]

Array = np.ndarray[Any, Any]

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
WEEK, YEAR = 7 * DAY, int(365.2425 * DAY)
THURSDAY = 3
"""Days from a Monday to the first of January 1970."""
_EPOCH = datetime(1970, 1, 1)
_UNITS = (("week", WEEK), ("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND), ("microsecond", 1))
MOST = 10**15

OFTEN = 0.2
"""Share of the distances from which a short one is the step, and the longer ones are gaps; below, it is a slip."""


WEEKENDS = 2
"""Times that a Monday follows on a Friday, from which on a series leaves weekends out."""


class Uneven(Exception):
    """The times do not stand on an even grid.

    Args:
        usual: the step that most of them keep.
        index: the first that does not, in the order given.
    """

    def __init__(self, usual: Step, index: int) -> None:
        super().__init__(f"uneven at {index}")
        self.usual, self.index = usual, index


@dataclass(frozen=True)
class Step:
    """An even grid of times. A position is a whole number that grows by 1 from one step to the next.

    Args:
        unit: "number" for whole numbers; "microsecond" for points in time at even distances; "month" for calendar
            months, whose lengths differ; "weekday" for the days from Monday to Friday.
        count: units from one step to the next, at least 1.
        phase: the position 0, in units (months since January 1970); less than `count`.
        within: microseconds from the start of a month or weekday to the time; -1 for a month's last day. 0 otherwise.
    """

    unit: Literal["number", "microsecond", "month", "weekday"]
    count: int
    phase: int = 0
    within: int = 0

    def __str__(self) -> str:
        """Such as "1 hour", "3 months" or, for whole numbers, "1"."""
        if self.unit == "number":
            return str(self.count)
        if self.unit == "weekday":
            return "1 weekday"
        if self.unit == "month":
            return _counted(self.count // 12, "year") if self.count % 12 == 0 else _counted(self.count, "month")
        name, size = next((name, size) for name, size in _UNITS if self.count % size == 0)
        return _counted(self.count // size, name)

    # --- times and positions ---

    def positions(self, times: Array) -> Array:
        """`(steps,)` int64 positions of times that stand on the grid (see `fits`)."""
        if self.unit == "weekday":
            weeks, days = np.divmod(times // DAY + THURSDAY, 7)
            return np.asarray(5 * weeks + days)
        units = _months(times)[0] if self.unit == "month" else times
        found: Array = (units - self.phase) // self.count
        return found

    def fits(self, times: Array) -> Array:
        """`(steps,)` bool: whether a time, as `as_time` reads it, stands on the grid."""
        if self.unit == "weekday":
            return np.asarray((times % DAY == self.within) & ((times // DAY + THURSDAY) % 7 < 5))
        if self.unit != "month":
            even: Array = (times - self.phase) % self.count == 0
            return even
        months, within, last = _months(times)
        whole: Array = (months - self.phase) % self.count == 0
        return whole & (last if self.within < 0 else within == self.within)

    def text(self, position: int) -> str:
        """The time at a position as ISO 8601 writes it, no longer than it must be: "1961-01", "2016-07-01 13:00"."""
        unit = self.phase + int(position) * self.count
        if self.unit == "number":
            return str(unit)
        if self.unit == "month":
            year, month = 1970 + unit // 12, unit % 12 + 1
            if not 1 <= year <= 9999:
                return f"{year}-{month:02d}"
            if self.within == 0:
                return f"{year:04d}-{month:02d}"
            days = calendar.monthrange(year, month)[1] - 1
            moment = datetime(year, month, 1) + (
                timedelta(days=days) if self.within < 0 else timedelta(microseconds=self.within)
            )
            return _iso(moment, self.within < 0 or self.within % DAY == 0)
        unit, days = self._moments(int(position)), self.unit == "weekday" or self.count % DAY == 0
        try:
            return _iso(_EPOCH + timedelta(microseconds=unit), days and unit % DAY == 0)
        except OverflowError:
            return f"{unit} microseconds since 1970"

    def _moments(self, positions: Any) -> Any:
        """Microseconds since 1970 of a position or an array of them: points in time at even distances, or weekdays."""
        if self.unit != "weekday":
            return self.phase + positions * self.count
        weeks, days = divmod(positions, 5)
        return (7 * weeks + days - THURSDAY) * DAY + self.within

    # --- what the calendar says ---

    @property
    def season(self) -> int:
        """The usual number of steps after which such series repeat themselves; 1 if none is usual."""
        if self.unit == "number":
            return 1
        if self.unit == "weekday":
            return 5
        if self.unit == "month":
            return 12 // self.count if self.count < 12 and 12 % self.count == 0 else 1
        for size, whole in ((SECOND, MINUTE), (MINUTE, HOUR), (HOUR, DAY), (DAY, WEEK), (WEEK, 52 * WEEK)):
            if size <= self.count < whole and whole % self.count == 0:
                # Ten minutes repeat daily rather than hourly, as do all steps of more than five.
                return DAY // self.count if 5 * MINUTE < self.count < HOUR else whole // self.count
        return 1

    @property
    def cycles(self) -> tuple[str, ...]:
        """The names of the calendar's cycles that a step of this length moves through, the shortest first."""
        if self.unit == "number":
            return ()
        if self.unit == "weekday":
            return ("week", "year")
        if self.unit == "month":
            return ("year",) if self.count < 12 else ()
        lengths = (("hour", HOUR), ("day", DAY), ("week", WEEK), ("year", YEAR))
        # A cycle of under two steps cannot be seen, and one of 100,000 steps is no cycle for a training.
        return tuple(name for name, size in lengths if 2 * self.count <= size <= 100_000 * self.count)

    def calendar(self, positions: Array) -> Array:
        """`(steps, 2 x cycles)` float64: sine and cosine of where in each cycle a position stands.

        A day begins at midnight, a week on Monday, a year on the first of January (of 365.2425 days). Weekdays are
        fifths of a week.
        """
        columns: list[Array] = []
        for cycle in self.cycles:
            angle = 2 * np.pi * self._share(positions.astype(np.int64), cycle)
            columns += [np.sin(angle), np.cos(angle)]
        return np.stack(columns, axis=1) if columns else np.zeros((len(positions), 0))

    def _share(self, positions: Array, cycle: str) -> Array:
        if self.unit == "month":
            months: Array = (self.phase + positions * self.count) % 12 / 12
            return months
        if self.unit == "weekday" and cycle == "week":
            return np.asarray(positions % 5 / 5)
        size = {"hour": HOUR, "day": DAY, "week": WEEK, "year": YEAR}[cycle]
        start = THURSDAY * DAY if cycle == "week" else 0
        part: Array = (self._moments(positions) + start) % size / size
        return part

    # --- stored with a model ---

    def to_dict(self) -> Plain:
        """What `from_dict` reads."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The step that `to_dict` wrote.

        Raises:
            ValueError: anything else.
        """
        if not isinstance(values, dict) or set(values) != {"unit", "count", "phase", "within"}:
            raise ValueError("a step has a unit, a count, a phase and a within")
        numbers = [values[name] for name in ("count", "phase", "within")]
        whole = all(isinstance(each, int) and not isinstance(each, bool) for each in numbers)
        if values["unit"] not in ("number", "microsecond", "month", "weekday") or not whole:
            raise ValueError("a step has a unit and whole numbers")
        count, phase, within = numbers
        if not (1 <= count <= MOST and 0 <= phase < count and -1 <= within < 31 * DAY):
            raise ValueError("the numbers of a step must be within their bounds")
        if values["unit"] == "weekday" and not (count == 1 and 0 <= within < DAY):
            raise ValueError("a step of weekdays is one, at a time of the day")
        return cls(**values)


def find_step(times: Sequence[Array], *, calendar_times: bool) -> Step:
    """The grid that the times of one or several series stand on; places on it may be empty.

    The step is the commonest distance, or a shorter one that all others are multiples of, if it is frequent too. Times
    on the same day of different months (or on their last days) are months apart, whatever their days; days that leave
    out every weekend are weekdays.

    Args:
        times: for each series `(steps,)` int64 as `as_time` reads them, rising.
        calendar_times: whether they are points in time.

    Raises:
        Uneven: a time stands beside the grid; `index` counts through all series, one after another.
    """
    every = np.concatenate([np.asarray(each, dtype=np.int64) for each in times])
    if calendar_times and (monthly := _monthly(times, every)) is not None:
        return monthly
    if calendar_times and (weekly := _weekdays(times, every)) is not None:
        return weekly
    distances = Counter(int(d) for each in times for d in np.diff(each))
    common = _usual(distances) if distances else (DAY if calendar_times else 1)
    step = Step("microsecond" if calendar_times else "number", common, int(every[0]) % common)
    beside = np.flatnonzero(~step.fits(every))
    if len(beside):
        raise Uneven(step, int(beside[0]))
    return step


def _usual(distances: Counter[int]) -> int:
    shared = math.gcd(*distances)
    if distances[shared] >= OFTEN * distances.total():
        return shared
    return max(distances, key=lambda distance: (distances[distance], -distance))


def _monthly(times: Sequence[Array], every: Array) -> Step | None:
    months, within, last = _months(every)
    same = bool((within == within[0]).all()) and int(within[0]) < 28 * DAY
    if not (same or bool(last.all())):
        return None
    apart = np.concatenate([np.diff(_months(np.asarray(each))[0]) for each in times])
    if not len(apart) or int(apart.min()) < 1:
        return None
    count = int(np.gcd.reduce(np.concatenate([apart, months - months[0]])))
    return Step("month", count, int(months[0]) % count, int(within[0]) if same else -1)


def _weekdays(times: Sequence[Array], every: Array) -> Step | None:
    """Days at one time of the day, many of them one after another, over several weekends, and none on a weekend."""
    step = Step("weekday", 1, within=int(every[0]) % DAY)
    if not step.fits(every).all():
        return None
    distances = Counter(int(d) for each in times for d in np.diff(each))
    often = distances[DAY] >= OFTEN * distances.total()
    return step if often and distances[3 * DAY] >= WEEKENDS else None


def _months(times: Array) -> tuple[Array, Array, Array]:
    """Months since January 1970, microseconds since their start, and whether it is the midnight of their last day."""
    moments = times.astype("datetime64[us]")
    months = moments.astype("datetime64[M]")
    within = (moments - months.astype("datetime64[us]")).astype(np.int64)
    end = (months + 1).astype("datetime64[us]") - np.timedelta64(DAY, "us")
    return months.astype(np.int64), within, moments == end


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _iso(moment: datetime, day: bool) -> str:
    if day:
        return moment.strftime("%Y-%m-%d") if moment.year >= 1000 else moment.date().isoformat()
    text = moment.isoformat(sep=" ")
    return text.removesuffix(":00") if not moment.microsecond else text
