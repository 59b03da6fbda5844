"""What `config.json` of a text classifier holds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from longshort.artifacts.model_config import ClassesConfig, Name, StoredTask
from longshort.data import TextEncoding
from longshort.data.label_types import typed_labels
from longshort.kinds.text.settings import TextRunSettings
from longshort.kinds.text.task import TextClassification

__all__ = ["TextConfig"]


class TextConfig(ClassesConfig):
    """Labels and settings of a text classifier."""

    encoding_file = "tokenizer.json"

    task: Literal["text-classification"]
    labels: list[Name] = Field(max_length=1_000_000, fail_fast=True)
    multi_label: bool
    settings: TextRunSettings

    @model_validator(mode="after")
    def _labels_are_labels(self) -> Self:
        least, count, different = 1 if self.multi_label else 2, len(self.labels), len(set(self.labels))
        if count < least or different < count:
            message = f"There must be at least {least} labels, each once; {different} of {count} are different"
            raise PydanticCustomError("labels", "{message}", {"message": message})
        try:
            typed_labels(self.labels, self.label_type)
        except ValueError as error:
            raise PydanticCustomError("labels", "{message}", {"message": str(error)}) from None
        return self

    def read_encoding(self, text: str, numbers: int) -> StoredTask:
        """Read the tokenizer."""
        encoding = TextEncoding.from_json(
            text,
            labels=self.labels,
            multi_label=self.multi_label,
            max_tokens=self.settings.tokenizer.max_tokens,
            most=numbers // self.settings.model.embedding_size,
        )
        model = self.settings.model
        return StoredTask(model.num_layers, lambda: TextClassification(encoding, model))
