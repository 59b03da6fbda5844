import importlib
import os
import subprocess
import sys

import click
import pytest
from tests.small_models import make

from longshort import __version__
from longshort.cli import COMMANDS
from longshort.runs import save_bundle


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "longshort", *args]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, timeout=60)


def modules_loaded_by(*args: str) -> set[str]:
    code = (
        "import sys\n"
        "from longshort.cli import main\n"
        f"try:\n    main({list(args)})\n"
        "except SystemExit:\n    print('\\0', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in done.stdout.partition("\0")[2].split()}


@pytest.mark.parametrize("args", [("--help",), (), ("--version",)])
def test_help_and_version_load_nothing_heavy(args):
    loaded = modules_loaded_by(*args)

    assert "click" in loaded
    assert not loaded & {"torch", "numpy", "pydantic", "rich", "sklearn", "pyarrow", "matplotlib"}


def test_the_help_of_a_command_loads_no_torch():
    assert not modules_loaded_by("train", "--help") & {"torch", "numpy", "rich", "sklearn", "pyarrow", "matplotlib"}


@pytest.mark.parametrize("command", [("predict",), ("trace",)])
def test_a_model_that_is_asked_loads_what_it_needs_alone(command, tmp_path):
    """Each of these takes about a second to import, and torch alone is slow enough."""
    save_bundle(tmp_path / "model", make("text-classification"))
    loaded = modules_loaded_by(*command, str(tmp_path / "model"), "a fine film")
    assert "torch" in loaded
    assert not loaded & {"sklearn", "pandas", "matplotlib", "sympy"}  # which torch's compiler loads


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&-"])
def test_a_closed_stream_is_no_error(closed):
    command = f"{sys.executable} -m longshort samples {closed}"
    assert subprocess.run(["sh", "-c", command], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("set_by_user", "count"),
    [({}, "5000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "none")],
)
def test_threads_wait_briefly_unless_told_otherwise(set_by_user, count):
    code = (
        "import os, sys\nfrom longshort.cli import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n"
        "    assert 'torch' not in sys.modules  # which reads it when it is loaded\n"
        "    print(os.environ.get('GOMP_SPINCOUNT', 'none'))"
    )
    known = {name: each for name, each in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=known | set_by_user)
    assert done.stdout.split()[-1] == count


def test_bytes_that_are_no_text_are_refused():
    done = subprocess.run([sys.executable, "-m", "longshort", "predict", b"run", b"g\xf6d"], capture_output=True)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: The command line must be UTF-8. Got 'g\\udcf6d'.\n\nhint: ")


def test_a_misspelt_command_names_the_nearest(longshort):
    result = longshort("trian", "x.csv")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: There is no command 'trian'.\n\nhint: Did you mean 'train'?\n"


def test_a_command_like_no_other_gets_the_way_to_the_list(longshort):
    result = longshort("xyzzy")

    assert result.exit_code == 2
    assert result.stderr == "error: There is no command 'xyzzy'.\n\nhint: longshort --help lists the commands.\n"


def test_no_command_shows_the_help_on_stdout(longshort):
    result = longshort()

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == longshort("--help").stdout
    assert all(name in result.stdout for name in COMMANDS)


def test_version(longshort):
    assert longshort("--version").stdout == f"longshort {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_says_what_each_command_says_of_itself(name):
    command = importlib.import_module(f"longshort.cli.commands.{name.replace('-', '_')}").command

    assert isinstance(command, click.Command)
    assert command.help.split("\n\n")[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_examples(longshort, name):
    result = longshort(name, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: longshort {name}")
    assert "Examples:\n  longshort " in result.stdout or "| longshort" in result.stdout


def test_the_streams_and_the_exit_code_of_a_real_process():
    wrong = run("samples", "--jason")
    right = run("--version")

    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "error: longshort samples has no option --jason.\n\nhint: Did you mean --json?\n"
    assert (right.returncode, right.stdout, right.stderr) == (0, f"longshort {__version__}\n", "")


def test_a_reader_that_goes_away_is_no_error_to_tell():
    """`longshort ... | head -0`: the pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "longshort", "doctor", "--json"]
    buffered = os.environ | {"PYTHONUNBUFFERED": ""}  # as it is for users: what is printed waits for a flush
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, env=buffered)
    os.close(write)

    assert (done.returncode, done.stderr) == (1, "")
