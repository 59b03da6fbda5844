"""A command whose help groups its options by subject and ends with examples to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from longshort.errors import UserError, nearest

__all__ = ["Choice", "Command"]


class Choice(click.Choice[str]):
    """One of some words; of another one, the nearest of them is named."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word.

        Raises:
            UserError: it is none of them.
        """
        if value in self.choices:
            return super().convert(value, param, ctx)
        flag = param.opts[0] if param else "It"
        meant = nearest(str(value), self.choices)
        hint = " ".join(filter(None, (meant, getattr(param, "help", None))))
        raise UserError(f"{flag} must be {_listed(self.choices)}. Got {value!r}.", hint)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


class Command(click.Command):
    """A click command with examples, and with its options in groups.

    An option that has an attribute `section` stands under that heading; the others stand under "Options".

    Args:
        examples: command lines to show in the help; the first one is the hint when an argument is missing.
    """

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and let every complaint know which command it is about; click leaves that out of some."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the options under the headings of their sections."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write_text(example)
        groups: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                groups.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)
