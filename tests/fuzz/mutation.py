"""Mutations of valid inputs that follow their format."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

__all__ = ["MUTATIONS", "Mutation"]

Mutation = Callable[[bytes, Sequence[bytes], Random], bytes]
"""Maps an input, the valid ones and a random generator to another input."""

LARGEST = 200_000
"""Largest input, in bytes."""

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**12, 2**31, 2**53, 2**63, 10**39, 0.5, -0.0, 1e308, 1e-320, float("nan")),
    *(float("inf"), "", "a", "0", "NaN", "\x00", "\ud800", "../../etc/passwd", "(a+)+$", "\u202e", [], {}, [[]]),
    *([0], [1, 2], [None], {"a": 1}, ["a", "a"], [0.0, 1.0], "x" * 300, [0] * 300),
)
TOKENS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b",",
        b":",
        b"\\",
        b"\\ud800",
        b"\n",
        b"\r",
        b"\r\n",
        b"\t",
        b"\0",
        b"\xff",
        b"\xc3",
    ),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"NaN", b"nan", b"inf", b"-inf", b"1e999", b"-1", b"0", b"?", b"@data", b"@"),
    *(b"9" * 30, b"2024-01-01", b"9999-12-31", b"0001-01-01", b"1970-01-01 00:00:00.000001", b"true", b"null"),
    *(b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"\x1b[2J", b"'", b" ", b"  ", b":", b"''", b'""'),
    *(struct.pack("<q", n) for n in (-1, 0, 1, 2**31, 2**62)),
)


def mutate_bytes(content: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    """Cut, copy and insert at a few random places."""
    held = bytearray(content)
    for _ in range(draw.choice((1, 1, 1, 2, 4, 8))):
        start = draw.randrange(len(held) + 1)
        end = min(len(held), start + draw.choice((0, 1, 1, 2, 4, 16, 64, len(held))))
        what = draw.randrange(6)
        if what == 0:
            held[start:end] = b""
        elif what == 1:
            held[start:end] = draw.choice(TOKENS)
        elif what == 2:
            held[start:start] = held[start:end]
        elif what == 3 and start < len(held):
            held[start] ^= 1 << draw.randrange(8)
        elif what == 4:
            held[start:end] = draw.randbytes(draw.randrange(8))
        else:
            other = draw.choice(seeds)
            held[start:end] = other[draw.randrange(len(other) + 1) :][: draw.randrange(100)]
    return bytes(held[:LARGEST])


def mutate_json(content: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    """Delete, replace, duplicate or move values; one time in four, mutate bytes."""
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        return mutate_bytes(draw.choice(seeds), seeds, draw)
    if not draw.randrange(4):
        return mutate_bytes(content, seeds, draw)
    for _ in range(draw.choice((1, 1, 2, 3))):
        held = changed(held, draw)
    try:
        text = json.dumps(held, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return content
    if not draw.randrange(10):  # a duplicate key
        text = text.replace(b"{", b'{"' + draw.choice((b"a", b"format", b"kind", b"version")) + b'": 1, ', 1)
    return text[:LARGEST]


def changed(held: Any, draw: Random) -> Any:
    """Change one value at any depth."""
    if isinstance(held, dict | list) and held and draw.random() < 0.85:
        keys = list(held) if isinstance(held, dict) else range(len(held))
        key = draw.choice(keys)
        what = draw.randrange(12)
        if what == 0:
            del held[key]
        elif what == 1 and isinstance(held, dict):
            held[draw.choice(("", "a", "path", str(key) + "s"))] = held.pop(key)
        elif what == 1:
            held.insert(draw.randrange(len(held) + 1), draw.choice(held))
        elif what == 2:
            held[key] = held[draw.choice(keys)]
        else:
            held[key] = changed(held[key], draw)
        return held
    if isinstance(held, int) and not isinstance(held, bool) and draw.random() < 0.5:
        return held + draw.choice((-1, 1, 7, 2**32))
    return json.loads(json.dumps(draw.choice(VALUES)))


def mutate_safetensors(content: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    """Change the header or the data; one time in four, mutate bytes."""
    length = int.from_bytes(content[:8], "little")
    if not draw.randrange(4) or not 8 + length <= len(content):
        return mutate_bytes(content, seeds, draw)
    header, data = content[8 : 8 + length], content[8 + length :]
    if draw.random() < 0.3:
        return content[: 8 + length] + mutate_bytes(data, seeds, draw)
    header = mutate_json(header, [header], draw)
    length = draw.choice((2**63, 2**31, 0, length)) if not draw.randrange(8) else len(header)
    return struct.pack("<Q", length) + header + data


def mutate_lines(content: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    """Duplicate, swap and overwrite lines and cells; one time in three, mutate bytes."""
    lines = content.split(b"\n")
    if not draw.randrange(3) or len(lines) < 2:
        return mutate_bytes(content, seeds, draw)
    for _ in range(draw.choice((1, 1, 2, 5))):
        at = draw.randrange(len(lines))
        what = draw.randrange(5)
        if what == 0 and len(lines) > 1:
            del lines[at]
        elif what == 1:
            lines.insert(draw.randrange(len(lines) + 1), lines[at])
        elif what == 2:
            other = draw.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] = with_cell(lines[at], draw)
    return b"\n".join(lines)[:LARGEST]


def with_cell(line: bytes, draw: Random) -> bytes:
    """Replace, add or remove a cell."""
    separator = next((each for each in (b":", b"\t", b",") if each in line), b",")
    cells = line.split(separator)
    at = draw.randrange(len(cells))
    cells[at : at + draw.randrange(2)] = [draw.choice((*TOKENS, draw.choice(cells)))] * draw.randrange(3)
    return separator.join(cells)


def mutate_seed(content: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    """Return another seed, from which the target draws its input."""
    return draw.randbytes(8)


MUTATIONS: dict[str, Mutation] = {
    "bytes": mutate_bytes,
    "json": mutate_json,
    "lines": mutate_lines,
    "safetensors": mutate_safetensors,
    "seed": mutate_seed,
}
"""By format."""
