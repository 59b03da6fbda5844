"""A text as the model reads it, token by token, and where a phrase stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from torch import Tensor

from longshort.errors import DataError, SettingError, nearest
from longshort.insight.subject import Subject, subject_of
from longshort.insight.text_task import TextTask
from longshort.networks import TextClassifierNetwork

__all__ = ["Passage", "Reader", "reader_of"]


@final
@dataclass(frozen=True, eq=False)
class Passage:
    """A text, token by token.

    Args:
        ids: `(tokens,)` int64.
        tokens: what stands in the text for each of them.
        known: whether each of them is in the vocabulary.
        spaced: whether white space stands before each of them.
    """

    ids: Tensor
    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    spaced: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.tokens)

    def find(self, phrase: str) -> list[tuple[int, int]]:
        """Where the phrase stands, as the first token and the one after the last; case and white space do not matter.

        It must begin and end where words and tokens do.
        """
        wanted = _plain(phrase)
        ends = ((start, self._end(start, wanted)) for start in range(len(self)))
        return [(start, end) for start, end in ends if end is not None]

    def places(self, phrase: str) -> list[tuple[int, int]]:
        """As `find`.

        Raises:
            DataError: the phrase does not stand in the text.
        """
        found = self.find(phrase)
        if found:
            return found
        raise DataError(
            f"The phrase must occur in the text, beginning and ending where words do. {phrase!r} does not.",
            nearest(phrase.strip().lower(), self._words(len(phrase.split()))) or "Copy it from the text.",
        )

    def _words(self, count: int) -> list[str]:
        """Every so many tokens that stand together, to name one that was meant."""
        words = [token.strip().lower() for token in self.tokens]
        return [" ".join(words[start : start + count]) for start in range(len(words) - count + 1)]

    def _end(self, start: int, wanted: str) -> int | None:
        seen = _plain(self.tokens[start])
        if not wanted or not seen or self._within_word(start):
            return None
        end = start + 1
        while seen != wanted and wanted.startswith(seen) and end < len(self):
            seen += _plain(self.tokens[end])
            end += 1
        return end if seen == wanted and not self._within_word(end) else None

    def _within_word(self, place: int) -> bool:
        """Return whether a word continues from the token before to the one at this place."""
        if not 0 < place < len(self) or self.spaced[place]:
            return False
        before, after = self.tokens[place - 1], self.tokens[place]
        return before[-1:].isalnum() and after[:1].isalnum()


@final
@dataclass(frozen=True, eq=False)
class Reader:
    """A text classifier as attribution needs it: its network, with its task and so its encoding."""

    subject: Subject
    network: TextClassifierNetwork
    task: TextTask

    def passages(self, given: Any) -> tuple[list[Passage], bool]:
        """The texts, and whether it was one alone.

        Args:
            given: a text, a list of texts, or token ids, as `Subject.read` takes them.

        Raises:
            DataError: it is something else, or there is a text without a token.
        """
        reading = self.subject.read(given)
        unknown = self.task.encoding.unknown_id
        texts = [given] if isinstance(given, str) else list(given) if _all_text(given) else None
        made = []
        for row, (ids, tokens) in enumerate(zip(reading.inputs, reading.tokens or [], strict=True)):
            if not len(ids):
                got = repr(texts[row]) if texts else "an empty one"
                raise DataError(f"The text must hold at least one token. Got {got}.", "Write a few words.")
            spaced = _spaced(texts[row], tokens) if texts else (True,) * len(tokens)
            made.append(Passage(ids, tokens, tuple(each != unknown for each in ids.tolist()), spaced))
        return made, reading.alone


def reader_of(model: object) -> Reader:
    """The text classifier in `model`, in any of the forms that `subject_of` takes.

    Raises:
        SettingError: there is none, or it comes without its encoding.
    """
    subject = subject_of(model)
    if subject.network is None or subject.task is None:
        raise SettingError(
            f"What is explained is a text classifier with its classes. Got {type(model).__name__}.",
            "A fitted longshort.TextClassifier and what longshort.load gives have them.",
        )
    return Reader(subject, subject.network, subject.task)


def _all_text(given: object) -> bool:
    return isinstance(given, Sequence) and all(isinstance(each, str) for each in given)


def _plain(text: str) -> str:
    """Without white space and without a difference between cases."""
    return "".join(text.split()).casefold().replace("’", "'")


def _spaced(text: str, tokens: Sequence[str]) -> tuple[bool, ...]:
    """Tokens stand in the text one after another; between them is nothing, white space, or what is read as such."""
    made, place = [], 0
    for token in tokens:
        at = max(text.find(token, place), place)
        made.append(at > place or token[:1].isspace())
        place = at + len(token)
    return tuple(made)
