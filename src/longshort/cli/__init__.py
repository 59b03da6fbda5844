"""The command line: one file per command, loaded when that command is called.

`longshort --help` answers from this file alone: it loads neither torch nor pydantic nor rich.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from longshort.cli import problems
from longshort.errors import UserError, nearest
from longshort.version import __version__

__all__ = ["COMMANDS", "main"]

SPIN_COUNT = 5_000
"""Rounds of a waiting thread. On two cores that nobody else uses, a training takes 1.08 of the time with it."""

COMMANDS = {
    "train": "Train a model on a file, a folder or a sample, and evaluate it.",
    "cross-validate": "Train and evaluate once for each fold of the data: mean and spread.",
    "tune": "Search for better settings, compared on validation rows only.",
    "evaluate": "Evaluate a trained model on other labelled data.",
    "predict": "Classify texts, or sequences of numbers, with a trained model.",
    "forecast": "Forecast the next steps with a trained model.",
    "explain": "Show what each word of a text contributes to the answer.",
    "trace": "Show what the gates do while a model reads a text.",
    "units": "Show what each hidden unit does, and how much it matters.",
    "memory": "Show how long a model remembers.",
    "runs": "Compare the runs in a folder, best first.",
    "report": "Rebuild the report of a run, or compare two runs on one page.",
    "experiment": "Repeat a known experiment, as published or corrected.",
    "samples": "List the data sets that come with longshort.",
    "doctor": "Show what this machine and this installation can do.",
}
"""Every command, in the order of the help, with the first sentence of its own help."""


class _Commands(click.Group):
    """A group that imports a command when it is called, and reports every problem in the same form."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"longshort.cli.commands.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            message = f"There is no command {args[0]!r}."
            raise UserError(message, nearest(args[0], COMMANDS) or "longshort --help lists the commands.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        result = super().invoke(ctx)
        sys.stdout.flush()  # a reader that has gone away is met here, not while the interpreter shuts down
        return result

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run one command line and exit; `extra` goes to click, as in `click.Command.main`."""
        extra["standalone_mode"] = False
        extra["prog_name"] = "longshort"
        _open_closed_streams()
        _spin_briefly()
        try:
            _check_arguments(extra.get("args") or sys.argv[1:])
            code = super().main(*args, **extra)
        except Exception as error:
            code = problems.report(error)
        sys.exit(code if isinstance(code, int) else 0)


def _open_closed_streams() -> None:
    """A stream that the caller has closed (`>&-`) holds nothing, and what is said to it is said to nobody."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process


def _spin_briefly() -> None:
    """Let torch's threads (GNU's OpenMP) wait for each other for microseconds, not milliseconds, before they sleep.

    By its default a thread that waits keeps its core from the very thread it waits for, where another program uses the
    other core: a training then takes six times as long (benchmarks/busy.py). Whoever has set it is heeded.
    """
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & set(os.environ):
        os.environ["GOMP_SPINCOUNT"] = str(SPIN_COUNT)


def _check_arguments(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text: they can be neither read as words nor written down in a run."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UserError(
                f"The command line must be UTF-8. Got {argument!a}.",
                "Rename the file, or give the text with --file.",
            ) from None


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    epilog="longshort COMMAND --help explains a command. A first run: longshort train movie-sentences",
)
@click.version_option(__version__, prog_name="longshort", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Train, see through and ship LSTMs on an ordinary computer."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
