"""What a table holds becomes text and labels here, and nowhere else."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["ValueProblem", "as_labels", "as_text", "is_several", "told_alike"]

LONGEST_LABEL = 1_000
"""Characters of a label: what is longer is a text."""

_SEVERAL = (list, tuple, set, frozenset)


class ValueProblem(Exception):
    """A value that cannot be a text or a label.

    Args:
        message: what must hold, and what was received.
        hint: what to do about it.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def is_several(value: object) -> bool:
    """Whether a label is a list, a tuple or a set, and the source so multi-label."""
    return isinstance(value, _SEVERAL)


def as_text(value: object) -> str:
    """The text itself, unchanged; the empty text is one.

    Raises:
        ValueProblem: the value is no string, or no Unicode text.
    """
    if not isinstance(value, str):
        raise ValueProblem(f"the text must be a string. Got {_kind(value)}.", "Leave the row out, or write its text.")
    return _unicode(str(value))


def as_labels(value: object, separator: str | None, *, multi_label: bool) -> tuple[str, ...]:
    """The labels as they are written: one, or any number where `multi_label`.

    A set is sorted, for its own order changes from run to run.

    Raises:
        ValueProblem: a label is missing, empty, too long, neither text nor number, or there are several where one
            belongs.
    """
    if not multi_label:
        return (_label(value),)
    if isinstance(value, str) and separator is not None:
        return tuple(_label(part) for part in value.split(separator)) if value else ()
    if not isinstance(value, _SEVERAL):
        raise ValueProblem(
            f"the labels must be a list, as those of the first row are. Got {_kind(value)}.",
            'Write one label as a list too: ["a"].',
        )
    labels: Iterable[str] = (_label(item) for item in value)
    return tuple(sorted(labels)) if isinstance(value, set | frozenset) else tuple(labels)


def told_alike(name: str, labels: Iterable[str]) -> str:
    """The sentence about labels that look as if one were meant; empty if there are none."""
    first: dict[str, str] = {}
    for label in labels:
        other = first.setdefault(" ".join(unicodedata.normalize("NFC", label).split()).casefold(), label)
        if other != label:
            return (
                f"{name}: the labels {other!r:.80} and {label!r:.80} differ by spaces, capitals or the coding of "
                "accents alone; they are taken as different."
            )
    return ""


def _label(value: object) -> str:
    if is_several(value):
        raise ValueProblem(
            f"the label must be one, as that of the first row is. Got {_kind(value)}.",
            "Where a row may have several labels, write each as a list.",
        )
    value = _plain(value)
    if _is_missing(value):
        raise ValueProblem("the label must not be missing. Got none.", "Leave the row out, or write its label.")
    if not isinstance(value, str | int | float):
        raise ValueProblem(f"the label must be a string or a number. Got {_kind(value)}.", "Convert it to a string.")
    if value == "":
        raise ValueProblem("the label must not be empty.", "Leave the row out, or write its label.")
    if len(str(value)) > LONGEST_LABEL:
        raise ValueProblem(
            f"a label must have at most {LONGEST_LABEL:,} characters. Got {len(str(value)):,}.",
            "Is this the label column? --label NAME chooses another.",
        )
    return _unicode(str(value))


def _unicode(text: str) -> str:
    """Half of a surrogate pair is no character: it can be neither stored nor tokenised."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueProblem(
            f"text must be Unicode. Character {error.start + 1} is half of a surrogate pair, {text[error.start]!r}.",
            "Read the text again with its right encoding.",
        ) from None
    return text


def _kind(value: object) -> str:
    if _is_missing(value):
        return "none"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _plain(value: object) -> object:
    """A scalar of numpy as Python's own number or string."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value


def _is_missing(value: object) -> bool:
    """None, NaN, and what pandas writes for a missing value."""
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )
