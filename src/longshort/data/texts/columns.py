"""Which column holds the text, and which the label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from longshort.config import TextDataSettings
from longshort.errors import DataError, nearest

__all__ = ["LABEL_NAMES", "TEXT_NAMES", "Columns", "find_columns", "first_twice", "header_hint"]

TEXT_NAMES = (
    *("text", "review", "sentence", "comment", "content", "message", "document", "tweet", "body", "utterance"),
    *("phrase", "question", "description", "title", "headline"),
)
"""Usual names of the text column, ignoring case, the likeliest first."""

LABEL_NAMES = (
    *("label", "labels", "sentiment", "class", "category", "target", "polarity", "intent", "emotion", "topic"),
    *("rating", "stars", "score"),
)
"""Usual names of the label column, ignoring case, the likeliest first."""

_BOTH = "Name the columns with --text NAME and --label NAME."


@dataclass(frozen=True, slots=True)
class Columns:
    """The chosen columns.

    Args:
        text: name of the text column.
        label: name of the label column; `None` if none was asked for.
        notes: sentences about columns that could have been meant too.
    """

    text: str
    label: str | None
    notes: tuple[str, ...] = ()


def find_columns(columns: Sequence[str], settings: TextDataSettings, *, labelled: bool, name: str) -> Columns:
    """Choose by the settings, else by the usual names.

    Args:
        columns: names of all columns.
        settings: `text` and `label` name the columns where given.
        labelled: find the label column too.
        name: what messages call the table.

    Raises:
        DataError: two columns have the same name, the one named does not exist, or none has a usual name.
    """
    twice = first_twice(columns)
    if twice is not None:
        raise DataError(
            f"the names of columns must differ. {twice!r} stands in the header twice.", "Rename one.", path=name
        )
    if settings.text is not None and settings.text == settings.label:
        raise DataError(
            f"the text and the label must be two columns. Got {settings.text!r} for both.", _BOTH, path=name
        )
    others = [column for column in columns if column != settings.label]
    text, text_notes = _choose("text", settings.text, TEXT_NAMES, others, name)
    if not labelled:
        return Columns(text, None, tuple(text_notes))
    rest = [column for column in columns if column != text]
    label, label_notes = _choose("label", settings.label, LABEL_NAMES, rest, name)
    return Columns(text, label, (*text_notes, *label_notes))


def first_twice(names: Sequence[str]) -> str | None:
    """The first name that stands among `names` more than once; None if all differ."""
    counts = Counter(names)
    return next((name for name in names if counts[name] > 1), None)


def _choose(
    role: str, wanted: str | None, usual: tuple[str, ...], columns: Sequence[str], name: str
) -> tuple[str, list[str]]:
    if wanted is not None:
        if wanted not in columns:
            raise _absent(role, wanted, columns, name)
        return wanted, []
    matches = [c for word in usual for c in columns if c.strip().casefold() == word]
    if not matches:
        raise _unfound(role, usual, columns, name)
    rivals = [c for c in matches if c.strip().casefold() == matches[0].strip().casefold()]
    if len(rivals) > 1:
        raise DataError(
            f"one column must be the {role}. {' and '.join(map(repr, rivals))} both could be.",
            f"Choose with --{role} NAME.",
            path=name,
        )
    others = [c for c in matches if c != matches[0]]
    notes = [
        f"Column {matches[0]!r} is read as the {role}, not {c!r}; --{role} NAME chooses another." for c in others[:1]
    ]
    return matches[0], notes


def _absent(role: str, wanted: str, columns: Sequence[str], name: str) -> DataError:
    same = next((f"Did you mean {c!r}?" for c in columns if c.strip().casefold() == wanted.strip().casefold()), "")
    return DataError(
        f"the {role} column must be one of: {_listed(columns)}. Got {wanted!r}.",
        same or nearest(wanted, columns) or f"Choose with --{role} NAME.",
        path=name,
    )


def _unfound(role: str, usual: tuple[str, ...], columns: Sequence[str], name: str) -> DataError:
    return DataError(
        f"no column has a usual name for the {role} ({', '.join(usual[:4])}, ...). "
        f"The columns are: {_listed(columns)}.",
        header_hint(columns) or _BOTH,
        path=name,
    )


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(column[:60]) for column in columns[:20])
    return shown + (f", and {len(columns) - 20} more" if len(columns) > 20 else "")


def header_hint(columns: Sequence[str]) -> str:
    """What a header that makes no sense may be; empty if nothing can be said."""
    start = columns[0].lstrip().casefold() if columns else ""
    if start.startswith(("<!doctype", "<html", "<?xml")):
        return "The file begins like a web page: was an error page saved in its place?"
    return ""
