"""Sequences of numbers: read, checked, cut, split and scaled."""

from __future__ import annotations

from longshort.data.sequences.arrays import from_arrays
from longshort.data.sequences.encoded import EncodedSequences, SequenceBatch
from longshort.data.sequences.encoding import Kind, SequenceEncoding
from longshort.data.sequences.gaps import gaps_in_prediction, gaps_in_training
from longshort.data.sequences.opening import open_sequences
from longshort.data.sequences.sequences import Sequences
from longshort.data.sequences.splitting import copies, digests, split_sequences
from longshort.data.sequences.windows import windows

__all__ = [
    "EncodedSequences",
    "Kind",
    "SequenceBatch",
    "SequenceEncoding",
    "Sequences",
    "copies",
    "digests",
    "from_arrays",
    "gaps_in_prediction",
    "gaps_in_training",
    "open_sequences",
    "split_sequences",
    "windows",
]
