"""Files, arrays and samples become rows, rows become splits and encoded examples, examples become batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.data.batches import plan_batches
    from longshort.data.texts.encoding import EncodingStatistics, TextEncoding
    from longshort.data.texts.folders import given_splits
    from longshort.data.texts.index import Index, check_trainable, overlap, scan
    from longshort.data.texts.rows import Row, Source
    from longshort.data.texts.samples import SAMPLES, Sample
    from longshort.data.texts.sources import open_source
    from longshort.data.texts.splits import Split, split
    from longshort.data.texts.store import Batch, Examples, encode_parts, encode_rows, encode_texts, texts_of

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

# Loaded when first asked for: sequences and series need nothing of texts.
_HOMES = {
    "SAMPLES": "longshort.data.texts.samples",
    "Batch": "longshort.data.texts.store",
    "EncodingStatistics": "longshort.data.texts.encoding",
    "Examples": "longshort.data.texts.store",
    "Index": "longshort.data.texts.index",
    "Row": "longshort.data.texts.rows",
    "Sample": "longshort.data.texts.samples",
    "Source": "longshort.data.texts.rows",
    "Split": "longshort.data.texts.splits",
    "TextEncoding": "longshort.data.texts.encoding",
    "check_trainable": "longshort.data.texts.index",
    "encode_parts": "longshort.data.texts.store",
    "encode_rows": "longshort.data.texts.store",
    "encode_texts": "longshort.data.texts.store",
    "given_splits": "longshort.data.texts.folders",
    "open_source": "longshort.data.texts.sources",
    "overlap": "longshort.data.texts.index",
    "plan_batches": "longshort.data.batches",
    "scan": "longshort.data.texts.index",
    "split": "longshort.data.texts.splits",
    "texts_of": "longshort.data.texts.store",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
