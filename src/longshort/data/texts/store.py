"""`Examples`: encoded rows, in memory or memory-mapped, so that a file larger than memory trains."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.data.texts.encoding import EncodingStatistics, TextEncoding
from longshort.data.texts.rows import Row, Source
from longshort.errors import DataError
from longshort.ragged import Ragged

__all__ = ["Batch", "Examples", "encode_parts", "encode_rows", "encode_texts", "texts_of"]

# Texts are encoded this many, or this many characters, at a time: enough to keep the threads busy, small in memory.
_CHUNK_TEXTS = 1024
_CHUNK_CHARACTERS = 4_000_000

Rows = npt.NDArray[np.int64]
Targets = npt.NDArray[np.int64] | npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Some examples, ready for a model.

    Args:
        inputs: token ids `(tokens,)` int64, one sequence an example.
        targets: `(batch,)` int64 classes, or `(batch, classes)` float32 where multi-label.
        rows: `(batch,)` int64: their row numbers in the source.
    """

    inputs: Ragged
    targets: Tensor
    rows: Rows


@dataclass(frozen=True, eq=False, slots=True)
class Examples:
    """Encoded rows.

    Args:
        tokens: `(tokens,)` int32, all examples one after another; an array, or a read-only memory map of a file.
        offsets: `(examples + 1,)` int64: example i is `tokens[offsets[i]:offsets[i + 1]]`.
        targets: `(examples,)` int64 classes, or `(examples, classes)` float32 where multi-label.
        rows: `(examples,)` int64, ascending: their row numbers in the source.
        statistics: what became of the texts.
    """

    tokens: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    targets: Targets
    rows: Rows
    statistics: EncodingStatistics

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each example, `(examples,)` int64."""
        return np.diff(self.offsets)

    def select(self, indices: Sequence[int] | Rows) -> Examples:
        """The examples at these places, in this order, in memory; the statistics stay those of all."""
        chosen = np.asarray(indices, dtype=np.int64)
        batch = self.batch(chosen)
        tokens = batch.inputs.values.numpy().astype(np.int32)
        return Examples(tokens, batch.inputs.offsets.numpy(), self.targets[chosen], batch.rows, self.statistics)

    def batch(self, indices: Sequence[int] | Rows) -> Batch:
        """The examples at these places, in this order."""
        chosen = np.asarray(indices, dtype=np.int64)
        starts, ends = self.offsets[chosen].tolist(), self.offsets[chosen + 1].tolist()
        pieces = [self.tokens[start:end] for start, end in zip(starts, ends, strict=True)]
        values = np.concatenate([np.empty(0, dtype=np.int32), *pieces]).astype(np.int64)
        lengths = torch.from_numpy(self.offsets[chosen + 1] - self.offsets[chosen])
        targets = torch.from_numpy(self.targets[chosen])
        return Batch(Ragged(torch.from_numpy(values), lengths), targets, self.rows[chosen])


def encode_rows(source: Source, rows: Rows, encoding: TextEncoding, folder: Path | None = None) -> Examples:
    """Encode these rows of a source; see `encode_parts`."""
    return encode_parts(source, {"rows": rows}, encoding, folder)["rows"]


def encode_parts(
    source: Source, parts: Mapping[str, Rows], encoding: TextEncoding, folder: Path | None = None
) -> dict[str, Examples]:
    """Encode several parts of a source in one pass over it.

    Args:
        source: the rows; those in no part are skipped.
        parts: the row numbers of each part, ascending; no row is in two parts.
        encoding: fitted on the training split.
        folder: where each part's tokens are written, as NAME.tokens.bin (int32), and mapped from; made where missing.
            Without it they are kept in memory.

    Raises:
        DataError: a label is unknown, or the source has fewer rows than when they were counted.
    """
    with ExitStack() as stack:
        paths = {name: None if folder is None else folder / f"{name}.tokens.bin" for name in parts}
        writers = {name: _Writer(encoding, source.name, stack.enter_context(_sink(paths[name]))) for name in parts}
        for name, row in _assigned(source, parts):
            writers[name].add(row)
        return {name: writers[name].finish(paths[name], np.asarray(rows)) for name, rows in parts.items()}


def texts_of(source: Source, rows: Sequence[int] | Rows) -> list[Row]:
    """These rows of a source, in this order; the source is streamed up to the last of them.

    Raises:
        DataError: the source has fewer rows than that.
    """
    wanted = np.unique(np.asarray(rows, dtype=np.int64))
    found = {number: row for number, (_, row) in zip(wanted.tolist(), _assigned(source, {"": wanted}), strict=True)}
    return [found[int(number)] for number in rows]


def _assigned(source: Source, parts: Mapping[str, Rows]) -> Iterator[tuple[str, Row]]:
    """The rows that are in a part, with its name, in the order of the source."""
    names = list(parts)
    size = max((int(rows[-1]) + 1 for rows in parts.values() if len(rows)), default=0)
    part_of = np.full(size, -1, dtype=np.int8)
    for part, name in enumerate(names):
        part_of[parts[name]] = part
    read = 0
    for part, row in zip(part_of.tolist(), source.rows(), strict=False):
        read += 1
        if part >= 0:
            yield names[part], row
    if read < size:
        raise DataError(
            f"the data must stay as it is while it is used. It had at least {size:,} rows, and now has {read:,}.",
            "Start again when nothing writes to it.",
            path=source.name,
        )


class _Writer:
    """Encodes the rows of one part chunk by chunk and appends their tokens to a file."""

    def __init__(self, encoding: TextEncoding, name: str, sink: BinaryIO) -> None:
        self._encoding = encoding
        self._name = name
        self._sink = sink
        self._offsets = array("q", [0])
        self._targets: list[npt.NDArray[Any]] = []
        self._statistics = EncodingStatistics()
        self._pending: list[Row] = []
        self._characters = 0

    def add(self, row: Row) -> None:
        self._pending.append(row)
        self._characters += len(row.text)
        if len(self._pending) >= _CHUNK_TEXTS or self._characters >= _CHUNK_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        ids, statistics = self._encoding.encode_counted([row.text for row in self._pending])
        for one in ids:
            self._sink.write(one.tobytes())
            self._offsets.append(self._offsets[-1] + len(one))
        self._targets.append(self._codes())
        self._statistics += statistics
        self._pending, self._characters = [], 0

    def _codes(self) -> Targets:
        try:
            return self._encoding.targets([row.labels for row in self._pending])
        except DataError as error:
            raise DataError(error.message, error.hint, path=self._name) from None

    def finish(self, path: Path | None, rows: Rows) -> Examples:
        self._flush()
        targets = np.concatenate(self._targets)
        return Examples(
            tokens=_stored(path, self._sink),
            offsets=np.frombuffer(self._offsets, dtype=np.int64),
            targets=targets,
            rows=rows.astype(np.int64),
            statistics=self._statistics,
        )


def _sink(path: Path | None) -> BinaryIO:
    if path is None:
        return BytesIO()
    path.parent.mkdir(parents=True, exist_ok=True)
    # A new file, for examples of an earlier call may still be mapped from the old one.
    path.unlink(missing_ok=True)
    return path.open("wb")


def _stored(path: Path | None, sink: BinaryIO) -> npt.NDArray[np.int32]:
    sink.flush()
    if isinstance(sink, BytesIO):
        return np.frombuffer(sink.getvalue(), dtype=np.int32)
    # An empty file cannot be mapped.
    return np.memmap(str(path), dtype=np.int32, mode="r") if sink.tell() else np.empty(0, dtype=np.int32)


def encode_texts(texts: Sequence[str], encoding: TextEncoding) -> Examples:
    """Encode texts whose labels are not known; all targets are -1."""
    ids, statistics = encoding.encode_counted(texts)
    return Examples(
        tokens=np.concatenate([np.empty(0, dtype=np.int32), *ids]),
        offsets=np.cumsum([0, *map(len, ids)]),
        targets=np.full(len(texts), -1, dtype=np.int64),
        rows=np.arange(len(texts)),
        statistics=statistics,
    )
