"""What an `encoding.json` of sequences may hold."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from longshort.data.strict_json import read_json, shown
from longshort.errors import BundleError

__all__ = ["Kind", "StoredEncoding"]

Kind = Literal["classification", "regression"]

Name = Annotated[str, Field(max_length=10_000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

MOST_CHANNELS, MOST_LABELS = 65_536, 1_000_000


class StoredEncoding(BaseModel):
    """All of a `SequenceEncoding`, with bounds, since it may come from anywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Kind
    channels: list[Name] = Field(min_length=1, max_length=MOST_CHANNELS, fail_fast=True)
    means: list[Finite] = Field(max_length=MOST_CHANNELS, fail_fast=True)
    scales: list[Positive] = Field(max_length=MOST_CHANNELS, fail_fast=True)
    missing: list[Share] = Field(max_length=MOST_CHANNELS, fail_fast=True)
    masked: bool
    labels: list[Name] = Field(max_length=MOST_LABELS, fail_fast=True)
    target_mean: Finite
    target_scale: Positive
    steps: Annotated[int, Field(ge=1, le=2**53)] = 1

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not len(self.channels) == len(self.means) == len(self.scales) == len(self.missing):
            raise PydanticCustomError("channels", "There must be a mean, a scale and a missing share for each channel")
        if self.kind == "classification" and (len(self.labels) < 2 or len(set(self.labels)) < len(self.labels)):
            raise PydanticCustomError("labels", "There must be at least 2 labels, each once")
        if self.kind == "regression" and self.labels:
            raise PydanticCustomError("labels", "A regression has no labels")
        return self

    @classmethod
    def read(cls, text: str) -> Self:
        """What the text of an `encoding.json` holds.

        Raises:
            BundleError: it is no JSON, or not of this form.
        """
        try:
            content = read_json(text)  # which refuses what pydantic lets pass: a key that stands twice, for one
            if isinstance(content, dict) and (more := set(content) - set(cls.model_fields)):
                raise ValueError(f"there must be no {shown(min(more))}")
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = shown(".".join(map(str, first["loc"])))[1:-1] or "as a whole"
            problem = f"{where}: {first['msg']}"
        except ValueError as error:
            problem = str(error)
        raise BundleError(f"encoding.json must hold an encoding of sequences. {problem}.", "Store the model again.")
