"""What all settings have in common: sections of checked fields, and the settings of a run made of them.

One definition serves the Python API, the stored `config.json` and the command line: each field's docstring is the
option's help, its bounds are checked here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Self, cast

from pydantic import BaseModel, ByteSize, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from longshort.errors import SettingError, nearest
from longshort.plain import Plain, PlainMapping

__all__ = ["Bytes", "Count", "Names", "Rate", "RunSettings", "Section", "Seed", "Share", "Size"]

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Rate = Annotated[float, Field(ge=0.0, lt=1.0)]
Size = Annotated[int, Field(ge=1, le=65_536)]
Count = Annotated[int, Field(ge=1, le=10**12)]
Bytes = Annotated[
    ByteSize, Field(ge=2**20, le=2**60), WithJsonSchema({"type": "integer", "format": "size", "minimum": 2**20})
]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Names = Annotated[tuple[str, ...], Field(fail_fast=True)]


class Section(BaseModel):
    """Frozen settings that refuse unknown keys and name the nearest right one."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, values: PlainMapping) -> Self:
        """Check `values` and build the settings.

        Raises:
            SettingError: an unknown key, a wrong type, or a value out of its bounds.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise _explain(cls, error.errors()[0]) from None

    def replace(self, **changes: object) -> Self:
        """The same settings with some changed, checked again."""
        return type(self).parse({**self.model_dump(), **changes})


class RunSettings(Section):
    """All settings of one run: a section for each subject; each kind of task has its own.

    Attributes:
        kind: the name of the kind of task, as the registry has it.
        unused: names of settings that mean nothing to this kind; they cannot be set.
        presets: flat settings that go together, by name.
    """

    kind: ClassVar[str] = ""
    unused: ClassVar[frozenset[str]] = frozenset()
    presets: ClassVar[Mapping[str, Plain]] = {}

    @classmethod
    def sections(cls) -> dict[str, type[Section]]:
        """The sections by name."""
        return {name: cast("type[Section]", field.annotation) for name, field in cls.model_fields.items()}

    @classmethod
    def names(cls) -> list[tuple[str, str]]:
        """The section and the name of every setting that can be set."""
        return [
            (name, field)
            for name, part in cls.sections().items()
            for field in part.model_fields
            if field not in cls.unused
        ]

    @classmethod
    def from_flat(cls, values: PlainMapping) -> Self:
        """Build the settings from one flat mapping, such as keyword arguments or command-line options.

        Raises:
            SettingError: an unknown name, a wrong type, or a value out of its bounds.
        """
        nested: dict[str, Plain] = {name: {} for name in cls.sections()}
        homes = {field: name for name, field in cls.names()}
        for key, value in values.items():
            if key not in homes:
                raise _unknown(key, homes)
            nested[homes[key]][key] = value
        return cls(**{name: cls.defaults(name).replace(**given) for name, given in nested.items()})

    @classmethod
    def defaults(cls, section: str) -> Section:
        """A section as this task has it where nothing is set."""
        return cast("Section", cls.model_fields[section].default)

    def section(self, name: str) -> Section:
        """Return a section, such as "data"."""
        return cast("Section", getattr(self, name))

    def flat(self) -> Plain:
        """All settings that can be set in one flat mapping; the names are unique across the sections."""
        held = self.model_dump()
        return {field: held[section][field] for section, field in self.names()}


def _unknown(key: str, names: Iterable[str]) -> SettingError:
    return SettingError(
        f"There is no setting {key!r}.", nearest(key, names) or "The settings are " + ", ".join(sorted(names)) + "."
    )


def _explain(section: type[Section], error: ErrorDetails) -> SettingError:
    """One sentence for pydantic's first complaint, with the field's own docstring as the hint."""
    key, *inner = (str(part) for part in error["loc"])
    known = list(section.model_fields)
    if issubclass(section, RunSettings):
        known = [name for each in section.sections().values() for name in each.model_fields]
        if inner:
            section, key = section.sections()[key], inner[0]
    if error["type"] == "extra_forbidden":
        return _unknown(key, known)
    field = section.model_fields[key]
    meant = nearest(str(error["input"]), re.findall("'([^']+)'", error.get("ctx", {}).get("expected", "")))
    hint = " ".join(filter(None, (meant, field.description)))
    return SettingError(f"{key} must be {_rule(error)}. Got {error['input']!r}.", hint)


_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "string": "text", "model": "settings"}


def _rule(error: ErrorDetails) -> str:
    """What must hold, in words that need no knowledge of Python's types."""
    kind, _, complaint = error["type"].partition("_")
    if kind in _KINDS and complaint in ("type", "parsing", "parsing_size", "from_float"):
        return _KINDS[kind]
    rule = error["msg"].removeprefix("Input should be ").removeprefix("String should have ")
    return rule.replace("greater than or equal to", "at least").replace("less than or equal to", "at most")
