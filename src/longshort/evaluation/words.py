"""How numbers and lists are worded in a finding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longshort.evaluation.error_comparison import ErrorComparison

__all__ = [
    "count",
    "difference",
    "interval",
    "joined",
    "listed",
    "number",
    "percent",
    "points",
    "small_percent",
    "times",
]

# More names than this make a sentence unreadable.
LISTED = 5


def percent(share: float) -> str:
    """0.123 as "12.3 %"."""
    return f"{100 * share:.1f} %"


def small_percent(share: float) -> str:
    """A share that may be tiny: 0.0537 as "5.4 %", 0.000112 as "0.011 %", 8.1 as "810 %"."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 100 else f"{value:.2g} %"


def points(difference: float) -> str:
    """A difference of two shares, in percentage points with its sign: 0.006 as "+0.6"."""
    return f"{100 * difference:+.1f}"


def interval(ends: tuple[float, float]) -> str:
    """Both ends of an interval of shares: "0.883 to 0.907"."""
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def count(number: int, one: str, several: str = "") -> str:
    """A number and its noun: "1 example", "25,000 examples"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Quoted names: "'a', 'b' and 'c'"; of many the first few and how many more."""
    quoted = [f"'{name}'" for name in names[:LISTED]]
    if len(names) > LISTED:
        quoted.append(f"{len(names) - LISTED} more")
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


def times(factor: float) -> str:
    """A factor to two digits: "3.2", "47", "12,000"; "10^9" for what nobody counts."""
    if factor >= 1e6:
        return f"10^{round(math.log10(factor))}"
    return f"{factor:.1f}" if factor < 10 else f"{float(f'{factor:.2g}'):,.0f}"


def joined(names: Sequence[str]) -> str:
    """Names without quotes: "a, b and c"."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def number(value: float) -> str:
    """A number in the unit of the data, with four significant digits: "0.1235", "1,235"."""
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:.4g}"


def difference(compared: ErrorComparison) -> str:
    """By how much an error is larger than another, with its interval, in brackets; empty if there is no interval."""
    if compared.interval is None:
        return ""
    low, high = (number(-end) for end in reversed(compared.interval))
    return f" (difference {number(-compared.difference)}, 95 % interval {low} to {high})"
