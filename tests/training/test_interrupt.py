"""SIGINT and SIGTERM: the first requests an end, the second raises; nothing else changes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from longshort.training.interrupt import Interrupt, Terminated, Termination


@pytest.fixture(autouse=True)
def usual_handlers() -> Iterator[None]:
    """For tests that run in the background of a shell, which ignores SIGINT there."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def press(*signals: int) -> None:
    for number in signals:
        signal.raise_signal(number)


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [(2, 2, KeyboardInterrupt), (2, 15, Terminated), (15, 15, Terminated), (15, 2, KeyboardInterrupt)],
)
def test_the_first_signal_requests_an_end_and_the_second_raises(
    first: int, second: int, error: type[BaseException]
) -> None:
    with Termination() as outer:
        with Interrupt() as interrupt:
            assert not interrupt.requested
            signal.raise_signal(first)
            assert interrupt.requested
        assert outer.signal == first
        with pytest.raises(error) as caught, Interrupt():
            press(first, second)
        assert type(caught.value) is error
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_outside_a_training_sigterm_acts_like_ctrl_c() -> None:
    termination = Termination()
    assert termination.signal == signal.SIGINT
    with pytest.raises(KeyboardInterrupt) as caught, termination:
        press(signal.SIGTERM)
    assert isinstance(caught.value, Terminated)
    assert (termination.signal, caught.value.exit_code) == (signal.SIGTERM, 143)


def test_ignored_signals_stay_ignored() -> None:
    """As under nohup, and in the background of a script."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with Termination() as termination, Interrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert not interrupt.requested
    assert termination.signal == signal.SIGINT
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_programs_own_sigterm_handler_stays() -> None:
    received: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    with Termination(), Interrupt() as interrupt:
        signal.raise_signal(signal.SIGTERM)
    assert (received, interrupt.requested) == ([15], False)


def test_without_a_termination_sigterm_ends_the_process_after_the_step() -> None:
    code = (
        "import signal\nfrom longshort.training.interrupt import Interrupt\n"
        "with Interrupt() as interrupt:\n    signal.raise_signal(15)\n    print('kept', flush=True)\nprint('not here')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "kept\n", "")


def test_outside_the_main_thread_nothing_changes() -> None:
    seen = []

    def enter() -> None:
        with Termination(), Interrupt() as interrupt:
            seen.append((interrupt.requested, signal.getsignal(signal.SIGTERM)))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [(False, signal.SIG_DFL)]
