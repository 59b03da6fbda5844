"""Files of a model from an untrusted source: only plain files whose size was checked are opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from longshort.errors import BundleError

__all__ = ["DAMAGED", "check_bounds", "open_file", "read_file"]

DAMAGED = "Copy the whole model folder again, or train the model again."

MOST_TEXT = 2**20
"""Bytes between two quotation marks: those of a text."""

_KINDS = {
    stat.S_IFLNK: "it is a link to another place",
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFSOCK: "it is a socket",
}


def open_file(path: Path) -> tuple[BinaryIO, int]:
    """Open `path` for reading; also its size in bytes.

    Raises:
        BundleError: it cannot be read, or is a link, a folder, a pipe or a device.
    """
    try:
        _check_kind(path, path.lstat())
        # A pipe that has taken its place since must not be waited for, nor a link be followed.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        file = os.fdopen(handle, "rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BundleError(f"{path} must be a readable file: {reason}.", DAMAGED) from None
    try:
        held = os.fstat(handle)
        _check_kind(path, held)
    except BundleError:
        file.close()
        raise
    return file, held.st_size


def read_file(path: Path, most: int, what: str) -> bytes:
    """All of a file.

    Args:
        path: of the file.
        most: bytes that it may have; a larger one is not read.
        what: of what this is the most, for the message: "a description of a model".

    Raises:
        BundleError: it is larger, or cannot be opened by `open_file`, or not read.
    """
    file, size = open_file(path)
    with file:
        try:
            content = file.read(size + 1) if size <= most else b""
        except OSError as error:
            raise BundleError(f"{path} must be a readable file: {error.strerror}.", DAMAGED) from None
    if max(size, len(content)) > most:
        raise BundleError(
            f"{path} must have {most:,} bytes at most, as {what} has. It has {max(size, len(content)):,}.", DAMAGED
        )
    return content


def check_bounds(path: Path, content: bytes, what: str, most_bytes: int, most_parts: int) -> None:
    """Refuse JSON that would take much more memory, once it is parsed, than it has reason to.

    Args:
        path: of the file, for the message.
        content: of it.
        what: of what these are the most, for the message.
        most_bytes: that there may be.
        most_parts: commas and opened brackets that there may be, for each of which up to 250 bytes are taken.

    Raises:
        BundleError: there are more, or a text is too long.
    """
    parts = sum(map(content.count, (b",", b"[", b"{")))
    for unit, has, most in (
        ("bytes", len(content), most_bytes),
        ("commas and brackets", parts, most_parts),
        ("bytes between two quotation marks", _widest(content), MOST_TEXT),
    ):
        if has > most:
            raise BundleError(f"{path} must have {most:,} {unit} at most, as {what} has. It has {has:,}.", DAMAGED)


def _widest(content: bytes) -> int:
    """Bytes without a quotation mark: some more than `MOST_TEXT` where there are so many, else 0."""
    at = 0
    while at + MOST_TEXT < len(content):
        last = content.rfind(b'"', at, at + MOST_TEXT + 1)
        if last < 0:
            return MOST_TEXT + 1
        at = last + 1
    return 0


def _check_kind(path: Path, held: os.stat_result) -> None:
    if not stat.S_ISREG(held.st_mode):
        kind = _KINDS.get(stat.S_IFMT(held.st_mode), "it is a device")
        raise BundleError(f"{path} must be a readable file: {kind}.", DAMAGED)
