"""How a name or a token is written beside a picture or in a table: on one line, visible even where it is a space."""

from __future__ import annotations

__all__ = ["name_token", "shorten"]

LONGEST_NAME = 22

_SIGNS = {" ": "\N{OPEN BOX}", "\n": "\N{RETURN SYMBOL}", "\t": "\N{RIGHTWARDS ARROW TO BAR}"}


def shorten(name: str, longest: int = LONGEST_NAME) -> str:
    """A class name on one line, cut with an ellipsis if it is longer than `longest` characters."""
    line = " ".join(name.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def name_token(token: str, longest: int = 30) -> str:
    """The token, cut with an ellipsis; signs for what would not be seen.

    Args:
        token: as it stands in the text.
        longest: characters.
    """
    if not token.strip():
        return shorten("".join(_SIGNS.get(each, _code(each)) for each in token) or "\N{EMPTY SET}", longest)
    return shorten("".join(each if each.isprintable() else _SIGNS.get(each, _code(each)) for each in token), longest)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
