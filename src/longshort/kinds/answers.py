"""What a model answers, as a program and a person read it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from longshort.plain import Plain

__all__ = ["Answer", "ClassAnswer", "NumberAnswer"]

THRESHOLD = 0.5
"""With several labels per example, those with at least this probability are the answer."""

ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What would break a line or a column, in a label."""


class Answer(Protocol):
    """The answer to one example."""

    def to_json(self) -> Plain:
        """Return all of it as plain data."""
        ...

    def line(self) -> str:
        """Return one line for another program."""
        ...

    def shown(self, columns: int) -> str:
        """Return one line for a person, at most `columns` wide where that is possible."""
        ...


@dataclass(frozen=True)
class ClassAnswer:
    """The class of one example, or its labels.

    Args:
        text: the example, or where it is from.
        labels: the one class; where an example may have several labels, those above the threshold.
        probability: that of the class, or of the least probable label; None without a label.
        probabilities: that of each class.
        multi_label: whether an example may have several labels.
    """

    text: str
    labels: list[str]
    probability: float | None
    probabilities: dict[str, float]
    multi_label: bool

    @classmethod
    def of(cls, text: str, labels: Sequence[str], row: Sequence[float], *, multi_label: bool) -> ClassAnswer:
        """Choose the answer.

        Args:
            text: the example, or where it is from.
            labels: all classes.
            row: the probability of each.
            multi_label: whether an example may have several labels.
        """
        probabilities = dict(zip(labels, row, strict=True))
        ranked = sorted(probabilities, key=probabilities.__getitem__, reverse=True)
        chosen = [label for label in ranked if probabilities[label] >= THRESHOLD] if multi_label else ranked[:1]
        least = min((probabilities[label] for label in chosen), default=None)
        return cls(text, chosen, least, probabilities, multi_label)

    def to_json(self) -> Plain:
        """Return the text, the answer and every probability."""
        answer = {"labels": self.labels} if self.multi_label else {"label": self.labels[0]}
        return {"text": self.text, **answer, "probability": self.probability, "probabilities": self.probabilities}

    def line(self) -> str:
        """Return the labels and the probability with a tab between."""
        return f"{','.join(self.labels).translate(ESCAPES)}\t{self._number}"

    def shown(self, columns: int) -> str:
        """Return aligned columns, with as much of the text as there is room for."""
        width = max(map(len, self.probabilities))
        start = f"{', '.join(self.labels) or '-':<{width}}  {self._number:<6}  "
        return start + textwrap.shorten(self.text, max(columns - len(start), 10), placeholder=" ...")

    @property
    def _number(self) -> str:
        return "" if self.probability is None else f"{self.probability:.4f}"


@dataclass(frozen=True)
class NumberAnswer:
    """The number of one example.

    Args:
        text: the example, or where it is from.
        answer: in the unit of the targets.
    """

    text: str
    answer: float

    def to_json(self) -> Plain:
        """Return the text and the answer."""
        return {"text": self.text, "answer": self.answer}

    def line(self) -> str:
        """Return the number with all its digits."""
        return repr(self.answer)

    def shown(self, columns: int) -> str:
        """Return the number, rounded, beside where it is from."""
        return f"{self.answer:<12.6g}  {self.text}"
