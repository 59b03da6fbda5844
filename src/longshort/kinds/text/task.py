"""Text classification: one class per text, or several labels."""

from __future__ import annotations

from typing import ClassVar, final

from longshort.config import TextModelSettings
from longshort.data import TextEncoding
from longshort.networks.classification_objective import ClassificationObjective
from longshort.networks.text_network import TextClassifierNetwork

__all__ = ["TextClassification"]


@final
class TextClassification:
    """What is particular to text classification: how text becomes numbers, the network, and what it is to learn.

    Args:
        encoding: the tokenizer and the labels, fitted on the training split.
        settings: the network's sizes, pooling and dropout.
    """

    name: ClassVar[str] = "text-classification"

    def __init__(self, encoding: TextEncoding, settings: TextModelSettings) -> None:
        self.encoding = encoding
        self.settings = settings
        self.objective = ClassificationObjective(len(encoding.labels), multi_label=encoding.multi_label)

    def build(self) -> TextClassifierNetwork:
        """A network with fresh weights, drawn from torch's global generator."""
        return TextClassifierNetwork(self.encoding.vocabulary_size, self.objective.outputs, self.settings)
