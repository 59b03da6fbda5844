"""Choose the fastest of several variants, as an expert user would."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from benchmarks.engine.peer import Task

__all__ = ["fastest"]

REPETITIONS = 3


def fastest(options: Mapping[str, Callable[[], Task]]) -> Task:
    """Return the task with the shortest repetition on the first batch, newly made; its note names the variant."""
    seconds = {name: _measure(make()) for name, make in options.items()} if len(options) > 1 else {}
    chosen = min(seconds, key=seconds.__getitem__) if seconds else next(iter(options))
    task = options[chosen]()
    task.note = chosen
    return task


def _measure(task: Task) -> float:
    task.ready(0)
    task.answer()
    best = float("inf")
    for _ in range(REPETITIONS):
        began = time.perf_counter()
        task.run(0)
        best = min(best, time.perf_counter() - began)
    return best
