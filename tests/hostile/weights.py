"""Cases that change `weights.safetensors`."""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from tests.hostile.corpus import WEIGHTS, change_header, hostile, write_weights

Header = dict[str, Any]
Tensors = dict[str, torch.Tensor]


def header(name: str, spoil: Callable[[Header], object]) -> None:
    """Add a case with another header over the same bytes."""

    @hostile(f"weights with {name}")
    def _(folder: Path) -> None:
        change_header(folder, spoil)


def tensors(name: str, spoil: Callable[[Tensors], Tensors]) -> None:
    """Add a case with other tensors in a well-formed file."""

    @hostile(f"weights with {name}")
    def _(folder: Path) -> None:
        path = folder / WEIGHTS
        path.write_bytes(safetensors.torch.save(spoil(safetensors.torch.load(path.read_bytes()))))


def written(name: str, text: dict[str, Any] | bytes, data: bytes = b"", length: int | None = None) -> None:
    """Add a case with a handwritten file."""

    @hostile(f"weights with {name}")
    def _(folder: Path) -> None:
        write_weights(folder, text, data, length)


def at(head: Header, number: int) -> Header:
    """Return an entry, in the order of the bytes."""
    entries = sorted((each for each in head.values()), key=lambda each: each["data_offsets"])
    found: Header = entries[number]
    return found


def shift(head: Header, number: int, begin: int, end: int) -> None:
    offsets = at(head, number)["data_offsets"]
    offsets[0] += begin
    offsets[1] += end


def some(held: Tensors) -> str:
    return next(name for name in sorted(held) if "weight" in name and held[name].dtype is torch.float32)


def with_value(value: float) -> Callable[[Tensors], Tensors]:
    def spoil(held: Tensors) -> Tensors:
        held[some(held)].view(-1)[-1] = value
        return held

    return spoil


for _length in (2**63, 2**64 - 1, 2**40, 2**31, 100_000_000):
    written(f"a header of {_length:,} bytes", b"{}", length=_length)
written("a header of 8 bytes in a file of 8", b"", length=8)
written("a header that is a list", b"[]")
written("a header that is empty", b"")
written("a header in which nothing is", b"{}")
written("bytes after an empty header", b"{}", b"\0" * 100)
written("a header as deep as the sea", b"[" * 200_000)
written("a header of 2 MB of lists", b"[" + b"[]," * 690_000 + b"[]]")
written("a header of 90,000 lists", b"[" + b"[]," * 90_000 + b"[]]")
written("a header of 30 MB", b'{"a":"' + b"x" * 30_000_000 + b'"}')
written(
    "a header of half a character", rb'{"\ud800": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"\0" * 4
)
written(
    "a name twice",
    b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    b"\0" * 4,
)
written("20,000 names", {str(i): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(20_000)})
written("a name of escapes", {"\x1b[2J\u202e": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4)

header("tensors that lie over each other", lambda head: shift(head, 1, -4, -4))
header("two tensors in one place", lambda head: at(head, 1).update(at(head, 0)))
header("a hole between tensors", lambda head: shift(head, 1, 4, 4))
header("a tensor that ends before it begins", lambda head: at(head, 0).update(data_offsets=[8, 4]))
header("a tensor that begins before the file", lambda head: at(head, 0).update(data_offsets=[-4, 0]))
header("a tensor beyond the file", lambda head: at(head, 0).update(data_offsets=[2**40, 2**40 + 4]))
header("offsets of 2^64", lambda head: at(head, 0).update(data_offsets=[0, 2**64]))
header("offsets with a fraction", lambda head: at(head, 0).update(data_offsets=[0.0, 4.5]))
header("offsets as texts", lambda head: at(head, 0).update(data_offsets=["0", "4"]))
header("three offsets", lambda head: at(head, 0).update(data_offsets=[0, 2, 4]))
header("offsets that are true", lambda head: at(head, 0).update(data_offsets=[False, True]))
header("a shape of 10^12", lambda head: at(head, 0).update(shape=[10**12]))
header("a shape whose product wraps around", lambda head: at(head, 0).update(shape=[2**32, 2**32]))
header("a shape below 0", lambda head: at(head, 0).update(shape=[-1, -4]))
header("a shape of 10,000 axes", lambda head: at(head, 0).update(shape=[1] * 10_000))
header("a shape as text", lambda head: at(head, 0).update(shape="4"))
header("a shape that is null", lambda head: at(head, 0).update(shape=None))
header("a dtype that there is not", lambda head: at(head, 0).update(dtype="F1"))
header("a dtype to import", lambda head: at(head, 0).update(dtype="os.system"))
header("a dtype that is a list", lambda head: at(head, 0).update(dtype=["F32"]))
header("a key more in a tensor", lambda head: at(head, 0).update(file="/etc/passwd"))
header("a tensor that is null", lambda head: head.update(more=None))
header("metadata of NaN", lambda head: head.update(__metadata__={"loss": math.nan}))
header("metadata of a number", lambda head: head.update(__metadata__={"loss": 1.0}))
header("metadata that is a list", lambda head: head.update(__metadata__=[]))
header("other names", lambda head: head.update({name + "_": head.pop(name) for name in list(head)}))

tensors("NaN", with_value(math.nan))
tensors("infinity", with_value(math.inf))
tensors("infinity below 0", with_value(-math.inf))
tensors("a tensor missing", lambda held: {name: held[name] for name in sorted(held)[1:]})
tensors("all tensors missing", lambda held: {})
tensors("a tensor more", lambda held: held | {"more": torch.zeros(2)})
tensors("a tensor more, of 40 MB", lambda held: held | {"more": torch.zeros(10_000_000)})
tensors("a tensor turned around", lambda held: held | {some(held): held[some(held)].transpose(0, -1).contiguous()})
tensors("a tensor too long", lambda held: held | {some(held): torch.cat([held[some(held)]] * 2)})
tensors("a tensor flat", lambda held: held | {some(held): held[some(held)].view(-1)})
for _dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool):
    tensors(
        f"a tensor of {str(_dtype).removeprefix('torch.')}",
        lambda held, dtype=_dtype: held | {some(held): held[some(held)].to(dtype)},  # type: ignore[misc]
    )


@hostile("weights with a variance below 0", tasks=("sequence-classification", "sequence-regression"))
def _(folder: Path) -> None:
    path = folder / WEIGHTS
    held = safetensors.torch.load(path.read_bytes())
    name = next(name for name in held if name.endswith("running_var"))
    path.write_bytes(safetensors.torch.save(held | {name: -held[name]}))


@hostile("weights of a tebibyte that is not there")
def _(folder: Path) -> None:
    entry = {"more": {"dtype": "F32", "shape": [2**38], "data_offsets": [0, 2**40]}}
    write_weights(folder, entry)
    path = folder / WEIGHTS
    os.truncate(path, path.stat().st_size + 2**40)


@hostile("weights that end a byte early")
def _(folder: Path) -> None:
    path = folder / WEIGHTS
    os.truncate(path, path.stat().st_size - 1)


@hostile("weights that end a byte late")
def _(folder: Path) -> None:
    with (folder / WEIGHTS).open("ab") as file:
        file.write(b"\0")


@hostile("weights whose length is big-endian")
def _(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(struct.pack(">Q", struct.unpack("<Q", content[:8])[0]) + content[8:])
