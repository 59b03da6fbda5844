"""Mutate the kernel in many ways, one at a time, and check that the tests fail.

    python tests/mutations/run.py [WORD ...]    only mutations with one of the words in their names

Exits with 1 if a mutation survives, and with 2 if one could not be tried.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `tests`, when run as a script

from tests.builds import ROOT, Build, BuildError, Change, StaleError
from tests.mutations.changes import CHANGES

TESTS = ("tests/lstm/test_native_parity.py", "tests/lstm/test_native.py")
SECONDS = 300.0
CAUGHT, SURVIVED, UNTRIED, SKIPPED = "caught", "SURVIVED", "UNTRIED", "skipped"


def run_tests(build: Build) -> tuple[bool, str]:
    """Return whether all tests passed, and the first failure."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *TESTS]
    environment = build.environment(HYPOTHESIS_STORAGE_DIRECTORY=str(build.site / "hypothesis"))
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False, "the tests hang"
    if done.returncode == 0:
        return True, ""
    if done.returncode < 0:
        return False, f"the process died of signal {-done.returncode}"
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode != 1 or not failed:
        raise BuildError(f"pytest exited with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}")
    return False, failed[0].removeprefix("FAILED ").split(" - ")[0].rpartition("::")[2]


def attempt(build: Build, change: Change, able: set[str]) -> tuple[str, str]:
    if change.needs not in able:
        return SKIPPED, f"this processor has no {change.needs}"
    try:
        build.change(change)
        passed, first = run_tests(build)
    except (StaleError, BuildError) as error:
        return UNTRIED, str(error)
    finally:
        build.undo(change)
    return (SURVIVED, "") if passed else (CAUGHT, first)


def main(words: list[str]) -> int:
    chosen = [change for change in CHANGES if not words or any(word in change.name for word in words)]
    stale = [change for change in chosen if not _fits(change)]
    if stale or not chosen:
        return 2
    with tempfile.TemporaryDirectory() as folder:
        build = Build(Path(folder))
        able = build.can()
        passed, first = run_tests(build)
        if not passed:
            print(f"The tests must pass without mutations; {first} fails.", file=sys.stderr)
            return 2
        outcomes = [_report(change, build, able) for change in chosen]
    print(", ".join(f"{outcomes.count(each)} {each}" for each in (CAUGHT, SURVIVED, UNTRIED, SKIPPED)))
    return 2 if UNTRIED in outcomes else int(SURVIVED in outcomes)


def _fits(change: Change) -> bool:
    try:
        change.apply((ROOT / "src/longshort/lstm" / change.file).read_text())
    except StaleError as error:
        print(error, file=sys.stderr)
        return False
    return True


def _report(change: Change, build: Build, able: set[str]) -> str:
    start = time.perf_counter()
    outcome, detail = attempt(build, change, able)
    print(f"{outcome:8} {time.perf_counter() - start:4.0f} s  {change.name:60} {detail}", flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
