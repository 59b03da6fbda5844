"""Settings as options: one option per field of the settings, its help and its bounds taken from the field itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from longshort.cli import rules
from longshort.config import RunSettings
from longshort.errors import SettingError, nearest
from longshort.kinds.registry import DEFAULT, kind_of
from longshort.plain import Plain

__all__ = ["SettingOption", "given", "setting_options", "task_options"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Section = type[Any]

HEADINGS = {"data": "Data", "tokenizer": "Tokens", "model": "Model", "training": "Training"}
"""What the sections of the settings are called in the help."""


class SettingOption(click.Option):
    """The option of one setting.

    Args:
        heading: where it stands in the help.
        section: the settings that it belongs to.
        field: its name there; `hidden_size` becomes `--hidden-size`.
        schema: what pydantic says of it.
        default: what it is where it is not given.
    """

    def __init__(self, heading: str, section: Section, field: str, schema: rules.Schema, default: object) -> None:
        flag = "--" + field.replace("_", "-")
        switch = schema.get("type") == "boolean"
        super().__init__(
            [f"{flag}/--no-{flag[2:]}" if switch else flag],
            type=None if switch else SettingType(section, field, schema),
            metavar=None if switch else rules.metavar(schema),
            default=None,
            help=_help(section, field, schema, default),
        )
        self.section = heading


class SettingType(click.ParamType[Any]):
    """Turns the text of an option into the value of its field; the settings themselves judge it."""

    name = "setting"

    def __init__(self, section: Section, field: str, schema: rules.Schema) -> None:
        self._section = section
        self._field = field
        self._schema = schema

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Check `value` as the settings do.

        Raises:
            SettingError: it is of the wrong type or out of bounds; the message names the option.
        """
        try:
            return getattr(self._section.parse({self._field: self._parse(value)}), self._field)
        except SettingError:
            meant = nearest(str(value), rules.choices(self._schema))
            hint = " ".join(filter(None, (meant, self._section.model_fields[self._field].description)))
            flag = self._field.replace("_", "-")
            raise SettingError(f"--{flag} must be {rules.rule(self._schema)}. Got {value!r}.", hint) from None

    def _parse(self, value: str) -> str | list[str] | None:
        if value == "none" and rules.may_be_none(self._schema):
            return None
        return [part.strip() for part in value.split(",")] if rules.is_list(self._schema) else value


def task_options(kind: type[RunSettings], *names: str) -> list[SettingOption]:
    """The options of a task's settings with these names; of all of them when none is named."""
    sections = kind.sections()
    schemas = {name: section.model_json_schema()["properties"] for name, section in sections.items()}
    return [
        SettingOption(
            HEADINGS.get(name, name.capitalize()),
            sections[name],
            field,
            schemas[name][field],
            getattr(kind.defaults(name), field),
        )
        for name, field in kind.names()
        if not names or field in names
    ]


def setting_options(*names: str, kind: str = DEFAULT) -> Callable[[Decorated], Decorated]:
    """Give a command the options of a task's settings with these names; of all when none is named."""

    def decorate(command: Decorated) -> Decorated:
        known: list[click.Parameter] = command.__dict__.setdefault("__click_params__", [])
        known.extend(
            reversed(task_options(kind_of(kind).settings, *names))
        )  # click reads them from the last to the first
        return command

    return decorate


def given(context: click.Context) -> Plain:
    """The settings that stand on the command line, without those that were left at their defaults."""
    return {
        option.name: context.params[option.name]
        for option in context.command.get_params(context)
        if isinstance(option, SettingOption)
        and option.name
        and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    }


def _help(section: Section, field: str, schema: rules.Schema, default: object) -> str:
    """The field's docstring, then the bounds of a number, then the default."""
    parts = filter(None, [rules.bounds(schema), "" if default in (None, ()) else f"default: {_written(default)}"])
    aside = "; ".join(parts)
    return f"{section.model_fields[field].description}" + (f"  [{aside}]" if aside else "")


def _written(value: object) -> str:
    """A default as it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
