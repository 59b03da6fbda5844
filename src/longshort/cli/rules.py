"""What a setting may be, in words, from its JSON schema: for the help of its option and for the error about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Schema", "bounds", "choices", "is_list", "may_be_none", "metavar", "rule"]

Schema = Mapping[str, Any]

ENDLESS = 10**12
"""A highest number from which on it only keeps within what a computer counts with; the help does not name it."""


def rule(schema: Schema) -> str:
    """For example "a whole number from 1 to 64", or "one of word, bpe"; what a message says after "must be"."""
    return " or ".join(_say(kind) for kind in _kinds(schema) if not _is_null(kind)) + (
        ' or "none"' if may_be_none(schema) else ""
    )


def bounds(schema: Schema) -> str:
    """The bounds of a number alone, for example "from 1 to 64"; empty for anything else."""
    numbers = [
        _limits({key: value for key, value in kind.items() if key != "maximum" or value < ENDLESS})
        for kind in _kinds(schema)
        if kind.get("type") in ("integer", "number") and "format" not in kind
    ]
    return " or ".join([*filter(None, numbers), *(["none"] if numbers and may_be_none(schema) else [])])


def metavar(schema: Schema) -> str:
    """What stands for the value in the help: the choices themselves, or N, X, SIZE, TEXT, LIST."""
    kind = next(kind for kind in _kinds(schema) if not _is_null(kind))
    choices = _choices(kind)
    if choices:
        return "[" + "|".join([*choices, *(["none"] if may_be_none(schema) else [])]) + "]"
    if kind.get("format") == "size":
        return "SIZE"
    return {"integer": "N", "number": "X", "array": "LIST"}.get(kind["type"], "TEXT")


def choices(schema: Schema) -> list[str]:
    """The words to choose from; none where there is no such choice."""
    return [choice for kind in _kinds(schema) for choice in _choices(kind)]


def may_be_none(schema: Schema) -> bool:
    """Whether the word "none" stands for no value; not where any text is a value."""
    free = any(kind.get("type") == "string" and not _choices(kind) for kind in _kinds(schema))
    return not free and any(_is_null(kind) for kind in _kinds(schema))


def is_list(schema: Schema) -> bool:
    """Whether several values are given, separated by commas."""
    return any(kind.get("type") == "array" for kind in _kinds(schema))


def _kinds(schema: Schema) -> list[Schema]:
    kinds: list[Schema] = schema.get("anyOf", [schema])
    return kinds


def _is_null(kind: Schema) -> bool:
    return kind.get("type") == "null"


def _choices(kind: Schema) -> list[str]:
    return [str(choice) for choice in kind.get("enum", [kind["const"]] if "const" in kind else [])]


def _say(kind: Schema) -> str:
    choices = _choices(kind)
    if len(choices) > 1:
        return "one of " + ", ".join(choices)
    if choices:
        return choices[0]
    if kind.get("format") == "size":
        return f"a size of at least {kind['minimum'] // 2**20} MiB, such as 512MB or 2GB,"
    words = {"integer": "a whole number", "number": "a number", "array": "a list with commas", "string": "a text"}
    limits = _limits(kind)
    return f"{words[kind['type']]} {'of ' if limits.startswith('at') else ''}{limits}".rstrip()


def _limits(kind: Schema) -> str:
    if kind.get("minLength"):
        return f"at least {kind['minLength']:,} character{'s' if kind['minLength'] > 1 else ''}"
    if "minimum" in kind and "maximum" in kind:
        return f"from {_number(kind['minimum'])} to {_number(kind['maximum'])}"
    lower = _first(kind, {"minimum": "at least", "exclusiveMinimum": "above"})
    upper = _first(kind, {"maximum": "at most", "exclusiveMaximum": "below"})
    return " and ".join(filter(None, [lower, upper]))


def _first(kind: Schema, words: Mapping[str, str]) -> str:
    return next((f"{word} {_number(kind[key])}" for key, word in words.items() if key in kind), "")


def _number(value: float) -> str:
    """Digits in groups of three; a power of two that nobody reads as digits is written as one."""
    if isinstance(value, int) and value > 2**32 and value & (value - 1) == 0:
        return f"2^{value.bit_length() - 1}"
    return f"{value:,}" if isinstance(value, int) or value != int(value) else f"{int(value):,}"
