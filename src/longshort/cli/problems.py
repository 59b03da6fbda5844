"""How a problem is reported: one message, an empty line, one hint, all on stderr; never a traceback.

A bug of longshort itself shows its traceback only with LONGSHORT_DEBUG=1 in the environment.
"""

from __future__ import annotations

import os
import traceback
from typing import NamedTuple

import click
from click import exceptions as usage

from longshort.cli import console
from longshort.errors import Interrupted, LongshortError, closest

__all__ = ["Problem", "describe", "report"]


class Problem(NamedTuple):
    """What the user reads, and what the shell gets.

    Args:
        message: what must hold, and what was received.
        hint: what to do; empty where nothing can be said.
        exit_code: 2 for a user's mistake, 130 after Ctrl-C, 143 after SIGTERM, 1 otherwise.
        title: the word before the message.
    """

    message: str
    hint: str
    exit_code: int
    title: str = "error"


def report(error: Exception) -> int:
    """Write the problem to stderr; give the exit code."""
    problem = describe(error)
    if os.environ.get("LONGSHORT_DEBUG") == "1" and not isinstance(error, click.ClickException | click.Abort):
        console.say("".join(traceback.format_exception(error)).rstrip())
    stopped = problem.title == "stopped"
    console.say(f"{console.paint(problem.title + ':', 'yellow' if stopped else 'red')} {problem.message}")
    if problem.hint:
        console.say(f"\n{console.paint('hint:', 'cyan')} {problem.hint}")
    return problem.exit_code


def describe(error: Exception) -> Problem:
    """The message, hint and exit code for any error that can reach the command line."""
    if isinstance(error, LongshortError):
        title = "stopped" if isinstance(error, Interrupted) else "error"
        return Problem(error.message, error.hint, error.exit_code, title)
    if isinstance(error, click.Abort):
        code = getattr(error.__cause__, "exit_code", Interrupted.exit_code)
        return Problem("Interrupted before the work was done.", "", code, "stopped")
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return Problem(f"{error.strerror}{where}.", "Check that it exists, may be used and has room left.", 1)
    if isinstance(error, MemoryError):
        return Problem("The memory of this machine is used up.", "A smaller --batch-tokens needs less.", 1)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return Problem(f"A bug in longshort: {what}", "Set LONGSHORT_DEBUG=1 to see where it happened.", 1)


def _usage(error: click.ClickException) -> Problem:
    """A wrong command line, in words of one form whatever click calls it."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "longshort"
    more = f"{path} --help explains every option."
    if isinstance(error, usage.NoSuchOption):
        return Problem(f"{path} has no option {error.option_name}.", _nearest_option(error) or more, 2)
    if isinstance(error, usage.MissingParameter) and error.param:
        examples = getattr(error.cmd, "examples", ())
        missing = error.param.make_metavar(context) if context else error.param.name
        return Problem(f"{path} needs {missing}.", f"For example: {examples[0]}" if examples else more, 2)
    return Problem(error.format_message().rstrip(".") + ".", more, error.exit_code)


def _nearest_option(error: usage.NoSuchOption) -> str:
    meant = closest(error.option_name, error.possibilities or ())
    return f"Did you mean {meant}?" if meant else ""
