"""Settings of a text classifier."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from longshort.config.base import Count, Names, Rate, Section, Share, Size

__all__ = ["TextDataSettings", "TextModelSettings", "TokenizerSettings"]


class TextDataSettings(Section):
    """Where the text and the labels stand, and how the rows are split."""

    text: str | None = None
    """Name of the text column; found by its usual names (text, review, sentence, ...) when not given."""
    label: str | None = None
    """Name of the label column; found by its usual names (label, sentiment, class, ...) when not given."""
    label_separator: Annotated[str, Field(min_length=1)] | None = None
    """Separator between several labels of one row, for example "|"; makes the task multi-label."""
    classes: Annotated[Names, Field(min_length=1)] | None = None
    """Keep only rows with these labels (comma-separated on the command line); every label when not given."""
    encoding: str = "utf-8"
    """Encoding of text files; a byte order mark of UTF-8 is skipped."""
    skip_bad: bool = False
    """Leave out rows that alone are at fault (too few cells, bad JSON, no text or label, bytes that are no text), count
    them and name the first; an error where they are more than half. Without it the first one is an error."""
    validation_share: Share = 0.1
    """Share of the rows that chooses the best epoch, when no validation file is given."""
    test_share: Share = 0.1
    """Share of the rows held out for the report, when no test file is given."""


class TokenizerSettings(Section):
    """How text becomes numbers; fitted on the training split alone."""

    tokenizer: Literal["word", "bpe", "unigram", "character"] = "word"
    """Kind of token: words (lower-cased, punctuation apart), byte-pair pieces, unigram pieces, or characters."""
    vocabulary_limit: Annotated[int, Field(ge=2, le=10_000_000)] = 30_000
    """Most tokens in the vocabulary, the most frequent ones first."""
    minimum_count: Count = 2
    """A token must occur this often in the training split to enter the vocabulary."""
    max_tokens: Count | None = None
    """Keep only the first tokens of a text, this many; everything is kept when not given."""


class TextModelSettings(Section):
    """The network: embedding, LSTM, pooling, linear."""

    embedding_size: Size = 128
    """Numbers per token that enter the LSTM."""
    embedding_start: Literal["cooccurrence", "random"] = "cooccurrence"
    """First vectors of the tokens: from which tokens stand together in the training split, or random."""
    hidden_size: Size = 128
    """Hidden units per layer and direction."""
    num_layers: Annotated[int, Field(ge=1, le=64)] = 1
    """LSTM layers, one on the other."""
    bidirectional: bool = True
    """Read each sequence also from its end to its start."""
    pooling: Literal["last", "mean", "max", "mean+max"] = "mean+max"
    """How the hidden states of a sequence become one vector."""
    word_dropout: Rate = 0.5
    """Share of the vocabulary whose embedding is zero during a training step (Gal & Ghahramani 2016)."""
    embedding_dropout: Rate = 0.0
    """Share of embedding features dropped for a whole sequence."""
    layer_dropout: Rate = 0.2
    """Dropout between LSTM layers; without effect on one layer."""
    output_dropout: Rate = 0.5
    """Dropout on the pooled vector, before the linear layer."""
