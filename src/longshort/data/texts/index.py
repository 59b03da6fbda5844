"""`Index`: what one pass over a source leaves behind, a few bytes a row."""

from __future__ import annotations

import hashlib
import json
import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from longshort.data.texts.rows import Source
from longshort.data.values import told_alike
from longshort.errors import DataError

__all__ = ["Index", "check_trainable", "overlap", "scan"]

_DIGEST_BYTES = 16


@dataclass(frozen=True, eq=False, slots=True)
class Index:
    """Labels and text digests of all rows of a source.

    Args:
        name: the name of the source.
        digests: `(rows,)` bytes of length 16: BLAKE2b of each text. Equal digests stand for identical texts.
        copies: `(rows,)` bytes of length 16: the same in lower case, and with one blank wherever there is space. Equal
            ones stand for texts that are copies of each other.
        codes: `(labels of all rows,)` int32: index into `labels`, row after row.
        offsets: `(rows + 1,)` int64: the codes of row i are `codes[offsets[i]:offsets[i + 1]]`.
        labels: the names of all labels, sorted; by value where all are numbers.
        counts: `(len(labels),)` int64: rows that have each label.
        empty_texts: rows whose text is the empty string.
        multi_label: a row may have no label or several.
        fingerprint: hex SHA-256 over all texts and labels in order; the same data gives the same on any machine.
    """

    name: str
    digests: npt.NDArray[np.bytes_]
    copies: npt.NDArray[np.bytes_]
    codes: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    labels: list[str]
    counts: npt.NDArray[np.int64]
    empty_texts: int
    multi_label: bool
    fingerprint: str

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def together(self) -> npt.NDArray[np.int64]:
        """`(rows,)` from 0 on: the group of copies that each row is of; the groups in the order of their digests."""
        texts, first, group = np.unique(self.digests, return_index=True, return_inverse=True)
        group = group.reshape(-1)
        _, which = np.unique(self.copies[first], return_inverse=True)
        least = np.full(len(texts), len(texts))
        np.minimum.at(least, which, np.arange(len(texts)))
        return np.asarray(np.unique(least[which][group], return_inverse=True)[1].reshape(-1), dtype=np.int64)

    @property
    def contradictions(self) -> int:
        """Rows with a copy that has other labels."""
        group = self.together
        if group.max() + 1 == len(self):
            return 0
        pairs = np.unique(np.stack([group, self.strata]), axis=1)
        return int((np.bincount(pairs[0]) > 1)[group].sum())

    @property
    def strata(self) -> npt.NDArray[np.int64]:
        """`(rows,)`: a number for the combination of labels that each row has."""
        numbers: dict[tuple[int, ...], int] = {}
        codes, offsets = self.codes.tolist(), self.offsets.tolist()
        combinations = (tuple(sorted(codes[a:b])) for a, b in pairwise(offsets))
        return np.fromiter((numbers.setdefault(c, len(numbers)) for c in combinations), np.int64, count=len(self))

    def counts_of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How many of these rows have each label, `(len(labels),)`."""
        has = np.zeros(len(self), dtype=bool)
        has[rows] = True
        return np.bincount(self.codes[np.repeat(has, np.diff(self.offsets))], minlength=len(self.labels))


def scan(source: Source) -> Index:
    """Stream through a source once and keep its index; labels that look alike are a note of the source.

    Raises:
        DataError: the source has no rows, or one of them does not hold what it must.
    """
    digests, copies, codes, offsets = bytearray(), bytearray(), array("i"), array("q", [0])
    names: dict[str, int] = {}
    fingerprint, empty = hashlib.sha256(), 0
    for row in source.rows():
        digest, plain = _digest(row.text), " ".join(row.text.casefold().split())
        digests += digest
        copies += digest if plain == row.text else _digest(plain)
        codes.extend(names.setdefault(label, len(names)) for label in dict.fromkeys(row.labels))
        offsets.append(len(codes))
        fingerprint.update(digest + json.dumps(row.labels).encode())
        empty += not row.text
    if not digests:
        raise DataError("the data must hold rows. There is none.", "Is this the right file?", path=source.name)
    source.add_note(told_alike(source.name, names))
    labels, sorted_codes = _sort_labels(names, np.frombuffer(codes, dtype=np.int32))
    return Index(
        name=source.name,
        digests=np.frombuffer(digests, dtype=f"S{_DIGEST_BYTES}"),
        copies=np.frombuffer(copies, dtype=f"S{_DIGEST_BYTES}"),
        codes=sorted_codes,
        offsets=np.frombuffer(offsets, dtype=np.int64),
        labels=labels,
        counts=np.bincount(sorted_codes, minlength=len(labels)),
        empty_texts=empty,
        multi_label=source.multi_label,
        fingerprint=fingerprint.hexdigest(),
    )


def check_trainable(index: Index) -> None:
    """Refuse data from which no classifier can be learnt.

    Raises:
        DataError: there are fewer than 2 labels, or a label has fewer than 2 rows.
    """
    hint = "Is this the label column? --label NAME chooses another."
    if len(index.labels) < 2:
        only = f"All {len(index):,} rows have {index.labels[0]!r}" if index.labels else "No row has any"
        raise DataError(f"there must be at least 2 different labels. {only}.", hint, path=index.name)
    rare = np.flatnonzero(index.counts < 2)
    if len(rare):
        first = index.labels[rare[0]]
        which = f"{first!r} has 1" if len(rare) == 1 else f"{len(rare):,} labels have 1, the first is {first!r}"
        raise DataError(
            f"each label must have at least 2 rows. {which}.",
            f"Add rows, or leave rare labels out with --classes. {hint}",
            path=index.name,
        )


def overlap(first: Index, second: Index) -> int:
    """How many rows of `second` are copies of a text that stands in `first`."""
    return int(np.isin(second.copies, first.copies).sum())


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def _sort_labels(names: Iterable[str], codes: npt.NDArray[np.int32]) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The labels in their order, and codes that follow it instead of the order of appearance."""
    found = list(names)
    values = _values(found)
    order = sorted(range(len(found)), key=lambda i: (values[i], found[i]))
    position = np.empty(len(found), dtype=np.int32)
    position[order] = np.arange(len(found), dtype=np.int32)
    return [found[i] for i in order], position[codes]


def _values(labels: list[str]) -> list[float]:
    """The value of each label where all are numbers; all the same otherwise."""
    try:
        values = [float(label) for label in labels]
    except ValueError:
        return [0.0] * len(labels)
    return values if all(map(math.isfinite, values)) else [0.0] * len(labels)
