"""The LSTM: a drop-in replacement for torch's, its equations, and the backends that run it."""

from __future__ import annotations

from longshort.lstm.embedding import EmbeddingLSTM
from longshort.lstm.module import LSTM
from longshort.lstm.parameters import initialise
from longshort.lstm.parts import cut, states_between
from longshort.lstm.shared import Shared

__all__ = ["LSTM", "EmbeddingLSTM", "Shared", "cut", "initialise", "states_between"]
