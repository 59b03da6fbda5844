"""Run the kernel's tests under sanitizers: there must be no reports, and planted faults must be reported.

    python tests/sanitizers/run.py [address] [thread]

"address" is AddressSanitizer with UndefinedBehaviorSanitizer, "thread" is ThreadSanitizer; the default is both. Python
and torch are not instrumented, but the sanitizer's library is loaded before them and sees their memory and locks. Needs
GCC on Linux. Exits with 1 if there is a report, or if a planted fault is not reported.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `tests`, when run as a script

from tests.builds import ROOT, Build, Change

SECONDS = 1800.0
REPORT = re.compile(r"(Address|Thread)Sanitizer: |: runtime error: ")
THREADS = "tests/lstm/test_kernel_threads.py"
PARITY = "tests/lstm/test_native_parity.py"
NATIVE = "tests/lstm/test_native.py"

# Leaks are not checked: the interpreter and torch's libraries do not free everything at exit. Scratch memory comes from
# the kernel's own store, which hides uninitialised reads from sanitizers: the tests find those by filling it with NaN.
ADDRESS = "detect_leaks=0:abort_on_error=0"
UNDEFINED = "print_stacktrace=1"
# Children of a fork may start threads. Nothing is suppressed: no other library is reported. Torch's OpenMP runtime is not
# instrumented, so its synchronisation would look like races: the kernel's own pool runs instead.
THREAD = "die_after_fork=0"


@dataclass(frozen=True)
class Sanitizer:
    """A sanitizer, and the faults that it must find.

    Args:
        flags: compiler flags.
        libraries: loaded before everything else.
        options: environment variables; the path of the reports is appended.
        tests: tests to run.
        left_out: tests to skip, with the reason.
        faults: faults, each with the test that must report it.
        threads: threads that run the kernel; empty for the tests' own choice.
    """

    flags: str
    libraries: tuple[str, ...]
    options: dict[str, str]
    tests: tuple[str, ...]
    left_out: dict[str, str]
    faults: tuple[tuple[Change, str], ...]
    threads: str = ""


SANITIZERS = {
    "address": Sanitizer(
        "-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined -fno-omit-frame-pointer",
        ("libasan.so", "libstdc++.so.6"),  # the second intercepts exceptions of libraries loaded later
        {"ASAN_OPTIONS": ADDRESS, "UBSAN_OPTIONS": UNDEFINED},
        (PARITY, NATIVE, THREADS),
        {},
        (
            (
                Change(
                    "a copy is one too long",
                    "kernel/forward.hpp",
                    "copy(job.c_n[place], scratch.cells + row * sizes.units, sizes.hidden);",
                    "copy(job.c_n[place], scratch.cells + row * sizes.units, sizes.hidden + 1);",
                ),
                f"{PARITY}::test_arguments_are_not_changed",
            ),
            (
                Change(
                    "a load is one lane too long",
                    "kernel/simd.hpp",
                    "for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];",
                    "for (int64_t i = 0; i <= count; ++i) lanes[i] = from[i];",
                ),
                f"{PARITY}::test_arguments_are_not_changed",
            ),
            (
                Change(
                    "a whole number overflows",
                    "kernel/pool.cpp",
                    "work(job);",
                    "{ volatile int64_t most = INT64_MAX; most = most + jobs; work(job); }",
                ),
                f"{PARITY}::test_arguments_are_not_changed",
            ),
        ),
    ),
    "thread": Sanitizer(
        "-fsanitize=thread -fno-omit-frame-pointer",
        ("libtsan.so",),
        {"TSAN_OPTIONS": THREAD},
        (THREADS, f"{PARITY}::test_any_number_of_threads_matches_the_equations", NATIVE),
        {f"{THREADS}::test_torchs_number_of_threads_is_followed_at_the_next_call": "the sanitizer has its own thread"},
        (
            (
                Change(
                    "a counter has no lock",
                    "kernel/pool.cpp",
                    "work(job);",
                    "{ static int64_t seen = 0; ++seen; work(job); }",
                ),
                f"{PARITY}::test_any_number_of_threads_matches_the_equations",
            ),
            (
                Change(
                    "a task is handed over without a lock",
                    "kernel/pool.cpp",
                    "const std::lock_guard<std::mutex> guard(state_);\n            task_ = &task;",
                    "task_ = &task;",
                ),
                f"{PARITY}::test_any_number_of_threads_matches_the_equations",
            ),
        ),
        threads="own",
    ),
}


def run_tests(sanitizer: Sanitizer, build: Build, tests: tuple[str, ...]) -> tuple[int, str, list[Path]]:
    """Run tests; return exit code, output and reports.

    Each process writes its own report, except that UndefinedBehaviorSanitizer writes to stderr and ends the process.
    """
    folder = build.site / "reports"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = build.environment(
        LD_PRELOAD=":".join(_library(name) for name in sanitizer.libraries),
        HYPOTHESIS_STORAGE_DIRECTORY=str(build.site / "hypothesis"),
        LONGSHORT_EXAMPLES="8",
        LONGSHORT_THREADS=sanitizer.threads,
        **{name: f"{value}:log_path={folder / name}" for name, value in sanitizer.options.items()},
    )
    # setarch: ThreadSanitizer needs fixed addresses.
    command = ["setarch", "-R", sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", *tests]
    command += [f"--deselect={name}" for name in sanitizer.left_out]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return done.returncode, done.stdout + done.stderr, sorted(folder.iterdir())


def _library(name: str) -> str:
    command = ["gcc", f"-print-file-name={name}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def is_clean(sanitizer: Sanitizer, build: Build) -> bool:
    code, output, reports = run_tests(sanitizer, build, sanitizer.tests)
    if code or reports:
        print(output[-6000:], *(f"{report.name}\n{report.read_text()[:4000]}" for report in reports[:5]), sep="\n")
    else:
        print(f"  no report: {output.strip().splitlines()[-1]}")
    return not code and not reports


def finds(sanitizer: Sanitizer, build: Build, fault: Change, shown_by: str) -> bool:
    build.change(fault)
    _, output, reports = run_tests(sanitizer, build, (shown_by,))
    build.undo(fault)
    lines = [line for text in (output, *(report.read_text() for report in reports)) for line in text.splitlines()]
    first = next((line for line in lines if REPORT.search(line)), None)
    print(f"  {fault.name}: {first or 'NOT REPORTED'}", *([] if first else [output[-3000:]]), sep="\n")
    return first is not None


def check(name: str) -> bool:
    sanitizer, start = SANITIZERS[name], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        build = Build(Path(folder), sanitizer.flags)
        print(f"{name}: built in {time.perf_counter() - start:.0f} s", flush=True)
        good = is_clean(sanitizer, build)
        found = [finds(sanitizer, build, fault, shown_by) for fault, shown_by in sanitizer.faults]
    print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    return good and all(found)


if __name__ == "__main__":
    outcomes = [check(name) for name in sys.argv[1:] or SANITIZERS]
    sys.exit(0 if all(outcomes) else 1)
