"""The lab sheet's experiments, as published and corrected, and the classic tests of memory."""

from __future__ import annotations

from typing import Any

from longshort.experiments.base import Experiment, Outcome, Report
from longshort.experiments.memory import OPTIONS, memory_tests
from longshort.experiments.sequence_sum import as_on_the_sheet
from longshort.experiments.sequence_sum_fixed import put_right
from longshort.experiments.text import text

__all__ = ["EXPERIMENTS", "Experiment", "Outcome"]


def _sequence_sum(*, fixed: bool = False, **arguments: Any) -> Report:
    return (put_right if fixed else as_on_the_sheet)(**arguments)


# A new experiment is one file and one entry here.
EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "sequence-sum",
            "Does the sum of ten numbers exceed 5? The lab sheet's program and its result; --fixed trains it properly.",
            ("fixed", "seed", "epochs"),
            _sequence_sum,
        ),
        Experiment(
            "text",
            "The lab sheet's pseudo-code, step by step, on film review sentences: 100 epochs by heart.",
            ("seed", "epochs"),
            text,
        ),
        Experiment(
            "memory",
            "Adding, copying and embedded Reber strings at growing lengths: an LSTM beside a plain RNN of its size.",
            OPTIONS,
            memory_tests,
            compares=True,
        ),
    )
}
"""All experiments by name."""
