"""Files, arrays and samples become rows, rows become splits and encoded examples, examples become batches."""

from __future__ import annotations

from longshort.data.batches import plan_batches
from longshort.data.encoding import EncodingStatistics, TextEncoding
from longshort.data.folders import given_splits
from longshort.data.index import Index, check_trainable, overlap, scan
from longshort.data.rows import Row, Source
from longshort.data.samples import SAMPLES, Sample
from longshort.data.sources import open_source
from longshort.data.splits import Split, split
from longshort.data.store import Batch, Examples, encode_parts, encode_rows, encode_texts, texts_of

__all__ = [
    "SAMPLES",
    "Batch",
    "EncodingStatistics",
    "Examples",
    "Index",
    "Row",
    "Sample",
    "Source",
    "Split",
    "TextEncoding",
    "check_trainable",
    "encode_parts",
    "encode_rows",
    "encode_texts",
    "given_splits",
    "open_source",
    "overlap",
    "plan_batches",
    "scan",
    "split",
    "texts_of",
]
