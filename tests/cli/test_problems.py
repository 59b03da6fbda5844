import errno

import click
import pytest
from click.testing import CliRunner

from longshort.cli import COMMANDS, problems
from longshort.cli.command import Command
from longshort.errors import DataError, Interrupted, LongshortError, NonFiniteError


def told(error: Exception) -> tuple[int, str]:
    """Exit code and stderr of a problem."""

    @click.command()
    def command() -> None:
        raise SystemExit(problems.report(error))

    result = CliRunner().invoke(command)
    assert result.stdout == ""
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (
            DataError("Broken.", "Mend it.", path="a.csv", line=3),
            2,
            "error: a.csv, line 3: Broken.\n\nhint: Mend it.\n",
        ),
        (LongshortError("Broken."), 1, "error: Broken.\n"),
        (NonFiniteError("Loss nan.", "Slower.", step=1, rows=[0]), 1, "error: Loss nan.\n\nhint: Slower.\n"),
        (Interrupted("Stopped at epoch 2.", "See runs/x."), 130, "stopped: Stopped at epoch 2.\n\nhint: See runs/x.\n"),
        (click.Abort(), 130, "stopped: Interrupted before the work was done.\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "runs/x"),
            1,
            "error: No space left on device: runs/x.\n\nhint: Check that it exists, may be used and has room left.\n",
        ),
        (
            MemoryError(),
            1,
            "error: The memory of this machine is used up.\n\nhint: A smaller --batch-tokens needs less.\n",
        ),
        (
            KeyError("weights\nlost"),
            1,
            "error: A bug in longshort: KeyError: 'weights\\nlost'\n\n"
            "hint: Set LONGSHORT_DEBUG=1 to see where it happened.\n",
        ),
    ],
)
def test_every_error_is_one_message_and_one_hint(monkeypatch, error, code, text):
    monkeypatch.delenv("LONGSHORT_DEBUG", raising=False)

    assert told(error) == (code, text)


def test_the_traceback_is_shown_only_when_asked_for(monkeypatch):
    monkeypatch.setenv("LONGSHORT_DEBUG", "1")
    code, text = told(ValueError("why"))

    assert code == 1
    assert text.startswith("ValueError: why\nerror: A bug in longshort: ValueError: why\n")


def test_a_message_of_several_lines_becomes_one_line_for_a_bug():
    assert problems.describe(RuntimeError("one\n  two")).message == "A bug in longshort: RuntimeError: one two"


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("train",), "error: longshort train needs DATA.\n\nhint: For example: longshort train movie-sentences\n"),
        (
            ("train", "--hiden-size", "3", "x.csv"),
            "error: longshort train has no option --hiden-size.\n\nhint: Did you mean --hidden-size?\n",
        ),
        (
            ("train", "--zzzzzzz", "x.csv"),
            "error: longshort train has no option --zzzzzzz.\n\nhint: longshort train --help explains every option.\n",
        ),
        (
            ("train", "x.csv", "--epochs"),
            "error: Option '--epochs' requires an argument.\n\nhint: longshort train --help explains every option.\n",
        ),
        (
            ("doctor", "now"),
            "error: Got unexpected extra argument (now).\n\nhint: longshort doctor --help explains every option.\n",
        ),
        (
            ("experiment", "text", "--seed", "x"),
            "error: Invalid value for '--seed': 'x' is not a valid integer.\n\n"
            "hint: longshort experiment --help explains every option.\n",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_the_same_form(longshort, args, text):
    result = longshort(*args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == text


def test_a_missing_argument_of_a_command_without_examples_points_to_its_help():
    @click.command(cls=Command)
    @click.argument("thing", metavar="THING")
    def make(thing: str) -> None:
        """Make."""

    with pytest.raises(click.MissingParameter) as caught:
        make.make_context("make", [])

    assert problems.describe(caught.value) == ("make needs THING.", "make --help explains every option.", 2, "error")


def test_ctrl_c_exits_130(longshort, monkeypatch):
    def stop(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.import_module", stop)
    result = longshort(next(iter(COMMANDS)))

    assert result.exit_code == 130
    assert result.stderr.strip() == "stopped: Interrupted before the work was done."
