"""longshort opens no sockets, installs nothing and writes only where it should."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib import get_cachedir
from tests.conftest import calls_outside

SCRIPT = """
import json, os, sys
from pathlib import Path

events = []
ASKED = {"uname", "fc-list"}  # what this machine is; which fonts there are, once, for matplotlib's own list
PROCESS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork")
HERE = os.getcwd() + os.sep

def watch(event, args):
    if event.startswith(("socket.", "urllib.", "webbrowser.", "ftplib.", "smtplib.", *PROCESS)):
        events.append([event, repr(args)[:200]])
    elif event == "subprocess.Popen" and os.path.basename(str(args[0])) not in ASKED:
        events.append([event, repr(args)[:200]])
    elif event == "open" and isinstance(args[0], str) and isinstance(args[2], int):
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            path = os.path.abspath(args[0])
            if not path.startswith((HERE, os.environ["MPLCONFIGDIR"], "/dev/", "/proc/self/")):
                events.append([event, path])

sys.addaudithook(watch)
from longshort.cli import main

codes = []
for line in json.loads(sys.argv[1]):
    try:
        main(line)
    except SystemExit as end:
        codes.append(end.code)
Path("found.json").write_text(json.dumps([codes, events]))
"""

TINY = ["--epochs", "2", "--pretraining-epochs", "0", "--embedding-size", "4", "--hidden-size", "4"]
COMMANDS = [
    ["doctor"],
    ["train", "a.csv", "--run", "run", *TINY],
    ["predict", "run", "good film"],
    ["report", "run"],
]


@pytest.mark.slow
def test_a_whole_session_uses_no_network(tmp_path: Path) -> None:
    rows = "".join(f"{'good' if i % 2 else 'bad'} film number {i},{i % 2}\n" for i in range(60))
    (tmp_path / "a.csv").write_text("text,label\n" + rows)
    # matplotlib's font list takes seconds, and is made once.
    environment = os.environ | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "MPLCONFIGDIR": get_cachedir()}
    done = subprocess.run(
        [sys.executable, "-B", "-c", SCRIPT, json.dumps(COMMANDS)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    codes, events = json.loads((tmp_path / "found.json").read_text())
    assert codes == [0] * len(COMMANDS), done.stderr
    assert events == []


def test_the_suite_itself_cannot_reach_the_network() -> None:
    with pytest.raises(ConnectionRefusedError, match="tests must not use the network"):
        socket.getaddrinfo("example.org", 443)
    with socket.socket() as one, pytest.raises(ConnectionRefusedError, match="tests must not use the network"):
        one.connect(("192.0.2.1", 9))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, pytest.raises(ConnectionRefusedError):
        one.sendto(b"x", ("192.0.2.1", 9))
    assert len(calls_outside) == 3
    calls_outside.clear()


def test_the_suite_may_use_local_sockets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]):
        pass
    assert socket.getaddrinfo("localhost", 80)
