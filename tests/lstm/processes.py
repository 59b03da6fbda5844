"""Tests of the kernel that need their own process: python -m tests.lstm.processes NAME...

Exits with 0 on success. They use only small tensors outside the kernel, because torch's own threads do not survive a
fork.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from tests.lstm.parity import Case, by_kernel, compute_on_kernel

from longshort.lstm.compiled import kernel_status

BUSY = Case(64, 64, lengths=(60, 5, 0, 41, 17, 8, 60, 1, 33), bidirectional=True)
"""Enough work for four threads."""


def digest() -> str:
    """Hash all results and gradients."""
    found = compute_on_kernel(BUSY)
    return hashlib.sha256(b"".join(value.numpy().tobytes() for _, value in sorted(found.items()))).hexdigest()


def in_fork(work) -> None:
    """Run `work` in a child, which must succeed soon."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # do not leave a hanging child behind
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def agrees(expected: str) -> None:
    assert digest() == expected


def fork() -> None:
    """Fork before and after the pool has started, in the child and in its child."""
    expected = digest()
    torch.set_num_threads(3)
    in_fork(digest)
    shared = digest()
    assert shared != expected, "one thread did all the work"
    for _ in range(3):
        in_fork(lambda: agrees(shared))

    def grandchild() -> None:
        agrees(shared)
        in_fork(lambda: agrees(shared))
        agrees(shared)

    in_fork(grandchild)
    agrees(shared)


def workers() -> None:
    """Use Python's pool of forked processes."""
    torch.set_num_threads(3)
    expected = digest()
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        assert set(pool.map(_digest_of, range(6))) == {expected}
    agrees(expected)


def _digest_of(_: int) -> str:
    return digest()


def fork_from_a_thread() -> None:
    """Fork in one thread while another is inside the kernel."""
    torch.set_num_threads(3)
    expected, stop = digest(), threading.Event()
    failures: list[BaseException] = []

    def compute() -> None:
        values = Case(64, 128, lengths=(100,) * 8).leaves()
        while not stop.is_set():
            by_kernel(Case(64, 128, lengths=(100,) * 8), values)

    def forks() -> None:
        try:
            for _ in range(12):
                in_fork(lambda: agrees(expected))
        except BaseException as failure:
            failures.append(failure)

    inside, forking = threading.Thread(target=compute), threading.Thread(target=forks)
    inside.start()
    forking.start()
    forking.join()
    stop.set()
    inside.join()
    assert not failures, failures
    agrees(expected)


LONG = Case(128, 256, lengths=(500,) * 16)
"""A call of a tenth of a second and more."""


def others_run() -> None:
    """Check that another thread runs Python during the middle half of a call."""
    values, marks, ticks = LONG.leaves(), [], []

    def compute() -> None:
        marks.append(time.perf_counter())
        with torch.no_grad():
            by_kernel(LONG, values)
        marks.append(time.perf_counter())

    inside = threading.Thread(target=compute)
    inside.start()
    while inside.is_alive():
        ticks.append(time.perf_counter())
        time.sleep(0.0005)
    start, end = marks
    quarter = (end - start) / 4
    assert any(start + quarter < tick < end - quarter for tick in ticks)


def settings_are_followed() -> None:
    """Check that each call uses torch's current number of threads: the caller, and the rest from the pool."""
    before = _threads()
    digest()
    assert _threads() == before
    own = os.environ["LONGSHORT_THREADS"] == "own"
    bits = {}
    for count in (2, 4, 3, 1):
        torch.set_num_threads(count)
        bits[count] = digest()
        if own:
            assert _threads() == before + max(bits) - 1, "the pool grows to what was asked, and never shrinks"
        elif count > 1:
            assert _threads() == before + count - 1, "a team is as large as torch has it"
    assert len({bits[count] for count in (2, 3, 4)}) == 3, "shared out otherwise, sums are added up otherwise"
    torch.set_num_threads(2)
    assert digest() == bits[2]


def no_more_threads_than_torchs() -> None:
    """Check that the kernel needs no third thread after an operation of torch on two."""
    torch.set_num_threads(2)
    torch.rand(2_000_000).exp()
    before = _threads()
    digest()
    assert _threads() == before > 1


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def ends() -> None:
    """Exit right after a call, with the pool's threads waiting."""
    torch.set_num_threads(4)
    digest()


def ends_inside() -> None:
    """Exit while a daemon thread is inside the kernel, with the pool at work."""
    torch.set_num_threads(2)
    values = LONG.leaves()
    digest()
    started = threading.Event()

    def compute() -> None:
        started.set()
        with torch.no_grad():
            by_kernel(LONG, values)

    threading.Thread(target=compute, daemon=True).start()
    started.wait()
    time.sleep(0.01)


def print_variant() -> None:
    """Print the active variant after one call."""
    digest()
    from longshort.lstm import _kernel

    print(_kernel.variant_in_use())


ALL = (
    *(fork, workers, fork_from_a_thread, others_run, settings_are_followed, no_more_threads_than_torchs),
    *(ends, ends_inside, print_variant),
)

if __name__ == "__main__":
    assert kernel_status().available
    for name in sys.argv[1:]:
        torch.set_num_threads(1)
        {each.__name__: each for each in ALL}[name]()
