"""A command whose options are those of the task that its data is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    Without --task, a .ts file is one of sequences of numbers, and everything else is text.

    Args:
        unable: tasks that the command cannot do anything with, each with what to do instead.
    """

    def __init__(self, *args: Any, unable: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._unable = unable or {}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the task first, for it decides which options there are."""
        task = _task(args)
        if task in self._unable:
            able = ", ".join(each for each in TASKS if each not in self._unable)
            raise UserError(f"longshort {ctx.info_name} takes --task {able}. Got {task}.", self._unable[task])
        ctx.meta[_META] = task
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
    numbers = any(arg.lower().endswith(".ts") for arg in args)
    return "sequence-classification" if numbers else "text-classification"


def _known(name: str) -> str:
    if name in TASKS:
        return name
    raise UserError(f"There is no task {name!r}.", nearest(name, TASKS) or f"There are {', '.join(TASKS)}.")
