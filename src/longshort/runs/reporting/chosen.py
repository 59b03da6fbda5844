"""Three texts to look into: one that is clearly right, the worst error, and one that is undecided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from longshort.evaluation.findings.words import listed
from longshort.insight.trace import Trace
from longshort.insight.tracing import trace
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import Missing

__all__ = ["LONGEST", "READABLE", "Example", "chosen_examples"]

READABLE = 700
"""Characters of a text whose every token still has room in a picture; where there are none so short, the shortest."""

LONGEST = 6_000
"""Characters of a text that is traced at all: the picture of a longer one shows nothing."""

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Example:
    """One text, and everything that happens while the model reads it.

    Args:
        key: a short name, fit for an address in the page.
        title: why it was chosen.
        verdict: what was answered, how surely, and what is true, in words.
        text: as it is.
        trace: every gate and state of its reading.
    """

    key: str
    title: str
    verdict: str
    text: str
    trace: Trace


def chosen_examples(evidence: Evidence) -> list[Example]:
    """The texts, as many of the three kinds as there are; computed once for a report.

    Raises:
        Missing: no text is short enough, or none holds a token.
    """
    if "examples" not in evidence.memory:
        evidence.memory["examples"] = _choose(evidence)
    found: list[Example] = evidence.memory["examples"]
    if not found:
        raise Missing(f"No text that it was judged on has a token and at most {LONGEST:,} characters.")
    return found


def _choose(evidence: Evidence) -> list[Example]:
    answers = evidence.answers
    ranked = np.sort(answers.probabilities, axis=1)
    sure = ranked[:, -1]
    margin = abs(answers.probabilities - 0.5).min(axis=1) if evidence.multi_label else sure - ranked[:, -2]
    truth = _probability_of_truth(evidence)
    kinds = (
        ("right", "Clearly right", np.flatnonzero(answers.right), -sure),
        ("wrong", "Clearly wrong", np.flatnonzero(~answers.right), truth),
        ("undecided", "Undecided", np.arange(len(answers)), margin),
    )
    found: list[Example] = []
    taken: set[int] = set()
    for key, title, places, order in kinds:
        place = _first(evidence, np.setdiff1d(places, list(taken)), order)
        if place is not None:
            taken.add(place)
            found.append(_example(evidence, key, title, place))
    return found


def _probability_of_truth(evidence: Evidence) -> npt.NDArray[np.float64]:
    """`(texts,)`: the probability that the model gave to what is true; of several labels the least."""
    answers, labels = evidence.answers, list(evidence.metrics["data"]["labels"])
    columns = [[labels.index(label) for label in truth] for truth in answers.truths]
    rows = zip(answers.probabilities, columns, strict=True)
    return np.array([row[each].min() if each else 1 - row.max() for row, each in rows])


def _first(evidence: Evidence, places: Places, order: npt.NDArray[np.float64]) -> int | None:
    """The first by `order` of the readable texts; the shortest where all are longer."""
    texts = evidence.answers.texts
    filled = [int(place) for place in places if texts[place].strip() and len(texts[place]) <= LONGEST]
    readable = [place for place in filled if len(texts[place]) <= READABLE]
    if readable:
        return min(readable, key=lambda place: order[place])
    return min(filled, key=lambda place: len(texts[place]), default=None)


def _example(evidence: Evidence, key: str, title: str, place: int) -> Example:
    answers, labels = evidence.answers, evidence.metrics["data"]["labels"]
    said, true = answers.answers[place], answers.truths[place]
    row = dict(zip(labels, answers.probabilities[place].tolist(), strict=True))
    given = ", ".join(f"{label!r} ({row[label]:.3f})" for label in said) or "no label"
    verdict = f"Answered {given}; the truth is {listed(true) if true else 'no label'}."
    text = answers.texts[place]
    return Example(key, title, verdict, text, trace(evidence.model, text))
