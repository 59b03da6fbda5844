"""A command whose options are those of the task that its data is for."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from longshort.cli.command import Command
from longshort.cli.options import task_options
from longshort.config import TASKS, RunSettings
from longshort.errors import UserError, nearest

__all__ = ["TaskCommand", "settings_of"]

_META = "longshort.task"


class TaskCommand(Command):
    """A command with the options of one task's settings, beside its own: of the one that --task names.

    Without --task, a .ts file is one of sequences of numbers, with classes or with numbers as its header says, and
    everything else is text.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the task first, for it decides which options there are."""
        ctx.meta[_META] = _task(args)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own, then those of the task."""
        own = super().get_params(ctx)
        *others, last = own
        # The option for help, which click puts at the end, stands among the command's own.
        return [*others, last, *self._options(ctx)]

    def _options(self, ctx: click.Context) -> list[Any]:
        """The same ones each time that click asks."""
        found: list[Any] = ctx.meta.setdefault(f"{_META}.options", task_options(settings_of(ctx)))
        return found


def settings_of(ctx: click.Context) -> type[RunSettings]:
    """The settings of the task that is asked for."""
    return TASKS[ctx.meta.get(_META, "text-classification")]


def _task(args: Sequence[str]) -> str:
    for place, arg in enumerate(args):
        if arg == "--task" and place + 1 < len(args):
            return _known(args[place + 1])
        if arg.startswith("--task="):
            return _known(arg.removeprefix("--task="))
    if started := _resumed(args):
        return _known(started)
    file = next((arg for arg in args if arg.lower().endswith(".ts")), None)
    if file is None:
        return "text-classification"
    return "sequence-regression" if _has_numbers(Path(file)) else "sequence-classification"


def _has_numbers(path: Path) -> bool:
    """Whether the header of a .ts file says that its targets are numbers; what else is wrong with it is told later."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            header = itertools.takewhile(lambda line: not line.lower().startswith("@data"), itertools.islice(file, 200))
            return any(line.lower().split()[:2] == ["@targetlabel", "true"] for line in header)
    except OSError:
        return False


def _resumed(args: Sequence[str]) -> str | None:
    """The task of the run that --resume names; whether that can be gone on with is found out later."""
    named = [after for arg, after in pairwise(args) if arg == "--resume"]
    named += [arg.removeprefix("--resume=") for arg in args if arg.startswith("--resume=")]
    try:
        task = json.loads((Path(named[0]) / "run.json").read_bytes())["task"] if named else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return task if isinstance(task, str) and task in TASKS else None


def _known(name: str) -> str:
    if name in TASKS:
        return name
    raise UserError(f"There is no task {name!r}.", nearest(name, TASKS) or f"There are {', '.join(TASKS)}.")
