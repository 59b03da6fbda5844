"""A command whose options are those of the task that its data is for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from longshort.cli.command import Command
from longshort.cli.options import task_options
from longshort.kinds.registry import DEFAULT, guess, kind_of, names

if TYPE_CHECKING:
    from longshort.config import RunSettings

__all__ = ["TaskCommand", "settings_of", "task_option"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_META = "longshort.task"


class TaskCommand(Command):
    """A command with the options of one task's settings, beside its own: of the one that --task names.

    Without --task, it is the kind that recognises one of the arguments, such as a .ts file by its header; else text.
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

    def _options(self, ctx: click.Context) -> list[click.Parameter]:
        """The same ones each time that click asks."""
        found: list[Any] = ctx.meta.setdefault(f"{_META}.options", task_options(settings_of(ctx)))
        return found


def settings_of(ctx: click.Context) -> type[RunSettings]:
    """Return the settings of the kind of task that is asked for."""
    return kind_of(ctx.meta.get(_META, DEFAULT)).settings


def task_option(function: Decorated) -> Decorated:
    """Give a command the option --task."""
    return click.option("--task", metavar="TASK", cls=_TaskOption)(function)


class _TaskOption(click.Option):
    """Its help names the kinds that there are when it is printed."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        *others, last = names()
        listed = f"{', '.join(others)} or {last}"
        self.help = f"What to learn: {listed}. Recognised automatically for texts and .ts files."
        return super().get_help_record(ctx)


def _task(args: Sequence[str]) -> str:
    for place, arg in enumerate(args):
        if arg == "--task" and place + 1 < len(args):
            return kind_of(args[place + 1]).name
        if arg.startswith("--task="):
            return kind_of(arg.removeprefix("--task=")).name
    if started := _resumed(args):
        return started
    return next((found for found in map(guess, args) if found != DEFAULT), DEFAULT)


def _resumed(args: Sequence[str]) -> str | None:
    """The task of the run that --resume names; whether it can be resumed is found out later."""
    named = [after for arg, after in pairwise(args) if arg == "--resume"]
    named += [arg.removeprefix("--resume=") for arg in args if arg.startswith("--resume=")]
    try:
        task = json.loads((Path(named[0]) / "run.json").read_bytes())["task"] if named else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return task if isinstance(task, str) and task in names() else None
