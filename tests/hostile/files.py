"""Cases that replace whole files."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import socket
import zipfile
from pathlib import Path

import torch
from tests.hostile.corpus import CONFIG, WEIGHTS, encoding, hostile


class Bomb:
    """Writes a file when unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/longshort-was-here",)


def pickled() -> bytes:
    return pickle.dumps(Bomb())


def of_torch() -> bytes:
    kept = io.BytesIO()
    torch.save({"weights": torch.zeros(3), "bomb": Bomb()}, kept)
    return kept.getvalue()


def zipped(name: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * 10_000_000)
    return kept.getvalue()


@hostile("weights are a pickle")
def _(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(pickled())


@hostile("weights are a file of torch.save")
def _(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(of_torch())


@hostile("the description is a pickle")
def _(folder: Path) -> None:
    (folder / CONFIG).write_bytes(pickled())


@hostile("the description is a pickle of protocol 0, which is text")
def _(folder: Path) -> None:
    (folder / CONFIG).write_bytes(pickle.dumps(Bomb(), protocol=0))


@hostile("the encoding is a pickle")
def _(folder: Path) -> None:
    encoding(folder).write_bytes(pickled())


@hostile("pickles under every name, and no weights")
def _(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    for name in ("weights.pt", "weights.pth", "weights.bin", "weights.pkl", "pytorch_model.bin", "model.ckpt"):
        (folder / name).write_bytes(of_torch())


@hostile("pickles under every name, and no description")
def _(folder: Path) -> None:
    (folder / CONFIG).unlink()
    for name in ("config.pkl", "config.pickle", "config.joblib", "model.pkl"):
        (folder / name).write_bytes(pickled())


@hostile("code beside the model, and no encoding")
def _(folder: Path) -> None:
    encoding(folder).unlink()
    for name in ("__init__.py", "tokenizer.py", "encoding.py", "config.py", "modeling.py"):
        (folder / name).write_text("open('/tmp/longshort-was-here', 'w')\n")


@hostile("weights are a zip file that says it is weights")
def _(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(zipped("../../" + WEIGHTS))


@hostile("the description is a zip file")
def _(folder: Path) -> None:
    (folder / CONFIG).write_bytes(zipped(CONFIG))


@hostile("the encoding is a zip file")
def _(folder: Path) -> None:
    encoding(folder).write_bytes(zipped("encoding"))


def instead(where: str, what: str, make: object) -> None:
    """Add a case that replaces a file."""

    @hostile(f"{where} is {what}")
    def _(folder: Path) -> None:
        path = {"the description": folder / CONFIG, "the weights file": folder / WEIGHTS}.get(where) or encoding(folder)
        held = path.read_bytes()
        path.unlink()
        make(path, held)  # type: ignore[operator]


def linked_outside(path: Path, held: bytes) -> None:
    other = path.parent.parent / f"other-{path.name}"
    other.write_bytes(held)
    path.symlink_to(other)


def linked_inside(path: Path, held: bytes) -> None:
    (path.parent / "held").write_bytes(held)
    path.symlink_to("held")


def bound(path: Path, held: bytes) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # socket paths must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


for _where in ("the description", "the encoding", "the weights file"):
    for _what, _make in {
        "a link to /etc/passwd": lambda path, _: path.symlink_to("/etc/passwd"),
        "a link to /dev/zero": lambda path, _: path.symlink_to("/dev/zero"),
        "a link to a good file elsewhere": linked_outside,
        "a link to a good file beside it": linked_inside,
        "a link to itself": lambda path, _: path.symlink_to(path),
        "a pipe that nobody writes to": lambda path, _: os.mkfifo(path),
        "a socket": bound,
        "a folder": lambda path, _: path.mkdir(),
        "empty": lambda path, _: path.touch(),
        "cut in the middle": lambda path, held: path.write_bytes(held[: len(held) // 2]),
        "a tebibyte of nothing": lambda path, _: os.truncate(path.touch() or path, 2**40),
        "not there": lambda path, _: None,
        "bytes that are no text": lambda path, _: path.write_bytes(bytes(range(128, 256)) * 4),
        "in UTF-16": lambda path, held: path.write_bytes(held.decode("latin-1").encode("utf-16")),
        "behind a byte order mark": lambda path, held: path.write_bytes(b"\xef\xbb\xbf" + held),
        "written twice": lambda path, held: path.write_bytes(held * 2),
    }.items():
        instead(_where, _what, _make)


@hostile("the model is a folder in a folder in a folder")
def _(folder: Path) -> None:
    inner = folder / "model" / "model"
    inner.mkdir(parents=True)
    for path in (CONFIG, WEIGHTS):
        shutil.move(folder / path, inner / path)
