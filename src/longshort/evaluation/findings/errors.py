"""Findings about models whose answers are numbers: beside the baselines, by their errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from longshort.evaluation.error_comparison import ErrorComparison
from longshort.evaluation.facts import Finding
from longshort.evaluation.words import joined, number

__all__ = ["compared_errors"]


def compared_errors(
    ours: float,
    theirs: Mapping[str, float],
    comparisons: Mapping[str, ErrorComparison],
    *,
    certainty: Mapping[str, str],
    beaten: Mapping[str, str],
    worse: str,
    undecided: str,
) -> Iterator[Finding]:
    """Each baseline that the model does not beat, then those that it does.

    Args:
        ours: the model's mean absolute error.
        theirs: that of each baseline, by name.
        comparisons: the model against each.
        certainty: what is known of each difference, to follow the outcome in the sentence.
        beaten: what follows the error of a baseline that is beaten.
        worse, undecided: what to try.
    """
    better = []
    for name, compared in comparisons.items():
        if compared.outcome == "better":
            better.append(f"{name} ({number(theirs[name])}{beaten.get(name, '')})")
            continue
        is_worse = compared.outcome == "worse"
        outcome = "worse" if is_worse else "no significant difference"
        yield Finding(
            kind="baseline",
            level="warning" if is_worse else "note",
            sentence=f"Its mean absolute error is {number(ours)}, that of {name} {number(theirs[name])}: "
            f"{outcome}{certainty[name]}.",
            advice=worse if is_worse else undecided,
        )
    if better:
        sentence = f"Its mean absolute error is {number(ours)}, below that of {joined(better)}."
        yield Finding(kind="baseline", level="good", sentence=sentence)
