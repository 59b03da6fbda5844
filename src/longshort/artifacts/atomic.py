"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from longshort.plain import PlainMapping

__all__ = [
    "json_line",
    "make_folder",
    "put_in_place",
    "sync_folder",
    "unfinished",
    "write_bytes",
    "write_json",
    "write_lines",
]

_TEMPORARY = re.compile(r"\..+\.\w+\.[a-z0-9_]{8}")


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` beside `path`, make it durable, then put it in place: a reader sees the old file or the new.

    Once it returns, the new file is there even if the machine loses its power.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        sync_folder(path.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def unfinished(folder: Path) -> list[Path]:
    """What `write_bytes` leaves beside its files where the process is killed in it."""
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if _TEMPORARY.fullmatch(path.name) and path.is_file()]


def put_in_place(written: Path, path: Path) -> None:
    """Make a file durable that another program has written, and give it its place on the same file system."""
    with written.open("rb") as file:
        os.fsync(file.fileno())
    written.replace(path)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, that stay even if the machine loses its power; it may be there already."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make durable which files are in a folder, where the file system can say so (some network ones cannot)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(handle)


def write_json(path: Path, content: PlainMapping) -> None:
    """Write `content` as indented UTF-8 JSON; NaN and infinity are refused, for JSON has none."""
    write_bytes(path, (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def json_line(content: PlainMapping) -> str:
    """`content` as JSON on one line."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def write_lines(path: Path, rows: Iterable[PlainMapping]) -> None:
    """Write one JSON object a line."""
    write_bytes(path, "".join(json_line(row) + "\n" for row in rows).encode())
