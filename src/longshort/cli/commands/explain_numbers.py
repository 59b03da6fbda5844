"""The part of `longshort explain` that is about sequences of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from longshort.cli import console
from longshort.cli.writing import written

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from longshort.artifacts.bundle import AnyBundle
    from longshort.insight.attribution import StepContributions
    from longshort.kinds.seam import Example

__all__ = ["explain_sequence"]


def explain_sequence(
    model: AnyBundle,
    given: Example,
    *,
    label: str | None,
    top: int,
    as_json: bool,
    figure: Path | None,
) -> None:
    """Print which steps and channels of a sequence made the answer what it is, and draw it where that is asked for."""
    from longshort.insight.attribution import explain_numbers

    values = given.given
    assert not isinstance(values, str)  # the caller has looked
    found = explain_numbers(model, values, label=label)
    assert not isinstance(found, list)  # one sequence was given
    if figure is not None:
        _draw(figure, values, found)
    if as_json:
        console.out_json({"origin": given.name, **found.to_dict()})
        return
    console.out(f"{given.name}: {_answer(found)}")
    console.out()
    ranked = sorted(found.by_channel.items(), key=lambda item: -abs(item[1]))[:top]
    channels = [(name, f"{value:+.3f}") for name, value in ranked]
    console.table(("channel", "contribution"), channels, right=("contribution",))
    console.out()
    steps = [
        (str(step), found.channels[at], f"{values[step, at]:,.4g}", f"{found.values[step, at]:+.3f}")
        for step, at in found.strongest(top)
    ]
    numbers = ("step", "value", "contribution")
    console.table(("step", "channel", "value", "contribution"), steps, right=numbers)
    console.out()
    console.out(_accounts(found))


def _answer(found: StepContributions) -> str:
    if not found.probabilities:
        return f"{found.score:,.4g}"
    ranked = sorted(found.probabilities.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {probability:.3f}" for name, probability in ranked)


def _accounts(found: StepContributions) -> str:
    missed = found.completeness_error
    rest = "" if missed is None else f"; the contributions account for that difference to within {100 * missed:.1f} %"
    return (
        f"The {found.scale} is {found.score:+.3f}; of a sequence at the mean of each channel it is "
        f"{found.baseline_score:+.3f}{rest}."
    ).replace("The the ", "The ")


def _draw(path: Path, values: npt.NDArray[np.float64], found: StepContributions) -> None:
    from longshort.figures.steps import step_contributions
    from longshort.figures.style import save

    with written(path) as place:
        save(step_contributions(values, found.values, found.channels, scale=found.scale), place)
