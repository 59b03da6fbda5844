"""Installed packages are pinned and verified, and a user's type checker sees the types."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("demo", "dev", "fuzz", "tools", "torch")
UNLOCKED = re.compile(r"nvidia-|cuda-|triton$")
"""Packages that torch's CUDA build requires and pins."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()


def pins(path: Path) -> dict[str, str]:
    lines = (line.split(" ")[0] for line in path.read_text().splitlines() if "==" in line and line[0] != " ")
    return {normal(name): version for name, _, version in (line.partition("==") for line in lines)}


CONSTRAINTS = pins(ROOT / "constraints.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_is_pinned_and_has_hashes(name: str) -> None:
    packages = (ROOT / "locks" / f"{name}.txt").read_text().replace("\\\n", "").splitlines()
    assert packages
    for package in packages:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==\S+( ;[^#]*)?( +--hash=sha256:[0-9a-f]{64})+", package), package[:80]
        assert not UNLOCKED.match(package)


def test_the_locks_have_the_versions_of_the_constraints() -> None:
    for name in ("demo", "dev", "fuzz", "torch"):
        held = pins(ROOT / "locks" / f"{name}.txt")
        assert held.items() <= CONSTRAINTS.items()
    everything = {normal(line) for name in ("dev", "fuzz", "torch") for line in pins(ROOT / "locks" / f"{name}.txt")}
    assert everything == set(CONSTRAINTS), "make lock"


def test_the_locks_cover_the_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needs = project["project"]["dependencies"] + project["build-system"]["requires"]
    extras = project["project"]["optional-dependencies"]
    for name, asked in (("demo", needs + extras["samples"]), ("dev", needs + extras["samples"] + extras["dev"])):
        held = pins(ROOT / "locks" / f"{name}.txt").keys() | {"torch"}
        assert {normal(re.split(r"[><=~! ]", each)[0]) for each in asked} <= held


def test_every_install_is_verified_by_hash_with_three_exceptions() -> None:
    """The exceptions: torch's requirements, the project itself, and the peers of the benchmarks."""
    recipe = (ROOT / "Makefile").read_text().replace("\\\n\t\t", "")
    installs = [line.partition("pip install ")[2] for line in recipe.splitlines() if "pip install " in line]
    free = [line for line in installs if "--require-hashes" not in line]
    assert [line.split()[-1] for line in free] == ["torch", ".", "'.[bench]'"]
    assert "--no-deps --no-build-isolation" in free[1]


def test_security_md_names_existing_tests() -> None:
    named = set(re.findall(r"(?:tests|docs)/[\w./-]+", (ROOT / "SECURITY.md").read_text()))
    assert len(named) > 10
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_the_package_is_typed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert (ROOT / "src" / "longshort" / "py.typed").read_bytes() == b""
    assert "Typing :: Typed" in project["project"]["classifiers"]
    built = project["tool"]["scikit-build"]
    assert built["wheel.packages"] if "wheel.packages" in built else built["wheel"]["packages"] == ["src/longshort"]
    left_out = built["wheel.exclude"] if "wheel.exclude" in built else built["wheel"]["exclude"]
    assert not any("py.typed" in each or each in ("*", "**") for each in left_out)


USER = """
import numpy as np
import torch

import longshort

lstm = longshort.LSTM(3, 4, num_layers=2, batch_first=True)
output, (hidden, cell) = lstm(torch.zeros(2, 5, 3))
ragged = longshort.Ragged.from_list([torch.zeros(5, 3), torch.zeros(2, 3)])
lengths: torch.Tensor = ragged.lengths
classifier = longshort.TextClassifier(epochs=1, hidden_size=8).fit(["good", "bad"], ["a", "b"])
answers = np.asarray(classifier.predict(["good"]))
sequences = longshort.SequenceClassifier(epochs=1).fit([[1.0, 2.0], [3.0]], ["a", "b"])
seen = longshort.trace(classifier, "good")
words: tuple[str, ...] | None = seen.tokens
many: list[str] = [repr(each) for each in longshort.trace(classifier, ["good", "bad"])]
"""

WRONG = """
import longshort

longshort.TextClassifier(epochs="three")
longshort.TextClassifier(epoch=3)
longshort.TextClasifier()
words: int = longshort.trace(None, "good").tokens
"""


def test_a_users_file_is_checked_against_our_types(tmp_path: Path) -> None:
    for name, text in (("user", USER), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(text)
    options = ("--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(tmp_path / "user.py"), str(tmp_path / "wrong.py")],
        cwd=ROOT,
        env=os.environ | {"MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    found = re.findall(r"(\w+)\.py:(\d+): error: .*\[([a-z-]+)\]", done.stdout)
    assert found == [
        ("wrong", "4", "arg-type"),
        ("wrong", "5", "call-arg"),
        ("wrong", "6", "attr-defined"),
        ("wrong", "7", "assignment"),
    ], done.stdout
