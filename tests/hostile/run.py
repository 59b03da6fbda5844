"""Load every model of the corpus for every task, and print a table: make hostile.

Exits with 1 if a model is not rejected with a typed error within a second of CPU time and 100 MB, or if anything was
written, sent, started, imported or executed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from longshort.kinds import names

ROOT = Path(__file__).parents[2]
MOST_SECONDS, MOST_BYTES = 1.0, 100e6
HEAD = f"{'task':<24} {'models':>7} {'refused':>8} {'slowest':>9} {'memory':>9} {'touched':>8}"


def is_fine(row: dict[str, Any]) -> bool:
    return (
        row["error"] == "BundleError"
        and row["processor_seconds"] <= MOST_SECONDS
        and max(row["peak"], row["python_peak"]) <= MOST_BYTES
        and not row["events"]
        and not row["changed"]
    )


def summed(task: str, rows: list[dict[str, Any]]) -> str:
    refused = sum(row["error"] == "BundleError" for row in rows)
    slowest = max(row["processor_seconds"] for row in rows)
    memory = max(max(row["peak"], row["python_peak"]) for row in rows)
    touched = sum(bool(row["events"] or row["changed"]) for row in rows)
    return f"{task:<24} {len(rows):>7} {refused:>8} {slowest:>7.2f} s {memory / 1e6:>6.0f} MB {touched:>8}"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.hostile.measure", folder, "--every"]
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    rows = [row for row in map(json.loads, ended.stdout.splitlines()) if "case" in row]
    print(HEAD)
    for task in names():
        print(summed(task, [row for row in rows if row["task"] == task]))
    wrong = [row for row in rows if not is_fine(row)]
    for row in wrong:
        print(f"\n{row['task']}, {row['case']}: {json.dumps(row, indent=1)}")
    print(
        f"{len({row['case'] for row in rows})} ways to spoil a model, {len(rows)} models, {len(wrong)} not as promised"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
