"""Fuzz all file readers and the kernel with almost valid inputs: only longshort's own errors may occur.

    python -m tests.fuzz.run [--seconds 600] [--seed N] [--engine auto|mutations|atheris] [--keep FOLDER] [TARGET ...]

Each target runs in its own process, for an equal share of the time, with bounded memory; a hanging process is killed.
Engine "mutations" mutates valid inputs in their format, and continues from those that trigger a new error; "atheris"
(pip install atheris) is also guided by coverage. "auto" gives half of the time to each if atheris is installed. TARGET is
part of a target's name. Exits with 1 if another error occurs, a process dies, or an input takes more than 20 s; the inputs
are then stored.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
GRACE = 90.0
"""Seconds beyond its share after which a process is killed: it has to start, and an input may take 20."""


@dataclass
class Outcome:
    """The result of a target with one engine."""

    target: str
    engine: str
    tried: int = 0
    refused: int = 0
    accepted: int = 0
    messages: int = 0
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def row(self) -> str:
        return (
            f"{self.target:<36} {self.engine:<10} {self.tried:>9,} {self.refused:>9,} {self.accepted:>9,} "
            f"{len(self.failures):>8}"
        )


HEAD = f"{'target':<36} {'engine':<10} {'tried':>9} {'refused':>9} {'accepted':>9} {'failures':>8}"


def fuzz(target: str, engine: str, seconds: float, seed: int, folder: Path) -> Outcome:
    """Run one target in its own process."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.fuzz.worker", target, str(seconds), str(seed), engine, str(folder)]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + GRACE
        )
        output, code = ended.stderr, ended.returncode
    except subprocess.TimeoutExpired:
        output, code = "", -1
    counts = folder / "counts.json"
    outcome = Outcome(target, engine, **keyed(json.loads(counts.read_text()) if counts.exists() else {}))
    if code:
        (folder / "stderr.txt").write_text(output)
        end = "it did not end" if code == -1 else f"the process ended with {code}"
        outcome.failures[end] = "current"
    return outcome


def keyed(counts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in counts.items() if name != "failed"}


def engines(asked: str) -> list[str]:
    """Return the engines to run; "auto" means both if atheris is installed."""
    if asked != "auto":
        return [asked]
    return ["mutations", "atheris"] if importlib.util.find_spec("atheris") else ["mutations"]


def run(names: Sequence[str], chosen: Sequence[str], seconds: float, seed: int, folder: Path) -> list[Outcome]:
    """Run every target with every engine for its share of the time; print a line after each."""
    print(f"seed {seed}; {len(names)} targets, {seconds / len(names) / len(chosen):.0f} s for each engine")
    print(HEAD, flush=True)
    outcomes = []
    for number, name in enumerate(names):
        for engine in chosen:
            place = folder / f"{number} {engine}"
            share = seconds / len(names) / len(chosen)
            outcomes.append(fuzz(name, engine, share, seed, place))
            print(outcomes[-1].row, flush=True)
            for where, kept in outcomes[-1].failures.items():
                print(f"    {where}: {place / kept}", flush=True)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engine", choices=["auto", "mutations", "atheris"], default="auto")
    parser.add_argument("--keep", type=Path, default=None)
    given = parser.parse_args()

    from tests.fuzz.targets import TARGETS

    names = [name for name in TARGETS if not given.targets or any(part in name for part in given.targets)]
    seed = random.randrange(2**31) if given.seed is None else given.seed
    folder = given.keep or Path(tempfile.mkdtemp(prefix="longshort-fuzz-"))
    outcomes = run(names, engines(given.engine), given.seconds, seed, folder)
    failures = sum(len(each.failures) for each in outcomes)
    tried = sum(each.tried for each in outcomes)
    print(f"{tried:,} inputs, {failures} failures" + (f"; the inputs are in {folder}" if failures else ""))
    if not failures and given.keep is None:
        shutil.rmtree(folder)
    return 1 if failures or not all(each.tried for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
