"""What `config.json` of a model of sequences of numbers holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from longshort.artifacts.model_config import ClassesConfig, ModelConfig, StoredTask
from longshort.config import SequenceModelSettings
from longshort.data.label_types import typed_labels
from longshort.data.sequences import SequenceEncoding
from longshort.errors import BundleError
from longshort.kinds.sequences.settings import RegressionRunSettings, SequenceRunSettings
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression

__all__ = ["SequenceClassifierConfig", "SequenceRegressionConfig"]

Members = Annotated[int, Field(ge=1, le=64)]


class SequenceClassifierConfig(ClassesConfig):
    """The settings of a classifier, and how many networks answer together."""

    task: Literal["sequence-classification"]
    members: Members = 1
    settings: SequenceRunSettings

    def read_encoding(self, text: str, numbers: int) -> StoredTask:
        """Read scaling and labels."""
        encoding = _read(text, self.task)
        try:
            typed_labels(encoding.labels, self.label_type)
        except ValueError as error:
            raise BundleError(f"In this model, {error}.") from None
        model = _sized(self.settings, self.members)
        return StoredTask(model.num_layers * self.members, lambda: SequenceClassification(encoding, model))


class SequenceRegressionConfig(ModelConfig):
    """The settings of a regression, and how many networks answer together."""

    task: Literal["sequence-regression"]
    members: Members = 1
    settings: RegressionRunSettings

    def read_encoding(self, text: str, numbers: int) -> StoredTask:
        """Read the scaling."""
        encoding, model = _read(text, self.task), _sized(self.settings, self.members)
        return StoredTask(model.num_layers * self.members, lambda: SequenceRegression(encoding, model))


def _read(text: str, task: str) -> SequenceEncoding:
    encoding = SequenceEncoding.from_json(text)
    if task != f"sequence-{encoding.kind}":
        raise BundleError(f"It must be the encoding of {task}. It is one of a {encoding.kind}.")
    return encoding


def _sized(settings: SequenceRunSettings, members: int) -> SequenceModelSettings:
    """Settings may leave the number of networks to the number of sequences; the stored number says it."""
    return settings.model.replace(members=members)
