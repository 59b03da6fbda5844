"""Record a source tree, or compare two recordings.

python -m tests.recordings record FOLDER [--source SRC]
python -m tests.recordings compare OLD NEW [--bits]
python -m tests.recordings against COMMIT [--bits]    both, for that commit and the working tree
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.recordings.commands import RUNS
from tests.recordings.compare import differences

ROOT = Path(__file__).parents[2]
FIXED = {
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "TZ": "UTC",
    "MPLBACKEND": "agg",
    "PYTHONWARNINGS": "ignore",
}


def record(folder: Path, source: Path) -> None:
    """Record every run of a source tree, two at a time."""

    def one(name: str) -> None:
        command = [sys.executable, str(ROOT / "tests" / "recordings" / "child.py"), str(source), name, str(folder)]
        done = subprocess.run(command, env={**os.environ, **FIXED}, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name} could not be recorded:\n{done.stderr[-4000:]}")
        shutil.rmtree(folder / f".work-{name}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, RUNS))


def main() -> int:
    """Do what the command line says; 1 where recordings differ."""
    parser = argparse.ArgumentParser(prog="tests.recordings", description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    recording = actions.add_parser("record")
    recording.add_argument("folder", type=Path)
    recording.add_argument("--source", type=Path, default=ROOT / "src")
    comparing = actions.add_parser("compare")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    against = actions.add_parser("against")
    against.add_argument("commit")
    for each in (comparing, against):
        each.add_argument("--bits", action="store_true", help="compare weights, predictions and numbers alone")
    given = parser.parse_args()
    if given.action == "record":
        record(given.folder.resolve(), given.source.resolve())
        return 0
    if given.action == "compare":
        return differences(given.old, given.new, bits=given.bits)
    with tempfile.TemporaryDirectory(prefix="recordings-") as place:
        there = Path(place)
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", there / "tree", given.commit], check=True)
        try:
            record(there / "old", there / "tree" / "src")
            record(there / "new", ROOT / "src")
            return differences(there / "old", there / "new", bits=given.bits)
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", there / "tree"], check=True)


if __name__ == "__main__":
    sys.exit(main())
