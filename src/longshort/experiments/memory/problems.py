"""All memory problems."""

from __future__ import annotations

from longshort.experiments.memory.adding import Adding
from longshort.experiments.memory.copying import Copying
from longshort.experiments.memory.problem import Problem
from longshort.experiments.memory.reber import Reber

__all__ = ["PROBLEMS"]

# A new problem is one file and one entry here.
PROBLEMS: dict[str, Problem] = {problem.name: problem for problem in (Adding(), Copying(), Reber())}
"""All problems by name."""
