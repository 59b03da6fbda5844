"""How good is it, honestly: metrics, baselines, comparisons and the verdict; arrays and texts in, plain data out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.evaluation.baselines import MAJORITY, TFIDF, Baseline, majority, tfidf_logistic
    from longshort.evaluation.classification_verdict import judge
    from longshort.evaluation.comparison import Comparison, paired_comparison, paired_counts, wilson
    from longshort.evaluation.facts import Facts, Finding
    from longshort.evaluation.metrics import (
        CalibrationBin,
        ClassificationMetrics,
        ClassMetrics,
        classification_metrics,
        worst_errors,
    )
    from longshort.evaluation.verdict import Verdict

__all__ = [
    "MAJORITY",
    "TFIDF",
    "Baseline",
    "CalibrationBin",
    "ClassMetrics",
    "ClassificationMetrics",
    "Comparison",
    "Facts",
    "Finding",
    "Verdict",
    "classification_metrics",
    "judge",
    "majority",
    "paired_comparison",
    "paired_counts",
    "tfidf_logistic",
    "wilson",
    "worst_errors",
]

# Loaded when first asked for: what only reads a model needs no scikit-learn.
_HOMES = {
    "Baseline": "longshort.evaluation.baselines",
    "CalibrationBin": "longshort.evaluation.metrics",
    "ClassMetrics": "longshort.evaluation.metrics",
    "ClassificationMetrics": "longshort.evaluation.metrics",
    "Comparison": "longshort.evaluation.comparison",
    "Facts": "longshort.evaluation.facts",
    "Finding": "longshort.evaluation.facts",
    "MAJORITY": "longshort.evaluation.baselines",
    "TFIDF": "longshort.evaluation.baselines",
    "Verdict": "longshort.evaluation.verdict",
    "classification_metrics": "longshort.evaluation.metrics",
    "judge": "longshort.evaluation.classification_verdict",
    "majority": "longshort.evaluation.baselines",
    "paired_comparison": "longshort.evaluation.comparison",
    "paired_counts": "longshort.evaluation.comparison",
    "tfidf_logistic": "longshort.evaluation.baselines",
    "wilson": "longshort.evaluation.comparison",
    "worst_errors": "longshort.evaluation.metrics",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
