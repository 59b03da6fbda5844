"""Answers of a regression beside the truth."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from longshort.errors import DataError
from longshort.figures.style import MAIN_LINE, MUTED, new_figure, tidy

__all__ = ["answers"]


def answers(truth: ArrayLike, answered: ArrayLike) -> Figure:
    """Each answer over its truth; on the dotted line it would be right.

    Args:
        truth: `(examples,)`.
        answered: `(examples,)`.

    Raises:
        DataError: not one answer for each truth, or none.
    """
    came, said = np.asarray(truth, dtype=np.float64), np.asarray(answered, dtype=np.float64)
    if came.ndim != 1 or came.shape != said.shape or not len(came):
        raise DataError(
            f"Answers are drawn over the truth, one for each; got {said.shape} and {came.shape}.",
            "Give both of the same examples.",
        )
    figure = new_figure(4.6, 4.4)
    axes = figure.add_subplot()
    tidy(axes, title="Answers beside the truth", x="truth", y="answer")
    ends = [min(came.min(), said.min()), max(came.max(), said.max())]
    axes.plot(ends, ends, color=MUTED, linestyle=":", linewidth=1.4)
    axes.scatter(came, said, s=14, color=MAIN_LINE.color, alpha=min(1.0, max(0.15, 60 / len(came))), linewidths=0)
    return figure
