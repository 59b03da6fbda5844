"""Test the promises about trainings that are killed, stopped, corrupted or out of disk space, many times each.

    python tests/faults/run.py [seed]

Kills real processes with SIGKILL at random times and file operations, for all tasks and backends, and resumes them;
truncates and corrupts checkpoints at random places; fills disks; sends signals. Prints a table; exits with 1 if a promise
is broken. Takes about five minutes on one core.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `tests`, when run as a script

from tests.faults.cases import CASES, Case, Faults, digest, outcome, processes, start, write_data

KILLS, TORN, STOPS, FULL = 54, 240, 24, 18
SOONEST, LATEST = 0.05, 0.9
"""Range of seconds until a process is killed: about from its start to its evaluation."""

OPERATIONS = 110
"""Approximate number of file operations of a process in its run directory."""

IN_TIME = 5.0
"""Seconds within which a signal ends the demo."""


@dataclass
class Row:
    """A line of the table; `broken` lists the trials that broke the promise."""

    kind: str
    tried: int = 0
    resumed: int = 0
    identical: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, what: str, *, resumed: bool, identical: bool) -> None:
        """Add a trial."""
        self.tried, self.resumed, self.identical = self.tried + 1, self.resumed + resumed, self.identical + identical
        if not (resumed and identical):
            self.broken.append(f"{self.kind}: {what}")

    def line(self) -> str:
        """Format the line."""
        return f"{self.kind:<44}{self.tried:>7}{self.resumed:>9}{self.identical:>11}"


class Lab:
    """Trains each case once undisturbed, then with faults, in separate folders."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.draw, self.context = folder, random.Random(seed), processes()
        self._number = 0
        self._alone: dict[Case, dict[str, str]] = {}

    def place(self, case: Case, *, below: Path | None = None) -> Path:
        """Make a new folder with the data of a case."""
        self._number += 1
        path = (below or self.folder) / str(self._number)
        path.mkdir()
        write_data(case.task, path)
        return path

    def train(self, case: Case, place: Path, faults: Faults | None = None, *, kill_after: float | None = None) -> int:
        """Start or resume a run, optionally until SIGKILL; return the exit code."""
        process = start(self.context, case, place, faults)
        process.join(kill_after)
        process.kill()
        process.join()
        return process.exitcode or 0

    def alone(self, case: Case) -> dict[str, str]:
        """Return the results of an undisturbed run."""
        if case not in self._alone:
            place = self.place(case)
            if self.train(case, place):
                raise SystemExit(f"{case} fails alone:\n{(place / 'stderr').read_text(encoding='utf-8')}")
            self._alone[case] = outcome(place)
        return self._alone[case]

    def finish(self, case: Case, place: Path, row: Row, what: str, *, promised: bool = True) -> None:
        """Resume the run in `place` to its end, and compare; `promised` is any other condition."""
        expected = self.alone(case)
        finished = (place / "run/metrics.json").exists()
        resumed = finished or self.train(case, place) == 0
        identical = resumed and outcome(place)["metrics"] == expected["metrics"] and _same(place, expected, finished)
        row.add(f"{case}, {what}, in {place}", resumed=resumed and promised, identical=identical)
        if resumed and identical and promised:
            shutil.rmtree(place)


def _same(place: Path, expected: dict[str, str], finished: bool) -> bool:
    """Compare results. A run killed after its last file may lack `ends.json` entries and keep checkpoints."""
    apart = ("ends", "files") if finished else ()
    left = outcome(place)
    return all(left[name] == each for name, each in expected.items() if name not in apart)


def killed(lab: Lab) -> Iterator[Row]:
    """Send SIGKILL up to three times in a row, at random times and file operations."""
    rows = {case: Row(f"SIGKILL: {case}") for case in CASES}
    count = 0
    for case in cycle(CASES):
        if count >= KILLS:
            break
        lab.alone(case)
        place, kills = lab.place(case), []
        for _ in range(lab.draw.randint(1, 3)):
            if lab.draw.random() < 0.5:
                when = lab.draw.uniform(SOONEST, LATEST)
                code = lab.train(case, place, kill_after=when)
                kills.append(f"{when:.3f} s")
            else:
                operation = lab.draw.randint(1, OPERATIONS)
                code = lab.train(case, place, Faults(die_at=operation))
                kills.append(f"operation {operation}")
            count += code == -signal.SIGKILL
            if code == 0:
                break
        lab.finish(case, place, rows[case], ", then ".join(kills))
    print(f"({count} kills)", flush=True)
    yield from rows.values()


def torn(lab: Lab) -> Iterator[Row]:
    """Truncate or corrupt the newest checkpoint: it is reported, and the previous one is used.

    Every sixteenth run is resumed to its end.
    """
    for kind in ("cut", "changed"):
        row = Row(f"a checkpoint is {kind}")
        for number, case in zip(range(TORN // 2), cycle(CASES[::3])):
            place = _with_two_checkpoints(lab, case)
            folder, older, newest = _checkpoints(place)
            _damage(newest, lab.draw, kind)
            loaded = _is_passed_over(folder, older, newest)
            if number % 16:
                row.add(f"{newest}", resumed=loaded, identical=loaded)
                shutil.rmtree(place)
            else:
                lab.finish(case, place, row, f"{newest.name}", promised=loaded)
        yield row


@functools.cache
def _template(lab: Lab, case: Case) -> Path:
    """Make a run killed when its second training, or its only one, had two checkpoints."""
    lab.alone(case)
    for operation in range(40, 400):
        place = lab.place(case)
        if lab.train(case, place, Faults(die_at=operation)) == 0:
            raise SystemExit(f"{case} never had two checkpoints.")
        with suppress(StopIteration):
            _checkpoints(place)
            return place
        shutil.rmtree(place)
    raise SystemExit(f"{case} was killed too early.")


def _with_two_checkpoints(lab: Lab, case: Case) -> Path:
    place = lab.place(case)
    template = _template(lab, case)
    shutil.copytree(template, place, dirs_exist_ok=True)
    origin = place / "run/run.json"
    origin.write_text(origin.read_text(encoding="utf-8").replace(str(template), str(place)), encoding="utf-8")
    return place


def _checkpoints(place: Path) -> tuple[Path, Path, Path]:
    """Return a folder of checkpoints, with its two newest files."""
    folders = sorted(place.glob("run/checkpoints/*"))
    found = ((folder, sorted(folder.glob("*.safetensors"))) for folder in folders)
    folder, (older, newest) = next((folder, files[-2:]) for folder, files in found if len(files) > 1)
    return folder, older, newest


def _damage(path: Path, draw: random.Random, kind: str) -> None:
    whole = path.read_bytes()
    where = draw.randrange(len(whole))
    changed = bytearray(whole)
    changed[where] ^= 1 << draw.randrange(8)
    path.write_bytes(whole[:where] if kind == "cut" else bytes(changed))


def _is_passed_over(folder: Path, older: Path, newest: Path) -> bool:
    from longshort.runs.checkpoints import FolderCheckpoints

    notes: list[str] = []
    taken = FolderCheckpoints(folder, notes.append).load()
    with tempfile.TemporaryDirectory() as apart:
        shutil.copy(older, apart)
        wanted = FolderCheckpoints(Path(apart)).load()
    if taken is None or wanted is None or len(notes) != 1:
        return False
    return notes[0].startswith(f"{newest} is damaged") and digest(taken) == digest(wanted)


def full(lab: Lab) -> Iterator[Row]:
    """Fill the disk at a random time, or limit file sizes: one error line, a nonzero exit, and old files still load."""
    simulated = Row("disk full (simulated in fsync)")
    for _, case in zip(range(FULL), cycle(CASES[::3])):
        at = lab.draw.randint(1, 40)
        _out_of_room(lab, case, lab.place(case), simulated, Faults(full_at=at), f"fsync {at}")
    yield simulated
    limited = Row("file size limit (RLIMIT_FSIZE)")
    for _, case in zip(range(FULL // 2), cycle(CASES[::3])):
        largest = lab.draw.randint(500, 30_000)
        _out_of_room(lab, case, lab.place(case), limited, Faults(largest=largest), f"{largest} bytes")
    yield limited
    with _small_disk(lab.folder) as disk:
        if disk is None:
            print("(cannot mount a file system here: the test with a really full disk is skipped)", flush=True)
            return
        real = Row("disk full (small file system)")
        for _, case in zip(range(FULL // 2), cycle(CASES[::3])):
            at = lab.draw.randint(1, 40)
            place = lab.place(case, below=disk)
            _out_of_room(lab, case, place, real, Faults(full_at=at, filler=disk / "filler"), f"fsync {at}")
            shutil.rmtree(place, ignore_errors=True)
        yield real


def _out_of_room(lab: Lab, case: Case, place: Path, row: Row, faults: Faults, what: str) -> None:
    lab.alone(case)
    code = lab.train(case, place, faults)
    output = (place / "stderr").read_text(encoding="utf-8")
    if faults.filler:
        faults.filler.unlink(missing_ok=True)
    errors = [line for line in output.splitlines() if line.startswith("error: ")]
    # On a full disk, the error message itself may be lost.
    good = code == 0 or (
        code in (1, 2) and "Traceback" not in output and (len(errors) == 1 or faults.filler is not None)
    )
    lab.finish(case, place, row, f"{what}, exit {code}", promised=good)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a file system of 12 MB in memory; None if that is not permitted."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def stopped(lab: Lab) -> Iterator[Row]:
    """Send SIGINT and SIGTERM at random times, once or twice, also where they are ignored."""
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        for times in (1, 2):
            row = Row(f"{number.name}{' twice' * (times > 1)}")
            for _, case in zip(range(STOPS // 4), cycle(CASES[::3])):
                _stop(lab, case, row, number, times, {code})
            yield row
    ignoring = Row("SIGINT and SIGTERM, ignored")
    for case in CASES[::3]:
        _stop(lab, case, ignoring, signal.SIGTERM, 2, {0}, Faults(ignore_signals=True))
    yield ignoring


def _stop(
    lab: Lab, case: Case, row: Row, number: int, times: int, codes: set[int], faults: Faults | None = None
) -> None:
    lab.alone(case)
    place = lab.place(case)
    process = start(lab.context, case, place, faults)
    while not (place / "run/run.json").exists():
        time.sleep(0.002)
    after = lab.draw.uniform(0, LATEST / 2)
    process.join(after)
    running = process.is_alive()
    for _ in range(times):
        if process.pid and process.is_alive():
            os.kill(process.pid, number)
        process.join(lab.draw.uniform(0, 0.01))
    process.join()
    good = process.exitcode in (codes if running else {0}) or (process.exitcode == 0 and _is_done(place))
    lab.finish(case, place, row, f"after {after:.3f} s, exit {process.exitcode}", promised=good)


def _is_done(place: Path) -> bool:
    """Whether the run is finished: a signal during interpreter shutdown comes too late."""
    return (place / "run/metrics.json").exists()


def demo(lab: Lab) -> Iterator[Row]:
    """Check that SIGINT and SIGTERM end the demo within five seconds during its training."""
    row = Row(f"the demo ends within {IN_TIME:.0f} s of a signal")
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        run = lab.folder / f"demo-{code}"
        process = subprocess.Popen(
            [sys.executable, "-m", "longshort", "train", "movie-reviews", "--preset", "demo", "--run", str(run)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Training"):
                break
        time.sleep(lab.draw.uniform(0.5, 10))
        began = time.perf_counter()
        process.send_signal(number)
        output = process.communicate()[1]
        seconds = time.perf_counter() - began
        print(f"(the demo ended {seconds:.2f} s after {number.name})", flush=True)
        hint = "Resume with: longshort train --resume" if run.exists() else "Run it again."  # before the first step
        good = process.returncode == code and seconds <= IN_TIME and hint in output
        row.add(f"{number.name}: exit {process.returncode} after {seconds:.1f} s", resumed=good, identical=good)
    yield row


def main() -> int:
    """Run all trials and print the table; return 1 if a promise is broken."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(10**6)
    print(f"seed {seed}\n\n{'kind':<44}{'tried':>7}{'resumed':>9}{'identical':>11}", flush=True)
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="longshort-faults-", ignore_cleanup_errors=True) as folder:
        lab = Lab(Path(folder), seed)
        for trials in (killed, torn, full, stopped, demo):
            for row in trials(lab):
                print(row.line(), flush=True)
                broken += row.broken
    print("\n".join(["", *broken]) if broken else "\nEvery promise was kept.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
