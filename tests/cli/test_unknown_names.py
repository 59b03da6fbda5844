"""A name that is misspelt is never taken for nothing: exit 2, the nearest right name, no traceback, at every level."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import longshort
from longshort import SequenceClassifier, SequenceRegressor, TextClassifier
from longshort.cli import COMMANDS, main, problems
from longshort.cli.tasks import TaskCommand
from longshort.config import RunSettings
from longshort.data import SAMPLES
from longshort.errors import SettingError
from longshort.experiments import EXPERIMENTS
from longshort.kinds import kind_of, names


def slips(word: str) -> Iterator[str]:
    """`word` with one letter lost, one doubled, or two neighbours exchanged."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
        yield word[: i + 1] + word[i:]
        yield word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :] if i else word


def near(slip: str, word: str) -> bool:
    return word in set(slips(slip)) | {slip[:i] + letter + slip[i:] for i in range(len(slip) + 1) for letter in word}


def command_of(name: str) -> click.Command:
    found: click.Command = importlib.import_module(f"longshort.cli.commands.{name.replace('-', '_')}").command
    return found


def contexts(name: str) -> Iterator[tuple[str | None, click.Context]]:
    """The command as each task knows it; for most commands, one."""
    command = command_of(name)
    parent = click.Context(main, info_name="longshort")
    for task in names() if isinstance(command, TaskCommand) else [None]:
        context = click.Context(command, parent=parent, info_name=name)
        if task is None:
            yield None, context
        else:
            context.meta["longshort.task"] = task
            yield task, context
        context.meta.clear()


def options_of(context: click.Context) -> list[str]:
    params = context.command.get_params(context)
    return [name for each in params if isinstance(each, click.Option) for name in (*each.opts, *each.secondary_opts)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command(name: str) -> None:
    for _, context in contexts(name):
        parser, flags = context.command.make_parser(context), set(options_of(context))
        long = [flag for flag in flags if flag.startswith("--")]
        assert "--help" in long
        for flag in long:
            for slip in {f"--{each}" for each in slips(flag[2:])} - flags - {"--"}:
                with pytest.raises(click.UsageError) as caught:
                    parser.parse_args([slip])
                told = problems.describe(caught.value)
                assert told.exit_code == 2
                assert told.message == f"longshort {name} has no option {slip}."
                assert told.hint.startswith("Did you mean --"), (slip, told.hint)
                meant = told.hint.removeprefix("Did you mean ").removesuffix("?")
                # Where two options are as near ("--texst"), either is a right answer.
                assert meant == flag or near(slip[2:], meant[2:]), (slip, told.hint)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_ends_every_command(name: str, longshort: Any) -> None:
    for task, context in contexts(name):
        flag = max(options_of(context), key=len)
        chosen = [] if task is None else ["--task", task]
        result = longshort(name, "x", *chosen, flag[:-2] + flag[-1])
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == (
            f"error: longshort {name} has no option {flag[:-2] + flag[-1]}.\n\nhint: Did you mean {flag}?\n"
        )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command(name: str, longshort: Any) -> None:
    for slip in set(slips(name)) - set(COMMANDS):
        result = longshort(slip, "x")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"error: There is no command {slip!r}.\n\nhint: Did you mean {name!r}?\n"


@pytest.mark.parametrize("flag", ["-q", "--zzz", "-9"])
def test_an_option_like_no_other(flag: str, longshort: Any) -> None:
    result = longshort("runs", flag)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr
        == f"error: longshort runs has no option {flag}.\n\nhint: longshort runs --help explains every option.\n"
    )


def test_an_argument_too_many(longshort: Any) -> None:
    result = longshort("runs", "one", "two")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "two" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_option_of_the_program_itself(longshort: Any) -> None:
    result = longshort("--versoin")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: longshort has no option --versoin.\n\nhint: Did you mean --version?\n"


@pytest.mark.parametrize("task", names())
def test_every_task(task: str, longshort: Any) -> None:
    result = longshort("train", "x.csv", "--task", task[:-2] + task[-1])
    assert result.exit_code == 2
    assert result.stderr.endswith(f"hint: Did you mean {task!r}?\n")


@pytest.mark.parametrize(
    ("command", "flag", "choices"),
    [
        (name, each.opts[0], each.type.choices)
        for name in COMMANDS
        for each in command_of(name).params
        if isinstance(each, click.Option) and isinstance(each.type, click.Choice)
    ],
)
def test_every_choice_of_an_option(command: str, flag: str, choices: Any, longshort: Any) -> None:
    result = longshort(command, "x", flag, choices[0] + "x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {flag} must be ")
    assert f"Got '{choices[0]}x'.\n\nhint: Did you mean '{choices[0]}'? " in result.stderr
    assert all(choice in result.stderr for choice in choices)


# --- what stands where: data, samples, experiments, runs ---


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("command", ["train", "cross-validate", "tune", "samples"])
def test_every_sample(name: str, command: str, longshort: Any) -> None:
    result = longshort(command, name[:-2] + name[-1])
    assert result.exit_code == 2
    assert result.stderr.endswith(f"hint: Did you mean {name!r}?\n")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment(name: str, longshort: Any) -> None:
    slip = name[:2] + name[3:]
    result = longshort("experiment", slip)
    assert result.exit_code == 2
    assert result.stderr == f"error: There is no experiment {slip!r}.\n\nhint: Did you mean {name!r}?\n"


@pytest.mark.parametrize(("flag", "value", "right"), [("--problem", "addng", "adding"), ("--network", "ltsm", "lstm")])
def test_what_the_memory_experiment_takes(flag: str, value: str, right: str, longshort: Any, tmp_path: Path) -> None:
    result = longshort("experiment", "memory", flag, value, "--run", str(tmp_path / "x"))
    assert result.exit_code == 2
    assert result.stderr.endswith(f"hint: Did you mean {right!r}?\n")


TAKES_RUN = {
    "evaluate": ["data.csv"],
    "predict": ["text"],
    "explain": ["text"],
    "trace": ["text"],
    "units": ["data.csv"],
    "memory": ["data.csv"],
    "report": [],
    "forecast": [],
}


def test_every_command_that_takes_a_run_is_known_here() -> None:
    takes = {
        name
        for name in COMMANDS
        if any(isinstance(each, click.Argument) and "RUN" in (each.metavar or "") for each in command_of(name).params)
    }
    assert takes == set(TAKES_RUN)


@pytest.mark.parametrize("command", TAKES_RUN)
@pytest.mark.parametrize(
    ("typed", "meant"), [("runs/reveiws-1", "runs/reviews-1"), ("reviews-1", "runs/reviews-1"), ("mdoel", "model")]
)
def test_every_run(
    command: str, typed: str, meant: str, longshort: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("runs/reviews-1/model", "model", "reviews-2"):
        Path(folder).mkdir(parents=True)
        Path(folder, "config.json").write_text("{}")
    result = longshort(command, typed, *TAKES_RUN[command])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"\n\nhint: Did you mean {meant!r}?\n")


def test_a_run_like_no_other(longshort: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "quite-other").mkdir(parents=True)
    result = longshort("predict", "nosuch", "x")
    assert result.exit_code == 2
    assert result.stderr.endswith("hint: `longshort runs` lists the runs there are.\n")


COLUMNS = {
    "text-classification": ("text,label\nx,a\n", {"text": "txet", "label": "lable"}, ["'text'", "'label'"]),
    "sequence-classification": (
        "id,time,v,label,subject\n1,1,2,a,p\n1,2,2,a,p\n",
        {"id": "idd", "time": "tmie", "channels": "v1", "label": "lable", "group": "subjct"},
        ["'id'", "'time'", "'v'", "'label'", "'subject'"],
    ),
    "forecast": (
        "date,shop,sales,price,rain\n2020-01-01,a,1,2,3\n",
        {"time": "dat", "series": "shpo", "value": "slaes", "known": "pirce", "past": "rian"},
        ["'date'", "'shop'", "'sales'", "'price'", "'rain'"],
    ),
}


@pytest.mark.parametrize(
    ("task", "flag", "typed", "meant"),
    [
        (task, flag, typed, meant)
        for task, (_, given, right) in COLUMNS.items()
        for (flag, typed), meant in zip(given.items(), right, strict=True)
    ],
)
def test_every_column(task: str, flag: str, typed: str, meant: str, longshort: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(COLUMNS[task][0])
    result = longshort("train", str(tmp_path / "a.csv"), "--task", task, f"--{flag}", typed)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"hint: Did you mean {meant}?\n"), result.stderr


# --- Python ---


@pytest.mark.parametrize("kind", [kind_of(name).settings for name in names()])
def test_every_setting(kind: type[RunSettings]) -> None:
    names = [name for _, name in kind.names()]
    for section, name in kind.names():
        for slip in set(slips(name)) - set(names) - {"", *kind.sections()}:
            for set_it in (
                lambda slip=slip: kind.from_flat({slip: None}),
                lambda slip=slip, section=section: kind.sections()[section].parse({slip: None}),
                lambda slip=slip, section=section: kind.parse({section: {slip: None}}),
                lambda slip=slip, section=section: getattr(kind(), section).replace(**{slip: None}),
            ):
                with pytest.raises(SettingError) as caught:
                    set_it()
                assert caught.value.message == f"There is no setting {slip!r}."
                meant = caught.value.hint.removeprefix("Did you mean '").removesuffix("'?")
                assert meant == name or near(slip, meant), (slip, caught.value.hint)


@pytest.mark.parametrize("estimator", [TextClassifier, SequenceClassifier, SequenceRegressor])
def test_every_argument_of_an_estimator(estimator: Any) -> None:
    known = estimator().get_params()
    for name in known:
        slip = name[:-2] + name[-1]
        with pytest.raises(SettingError) as caught:
            estimator().set_params(**{slip: 1})
        assert caught.value.message == f"{estimator.__name__} has no setting {slip!r}."
        meant = caught.value.hint.removeprefix("Did you mean '").removesuffix("'?")
        assert meant == name or near(slip, meant), (slip, caught.value.hint)
    with pytest.raises(ValueError, match="has no setting 'zzz'"):
        estimator().set_params(zzz=1)
    with pytest.raises(TypeError, match="hiden_size"):
        estimator(hiden_size=1)


def test_every_public_name() -> None:
    """Python itself says which name was meant, where the error has the name and the module."""
    for name in longshort.__all__:
        slip = name[:-2] + name[-1]
        with pytest.raises(AttributeError) as caught:
            getattr(longshort, slip)
        assert (caught.value.name, caught.value.obj) == (slip, longshort)
    done = subprocess.run(
        [sys.executable, "-c", "import longshort; longshort.TextClasifier"], capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith(
        "AttributeError: module 'longshort' has no attribute 'TextClasifier'. Did you mean: 'TextClassifier'?\n"
    )
