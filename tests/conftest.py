"""Settings for every test: one thread, no deadlines, and no network beyond this machine."""

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

# torch reads it on import. Tests run in parallel; more threads than cores would slow them down.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is not a failure, so no deadlines. Examples are the same in each run, so that only a change of the code
# can fail a test. `make properties` draws new examples, ten times as many.
settings.register_profile("longshort", deadline=None, derandomize=True)
settings.register_profile("anew", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("longshort")

# In the background of a script SIGINT is ignored; tests of Ctrl-C need its default handler.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Exclude loaded modules from garbage collection, which otherwise takes a twentieth of the time."""
    gc.collect()
    gc.freeze()


LOOPBACK = frozenset({None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1", b"::1"})
NETWORK = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"})

calls_outside: list[str] = []


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """Block and record connections beyond this machine; the address of a Unix socket is a path."""
    if event not in NETWORK:
        return
    address = args[0] if event.startswith("socket.get") else args[1]
    host = address[0] if isinstance(address, tuple) else address
    if host in LOOPBACK or (event in ("socket.connect", "socket.sendto") and not isinstance(address, tuple)):
        return
    calls_outside.append(f"{event} {address!r}")
    raise ConnectionRefusedError(f"tests must not use the network: {event} {address!r}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that tries to use the network, even if the code under test handles the error."""
    calls_outside.clear()
    yield
    assert not calls_outside, f"this test tried to use the network: {calls_outside}"


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip report and figures, which take most of the time of a small run."""
    from longshort.runs import writing

    monkeypatch.setattr(writing, "report_html", lambda *_: ("", []))
    monkeypatch.setattr(writing, "save", lambda _, path: path.write_bytes(b"picture"))
