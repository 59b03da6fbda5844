"""`TextEncoding`: how text and labels become numbers, fitted on the training split alone and stored with the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from longshort.config import TokenizerSettings
from longshort.data.texts.stored_tokenizer import read_tokenizer
from longshort.data.texts.tokenizer import UNKNOWN, train_tokenizer
from longshort.errors import DataError, nearest

__all__ = ["EncodingStatistics", "TextEncoding"]


@dataclass(frozen=True, slots=True)
class EncodingStatistics:
    """What became of some texts when they were encoded.

    Args:
        texts: how many there were.
        empty_texts: texts without any token; they are kept, as the empty sequence.
        tokens: tokens before truncation.
        unknown_tokens: tokens before truncation that are not in the vocabulary.
        truncated_texts: texts that lost tokens at their end.
        truncated_tokens: the tokens they lost.
    """

    texts: int = 0
    empty_texts: int = 0
    tokens: int = 0
    unknown_tokens: int = 0
    truncated_texts: int = 0
    truncated_tokens: int = 0

    def __add__(self, other: EncodingStatistics) -> EncodingStatistics:
        return EncodingStatistics(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def unknown_share(self) -> float:
        """Share of the tokens that are not in the vocabulary; 0 if there are none."""
        return self.unknown_tokens / self.tokens if self.tokens else 0.0

    @property
    def truncated_share(self) -> float:
        """Share of the tokens that truncation took away; 0 if there are none."""
        return self.truncated_tokens / self.tokens if self.tokens else 0.0


@final
class TextEncoding:
    """A fitted tokenizer and the labels. It never pads: a text has the same ids alone and in any batch.

    Args:
        tokenizer: a trained tokenizer.
        labels: names of the classes; the index is the class.
        multi_label: a row may have no label or several.
        max_tokens: only the first tokens of a text are kept, this many; all where `None`.
    """

    def __init__(
        self, tokenizer: Tokenizer, *, labels: Sequence[str], multi_label: bool = False, max_tokens: int | None = None
    ) -> None:
        self.labels = list(labels)
        self.multi_label = multi_label
        self.max_tokens = max_tokens
        self._tokenizer: Any = tokenizer
        self._codes = {label: code for code, label in enumerate(self.labels)}
        self._unknown = tokenizer.token_to_id(UNKNOWN) if _has_unknown(tokenizer) else None

    @classmethod
    def fit(
        cls, texts: Iterable[str], settings: TokenizerSettings, *, labels: Sequence[str], multi_label: bool = False
    ) -> TextEncoding:
        """Train the tokenizer on the texts of the training split, streamed once.

        Raises:
            SettingError: the vocabulary limit is too small for the kind of tokenizer.
        """
        tokenizer = train_tokenizer(texts, settings)
        return cls(tokenizer, labels=labels, multi_label=multi_label, max_tokens=settings.max_tokens)

    def to_json(self) -> str:
        """The tokenizer alone as the text of a `tokenizer.json`, which `tokenizers.Tokenizer.from_str` reads."""
        return str(self._tokenizer.to_str(pretty=True))

    @classmethod
    def from_json(
        cls,
        text: str,
        *,
        labels: Sequence[str],
        multi_label: bool = False,
        max_tokens: int | None = None,
        most: int | None = None,
    ) -> TextEncoding:
        """The encoding whose tokenizer `to_json` wrote.

        Args:
            text: what `to_json` wrote.
            labels, multi_label, max_tokens: as above.
            most: tokens that the vocabulary may have; any number when not given.

        Raises:
            BundleError: the text is no tokenizer that longshort trained.
        """
        tokenizer = read_tokenizer(text, most)
        return cls(tokenizer, labels=labels, multi_label=multi_label, max_tokens=max_tokens)

    # --- text ---

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids; each is at least 0 and below it."""
        return int(self._tokenizer.get_vocab_size())

    @property
    def vocabulary(self) -> list[str]:
        """The token of each id, as the tokenizer writes it."""
        return [self._tokenizer.id_to_token(i) for i in range(self.vocabulary_size)]

    @property
    def unknown_id(self) -> int | None:
        """The id of what is not in the vocabulary; `None` where nothing can be unknown (bpe, unigram)."""
        return self._unknown

    def encode(self, texts: Sequence[str]) -> list[npt.NDArray[np.int32]]:
        """The token ids of each text, `(tokens,)` int32; an empty text has none."""
        return self.encode_counted(texts)[0]

    def encode_counted(self, texts: Sequence[str]) -> tuple[list[npt.NDArray[np.int32]], EncodingStatistics]:
        """As `encode`, with the statistics of these texts."""
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ids = [np.array(one.ids, dtype=np.int32) for one in encoded]
        return [one[: self.max_tokens] for one in ids], self._statistics(ids)

    def tokens(self, text: str) -> list[str]:
        """What stands in the text for each id of `encode`: words as they are written, known or not."""
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return [text[start:end] for start, end in offsets[: self.max_tokens]]

    def _statistics(self, ids: list[npt.NDArray[np.int32]]) -> EncodingStatistics:
        lengths = np.array([len(one) for one in ids], dtype=np.int64)
        lost = np.maximum(lengths - self.max_tokens, 0) if self.max_tokens is not None else np.zeros_like(lengths)
        unknown = 0 if self._unknown is None else sum(int((one == self._unknown).sum()) for one in ids)
        return EncodingStatistics(
            texts=len(ids),
            empty_texts=int((lengths == 0).sum()),
            tokens=int(lengths.sum()),
            unknown_tokens=unknown,
            truncated_texts=int((lost > 0).sum()),
            truncated_tokens=int(lost.sum()),
        )

    # --- labels ---

    def targets(self, labels: Sequence[tuple[str, ...]]) -> npt.NDArray[np.int64] | npt.NDArray[np.float32]:
        """The classes of some rows: `(rows,)` int64, or `(rows, classes)` float32 of 0 and 1 if `multi_label`.

        Raises:
            DataError: a label is not one of `labels`, or a row that must have one label has not.
        """
        if not self.multi_label:
            return np.array([self._single(names) for names in labels], dtype=np.int64)
        hot = np.zeros((len(labels), len(self.labels)), dtype=np.float32)
        for row, names in enumerate(labels):
            hot[row, [self._code(name) for name in names]] = 1
        return hot

    def _single(self, names: tuple[str, ...]) -> int:
        if len(names) != 1:
            raise DataError(
                f"each row must have one label. Got {len(names)}.", "For several a row, set a label separator."
            )
        return self._code(names[0])

    def _code(self, name: str) -> int:
        if name not in self._codes:
            known = ", ".join(map(repr, self.labels[:20])) + (", ..." if len(self.labels) > 20 else "")
            raise DataError(
                f"each label must be one that the model was trained on: {known}. Got {name!r}.",
                nearest(name, self.labels) or "Leave the rows with other labels out.",
            )
        return self._codes[name]


def _has_unknown(tokenizer: Tokenizer) -> bool:
    return getattr(tokenizer.model, "unk_token", None) == UNKNOWN
