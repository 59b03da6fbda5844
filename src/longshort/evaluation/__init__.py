"""How good is it, honestly: metrics, baselines, comparisons and the verdict; arrays and texts in, plain data out."""

from longshort.evaluation.baselines import MAJORITY, TFIDF, Baseline, majority, tfidf_logistic
from longshort.evaluation.comparison import Comparison, paired_comparison, paired_counts, wilson
from longshort.evaluation.facts import Facts, Finding
from longshort.evaluation.metrics import (
    CalibrationBin,
    ClassificationMetrics,
    ClassMetrics,
    classification_metrics,
    worst_errors,
)
from longshort.evaluation.verdict import Verdict, judge

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
