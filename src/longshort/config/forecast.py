"""Settings of forecasts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from longshort.config.base import Count, Names, Rate, Section, Share, Size

__all__ = ["ForecastDataSettings", "ForecastModelSettings"]


class ForecastDataSettings(Section):
    """What is forecast, how far ahead, and where it stands in the data."""

    time: str | None = None
    """Name of the time column; found by its usual names (time, date, month, ...) when not given."""
    value: str | None = None
    """Name of the column to forecast; found by its usual names (value, y, ...), or the only one left, when not
    given."""
    series: str | None = None
    """Name of the column that says which series a row belongs to; all rows are one series when not given."""
    known: Names = ()
    """Names of columns that are known for the future too, such as prices or holidays (comma-separated on the command
    line); rows after the last value give them."""
    past: Names = ()
    """Names of further columns that are known for the past alone (comma-separated on the command line)."""
    horizon: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """Steps ahead to forecast; when not given, a season, but 60 at most, or 12 where there is no season, and no more
    than an eighth of the shortest series."""
    season: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Steps after which the series repeats itself, 1 for none; 24 for hours, 7 for days, 12 for months and so on, from
    the step of the time column, when not given."""
    fill: Literal["linear", "last", "zero"] | None = None
    """Repair gaps and empty cells on a line between their neighbours, with the last value or with 0; rows out of order
    are then sorted and rows of one time averaged. An error when not given."""
    encoding: str = "utf-8"
    """Encoding of text files; a byte order mark of UTF-8 is skipped."""
    skip_bad: bool = False
    """Leave out rows that alone are at fault (too few cells, what is no time or no number), count them and name the
    first; an error where they are more than half. The gaps that they leave are for --fill. Without it the first one is
    an error."""
    validation_share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.2
    """Share of the training period, at its end, that chooses the representation and the length of the training."""
    test_share: Share = 0.2
    """Share of the steps, at the end of each series, held out for the report."""
    test_steps: Count | None = None
    """Steps at the end of each series held out for the report, in place of their share."""


class ForecastModelSettings(Section):
    """The network of a forecast: LSTM, quantiles, and a linear path beside it."""

    context: Size | None = None
    """Past steps that a forecast looks at; when not given, chosen from the season, the horizon and the length, and
    networks that look at half and at twice as many answer too, where the series are long enough."""
    trend: Literal["auto", "none", "level", "last", "season"] = "auto"
    """What a window of past steps is measured against, so that a trend does not defeat the network: the mean of its
    whole series ("none"), its own mean ("level"), its last value ("last"), the values a season before ("season"), or
    "auto": those whose forecasts, averaged, do best on the validation part, with a network for each. All but the first
    have a scale for each window."""
    logarithm: Literal["auto", "always", "never"] = "auto"
    """Whether the logarithms of the values are forecast, in which a growth by shares is a straight line and which need
    values above 0; by "auto" where they do better on the validation part."""
    quantiles: Annotated[tuple[float, ...], Field(min_length=1, max_length=99, fail_fast=True)] = (
        *(0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95),
    )
    """Quantiles to forecast, rising, with 0.5 among them (comma-separated on the command line)."""
    hidden_size: Size = 32
    """Hidden units per layer."""
    num_layers: Annotated[int, Field(ge=1, le=64)] = 1
    """LSTM layers, one on the other."""
    dropout: Rate = 0.1
    """Dropout between LSTM layers and before the quantiles."""
    linear: bool = True
    """A linear path from the past steps to the median beside the LSTM (Lai et al. 2018); it starts as a ridge
    regression."""
    members: Annotated[int, Field(ge=1, le=64)] = 1
    """Networks with different first weights, for each way to measure a window, whose quantiles are averaged."""
