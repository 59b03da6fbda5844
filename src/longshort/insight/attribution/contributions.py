"""`Contributions`: what each token of a text contributes to the score of a class. `Phrase`: what a phrase does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from longshort.insight.tables import Tabular
from longshort.plain import Plain

__all__ = ["METHODS", "Contributions", "Method", "Phrase"]

AnyArray = npt.NDArray[Any]
"""An array of numbers of any type."""

Method = Literal["integrated-gradients", "occlusion", "decomposition"]
METHODS: tuple[Method, ...] = ("integrated-gradients", "occlusion", "decomposition")

_LISTED = 3


@final
@dataclass(frozen=True, eq=False, repr=False)
class Contributions(Tabular):
    """What each token contributes to the score of one class: above zero for it, below zero against it.

    Args:
        tokens: what stands in the text, token by token.
        known: whether each token is in the vocabulary; all that are not are one and the same to the model.
        spaced: whether white space stands before each token.
        values: `(tokens,)` float64, in the unit of the score.
        label: the class.
        scale: what the score is: log-odds of the class, or its logit above the mean of the others.
        score: of the text.
        baseline_score: of what the text is compared with.
        baseline: what that is, in words.
        probabilities: the model's answer, the probability of each class.
        method: how the contributions were found.
        evaluations: texts that were answered for it, changed ones with them; phrases for a decomposition.
        jumps: for integrated gradients: how much of the score, up and down, the way from the baseline takes in jumps,
            where the slope is none; that much is shared out as the slopes beside them are. 0 on a smooth way.
    """

    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    spaced: tuple[bool, ...]
    values: npt.NDArray[np.float64]
    label: str
    scale: str
    score: float
    baseline_score: float
    baseline: str
    probabilities: Mapping[str, float]
    method: Method
    evaluations: int
    jumps: float = 0.0

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.tokens)

    def __repr__(self) -> str:
        best = ", ".join(f"{self.tokens[place]!r} {self.values[place]:+.2f}" for place in self.strongest(_LISTED))
        return f"Contributions(to {self.label!r} by {self.method}: {best}, of {len(self)} tokens)"

    @property
    def probability(self) -> float:
        """That of the class."""
        return self.probabilities[self.label]

    @property
    def difference(self) -> float:
        """Difference of the score from that of the baseline."""
        return self.score - self.baseline_score

    @property
    def gap(self) -> float:
        """By how much the contributions together are more than the difference of the scores.

        For integrated gradients this is an error of the numbers. For occlusion and decomposition, which look at one
        token at a time, it is what the tokens do together and none does alone, with its sign turned.
        """
        return float(self.values.sum()) - self.difference

    @property
    def completeness_error(self) -> float | None:
        """The gap as a share of the difference, at least 0; None if there is no difference."""
        return abs(self.gap / self.difference) if self.difference else None

    def strongest(self, count: int) -> list[int]:
        """The places of the tokens that contribute most, for or against, the strongest first."""
        return [int(place) for place in np.argsort(-np.abs(self.values), kind="stable")[:count]]

    def sentence(self) -> str:
        """What was measured, against what, and how far the contributions account for it."""
        return (
            f"Score {self.score:+.3f}, the {self.scale}; {self.baseline_score:+.3f} for {self.baseline}; "
            f"the difference is {self.difference:+.3f}. {self._account()}"
        )

    def _account(self) -> str:
        share = "" if self.completeness_error is None else f" ({_percent(self.completeness_error)} %)"
        if self.method == "integrated-gradients":
            jumps = f", {self.jumps:.2f} of ups and downs being jumps" if self.jumps >= 0.005 else ""
            return (
                f"The contributions sum to it with an error of {abs(self.gap):.2g}{share}, "
                f"after {self.evaluations} evaluations{jumps}."
            )
        return (
            f"The contributions sum to {self.values.sum():+.3f}: {abs(self.gap):.3f}{share} "
            f"{'too much' if self.gap * self.difference > 0 else 'too little'}, which is what tokens do together."
        )

    # --- other forms ---

    def to_columns(self) -> dict[str, AnyArray]:
        """A table with a row per token: step, token, known, value."""
        return {
            "step": np.arange(len(self)),
            "token": np.asarray(self.tokens, dtype=object),
            "known": np.asarray(self.known, dtype=bool),
            "value": self.values,
        }

    def to_dict(self) -> Plain:
        """Everything as plain data, with the completeness error."""
        return {
            "label": self.label,
            "probabilities": dict(self.probabilities),
            "method": self.method,
            "scale": self.scale,
            "score": self.score,
            "baseline": self.baseline,
            "baseline_score": self.baseline_score,
            "gap": self.gap,
            "completeness_error": self.completeness_error,
            "evaluations": self.evaluations,
            "jumps": self.jumps,
            "tokens": list(self.tokens),
            "known": list(self.known),
            "values": self.values.tolist(),
        }

    def to_json(self) -> str:
        """`to_dict` as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)


@final
@dataclass(frozen=True)
class Phrase:
    """What a phrase contributes as a whole, beside what its tokens contribute one by one.

    Args:
        tokens: of the phrase, as they stand in the text.
        start: the step of its first token.
        label: the class.
        scale: what the score is.
        method: how it was found: "occlusion" or "decomposition".
        value: what the phrase contributes.
        parts: what each of its tokens contributes on its own.
    """

    tokens: tuple[str, ...]
    start: int
    label: str
    scale: str
    method: Method
    value: float
    parts: tuple[float, ...]

    @property
    def interaction(self) -> float:
        """What the phrase does beyond the sum of its tokens; 0 if they only add up."""
        return self.value - sum(self.parts)

    def sentence(self) -> str:
        """The phrase, its tokens, and what is beyond their sum."""
        parts = " and ".join(f"{token!r} {part:+.3f}" for token, part in zip(self.tokens, self.parts, strict=True))
        return (
            f"{' '.join(self.tokens)!r} contributes {self.value:+.3f} to {self.label}; alone, {parts}: "
            f"{self.interaction:+.3f} is the phrase's own."
        )

    def to_dict(self) -> Plain:
        """Everything as plain data."""
        return {
            "tokens": list(self.tokens),
            "start": self.start,
            "label": self.label,
            "scale": self.scale,
            "method": self.method,
            "value": self.value,
            "parts": list(self.parts),
            "interaction": self.interaction,
        }


def _percent(share: float) -> str:
    return f"{100 * share:.2g}" if share < 0.995 else f"{100 * share:,.0f}"
