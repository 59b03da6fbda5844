"""The honest sentence at the end of a run, for every kind of task.

A verdict is what a tuple of checks finds in the facts, and a headline. A check is a function that takes no more than
the facts it needs: those about the course of a training take `TrainingFacts` and serve every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from longshort.evaluation.facts import Finding, TrainingFacts
from longshort.evaluation.words import joined
from longshort.plain import Plain

__all__ = ["Verdict", "standing", "verdict"]

FactsT = TypeVar("FactsT", bound=TrainingFacts)

_WORST_FIRST = ("bad", "warning", "note", "good")
_OUTCOMES = {"worse": "worse than", "undecided": "not distinguishable from", "better": "better than"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How good a model is, in plain words.

    Attributes:
        headline: one sentence.
        findings: all that was found, the worst first.
    """

    headline: str
    findings: tuple[Finding, ...]

    def to_dict(self) -> Plain:
        """The fields as JSON holds them."""
        return {"headline": self.headline, "findings": [each.to_dict() for each in self.findings]}

    def text(self) -> str:
        """Plain text: the headline, then one finding a paragraph with its advice on the next line."""
        return "\n".join([self.headline, *("\n" + _paragraph(each) for each in self.findings)])


def _paragraph(finding: Finding) -> str:
    advice = f"\n    try: {finding.advice}" if finding.advice else ""
    return f"[{finding.level}] {finding.sentence}{advice}"


def verdict(
    facts: FactsT,
    checks: Sequence[Callable[[FactsT], Iterable[Finding]]],
    headline: Callable[[FactsT, Sequence[Finding]], str],
) -> Verdict:
    """Collect what the checks find, the worst first, and put the headline above it.

    Args:
        facts: everything known.
        checks: in the order in which findings of one level are reported.
        headline: sums all of it up in one sentence.
    """
    found = sorted(chain.from_iterable(check(facts) for check in checks), key=_level)
    return Verdict(headline=headline(facts, found), findings=tuple(found))


def _level(finding: Finding) -> int:
    return _WORST_FIRST.index(finding.level)


def standing(outcomes: Mapping[str, str], strongest: str, measured: str, *, ship: bool) -> str:
    """Where a model stands among its baselines, in half a sentence.

    Args:
        outcomes: "better", "undecided" or "worse" than each baseline, by name.
        strongest: the name of the strongest.
        measured: what the strongest reaches, in words.
        ship: whether to say that the baseline is to be shipped where it is better.
    """
    if not outcomes:
        return "there is no baseline to compare it with"
    if all(outcome == "better" for outcome in outcomes.values()):
        return f"better than {joined(list(outcomes))}"
    found = f"{_OUTCOMES[outcomes[strongest]]} {strongest} ({measured})"
    return f"{found}, so ship the baseline" if ship and outcomes[strongest] == "worse" else found
