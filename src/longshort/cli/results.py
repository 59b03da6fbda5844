"""How good a model is, on stdout."""

from __future__ import annotations

from longshort.cli import console
from longshort.kinds.registry import kind_of
from longshort.kinds.words import Table
from longshort.plain import Plain

__all__ = ["show_results"]


def show_results(task: str, metrics: Plain, baselines: dict[str, Plain], *, on: str = "") -> None:
    """Print the tables of a kind of task.

    Args:
        task: the name of the kind.
        metrics: the model's.
        baselines: those of each baseline on the same rows, by name; may be empty.
        on: what the rows are besides texts or sequences, for example "test".
    """
    for each in kind_of(task).tables(metrics, baselines, on=on):
        if isinstance(each, Table):
            console.table(each.headers, each.rows, right=each.right, wrap=each.wrap)
        else:
            console.out(each)
