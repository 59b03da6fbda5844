from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from longshort.config import TokenizerSettings
from longshort.data import TextEncoding
from longshort.errors import BundleError, DataError, SettingError

KINDS = ("word", "bpe", "unigram", "character")
TEXTS = [
    "Don't stop!<br />It's GREAT, great film.<BR/>Great",
    "a great, great film about don't",
    "Ünïcode is great: ünïcode 日本 日本",
    "stop stop stop it",
] * 3

# Texts of all kinds, without half surrogate pairs.
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def fitted(kind: str = "word", texts: list[str] | None = None, **settings: object) -> TextEncoding:
    chosen = TokenizerSettings(tokenizer=kind, **settings)  # type: ignore[arg-type]
    return TextEncoding.fit(iter(TEXTS if texts is None else texts), chosen, labels=["neg", "pos"])


ENCODINGS = {kind: fitted(kind, vocabulary_limit=300) for kind in KINDS}


def words(encoding: TextEncoding, text: str) -> list[str]:
    return [encoding.vocabulary[i] for i in encoding.encode([text])[0]]


# --- the four kinds ---


def test_words_are_lower_cased_apart_from_marks_and_keep_inner_apostrophes() -> None:
    encoding = fitted(texts=["Don't stop!<br />It’s a 'GREAT', u\u0308nder_one film.<BR>2nd<br/>"], minimum_count=1)
    text = "DON'T<br />stop!! it’s 'Great' Ünder_one 2nd"
    assert words(encoding, text) == [*("don't", "stop", "!", "!", "it’s"), *("'", "great", "'", "ünder_one", "2nd")]
    assert encoding.tokens(text) == [*("DON'T", "stop", "!", "!", "it’s"), *("'", "Great", "'", "Ünder_one", "2nd")]


def test_the_vocabulary_has_the_most_frequent_words_and_ties_go_by_code_point() -> None:
    texts = ["b a c", "c b a", "d d d", "once"]
    assert fitted(texts=texts).vocabulary == ["[UNK]", "d", "a", "b", "c"]
    assert fitted(texts=texts, vocabulary_limit=3).vocabulary == ["[UNK]", "d", "a"]
    assert fitted(texts=texts, minimum_count=1).vocabulary == ["[UNK]", "d", "a", "b", "c", "once"]


def test_unknown_words_are_the_unknown_id_and_show_as_they_are_written() -> None:
    encoding = fitted()
    assert encoding.unknown_id == 0
    assert encoding.encode(["great nonsense"])[0].tolist() == [encoding.vocabulary.index("great"), 0]
    assert encoding.tokens("great nonsense") == ["great", "nonsense"]


def test_the_unknown_token_written_in_a_text_is_no_special_token() -> None:
    assert fitted(texts=["[UNK] [unk]"], minimum_count=1).tokens("[UNK]") == ["[", "UNK", "]"]


def test_characters_are_code_points() -> None:
    encoding = fitted("character", ["Ab\n c😀e\u0301"], minimum_count=1)
    assert words(encoding, "bA \né😀z") == ["b", "A", " ", "\n", "é", "😀", "[UNK]"]


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
@given(text=anything)
def test_pieces_are_lossless_and_nothing_is_unknown(kind: str, text: str) -> None:
    encoding = ENCODINGS[kind]
    stored = Tokenizer.from_str(encoding.to_json())
    assert stored.decode(encoding.encode([text])[0].tolist()) == text
    assert encoding.unknown_id is None


@pytest.mark.parametrize("kind", KINDS)
def test_training_twice_gives_the_same_tokenizer(kind: str) -> None:
    first, second = (fitted(kind, vocabulary_limit=290) for _ in range(2))
    assert first.to_json() == second.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_the_vocabulary_limit_holds(kind: str) -> None:
    assert fitted(kind, vocabulary_limit=260, minimum_count=1).vocabulary_size <= 260


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_pieces_need_room_for_the_bytes(kind: str) -> None:
    with pytest.raises(SettingError) as caught:
        fitted(kind, vocabulary_limit=255)
    assert str(caught.value) == (
        f"vocabulary_limit must be at least 256 for the tokenizer {kind!r}, which starts from the bytes. Got 255.\n\n"
        "hint: The tokenizers word and character take any limit from 2."
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("texts", [[], [""], ["x"]])
def test_next_to_no_text_trains_too(kind: str, texts: list[str]) -> None:
    encoding = fitted(kind, texts)
    assert [one.dtype for one in encoding.encode(["anything", ""])] == [np.int32, np.int32]


# --- promises of every kind ---


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(anything, max_size=4))
def test_a_text_has_the_same_ids_alone_and_in_a_batch(kind: str, texts: list[str]) -> None:
    encoding = ENCODINGS[kind]
    together = encoding.encode(texts)
    for text, ids in zip(texts, together, strict=True):
        assert np.array_equal(encoding.encode([text])[0], ids)
        assert len(encoding.tokens(text)) == len(ids)
        assert np.all((ids >= 0) & (ids < encoding.vocabulary_size))


@pytest.mark.parametrize("kind", KINDS)
def test_the_stored_tokenizer_encodes_the_same_for_anyone(kind: str) -> None:
    encoding = fitted(kind, vocabulary_limit=300, max_tokens=5)
    again = TextEncoding.from_json(encoding.to_json(), labels=encoding.labels, max_tokens=5)
    plain = Tokenizer.from_str(encoding.to_json())
    for text in [*TEXTS, "", "[UNK] héllo"]:
        assert np.array_equal(again.encode([text])[0], encoding.encode([text])[0])
        assert plain.encode(text).ids[:5] == encoding.encode([text])[0].tolist()
    assert again.unknown_id == encoding.unknown_id
    assert json.loads(encoding.to_json())["padding"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_empty_text_is_the_empty_sequence(kind: str) -> None:
    assert [one.tolist() for one in ENCODINGS[kind].encode(["", "great", ""])][::2] == [[], []]
    assert ENCODINGS[kind].encode([]) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["great, " * 150_000, "g" * 1_000_000])
def test_a_megabyte_encodes(kind: str, text: str) -> None:
    assert len(ENCODINGS[kind].encode([text])[0]) >= 1


def test_a_damaged_tokenizer_is_refused() -> None:
    with pytest.raises(BundleError, match=r"^tokenizer\.json must hold a tokenizer that longshort trained: it must be"):
        TextEncoding.from_json("{}", labels=[])


# --- truncation and statistics ---


def test_truncation_keeps_the_first_tokens_and_is_counted() -> None:
    encoding = fitted(max_tokens=3)
    ids, statistics = encoding.encode_counted(["great great stop it never", "never", "", "stop stop stop"])
    assert [len(one) for one in ids] == [3, 1, 0, 3]
    assert encoding.tokens("great great stop it") == ["great", "great", "stop"]
    assert (statistics.texts, statistics.empty_texts, statistics.tokens) == (4, 1, 9)
    assert (statistics.unknown_tokens, statistics.truncated_texts, statistics.truncated_tokens) == (2, 1, 2)
    assert (statistics.unknown_share, statistics.truncated_share) == (2 / 9, 2 / 9)
    assert (statistics + statistics).tokens == 18


def test_nothing_is_truncated_by_default() -> None:
    statistics = fitted().encode_counted(["great " * 5000])[1]
    assert (statistics.tokens, statistics.truncated_tokens, statistics.truncated_share) == (5000, 0, 0.0)


# --- labels ---


def test_targets_are_the_indices_of_the_labels() -> None:
    targets = ENCODINGS["word"].targets([("pos",), ("neg",), ("pos",)])
    assert (targets.tolist(), targets.dtype) == ([1, 0, 1], np.int64)


def test_targets_of_several_labels_are_multi_hot() -> None:
    encoding = TextEncoding.fit(TEXTS, TokenizerSettings(), labels=["a", "b", "c"], multi_label=True)
    targets = encoding.targets([("c", "a"), (), ("b",)])
    assert (targets.tolist(), targets.dtype) == ([[1, 0, 1], [0, 0, 0], [0, 1, 0]], np.float32)
    assert torch.from_numpy(targets).dtype == torch.float32


@pytest.mark.parametrize(
    ("labels", "message", "hint"),
    [
        (
            ("poss",),
            "each label must be one that the model was trained on: 'neg', 'pos'. Got 'poss'.",
            "Did you mean 'pos'?",
        ),
        ((), "each row must have one label. Got 0.", "For several a row, set a label separator."),
    ],
)
def test_unknown_labels_are_refused(labels: tuple[str, ...], message: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        ENCODINGS["word"].targets([labels])
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_tokenizer_without_its_unknown_token_is_refused():
    """It would fail at the first text with a word that is not in the vocabulary."""
    encoding = TextEncoding.fit(["a b"], TokenizerSettings(minimum_count=1), labels=["x", "y"])

    with pytest.raises(BundleError) as caught:
        TextEncoding.from_json(encoding.to_json().replace("[UNK]", "[UNX]", 1), labels=["x", "y"])

    assert caught.value.message == (
        "tokenizer.json must hold a tokenizer that longshort trained: the token for unknown words, '[UNK]', must have "
        "the number 0. It has not."
    )
