"""The four kinds of tokenizer, trained with Hugging Face `tokenizers`; the same texts give the same tokenizer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from longshort.config import TokenizerSettings
from longshort.errors import SettingError

__all__ = [
    "CHARACTER",
    "LINE_BREAK",
    "UNKNOWN",
    "WORD_OR_MARK",
    "byte_tokenizer",
    "character_tokenizer",
    "train_tokenizer",
    "word_tokenizer",
]

UNKNOWN = "[UNK]"
"""The token, with id 0, for what is not in the vocabulary of words or characters."""

LINE_BREAK = r"(?i)<br\s*/?>"
WORD_OR_MARK = r"\w+(?:['’]\w+)*|[^\w\s]"
CHARACTER = r"[\s\S]"
"""The regular expressions of the tokenizers; none can go back over a text, and a stored model may hold no other."""

_BYTES = 256
_CHUNK = 1000


def train_tokenizer(texts: Iterable[str], settings: TokenizerSettings) -> Tokenizer:
    """Train a tokenizer of the kind that the settings name.

    - word: `<br />` is a space; lower case, NFC; words keep their inner apostrophes, each punctuation mark is a token.
    - character: each code point after NFC is a token.
    - bpe: byte-pair pieces (Sennrich et al. 2016) of bytes: lossless, nothing is unknown.
    - unigram: pieces of bytes by a unigram language model (Kudo 2018): lossless, nothing is unknown.

    Args:
        texts: the training split; streamed once.
        settings: the kind, `vocabulary_limit` and `minimum_count` (which a unigram model does not use).

    Raises:
        SettingError: bpe and unigram need a vocabulary of at least 256, the bytes.
    """
    if settings.tokenizer == "word":
        return _train_words(word_tokenizer, texts, settings)
    if settings.tokenizer == "character":
        return _train_words(character_tokenizer, texts, settings)
    if settings.vocabulary_limit < _BYTES:
        raise SettingError(
            f"vocabulary_limit must be at least {_BYTES} for the tokenizer {settings.tokenizer!r}, which starts from "
            f"the bytes. Got {settings.vocabulary_limit}.",
            "The tokenizers word and character take any limit from 2.",
        )
    return _train_bpe(texts, settings) if settings.tokenizer == "bpe" else _train_unigram(texts, settings)


def word_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    """The tokenizer "word" with these tokens, `UNKNOWN` among them, and their ids."""
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    space = normalizers.Replace(Regex(LINE_BREAK), " ")
    tokenizer.normalizer = normalizers.Sequence([space, normalizers.Lowercase(), normalizers.NFC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD_OR_MARK), behavior="removed", invert=True)
    return tokenizer


def character_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    """The tokenizer "character" with these tokens, `UNKNOWN` among them, and their ids."""
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(CHARACTER), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    return tokenizer


def byte_tokenizer(model: models.Model) -> Tokenizer:
    """The tokenizer "bpe" or "unigram": a model of bytes."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _train_words(
    make: Callable[[dict[str, int]], Tokenizer], texts: Iterable[str], settings: TokenizerSettings
) -> Tokenizer:
    """The most frequent tokens; among equally frequent ones, those first in the order of code points."""
    trainer = trainers.WordLevelTrainer(
        vocab_size=settings.vocabulary_limit,
        min_frequency=settings.minimum_count,
        special_tokens=[UNKNOWN],
        show_progress=False,
    )
    trained = make({UNKNOWN: 0})
    trained.train_from_iterator(_chunks(texts), trainer)
    # Rebuilt, since the trainer registers a special token, and "[UNK]" written in a text would be taken for it.
    return make(trained.get_vocab())


def _train_bpe(texts: Iterable[str], settings: TokenizerSettings) -> Tokenizer:
    trainer = trainers.BpeTrainer(
        vocab_size=settings.vocabulary_limit,
        min_frequency=settings.minimum_count,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer = byte_tokenizer(models.BPE())
    tokenizer.train_from_iterator(_chunks(texts), trainer)
    return tokenizer


def _train_unigram(texts: Iterable[str], settings: TokenizerSettings) -> Tokenizer:
    trainer = trainers.UnigramTrainer(
        vocab_size=settings.vocabulary_limit,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    trained = byte_tokenizer(models.Unigram())
    trained.train_from_iterator(_chunks(texts), trainer)
    pieces = json.loads(trained.to_str())["model"]["vocab"]
    return byte_tokenizer(models.Unigram(_settled(pieces), None, False))


def _settled(pieces: list[tuple[str, float | None]]) -> list[tuple[str, float]]:
    """The same pieces with scores, and in an order, that do not change from one training to the next.

    The trainer hands out the scores of bytes that it never saw in the order of a hash map, 0.0001 apart, and sums
    probabilities in that of its threads. So rare bytes all get the lowest score, and scores keep four decimals.
    """
    # Without any text the scores are infinite, which JSON writes as null.
    finite = {piece: score or 0.0 for piece, score in pieces}
    lowest = min(finite.values())
    rarest = lowest + _BYTES * 0.0001
    scores = {piece: lowest if len(piece) == 1 and score <= rarest else score for piece, score in finite.items()}
    return sorted(((p, round(s, 4)) for p, s in scores.items()), key=lambda item: (-item[1], item[0]))


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(texts)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
