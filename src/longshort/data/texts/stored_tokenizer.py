"""What a `tokenizer.json` may hold: one of the four tokenizers that longshort trains, and nothing else.

A tokenizer of Hugging Face may hold regular expressions, and one such as `(a+)+$` takes hours over a line of text. So
none of a file is handed on: its form is compared with what longshort itself writes, its vocabulary is checked, and the
tokenizer is rebuilt from the vocabulary alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tokenizers import Tokenizer, models, pre_tokenizers

from longshort.data.strict_json import read_json, shown
from longshort.data.texts.tokenizer import (
    CHARACTER,
    LINE_BREAK,
    UNKNOWN,
    WORD_OR_MARK,
    byte_tokenizer,
    character_tokenizer,
    word_tokenizer,
)
from longshort.errors import BundleError

__all__ = ["read_tokenizer"]

Json = dict[str, Any]
Number = TypeVar("Number", int, float)

MOST_SCORE = 1e6
"""Largest score of a unigram piece, up or down: far beyond any log probability, and sums stay finite."""

MOST_PIECE = 64
"""Characters of a unigram piece; the trainer makes none of over 16, and a tree of long ones would take much memory."""

_BYTE_LEVEL = {"type": "ByteLevel", "trim_offsets": True, "use_regex": True}


def _form(model: Json, *, normalizer: Json | None = None, pre_tokenizer: Json, decoder: Json | None) -> Json:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": None,
        "decoder": decoder,
        "model": model,
    }


_WORD = _form(
    {"type": "WordLevel", "unk_token": UNKNOWN},
    normalizer={
        "type": "Sequence",
        "normalizers": [
            {"type": "Replace", "pattern": {"Regex": LINE_BREAK}, "content": " "},
            {"type": "Lowercase"},
            {"type": "NFC"},
        ],
    },
    pre_tokenizer={"type": "Split", "pattern": {"Regex": WORD_OR_MARK}, "behavior": "Removed", "invert": True},
    decoder=None,
)
_CHARACTER = _form(
    {"type": "WordLevel", "unk_token": UNKNOWN},
    normalizer={"type": "NFC"},
    pre_tokenizer={"type": "Split", "pattern": {"Regex": CHARACTER}, "behavior": "Isolated", "invert": False},
    decoder={"type": "Fuse"},
)
_BYTES = {
    "pre_tokenizer": {**_BYTE_LEVEL, "add_prefix_space": False},
    "decoder": {**_BYTE_LEVEL, "add_prefix_space": True},
}
_BPE = _form(
    {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
    },
    **_BYTES,
)
_UNIGRAM = _form({"type": "Unigram", "unk_id": None, "byte_fallback": False}, **_BYTES)


def read_tokenizer(text: str, most_tokens: int | None = None) -> Tokenizer:
    """The tokenizer that longshort wrote as `text`.

    Args:
        text: of a `tokenizer.json`.
        most_tokens: that there may be; any number when not given.

    Raises:
        BundleError: it is none of the four that longshort trains, or its vocabulary is not one, or too large.
    """
    try:
        return _made(read_json(text), most_tokens)
    except ValueError as error:
        raise BundleError(
            f"tokenizer.json must hold a tokenizer that longshort trained: {error}.", "Store the model again."
        ) from None


def _made(content: object, most_tokens: int | None) -> Tokenizer:
    if not isinstance(content, dict) or not isinstance(content.get("model"), dict):
        raise ValueError("it must be an object that has a model")
    model = content["model"]
    form, parts, make = _kind_of(content, model)
    _compare(form, {**content, "model": {key: model[key] for key in model if key not in parts}}, "")
    if any(not isinstance(model.get(part), kind) for part, kind in parts.items()):
        raise ValueError(f"its model must have {' and '.join(parts)}, as it was stored")
    if most_tokens is not None and len(model["vocab"]) > most_tokens:
        raise ValueError(f"its {len(model['vocab']):,} tokens need more weights than the model has")
    return make(*(model[part] for part in parts))


def _kind_of(content: Json, model: Json) -> tuple[Json, dict[str, type], Callable[..., Tokenizer]]:
    """The form, the parts of the model that differ from one to the next, and what makes the tokenizer of those."""
    kind = model.get("type")
    if kind == "WordLevel":
        normalizer = content.get("normalizer")
        words = isinstance(normalizer, dict) and normalizer.get("type") == "Sequence"
        return (_WORD, {"vocab": dict}, _words) if words else (_CHARACTER, {"vocab": dict}, _characters)
    if kind == "BPE":
        return _BPE, {"vocab": dict, "merges": list}, _pairs
    if kind == "Unigram":
        return _UNIGRAM, {"vocab": list}, _pieces
    raise ValueError(f"model.type must be WordLevel, BPE or Unigram. It is {shown(kind)}")


def _compare(form: object, content: object, where: str) -> None:
    """Refuse, by its place, the first thing that is not as longshort writes it."""
    if isinstance(form, dict) and isinstance(content, dict):
        for key in (*content, *form):
            place = f"{where}.{shown(key)[1:-1]}".lstrip(".")
            if key not in form or key not in content:
                raise ValueError(f"{place} must {'not ' if key in content else ''}be there")
            _compare(form[key], content[key], place)
    elif isinstance(form, list) and isinstance(content, list) and len(form) == len(content):
        for number, (expected, value) in enumerate(zip(form, content, strict=True)):
            _compare(expected, value, f"{where}.{number}")
    elif type(form) is not type(content) or form != content:
        raise ValueError(f"{where} must be {_told(form)}. It is {_told(content)}")


def _told(value: object) -> str:
    if isinstance(value, list) and not value:
        return "an empty list"
    return "nothing" if value is None else shown(value, 60)


# --- the vocabularies ---


def _words(vocabulary: Json) -> Tokenizer:
    return word_tokenizer(_with_unknown(_numbered(vocabulary)))


def _characters(vocabulary: Json) -> Tokenizer:
    return character_tokenizer(_with_unknown(_numbered(vocabulary)))


def _pairs(vocabulary: Json, merges: list[object]) -> Tokenizer:
    numbered = _with_bytes(_numbered(vocabulary))
    return byte_tokenizer(models.BPE(numbered, list(_merged(merges, numbered))))


def _pieces(vocabulary: list[object]) -> Tokenizer:
    scored = [_scored(piece) for piece in vocabulary]
    if len(_with_bytes(dict(scored))) < len(scored):
        raise ValueError("the pieces of model.vocab must differ")
    return byte_tokenizer(models.Unigram(scored, None, False))


def _numbered(vocabulary: Json) -> dict[str, int]:
    wrong = next((token for token, number in vocabulary.items() if type(number) is not int), None)
    if wrong is not None:
        raise ValueError(f"the number of the token {shown(wrong)} must be whole. It is {shown(vocabulary[wrong])}")
    if set(vocabulary.values()) != set(range(len(vocabulary))):
        raise ValueError(f"its tokens must be numbered from 0 to {len(vocabulary) - 1:,}. It leaves one out")
    return vocabulary


def _with_unknown(vocabulary: dict[str, int]) -> dict[str, int]:
    if vocabulary.get(UNKNOWN) != 0:
        raise ValueError(f"the token for unknown words, {UNKNOWN!r}, must have the number 0. It has not")
    return vocabulary


def _with_bytes(vocabulary: dict[str, Number]) -> dict[str, Number]:
    missing = sorted(set(pre_tokenizers.ByteLevel.alphabet()) - set(vocabulary))
    if missing:
        raise ValueError(f"model.vocab must have a token for each of the 256 bytes. There is none for {missing[0]!r}")
    return vocabulary


def _merged(merges: list[object], vocabulary: dict[str, int]) -> Iterator[tuple[str, str]]:
    for number, pair in enumerate(merges):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise ValueError(f"model.merges.{number} must be two tokens. It is {shown(pair)}")
        if not all(part in vocabulary for part in (*pair, "".join(pair))):
            raise ValueError(f"model.merges.{number} must be of tokens that are in model.vocab, and make one")
        yield pair[0], pair[1]


def _scored(piece: object) -> tuple[str, float]:
    if not isinstance(piece, list) or len(piece) != 2 or not isinstance(piece[0], str):
        raise ValueError("each piece of model.vocab must be a text and a score")
    if not 1 <= len(piece[0]) <= MOST_PIECE:
        raise ValueError(f"a piece must have 1 to {MOST_PIECE} characters. {shown(piece[0])} has {len(piece[0]):,}")
    if type(piece[1]) not in (int, float) or not math.fabs(piece[1]) <= MOST_SCORE:
        raise ValueError(f"the score of the piece {shown(piece[0])} must be a number. It is {shown(piece[1])}")
    return piece[0], float(piece[1])
