"""Writing files whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["json_line", "write_bytes", "write_json", "write_lines"]


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` beside `path`, make it durable, then put it in place: a reader sees the old file or the new."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as indented UTF-8 JSON; NaN and infinity are refused, for JSON has none."""
    write_bytes(path, (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def json_line(content: Mapping[str, Any]) -> str:
    """`content` as JSON on one line."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    write_bytes(path, "".join(json_line(row) + "\n" for row in rows).encode())
