"""How sure a comparison can be: the interval of one accuracy, and the paired test of two models.

Examples that are copies of each other count as one piece of evidence: what is answered right once is answered right in
all copies, and a test that takes them for independent finds differences if there are none.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from longshort.errors import DataError
from longshort.evaluation.arrays import Integers, checked_probabilities, checked_targets, is_correct
from longshort.plain import Plain

__all__ = ["Comparison", "paired_comparison", "paired_counts", "share_interval", "wilson"]

# Two-sided 95 % point of the normal distribution.
Z = 1.959963984540054
SIGNIFICANCE = 0.05


def share_interval(right: NDArray[np.bool_], copies: ArrayLike | None = None) -> tuple[float, float]:
    """The 95 % score interval of the share of right answers.

    With copies it is that of as many independent examples as would leave the share as unsure as the copies do (Kish
    1965): the variance of a ratio of sums over the copies of each example, beside that of independent ones.

    Args:
        right: `(examples,)`: whether each was answered right.
        copies: `(examples,)`: equal for examples that are copies of each other; all differ when not given.
    """
    share, count = float(right.mean()), len(right)
    group, groups = _grouped(copies, count)
    if groups == count:
        return wilson(int(right.sum()), count)
    sizes = np.bincount(group, minlength=groups)
    if 0 < share < 1 and groups > 1:
        off = np.bincount(group, weights=right, minlength=groups) - share * sizes
        spread = float((off**2).sum()) * groups / (groups - 1)
        independent = min(count**2 * share * (1 - share) / spread, count) if spread else groups
    else:
        independent = groups
    return wilson(share * independent, independent)


def wilson(correct: float, total: float) -> tuple[float, float]:
    """The 95 % score interval of a share, `correct` out of `total` (Wilson 1927).

    Unlike the textbook interval it stays inside 0 to 1 and keeps its width at 0 % and 100 %.

    Raises:
        DataError: `total` is not positive, or `correct` is not in 0..total.
    """
    if not 0 <= correct <= total or total == 0:
        raise DataError(
            f"A share needs at least one example and between 0 and all of them correct; got {correct} of {total}.",
            "Count the correct answers among the examples.",
        )
    share = correct / total
    centre = (share + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z / (1 + Z**2 / total) * math.sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    # At the ends the exact value is 0 or 1; rounding must not leave the range.
    return (0.0 if correct == 0 else centre - half, 1.0 if correct == total else centre + half)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models on the same examples; positive differences are in favour of the first, ours.

    Attributes:
        examples: how many both answered.
        only_ours: examples that our model alone answers correctly.
        only_theirs: examples that the other model alone answers correctly.
        difference: accuracy of ours minus accuracy of the other, -1 to 1.
        interval: its 95 % interval for paired proportions (Agresti & Min 2005).
        p_value: McNemar's test, two-sided and mid-p, of "both are equally often right" (Fagerland, Lydersen
            & Laake 2013, who find the exact test too cautious).
    """

    examples: int
    only_ours: int
    only_theirs: int
    difference: float
    interval: tuple[float, float]
    p_value: float

    @property
    def outcome(self) -> Literal["better", "worse", "undecided"]:
        """Whether ours is better or worse; undecided unless the test and the interval both say so at 5 %."""
        if self.p_value >= SIGNIFICANCE or self.interval[0] <= 0 <= self.interval[1]:
            return "undecided"
        return "better" if self.difference > 0 else "worse"

    def to_dict(self) -> Plain:
        """The fields and the outcome, as JSON holds them."""
        return {**asdict(self), "interval": list(self.interval), "outcome": self.outcome}


def paired_comparison(
    ours: ArrayLike,
    theirs: ArrayLike,
    targets: ArrayLike,
    *,
    multi_label: bool = False,
    copies: ArrayLike | None = None,
) -> Comparison:
    """Compare the answers of two models to the same examples.

    Args:
        ours: probabilities of our model, `(examples, classes)`.
        theirs: probabilities of the other model, of the same shape.
        targets: `(examples,)` class numbers, or `(examples, classes)` of 0 and 1 with `multi_label`.
        multi_label: whether an example may have several labels; it is then correct when all of them are.
        copies: `(examples,)`: equal for examples that are copies of each other; all differ when not given.

    Raises:
        DataError: shapes that do not fit each other, or numbers that are no probabilities.
    """
    classes = np.shape(ours)[1] if np.ndim(ours) == 2 else 0
    truth = checked_targets(targets, classes, multi_label=multi_label)
    right = [
        is_correct(
            checked_probabilities(each, (len(truth), classes), multi_label=multi_label), truth, multi_label=multi_label
        )
        for each in (ours, theirs)
    ]
    only_ours, only_theirs = (int((one & ~other).sum()) for one, other in (right, right[::-1]))
    found = paired_counts(only_ours=only_ours, only_theirs=only_theirs, examples=len(truth))
    group, groups = _grouped(copies, len(truth))
    if groups == len(truth):
        return found
    apart = right[0].astype(np.int64) - right[1]
    sums = np.bincount(group, weights=apart, minlength=groups).round().astype(np.int64)
    sizes = np.bincount(group, minlength=groups)
    return replace(found, interval=_grouped_interval(sums, sizes), p_value=_sign_flip_p(sums))


def paired_counts(*, only_ours: int, only_theirs: int, examples: int) -> Comparison:
    """Compare two models by the examples that one of them alone answers correctly."""
    return Comparison(
        examples=examples,
        only_ours=only_ours,
        only_theirs=only_theirs,
        difference=(only_ours - only_theirs) / examples,
        interval=_paired_interval(only_ours, only_theirs, examples),
        p_value=_mid_p(min(only_ours, only_theirs), only_ours + only_theirs),
    )


def _grouped(copies: ArrayLike | None, count: int) -> tuple[Integers, int]:
    """`(examples,)`: the number of the group of each, and how many groups there are."""
    if copies is None:
        return np.arange(count), count
    found = np.unique(np.asarray(copies), return_inverse=True)[1].reshape(-1)
    return found, int(found.max()) + 1


def _sign_flip_p(sums: Integers) -> float:
    """McNemar's test for groups: two-sided and mid-p, exact; of groups of one it is `_mid_p`.

    Were both models equally often right, the sum of the differences within each group could as well have the other
    sign. The distribution of their total over all signs is a convolution of binomials.
    """
    sizes, counts = np.unique(np.abs(sums[sums != 0]), return_counts=True)
    chances = np.ones(1)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        steps = np.zeros(2 * size * count + 1)
        steps[:: 2 * size] = binom.pmf(np.arange(count + 1), count, 0.5)
        length = len(chances) + len(steps) - 1
        chances = np.fft.irfft(np.fft.rfft(chances, length) * np.fft.rfft(steps, length), length)
    total, middle = abs(int(sums.sum())), len(chances) // 2
    beyond = 2 * float(chances[middle + total + 1 :].sum())
    return min(1.0, max(0.0, beyond + float(chances[middle + total])))


def _grouped_interval(sums: Integers, sizes: Integers) -> tuple[float, float]:
    """`_paired_interval` with the variance over groups."""
    total = int(sizes.sum()) + 2
    centre = float(sums.sum()) / total
    spread = float(((sums - centre * sizes) ** 2).sum()) + 1
    half = Z * math.sqrt(spread) / total
    return (max(-1.0, centre - half), min(1.0, centre + half))


def _mid_p(fewer: int, apart: int) -> float:
    """Twice the binomial tail at one half, with its last term counted once instead of twice."""
    return float(2 * binom.cdf(fewer, apart, 0.5) - binom.pmf(fewer, apart, 0.5))


def _paired_interval(only_ours: int, only_theirs: int, examples: int) -> tuple[float, float]:
    """Agresti & Min 2005: the Wald interval after half an example is added to each of the four cells."""
    ours, theirs, total = only_ours + 0.5, only_theirs + 0.5, examples + 2
    centre = (ours - theirs) / total
    half = Z * math.sqrt(ours + theirs - (ours - theirs) ** 2 / total) / total
    return (max(-1.0, centre - half), min(1.0, centre + half))
