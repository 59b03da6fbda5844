"""Measure the time of an epoch while other programs compete for the cores, by the spin count of torch's threads.

    python -m benchmarks.busy [--others 0,1] [--spins default,1000,5000,40000] [--threads 2]

Prints the seconds of the second epoch of `longshort train movie-sentences`, as the median of several runs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def busy(others: int) -> Iterator[None]:
    """Run this many busy processes."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(others)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


def seconds(spins: str, threads: int) -> float:
    """Measure the second epoch; "default" keeps the spin count of GNU's OpenMP."""
    # If OMP_WAIT_POLICY is set, longshort does not change the spin count; an empty value sets no policy.
    known = {"GOMP_SPINCOUNT": spins} if spins != "default" else {"OMP_WAIT_POLICY": ""}
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        options = ["--epochs", "2", "--pretraining-epochs", "0", "--run", str(run)]
        subprocess.run(
            [sys.executable, "-m", "longshort", "train", "movie-sentences", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": str(threads)} | known,
        )
        return float(json.loads((run / "history.jsonl").read_text().splitlines()[1])["seconds"])


def main() -> None:
    """Print a line for each number of other processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", default="0,1")
    parser.add_argument("--spins", default="default,1000,5000,40000")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    spins = asked.spins.split(",")
    print(f"{'others':>6}", *(f"{each:>9}" for each in spins))
    for others in map(int, asked.others.split(",")):
        with busy(others):
            runs = [[seconds(each, asked.threads) for each in spins] for _ in range(asked.runs)]
        medians = map(statistics.median, zip(*runs, strict=True))
        print(f"{others:>6}", *(f"{each:9.2f}" for each in medians), flush=True)


if __name__ == "__main__":
    main()
