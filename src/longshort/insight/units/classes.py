"""What kinds of token there are: negation words, quotation marks, digits, line ends and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt
from tokenizers import decoders

from longshort.data import TextEncoding

__all__ = ["TOKEN_CLASSES", "Writing", "class_table", "token_texts"]

AnyArray = npt.NDArray[Any]
"""An array of numbers of any type."""

NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "nor",
        "neither",
        "none",
        "nobody",
        "nothing",
        "nowhere",
        "cannot",
        "without",
        "hardly",
        "barely",
        "scarcely",
        "ain't",
    ]
)

_QUOTES = frozenset('"“”„«»')

TOKEN_CLASSES: Mapping[str, Callable[[str], bool]] = {
    "negation": lambda token: _word(token) in NEGATIONS or _word(token).endswith("n't"),
    "quote": lambda token: token.strip() in _QUOTES and bool(token.strip()),
    "digit": lambda token: any(character.isdigit() for character in token),
    "line-end": lambda token: "\n" in token,
    "punctuation": lambda token: bool(token.strip()) and not any(c.isalnum() or c.isspace() for c in token.strip()),
    "capital": lambda token: any(character.isupper() for character in token),
}
"""Each class by name, and which tokens belong to it; one more, "unknown", is what the vocabulary lacks."""


def _word(token: str) -> str:
    return token.strip().lower().replace("’", "'")


def token_texts(encoding: TextEncoding) -> list[str]:
    """The text of each token id; that of a piece of bytes with its space before it, as it stands in a text."""
    tokens = encoding.vocabulary
    if encoding.unknown_id is not None:
        return tokens
    decoder = decoders.ByteLevel()
    return [decoder.decode([token]) for token in tokens]


def class_table(encoding: TextEncoding) -> dict[str, npt.NDArray[np.bool_]]:
    """For each class that has tokens in the vocabulary, `(vocabulary,)` bool: which they are.

    A tokenizer that writes everything in lower case has no capitals, and one that skips white space no line ends.
    """
    tokens, unknown = token_texts(encoding), encoding.unknown_id
    table = {
        name: np.array([number != unknown and belongs(token) for number, token in enumerate(tokens)], dtype=bool)
        for name, belongs in TOKEN_CLASSES.items()
    }
    table["unknown"] = np.arange(len(tokens)) == (-1 if unknown is None else unknown)
    return {name: members for name, members in table.items() if members.any()}


@final
class Writing:
    """Tokens as they are written in a text.

    Args:
        encoding: the tokenizer.

    Attributes:
        between: what stands between two tokens: " " for words, "" for characters and for pieces of bytes, which hold
            their own spaces.
    """

    def __init__(self, encoding: TextEncoding) -> None:
        self._encoding = encoding
        self._pieces = token_texts(encoding) if encoding.unknown_id is None else None
        self.between = " " if self._pieces is None and max(map(len, encoding.vocabulary[1:]), default=0) > 1 else ""

    def tokens(self, text: str, ids: Sequence[int] | AnyArray) -> list[str]:
        """One str for each of the token ids of a text; known or not, as it is written there."""
        if self._pieces is None:
            return self._encoding.tokens(text)
        return [self._pieces[number] for number in ids]
