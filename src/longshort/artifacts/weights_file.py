"""Weights in a safetensors file that may come from anywhere.

The file is `<length of the header, 8 bytes> <header: JSON> <the tensors' bytes, one after another>`. The header is held
to what a network needs before anything of the size that it names is allocated; each tensor is then read straight into
memory of its own, aligned as torch aligns it (the last bit of a result may depend on that), so there is never more
than one copy. https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor

from longshort import machine
from longshort.artifacts.safe_files import DAMAGED, check_bounds, open_file
from longshort.data.strict_json import read_json, shown
from longshort.errors import BundleError
from longshort.plain import Plain

__all__ = ["MOST_HEADER", "StoredTensor", "WeightsFile"]

MOST_HEADER = 2 * 2**20
"""Bytes; those of 20,000 tensors."""

HEADER_PARTS = 250_000
"""See `check_bounds`."""

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


@dataclass(frozen=True)
class StoredTensor:
    """Where a tensor stands in a file, and what it is.

    Args:
        dtype: of its numbers.
        shape: of the tensor.
        begin, end: bytes after the header; they hold just these numbers.
    """

    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


class WeightsFile:
    """A file of weights, open, whose header was read; use it in a `with`.

    Args:
        path: of the file.

    Attributes:
        tensors: what it holds, by name.
        numbers: of all tensors together.

    Raises:
        BundleError: it is no safetensors file, or its tensors lie over each other, or leave a hole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file, size = open_file(path)
        try:
            self._start = 8 + self._header_length(size)
            header = self._file.read(self._start - 8)
            check_bounds(path, header, "a header", MOST_HEADER, HEADER_PARTS)
            self.tensors = _tensors(_header(header), size - self._start)
        except (ValueError, OSError, BundleError) as error:
            self._file.close()
            if isinstance(error, BundleError):
                raise
            raise BundleError(f"{path} must hold safetensors: {error}.", DAMAGED) from None
        self.numbers = sum(math.prod(tensor.shape) for tensor in self.tensors.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def check(self, expected: Mapping[str, Tensor]) -> None:
        """Hold names, shapes and dtypes to those of a network, which may be on the meta device.

        Raises:
            BundleError: they are others, or together more than the memory of this computer.
        """
        for name in sorted({*self.tensors, *expected}):
            held, wanted = _describe(self.tensors.get(name)), _describe(expected.get(name))
            if held != wanted:
                shown_name = name if name in expected else shown(name)
                raise BundleError(
                    f"{self.path}: {shown_name} must be {wanted}, as the settings say. It is {held}.", DAMAGED
                )
        needed, there = self._bytes, machine.memory()
        if needed > there:
            raise BundleError(
                f"{self.path} holds {needed / 2**30:,.1f} GiB of weights. This computer has {there / 2**30:,.1f} GiB "
                "of memory.",
                "Load it on a computer with more memory.",
            )

    def read(self) -> dict[str, Tensor]:
        """All tensors, by name.

        Raises:
            BundleError: one holds NaN or infinity, or a variance below 0, or the file has become shorter.
        """
        return {name: self._read(name, tensor) for name, tensor in self.tensors.items()}

    @property
    def _bytes(self) -> int:
        return max((tensor.end for tensor in self.tensors.values()), default=0)

    def _header_length(self, size: int) -> int:
        if size < 8:
            raise ValueError(f"a file has at least 8 bytes; this one has {size}")
        length = int.from_bytes(self._file.read(8), "little")
        if length > (most := min(size - 8, MOST_HEADER)):
            raise ValueError(f"its header must have {most:,} bytes at most; it is said to have {length:,}")
        return length

    def _read(self, name: str, tensor: StoredTensor) -> Tensor:
        found = torch.empty(tensor.shape, dtype=tensor.dtype)
        if not found.numel():
            return found
        self._file.seek(self._start + tensor.begin)
        place: Any = found.view(-1).view(torch.uint8).numpy()
        if self._file.readinto(place) != tensor.end - tensor.begin:  # type: ignore[attr-defined]
            raise BundleError(f"{self.path}: {name} was cut off while it was read.", DAMAGED)
        # The least and the greatest number are enough: NaN is passed on, and no copy is made.
        least, greatest = (float(each) for each in found.aminmax())
        if not (math.isfinite(least) and math.isfinite(greatest)):
            raise BundleError(f"{self.path}: {name} must hold finite numbers. It holds NaN or infinity.", DAMAGED)
        if name.endswith(".running_var") and least < 0:
            raise BundleError(f"{self.path}: {name} must hold variances. It holds {least:g}, less than 0.", DAMAGED)
        return found


def _header(content: bytes) -> Plain:
    header = read_json(content.decode())
    if not isinstance(header, dict):
        raise ValueError("its header must be an object")
    notes = header.pop("__metadata__", {})
    if not isinstance(notes, dict) or not all(isinstance(note, str) for note in notes.values()):
        raise ValueError("the metadata in its header must be texts")
    return header


def _tensors(header: Plain, size: int) -> dict[str, StoredTensor]:
    """What a header says, in the order of the bytes, which must be all of `size`, each of one tensor."""
    found = {name: _tensor(name, entry) for name, entry in header.items()}
    ordered = sorted(found.items(), key=lambda item: (item[1].begin, item[1].end))
    end = 0
    for name, tensor in ordered:
        if tensor.begin != end:
            fault = "lie over those before them" if tensor.begin < end else "leave a hole before them"
            raise ValueError(f"the bytes of {shown(name)} {fault}")
        end = tensor.end
    if end != size:
        raise ValueError(f"its tensors must have all of the {size:,} bytes after the header; they have {end:,}")
    return dict(ordered)


def _tensor(name: str, entry: object) -> StoredTensor:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{shown(name)} must have a dtype, a shape and data_offsets")
    dtype = _DTYPES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    shape, offsets = entry["shape"], entry["data_offsets"]
    if dtype is None:
        raise ValueError(
            f"the dtype of {shown(name)} must be one of {', '.join(_DTYPES)}; it is {shown(entry['dtype'])}"
        )
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(shape) > 8 or len(offsets) != 2:
        raise ValueError(f"the shape and the data_offsets of {shown(name)} must be whole numbers, at least 0")
    if math.prod(shape) * dtype.itemsize != offsets[1] - offsets[0]:
        raise ValueError(f"the data_offsets of {shown(name)} must be as far apart as its shape says")
    return StoredTensor(dtype, tuple(shape), *offsets)


def _are_sizes(values: object) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values)


def _describe(tensor: StoredTensor | Tensor | None) -> str:
    return "absent" if tensor is None else f"{list(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"
