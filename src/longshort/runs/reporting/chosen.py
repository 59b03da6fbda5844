"""Three examples to look into: one that is clearly right, the worst error, and one that is undecided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from longshort.evaluation.findings.words import listed
from longshort.insight.trace import Trace
from longshort.insight.tracing import trace
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import OF_SEQUENCES, Missing
from longshort.runs.reporting.sequence_pictures import words_of
from longshort.runs.typical import typical_answers

__all__ = ["LONGEST", "READABLE", "Example", "chosen_examples"]

READABLE = 700
"""Characters of a text whose every token still has room in a picture; where there are none so short, the shortest."""

LONGEST = 6_000
"""Characters of a text that is traced at all: the picture of a longer one shows nothing."""

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Example:
    """One text or sequence, and everything that happens while the model reads it.

    Args:
        key: a short name, fit for an address in the page.
        title: why it was chosen.
        verdict: what was answered, how surely, and what is true, in words.
        text: as it is; empty for a sequence of numbers.
        given: what the model reads: the text, or values `(steps, channels)` float64.
        trace: every gate and state of its reading.
        steps: what stands at each step: a token, or the value where there is one channel.
        told: a sequence of numbers with its answer, as the metrics hold it.
    """

    key: str
    title: str
    verdict: str
    text: str
    given: Any
    trace: Trace
    steps: list[str]
    told: Mapping[str, Any] | None = None


def chosen_examples(evidence: Evidence) -> list[Example]:
    """The examples, as many of the three kinds as there are; computed once for a report.

    Raises:
        Missing: none is short enough, or no text holds a token.
    """
    if "examples" not in evidence.memory:
        evidence.memory["examples"] = _choose(evidence)
    found: list[Example] = evidence.memory["examples"]
    if not found and evidence.metrics["task"] in OF_SEQUENCES:
        raise Missing("No sequence that it was judged on is kept, or short enough to be looked into step by step.")
    if not found:
        raise Missing(f"No text that it was judged on has a token and at most {LONGEST:,} characters.")
    return found


def _choose(evidence: Evidence) -> list[Example]:
    if evidence.metrics["task"] in OF_SEQUENCES:
        return [_of_numbers(evidence, each) for each in evidence.metrics.get("examples", ())]
    answers = evidence.answers
    chosen = typical_answers(
        answers.probabilities,
        answers.right,
        _probability_of_truth(evidence),
        partial(_first, evidence),
        multi_label=evidence.multi_label,
    )
    return [_of_text(evidence, *each) for each in chosen]


def _of_numbers(evidence: Evidence, told: Mapping[str, Any]) -> Example:
    values = np.array(told["values"], dtype=np.float64)
    answer, truth = words_of(told)
    verdict = f"Answered {answer}; the truth is {truth} ({told['text']})."
    steps = [f"{each[0]:.3g}" if len(each) == 1 else "" for each in values]
    return Example(told["key"], told["title"], verdict, "", values, trace(evidence.bundle, values), steps, told)


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


def _of_text(evidence: Evidence, key: str, title: str, place: int) -> Example:
    answers, labels = evidence.answers, evidence.metrics["data"]["labels"]
    said, true = answers.answers[place], answers.truths[place]
    row = dict(zip(labels, answers.probabilities[place].tolist(), strict=True))
    given = ", ".join(f"{label!r} ({row[label]:.3f})" for label in said) or "no label"
    verdict = f"Answered {given}; the truth is {listed(true) if true else 'no label'}."
    text = answers.texts[place]
    seen = trace(evidence.model, text)
    return Example(key, title, verdict, text, text, seen, list(seen.tokens or ()))
