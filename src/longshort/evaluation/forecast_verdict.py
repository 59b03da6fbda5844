"""The honest sentence about a forecast, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from longshort.evaluation.backtest import Backtest
from longshort.evaluation.error_comparison import ErrorComparison
from longshort.evaluation.facts import Finding, TrainingFacts
from longshort.evaluation.findings import DYNAMICS
from longshort.evaluation.findings.errors import compared_errors
from longshort.evaluation.findings.learning import still_falling
from longshort.evaluation.findings.movement import barely_moved
from longshort.evaluation.forecast_baselines import LAST
from longshort.evaluation.verdict import Verdict, standing, verdict
from longshort.evaluation.words import count, difference, number, percent

__all__ = ["ForecastFacts", "judge_forecast"]

# A forecast whose median moves from the last value by less than this share of what the series does only repeats it.
REPEATS = 0.05
# Ten points between what a band should hold and what it holds change decisions; fewer forecasts than these that do not
# overlap miss by about as much by chance.
MISSED_BAND = 0.10
BAND_FORECASTS = 10
# The truth should be above the median half of the time; beyond three quarters there is a trend that it does not follow.
ONE_SIDED = 0.75
# With fewer forecasts that do not overlap, one odd season decides.
FEW_FORECASTS = 5


@dataclass(frozen=True, kw_only=True)
class ForecastFacts(TrainingFacts):
    """Everything known about a forecast; see `TrainingFacts` too. The history is that of the training that chose the
    number of epochs.

    Attributes:
        backtest: its answers and the baselines' on the split held out.
        comparisons: ours against each baseline, by its name.
        seen: steps that it was evaluated on and that were in its training.
    """

    example: ClassVar[str] = "forecast"
    row: ClassVar[str] = "step"
    flattered: ClassVar[str] = "its error there is too small"

    backtest: Backtest
    comparisons: Mapping[str, ErrorComparison]
    seen: int = 0
    pools: bool = False

    @property
    def apart(self) -> float:
        """How many forecasts there are that do not overlap."""
        found = self.backtest
        steps = sum(int(own[-1] - own[0]) + found.model.horizon for own in found.origins if len(own))
        return steps / found.model.horizon


def judge_forecast(facts: ForecastFacts) -> Verdict:
    """Weigh all facts: better than the baselines or not, how sure, how far its bands can be believed; what to try."""
    return verdict(facts, _CHECKS, _headline)


def _headline(facts: ForecastFacts, found: Sequence[Finding]) -> str:
    model = facts.backtest.model
    mase = "" if model.mase is None else f" (MASE {model.mase:.3f})"
    done = count(model.forecasts, "forecast")
    error = f"ean absolute error {number(model.mae)}{mase} over {done} of {count(model.horizon, 'step')}"
    if any(each.kind == "repeats" for each in found):
        return f"It has learnt nothing of use: it repeats the last value, m{error}."
    best, outcomes = facts.backtest.best_baseline, {name: each.outcome for name, each in facts.comparisons.items()}
    stands = standing(outcomes, best, number(facts.backtest.baseline_metrics[best].mae), ship=True)
    return f"M{error}: {stands}{'; it has seen these steps in training' if facts.seen else ''}."


def _leaking(facts: ForecastFacts) -> Iterator[Finding]:
    """Steps that it was judged on lie in the period of the training."""
    if facts.seen:
        yield Finding(
            kind="leaking",
            level="bad",
            sentence=f"{count(facts.seen, 'step')} that it was judged on {'was' if facts.seen == 1 else 'were'} in its "
            "training, which makes its error there too small.",
            advice="Evaluate it on data from after the training.",
        )


def _baselines(facts: ForecastFacts) -> Iterator[Finding]:
    """Each baseline that it does not beat, and those that it does."""
    ours, theirs = facts.backtest.model.mae, {name: each.mae for name, each in facts.backtest.baseline_metrics.items()}
    return compared_errors(
        ours,
        theirs,
        facts.comparisons,
        certainty={name: difference(each) or _overlapping(each) for name, each in facts.comparisons.items()},
        beaten={name: _share(ours, error) for name, error in theirs.items()},
        worse="Forecast with that baseline; or give more history, covariates that are known ahead (--known), or "
        "another --season.",
        undecided="Hold out a longer part to decide, or take the simpler one.",
    )


def _overlapping(compared: ErrorComparison) -> str:
    return f" by {count(compared.moments, 'origin')}, whose forecasts overlap"


def _barely_moved(facts: ForecastFacts) -> Iterator[Finding]:
    return barely_moved(facts, nothing=any(_repeats(facts)))


def _share(ours: float, theirs: float) -> str:
    return "" if theirs == 0 else f", {percent(1 - ours / theirs)} less"


def _repeats(facts: ForecastFacts) -> Iterator[Finding]:
    """A median that stays at the last value."""
    found = facts.backtest
    last = found.baselines[LAST].values
    median = found.quantiles[..., found.levels.index(0.5)]
    moved, moves = float(np.abs(median - last).mean()), float(np.abs(found.truth - last).mean())
    if moves > 0 and moved < REPEATS * moves:
        yield Finding(
            kind="repeats",
            level="bad",
            sentence=f"Its median stays within {number(moved)} of the last value, where the series moves by "
            f"{number(moves)}: it does not use its input.",
            advice="Train longer, give more history or a --season; some series, such as prices, allow no more.",
        )


def _bands(facts: ForecastFacts) -> Iterator[Finding]:
    """Bands that hold less or more of the truth than they say."""
    coverage = facts.backtest.model.coverage
    if not coverage or facts.apart < BAND_FORECASTS:
        return
    said = min(coverage, key=lambda share: abs(share - 0.8))
    held = coverage[said]
    if abs(held - said) <= MISSED_BAND:
        yield Finding(
            kind="bands",
            level="good",
            sentence=f"Its {said:.0%} band holds {held:.1%} of the actual values.".replace("%", " %"),
        )
        return
    too_sure = held < said
    yield Finding(
        kind="bands",
        level="warning" if too_sure else "note",
        sentence=f"It is {'too sure' if too_sure else 'not sure enough'} of itself: its {said:.0%} band holds "
        f"{held:.1%} of the actual values.".replace("%", " %"),
        advice="Read its bands as too narrow: the end of the series is unlike what it was trained on."
        if too_sure
        else "Read its bands as too wide.",
    )


def _one_sided(facts: ForecastFacts) -> Iterator[Finding]:
    """A median with nearly all of the truth on one side of it."""
    found = facts.backtest
    above = float((found.truth > found.quantiles[..., found.levels.index(0.5)]).mean())
    below = float((found.truth < found.quantiles[..., found.levels.index(0.5)]).mean())
    if max(above, below) >= ONE_SIDED:
        yield Finding(
            kind="one-sided",
            level="warning",
            sentence=f"It forecasts too {'low' if above > below else 'high'}: {percent(max(above, below))} of what "
            f"came lies {'above' if above > below else 'below'} its median.",
            advice="The end of the series goes elsewhere than what it was trained on: try --trend last or --trend "
            "season, or train on more recent data.",
        )


def _few(facts: ForecastFacts) -> Iterator[Finding]:
    """A part held out that is too short to say much."""
    if facts.apart < FEW_FORECASTS:
        horizon = facts.backtest.model.horizon
        yield Finding(
            kind="small test",
            level="note",
            sentence=f"The part held out has room for {facts.apart:.1f} forecasts of {count(horizon, 'step')} that do "
            "not overlap: one odd stretch decides.",
            advice="Hold out more (--test-share), if there is more history.",
        )


_CHECKS = (
    _leaking,
    _baselines,
    _repeats,
    _barely_moved,
    _bands,
    _one_sided,
    _few,
    still_falling,
    *DYNAMICS,
)
