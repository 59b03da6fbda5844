"""What a verdict can find, one function each: facts in, at most a few findings out.

Every threshold is a named constant beside the function that uses it, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from longshort.evaluation.facts import Facts, Finding
from longshort.evaluation.findings.answers import (
    absent_classes,
    calibration,
    collapsed,
    never_answered,
    small_test,
)
from longshort.evaluation.findings.baselines import against_baselines
from longshort.evaluation.findings.gates import closed, dead, saturated
from longshort.evaluation.findings.gradients import exploding, vanishing_to_layers, vanishing_to_steps
from longshort.evaluation.findings.inputs import (
    duplicates,
    empty_texts,
    imbalance,
    judged_on_validation,
    repeated,
    truncated,
    unknown_tokens,
)
from longshort.evaluation.findings.learning import learnt_nothing, overfitted, still_falling
from longshort.evaluation.findings.movement import barely_moved, overshot, unmoved

__all__ = ["CHECKS", "DYNAMICS"]

DYNAMICS = (exploding, overshot, vanishing_to_steps, vanishing_to_layers, closed, saturated, dead, unmoved)
"""What is checked of weights, gradients and gates, whatever was learned."""


def _barely_moved(facts: Facts) -> Iterator[Finding]:
    return barely_moved(facts, nothing=any(learnt_nothing(facts)) or any(collapsed(facts)))


# Within one level, findings are reported in this order: what says most about the model comes first.
CHECKS = (
    collapsed,
    learnt_nothing,
    _barely_moved,
    against_baselines,
    duplicates,
    judged_on_validation,
    still_falling,
    overfitted,
    *DYNAMICS,
    never_answered,
    absent_classes,
    imbalance,
    small_test,
    repeated,
    calibration,
    unknown_tokens,
    truncated,
    empty_texts,
)
