"""What the analysis of texts needs to know of what a model learned."""

from __future__ import annotations

from typing import Protocol

from longshort.data import TextEncoding
from longshort.networks import ClassificationObjective

__all__ = ["TextTask"]


class TextTask(Protocol):
    """Texts in, classes or labels out."""

    @property
    def encoding(self) -> TextEncoding:
        """The tokenizer and the labels."""
        ...

    @property
    def objective(self) -> ClassificationObjective:
        """Loss and probabilities."""
        ...
