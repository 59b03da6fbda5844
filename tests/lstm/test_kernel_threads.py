"""The kernel with threads and processes: forks, concurrent Python threads, torch's number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from tests.lstm.parity import Case, assert_same_bits, compute_on_kernel, threads
from tests.lstm.processes import BUSY

from longshort.lstm import compiled

pytestmark = pytest.mark.usefixtures("kernel")

ROOT = Path(__file__).parents[2]


def run_process(*names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run some of `tests.lstm.processes` in one process; fail if it hangs."""
    command = [sys.executable, "-m", "tests.lstm.processes", *names]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )


def assert_ends_well(whose_threads: str, *names: str) -> None:
    done = run_process(*names, LONGSHORT_THREADS=whose_threads)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.slow
def test_a_child_computes_the_bits_of_its_parent(whose_threads):
    assert_ends_well(whose_threads, "fork", "workers", "fork_from_a_thread", "ends")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux")
@pytest.mark.slow
def test_torchs_number_of_threads_is_followed_at_the_next_call(whose_threads):
    """Also tests LONGSHORT_ISA, which a new process reads."""
    done = run_process(
        "settings_are_followed", "print_variant", LONGSHORT_ISA="baseline", LONGSHORT_THREADS=whose_threads
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "baseline\n", "")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux")
@pytest.mark.slow
def test_torchs_existing_threads_are_used(torchs_threads):
    done = run_process("no_more_threads_than_torchs", LONGSHORT_THREADS="torch")
    assert (done.returncode, done.stderr) == (0, "")


def test_both_kinds_of_threads_give_the_same_bits(kernel, torchs_threads):
    with threads(3):
        ours = compute_on_kernel(BUSY) if not kernel.share_threads("") else None
        assert kernel.share_threads(compiled._library_of_torch())
        assert_same_bits(compute_on_kernel(BUSY), ours)
    assert not kernel.share_threads("/nowhere/libtorch_cpu.so")


@pytest.mark.slow
def test_python_runs_during_a_call_and_may_exit_within_one(whose_threads):
    assert_ends_well(whose_threads, "others_run", "ends_inside")


@pytest.mark.parametrize("count", [1, 3])
def test_many_python_threads_get_the_bits_of_one(variant, poisoned, whose_threads, count):
    cases = [BUSY, Case(33, 20, lengths=(150, 3, 149, 80), bidirectional=True), Case(), Case(1, 1, lengths=())]
    with threads(count):
        expected = [compute_on_kernel(case) for case in cases]
        with ThreadPoolExecutor(6, initializer=lambda: torch.set_num_threads(count)) as pool:
            found = [pool.submit(compute_on_kernel, case) for _ in range(4) for case in cases]
            for number, each in enumerate(found):
                assert_same_bits(each.result(timeout=60), expected[number % len(cases)])


def test_threads_may_ask_for_different_numbers_of_threads(whose_threads):
    expected = {}
    for count in (1, 2, 3, 4):
        with threads(count):
            expected[count] = compute_on_kernel(BUSY)

    def compute(count):
        with threads(count):
            return compute_on_kernel(BUSY)

    with ThreadPoolExecutor(1) as pool:
        for count in (1, 2, 3, 4, 2, 1):
            assert_same_bits(pool.submit(compute, count).result(timeout=60), expected[count])
