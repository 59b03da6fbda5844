"""What holds for every test: one thread, time enough, and no network beyond this machine."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["tests.made_metrics"]

# Read by torch at its import. Tests run side by side, and more threads than cores make them wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is no failure. What is tested is drawn the same way each time: a change is judged by what it changed.
# `make properties` draws anew, and ten times as many.
settings.register_profile("longshort", deadline=None, derandomize=True)
settings.register_profile("anew", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("longshort")

# Where tests run in the background of a script, Ctrl-C is ignored; the tests of it, and the programs they start, hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it again and again for garbage takes a twentieth of the time."""
    gc.collect()
    gc.freeze()


LOOPBACK = frozenset({None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1", b"::1"})
NETWORK = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"})

calls_outside: list[str] = []


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """Refuse, and note, what would leave this machine; a socket of the file system has a path for its address."""
    if event not in NETWORK:
        return
    address = args[0] if event.startswith("socket.get") else args[1]
    host = address[0] if isinstance(address, tuple) else address
    if host in LOOPBACK or (event in ("socket.connect", "socket.sendto") and not isinstance(address, tuple)):
        return
    calls_outside.append(f"{event} {address!r}")
    raise ConnectionRefusedError(f"tests use no network: {event} {address!r}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that went for the network, even where the code under test took the refusal in its stride."""
    calls_outside.clear()
    yield
    assert not calls_outside, f"this test went for the network: {calls_outside}"


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what ends with a run and does not look at its report or its pictures: they take most of a small one's time."""
    from longshort.runs import writing

    monkeypatch.setattr(writing, "report_html", lambda *_: ("", []))
    monkeypatch.setattr(writing, "save", lambda _, path: path.write_bytes(b"picture"))
