"""Every example runs as a newcomer would run it, and reaches its stated result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(path.name for path in FOLDER.glob("*.py"))


def test_every_task_has_an_example_and_all_are_listed() -> None:
    listed = (FOLDER / "README.md").read_text()
    assert {"sentiment.py", "digits.py", "regression.py", "forecast.py"} <= set(EXAMPLES)
    assert all(f"({name})" in listed for name in EXAMPLES)


QUICK = {"digits.py"}


@pytest.mark.parametrize(
    "name", [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in EXAMPLES]
)
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    """Each ends with an assertion of its result."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(FOLDER / name)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "assert " in (FOLDER / name).read_text()
