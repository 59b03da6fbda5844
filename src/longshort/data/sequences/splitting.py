"""Splits of sequences: seeded, stratified by class; what belongs together stays together."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from longshort.data.sequences.sequences import Floats, Integers, Sequences
from longshort.data.texts.index import Index
from longshort.data.texts.splits import Split, split
from longshort.errors import DataError

__all__ = ["copies", "digests", "split_sequences"]

PARTS = ("train", "validation", "test")


def split_sequences(sequences: Sequences, *, validation_share: float, test_share: float, seed: int = 0) -> Split:
    """Split at random, classes in the same proportions; a group, and sequences that are the same, stay in one part.

    Every class has a sequence in `train`. With groups the shares are met as nearly as their sizes allow, and each part
    that has a share has a group.

    Args:
        sequences: to be split; with `groups` no group straddles the parts.
        validation_share: share of the sequences, in [0, 1); 0 gives an empty part.
        test_share: share of the sequences, in [0, 1); together with `validation_share` below 1.
        seed: the same seed gives the same split.

    Raises:
        DataError: the shares leave nothing to train on, or there are too few groups or sequences for them.
    """
    shares = np.array([1 - validation_share - test_share, validation_share, test_share])
    if shares[0] <= 0 or sequences.groups is None:
        return _split_alone(sequences, validation_share, test_share, seed)
    names, group_of = np.unique(np.array(sequences.groups), return_inverse=True)
    if len(names) < (shares > 0).sum():
        raise _too_few(sequences, f"there are {len(names)} groups for {(shares > 0).sum()} parts")
    counts = np.zeros((len(names), len(_labels(sequences))))
    np.add.at(counts, (group_of, _codes(sequences)), 1)
    part_of = _assigned(counts, shares, np.random.default_rng(seed))
    empty = [name for part, name in enumerate(PARTS) if shares[part] > 0 and not (part_of == part).any()]
    if empty:
        raise _too_few(
            sequences,
            f"{' and '.join(empty)} would have none, as each of the {len(names)} groups has the only sequences of a "
            "class",
        )
    return Split(*(np.flatnonzero(part_of[group_of] == part) for part in range(3)))


def digests(sequences: Sequences) -> npt.NDArray[np.bytes_]:
    """`(sequences,)` bytes of length 16: equal for those that must stay together, in several sources too."""
    if sequences.groups is None:
        return copies(sequences)
    return _digests([b"group " + group.encode() for group in sequences.groups])


def copies(sequences: Sequences) -> npt.NDArray[np.bytes_]:
    """`(sequences,)` bytes of length 16: equal for those that have the same values."""
    return _digests([sequence.tobytes() for sequence in sequences.arrays()])


def _digests(keys: list[bytes]) -> npt.NDArray[np.bytes_]:
    return np.array([hashlib.blake2b(key, digest_size=8).hexdigest().encode() for key in keys], dtype="S16")


def _split_alone(sequences: Sequences, validation_share: float, test_share: float, seed: int) -> Split:
    labels, codes = _labels(sequences), _codes(sequences)
    index = Index(
        name=sequences.name,
        digests=digests(sequences),
        copies=digests(sequences),
        codes=codes.astype(np.int32),
        offsets=np.arange(len(sequences) + 1, dtype=np.int64),
        labels=labels,
        counts=np.bincount(codes, minlength=len(labels)),
        empty_texts=0,
        multi_label=False,
        fingerprint=sequences.fingerprint,
    )
    try:
        return split(index, validation_share=validation_share, test_share=test_share, seed=seed)
    except DataError as error:
        raise DataError(_reworded(error.message), _reworded(error.hint)) from None


def _reworded(text: str) -> str:
    return text.replace("different texts", "different sequences").replace("must have rows", "must have sequences")


def _labels(sequences: Sequences) -> list[str]:
    return sorted(set(sequences.targets)) if isinstance(sequences.targets, tuple) else ["all"]


def _codes(sequences: Sequences) -> Integers:
    """`(sequences,)`: the class of each; all the same if there are none."""
    if not isinstance(sequences.targets, tuple):
        return np.zeros(len(sequences), dtype=np.int64)
    codes = {label: code for code, label in enumerate(_labels(sequences))}
    return np.array([codes[label] for label in sequences.targets], dtype=np.int64)


def _assigned(counts: Floats, shares: Floats, generator: np.random.Generator) -> Integers:
    """`(groups,)`: the part of each, by `counts` `(groups, classes)`; the largest first, each where it is missed most.

    What a part misses of each class is weighed by how rare the class is, so that parts are alike in classes too
    (greedily, as scikit-learn's StratifiedGroupKFold does).
    """
    part_of = np.full(len(counts), -1)
    shuffled = generator.permutation(len(counts))
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    missed = shares[:, None] * counts.sum(axis=0)
    weights = 1 / np.maximum(counts.sum(axis=0), 1)
    for group in _needed_in_train(counts, order):
        part_of[group] = 0
        missed[0] -= counts[group]
    left = [group for group in order.tolist() if part_of[group] < 0]
    for place, group in enumerate(left):
        scores = np.where(shares > 0, (missed * weights) @ counts[group], -np.inf)
        empty = [part for part in range(3) if shares[part] > 0 and not (part_of == part).any()]
        if empty and len(left) - place <= len(empty):
            scores[[part for part in range(3) if part not in empty]] = -np.inf
        part_of[group] = scores.argmax()
        missed[part_of[group]] -= counts[group]
    return part_of


def _needed_in_train(counts: Floats, order: Integers) -> list[int]:
    """Groups that bring every class into the training part, the fewest that a greedy search finds; rare classes first.

    Args:
        counts: `(groups, classes)`.
        order: the groups, the likeliest first.
    """
    has = counts[order] > 0
    needed: list[int] = []
    for label in np.argsort(has.sum(axis=0), kind="stable"):
        if not any(counts[group, label] for group in needed):
            needed.append(int(order[has[:, label].argmax()]))
    return needed


def _too_few(sequences: Sequences, why: str) -> DataError:
    return DataError(
        f"{sequences.name}: each part of the split must have groups, which are never divided: {why}.",
        "Give files of your own for each part, set a share to 0, or leave the groups out.",
    )
