"""Names for plain data: what JSON holds, in Python's own types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Plain", "PlainMapping"]

Plain = dict[str, Any]
"""A JSON object as a dict; its values are str, int, float, bool, None, lists and dicts of these."""

PlainMapping = Mapping[str, Any]
"""The same where it is only read."""
