"""Settings of models of sequences of numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from longshort.config.base import Count, Names, Rate, Section, Share, Size

__all__ = ["SequenceDataSettings", "SequenceModelSettings"]


class SequenceDataSettings(Section):
    """Where sequences of numbers and their targets stand, and how they are split."""

    layout: Literal["auto", "wide", "long"] = "auto"
    """How a table holds sequences: one in each row ("wide"), or a step of one in each row ("long"); by "auto" it is
    long where a column says the sequence and a sequence has several rows. A .ts file needs none."""
    label: str | None = None
    """Name of the column of classes, or of numbers in a regression; found by its usual names (label, class, target,
    ...) when not given."""
    id: str | None = None
    """Name of the column that says which sequence a row is or belongs to; found by its usual names (id, sequence, case,
    ...) when not given."""
    time: str | None = None
    """Name of the column of time in a long table, which must rise within a sequence; found by its usual names (time,
    step, ...) when not given; rows stand in the order of time where there is none."""
    channels: Annotated[Names, Field(min_length=1)] | None = None
    """Names of the columns of values (comma-separated on the command line); all the others when not given."""
    group: str | None = None
    """Name of a column, such as a subject, whose rows are never split across parts."""
    window: Count | None = None
    """Cut each sequence into windows of this many steps; the windows of a sequence stay in one part."""
    stride: Count | None = None
    """Steps between the beginnings of windows; as many as a window has when not given."""
    encoding: str = "utf-8"
    """Encoding of text files."""
    skip_bad: bool = False
    """Leave out rows that alone are at fault (too few cells, what is no number, no target, an infinite value), count
    them and name the first; an error where they are more than half. In a long table a row is a step. Without it the
    first one is an error."""
    validation_share: Share = 0.1
    """Share of the sequences that chooses the best epoch, where no file is given; of fewer than 5,000, none."""
    test_share: Share = 0.1
    """Share of the sequences held out for the report, when no test file is given."""


class SequenceModelSettings(Section):
    """The network for sequences of numbers: convolutional front, LSTM, pooling, linear."""

    front: Literal["conv", "none"] = "conv"
    """What the numbers go through before the LSTM: three convolutions that find shapes, as wide as fits the length of
    the training sequences (Wang et al. 2017), whose mean over time is also pooled beside the LSTM's states (Karim et
    al. 2018), or nothing."""
    filters: Annotated[int, Field(ge=1, le=16_384)] = 64
    """Shapes that the first and the last convolution look for; the one between them looks for twice as many."""
    hidden_size: Size = 64
    """Hidden units per layer and direction."""
    num_layers: Annotated[int, Field(ge=1, le=64)] = 1
    """LSTM layers, one on the other."""
    bidirectional: bool = True
    """Read each sequence also from its end to its start. Without it nothing looks ahead, the convolutions neither, and
    the model can answer a stream step by step."""
    pooling: Literal["last", "mean", "max", "mean+max"] = "mean+max"
    """How the hidden states of a sequence become one vector."""
    layer_dropout: Rate = 0.2
    """Dropout between LSTM layers; without effect on one layer."""
    output_dropout: Rate = 0.3
    """Dropout on the pooled vector, before the linear layer."""
    members: Annotated[int, Field(ge=1, le=64)] | None = None
    """Networks with different first weights, trained side by side, whose outputs are averaged; when not given, 3 where
    fewer than 2,000 sequences are learnt from, and else 1."""
