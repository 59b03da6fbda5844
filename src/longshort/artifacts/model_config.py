"""What `config.json` of a model folder may hold; each kind of task adds its own fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from longshort.config import RunSettings
from longshort.data.label_types import LabelType

if TYPE_CHECKING:
    from longshort.kinds.seam import Task

__all__ = ["ClassesConfig", "ModelConfig", "Name", "StoredTask"]

Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,100}$")]
Name = Annotated[str, Field(max_length=10_000)]


@dataclass(frozen=True)
class StoredTask:
    """What a model folder says a model learned.

    Args:
        layers: LSTM layers of all networks together.
        make: builds it; called once `layers` is known to fit the weights. It may raise any error of longshort.
    """

    layers: int
    make: Callable[[], Task]


class ModelConfig(BaseModel):
    """What every model says of itself.

    Attributes:
        encoding_file: the name of the file that holds the encoding.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    encoding_file: ClassVar[str] = "encoding.json"

    format: Annotated[int, Field(ge=1, le=1)]
    longshort: Version
    task: str
    settings: RunSettings

    def read_encoding(self, text: str, numbers: int) -> StoredTask:
        """Read the encoding.

        Args:
            text: the content of its file.
            numbers: how many numbers the weights file holds; an encoding that implies a larger network is not read on.

        Raises:
            BundleError: it is damaged, or does not fit the rest.
        """
        raise NotImplementedError

    @property
    def labels_are(self) -> LabelType | None:
        """The type of the class labels for the user, if it is not str."""
        return None


class ClassesConfig(ModelConfig):
    """What a classifier says of itself."""

    label_type: LabelType | None = None

    @property
    def labels_are(self) -> LabelType | None:
        """The type of the class labels for the user, if it is not str."""
        return self.label_type
