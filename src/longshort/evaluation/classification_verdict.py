"""The verdict on a classifier."""

from __future__ import annotations

from collections.abc import Sequence

from longshort.evaluation.baselines import MAJORITY
from longshort.evaluation.facts import Facts, Finding
from longshort.evaluation.findings import CHECKS
from longshort.evaluation.verdict import Verdict, standing, verdict
from longshort.evaluation.words import count, interval

__all__ = ["judge"]

# What the headline adds of the findings at this level: each limits what the accuracy is worth.
_LIMITS = {
    ("leaking", "bad"): "it has seen part of its test examples in training",
    ("undertrained", "warning"): "it was still improving when training ended",
    ("overfitted", "warning"): "it overfits",
}


def judge(facts: Facts) -> Verdict:
    """Weigh all facts: better than the baselines or not, collapsed, undertrained, overfitted, leaking; what to try."""
    return verdict(facts, CHECKS, _headline)


def _headline(facts: Facts, found: Sequence[Finding]) -> str:
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
    outcomes = {name: each.outcome for name, each in facts.compared.items()}
    strongest = max(outcomes, key=lambda name: facts.baselines[name].accuracy, default="")
    found = standing(outcomes, strongest, _accuracy(facts, strongest), ship=strongest != MAJORITY)
    beaten = all(outcome == "better" for outcome in outcomes.values())
    if strongest != MAJORITY and outcomes.get(MAJORITY, "better") != "better" and not beaten:
        majority = {MAJORITY: outcomes[MAJORITY]}
        return f"{standing(majority, MAJORITY, _accuracy(facts, MAJORITY), ship=False)}, and {found}"
    return found


def _accuracy(facts: Facts, name: str) -> str:
    return f"{facts.baselines[name].accuracy:.3f}" if name else ""
