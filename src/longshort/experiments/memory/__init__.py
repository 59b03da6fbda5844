"""The classic tests of memory: an LSTM beside a plain recurrent network, at growing lengths."""

from __future__ import annotations

from longshort.experiments.memory.attempts import Attempt, Point, attempt
from longshort.experiments.memory.experiment import OPTIONS, memory_tests
from longshort.experiments.memory.problem import Problem
from longshort.experiments.memory.problems import PROBLEMS

__all__ = ["OPTIONS", "PROBLEMS", "Attempt", "Point", "Problem", "attempt", "memory_tests"]
