"""The honest sentence at the end of a training, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from longshort.evaluation.baselines import MAJORITY
from longshort.evaluation.facts import Facts, Finding
from longshort.evaluation.findings import CHECKS
from longshort.evaluation.findings.words import count, interval

__all__ = ["Facts", "Finding", "Verdict", "judge", "worst_first"]

_WORST_FIRST = ("bad", "warning", "note", "good")
# What the headline adds of the findings at this level: each limits what the accuracy is worth.
_LIMITS = {
    ("leaking", "bad"): "it has seen part of its test examples in training",
    ("undertrained", "warning"): "it was still improving when training ended",
    ("overfitted", "warning"): "it overfits",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How good a model is, in plain words.

    Attributes:
        headline: one sentence.
        findings: all that was found, the worst first.
    """

    headline: str
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON holds them."""
        return {"headline": self.headline, "findings": [each.to_dict() for each in self.findings]}

    def text(self) -> str:
        """Plain text: the headline, then one finding a paragraph with its advice on the next line."""
        return "\n".join([self.headline, *("\n" + _paragraph(each) for each in self.findings)])


def _paragraph(finding: Finding) -> str:
    advice = f"\n    try: {finding.advice}" if finding.advice else ""
    return f"[{finding.level}] {finding.sentence}{advice}"


def judge(facts: Facts) -> Verdict:
    """Weigh all facts: better than the baselines or not, collapsed, undertrained, overfitted, leaking; what to try."""
    found = worst_first(chain.from_iterable(check(facts) for check in CHECKS))
    return Verdict(headline=_headline(facts, found), findings=tuple(found))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by level; within a level the order stays."""
    return sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.level))


def _headline(facts: Facts, found: list[Finding]) -> str:
    test, kinds = facts.test, {each.kind for each in found}
    examples = count(test.examples, f"{facts.judged_on} example")
    accuracy = f"ccuracy {test.accuracy:.3f} (95 % interval {interval(test.accuracy_interval)}) on {examples}"
    if "collapsed" in kinds:
        return f"It has learnt nothing of use: it gives the same answer to everything, a{accuracy}."
    if "learnt nothing" in kinds:
        return f"It has learnt nothing: its training loss is that of guessing, a{accuracy}."
    limits = [text for key, text in _LIMITS.items() if key in {(each.kind, each.level) for each in found}]
    return "; ".join([f"A{accuracy}: {_standing(facts)}", *limits]) + "."


def _standing(facts: Facts) -> str:
    """Where the model stands among the baselines, in half a sentence."""
    if not facts.opponents:
        return "there is no baseline to compare it with"
    strongest = max(facts.opponents, key=lambda name: facts.baselines[name].accuracy)
    if all(each.outcome == "better" for each in facts.opponents.values()):
        return "better than " + " and ".join(facts.opponents)
    standing = _beside(facts, strongest)
    if strongest != MAJORITY and MAJORITY in facts.opponents and facts.opponents[MAJORITY].outcome != "better":
        standing = f"{_beside(facts, MAJORITY)}, and {standing}"
    ship = facts.opponents[strongest].outcome == "worse" and strongest != MAJORITY
    return f"{standing}, so ship the baseline" if ship else standing


def _beside(facts: Facts, name: str) -> str:
    words = {"worse": "worse than", "undecided": "not distinguishable from", "better": "better than"}
    return f"{words[facts.opponents[name].outcome]} {name} ({facts.baselines[name].accuracy:.3f})"
