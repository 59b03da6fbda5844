"""What `config.json` of a model may hold, task by task, and how the encoding beside it is read."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from longshort.config import (
    ForecastRunSettings,
    RegressionRunSettings,
    SequenceModelSettings,
    SequenceRunSettings,
    Settings,
)
from longshort.data import TextEncoding
from longshort.data.label_types import LabelType, typed_labels
from longshort.data.sequences import SequenceEncoding
from longshort.data.series import ForecastEncoding
from longshort.errors import BundleError
from longshort.tasks import SequenceClassification, SequenceRegression, TextClassification

__all__ = ["FORMATS", "ModelConfig"]


Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,100}$")]
Name = Annotated[str, Field(max_length=10_000)]


class ModelConfig(BaseModel):
    """What every model says of itself; a task adds its own.

    Attributes:
        encoding_file: the name of the file that holds the encoding.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    encoding_file: ClassVar[str]

    format: Annotated[int, Field(ge=1, le=1)]
    longshort: Version
    task: str
    settings: Any

    @property
    def model(self) -> Any:
        """What the network is built from."""
        return self.settings.model

    @staticmethod
    def describe(task: Any) -> dict[str, Any]:
        """What stands in `config.json` of the task, beside settings and encoding."""
        del task
        return {}

    def read_encoding(self, text: str, numbers: int) -> Any:
        """The encoding that `text`, its file, holds.

        Args:
            text: of the file.
            numbers: that the file of weights holds; an encoding of which a larger network would follow is no further
                looked into.

        Raises:
            BundleError: it holds none, or one that does not fit the rest.
        """
        raise NotImplementedError

    def layers(self, encoding: Any) -> int:
        """LSTM layers of all networks together."""
        del encoding
        return int(self.settings.model.num_layers)

    @property
    def labels_are(self) -> LabelType | None:
        """What the labels of classes are for the user, where they are no text."""
        return None


class _ClassesConfig(ModelConfig):
    label_type: LabelType | None = None

    @property
    def labels_are(self) -> LabelType | None:
        return self.label_type


class _TextConfig(_ClassesConfig):
    encoding_file = "tokenizer.json"

    task: Literal["text-classification"]
    labels: list[Name] = Field(max_length=1_000_000, fail_fast=True)
    multi_label: bool
    settings: Settings

    @staticmethod
    def describe(task: TextClassification) -> dict[str, Any]:
        return {"labels": list(task.encoding.labels), "multi_label": task.encoding.multi_label}

    @model_validator(mode="after")
    def _labels_are_labels(self) -> Self:
        least, count, different = 1 if self.multi_label else 2, len(self.labels), len(set(self.labels))
        if count < least or different < count:
            told = f"There must be at least {least} labels, each once; {different} of {count} are different"
            raise PydanticCustomError("labels", "{told}", {"told": told})
        try:
            typed_labels(self.labels, self.label_type)
        except ValueError as error:
            raise PydanticCustomError("labels", "{told}", {"told": str(error)}) from None
        return self

    def read_encoding(self, text: str, numbers: int) -> TextEncoding:
        return TextEncoding.from_json(
            text,
            labels=self.labels,
            multi_label=self.multi_label,
            max_tokens=self.settings.tokenizer.max_tokens,
            most=numbers // self.settings.model.embedding_size,
        )


class _SequencesConfig(ModelConfig):
    encoding_file = "encoding.json"

    members: Annotated[int, Field(ge=1, le=64)] = 1
    settings: SequenceRunSettings

    @staticmethod
    def describe(task: SequenceClassification | SequenceRegression) -> dict[str, Any]:
        return {"members": task.settings.members or 1}

    @property
    def model(self) -> SequenceModelSettings:
        """Settings leave it to the number of sequences how many networks there are; this says it."""
        return self.settings.model.replace(members=self.members)

    def read_encoding(self, text: str, numbers: int) -> SequenceEncoding:
        encoding = SequenceEncoding.from_json(text)
        if self.task != f"sequence-{encoding.kind}":
            raise BundleError(f"It must be the encoding of {self.task}. It is one of a {encoding.kind}.")
        return encoding

    def layers(self, encoding: SequenceEncoding) -> int:
        return super().layers(encoding) * self.members


class _SequenceConfig(_SequencesConfig, _ClassesConfig):
    task: Literal["sequence-classification"]

    def read_encoding(self, text: str, numbers: int) -> SequenceEncoding:
        encoding = super().read_encoding(text, numbers)
        try:
            typed_labels(encoding.labels, self.label_type)
        except ValueError as error:
            raise BundleError(f"Of this model, {error}.") from None
        return encoding


class _RegressionConfig(_SequencesConfig):
    task: Literal["sequence-regression"]
    settings: RegressionRunSettings


class _ForecastConfig(ModelConfig):
    encoding_file = "encoding.json"

    task: Literal["forecast"]
    settings: ForecastRunSettings

    def read_encoding(self, text: str, numbers: int) -> ForecastEncoding:
        return ForecastEncoding.from_json(text)

    def layers(self, encoding: ForecastEncoding) -> int:
        return super().layers(encoding) * self.settings.model.members * len(list(encoding.each()))


# A new task is one class and one line here.
FORMATS: dict[str, type[ModelConfig]] = {
    "text-classification": _TextConfig,
    "sequence-classification": _SequenceConfig,
    "sequence-regression": _RegressionConfig,
    "forecast": _ForecastConfig,
}
"""What `config.json` holds, by task."""
