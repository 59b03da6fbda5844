"""JSON from anywhere, read strictly: what two programs could read in two ways, or could choke on, is refused."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import partial
from typing import Any

from longshort.plain import Plain

__all__ = ["RepeatedKeyError", "read_json", "shown", "unique_keys"]

DIGITS = 40
"""Most digits of a whole number: 64 bits have 20, and Python is slow with thousands."""

_SURROGATE = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")


def read_json(text: str, *, most_keys: int | None = None) -> Any:
    """What `text` holds.

    Args:
        text: of a file.
        most_keys: that an object may have; any number when not given.

    Raises:
        ValueError: it is no JSON; or a key stands twice in an object, or there are too many, a number is NaN, infinite
            or endless, a text holds half a surrogate pair, or lists and objects are nested more deeply than Python can
            follow.
    """
    try:
        content = json.loads(
            text,
            object_pairs_hook=unique_keys if most_keys is None else partial(_limited, most_keys),
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_whole,
        )
        if _SURROGATE.search(text):
            json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half of a surrogate pair, which is no character") from None
    except RecursionError:
        raise ValueError("lists and objects are nested too deeply") from None
    return content


def shown(value: object, most: int = 100) -> str:
    """A value of a file for a message: on one line, in printable characters, cut where it is long."""
    small = value is None or isinstance(value, str | bool | int | float)
    text = repr(value[:most] if isinstance(value, str) else value) if small else _kind(value)
    return text if len(text) <= most else text[: most - 3] + "..."


def _kind(value: object) -> str:
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else type(value).__name__


class RepeatedKeyError(ValueError):
    """A key stands twice in an object, so that two programs could read two different values.

    Args:
        key: the key.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {shown(key)} stands twice in an object")
        self.key = key


def unique_keys(pairs: list[tuple[str, Any]]) -> Plain:
    """The object that holds these keys and values, for `json.loads(..., object_pairs_hook=unique_keys)`.

    Raises:
        RepeatedKeyError: a key stands twice.
    """
    content = dict(pairs)
    if len(content) < len(pairs):
        raise RepeatedKeyError(next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1))
    return content


def _limited(most: int, pairs: list[tuple[str, Any]]) -> Plain:
    if len(pairs) > most:
        raise ValueError(f"an object must have {most:,} keys at most; one has {len(pairs):,}")
    return unique_keys(pairs)


def _refuse(constant: str) -> float:
    raise ValueError(f"JSON has no {constant}")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits:.40} is beyond those of a computer")
    return number


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a whole number has {len(digits):,} digits; {DIGITS} are the most")
    return int(digits)
