"""Of a `tokenizer.json` the vocabulary alone is taken; everything else is what longshort writes, or refused by name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort.config import TokenizerSettings
from longshort.data import TextEncoding
from longshort.data.texts.stored_tokenizer import read_tokenizer
from longshort.errors import BundleError

KINDS = ("word", "character", "bpe", "unigram")
TEXTS = ["a fine film, don't", "Übel <br /> 日本", "x y z"] * 3


def fitted(kind: str, texts: list[str] = TEXTS) -> str:
    settings = TokenizerSettings(tokenizer=kind, minimum_count=1, vocabulary_limit=290)  # type: ignore[arg-type]
    return TextEncoding.fit(texts, settings, labels=["a", "b"]).to_json()


STORED = {kind: fitted(kind) for kind in KINDS}


def places(content: Any, *above: str | int) -> list[tuple[str | int, ...]]:
    """Where the leaves are, but for those of the vocabulary."""
    if above[:2] in (("model", "vocab"), ("model", "merges")):
        return [above] if len(above) == 2 else []
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [above, *(place for key, value in items for place in places(value, *above, key))]


def put(content: Any, place: tuple[str | int, ...], value: object) -> None:
    for key in place[:-1]:
        content = content[key]
    content[place[-1]] = value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=6))
def test_what_was_trained_on_any_texts_is_read_and_written_the_same(kind: str, texts: list[str]) -> None:
    stored = fitted(kind, texts)
    assert read_tokenizer(stored).to_str(pretty=True) == stored


@pytest.mark.parametrize("kind", KINDS)
def test_anything_else_anywhere_is_refused_by_its_place(kind: str) -> None:
    """Every leaf and every branch is changed, taken away, and given a neighbour, one by one."""
    content = json.loads(STORED[kind])
    tried = 0
    for place in places(content)[1:]:
        for value in ("(a+)+$", 7, None, [], {}, True, 0.5, {"type": "Replace", "pattern": {"Regex": "(a+)+$"}}):
            held = json.loads(STORED[kind])
            put(held, place, value)
            if held == content or (place == ("model", "merges") and value == []):
                continue  # which may be: pieces of one byte each
            with pytest.raises(BundleError, match=r"^tokenizer\.json must hold a tokenizer that longshort trained: "):
                read_tokenizer(json.dumps(held))
            tried += 1
    assert tried > 100


def test_a_neighbour_and_a_gap_are_named() -> None:
    content = json.loads(STORED["word"])
    content["pre_tokenizer"]["pattern"]["Regex"] = "(a+)+$"
    assert refusal(content) == (
        r"""pre_tokenizer.pattern.Regex must be "\\w+(?:['’]\\w+)*|[^\\w\\s]". It is '(a+)+$'."""
    )
    content = json.loads(STORED["word"]) | {"auto_map": 1}
    assert refusal(content) == "auto_map must not be there."
    content = json.loads(STORED["word"])
    del content["decoder"]
    assert refusal(content) == "decoder must be there."


def refusal(content: object) -> str:
    with pytest.raises(BundleError) as caught:
        read_tokenizer(json.dumps(content))
    return caught.value.message.removeprefix("tokenizer.json must hold a tokenizer that longshort trained: ")


def test_none_of_a_refused_file_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """And none of a good one but its vocabulary."""

    def refuse(*_: object) -> None:
        raise AssertionError("a text was handed on")

    for name in ("from_str", "from_file", "from_buffer", "from_pretrained"):
        monkeypatch.setattr(tokenizers.Tokenizer, name, refuse, raising=False)
    for stored in STORED.values():
        read_tokenizer(stored)
    patterns: list[str] = []
    monkeypatch.setattr(
        "longshort.data.texts.tokenizer.Regex", lambda text: patterns.append(text) or tokenizers.Regex(text)
    )
    content = json.loads(STORED["word"])
    content["pre_tokenizer"]["pattern"]["Regex"] = "(a+)+$"
    refusal(content)
    assert patterns == []


@pytest.mark.parametrize(
    ("kind", "spoil", "reason"),
    [
        ("word", lambda model: model["vocab"].update(film=0), "its tokens must be numbered from 0 to "),
        ("word", lambda model: model["vocab"].update(film=-1), "its tokens must be numbered from 0 to "),
        (
            "word",
            lambda model: model["vocab"].update(film=True),
            "the number of the token 'film' must be whole. It is True",
        ),
        (
            "word",
            lambda model: model.update(vocab={"[UNK]": 1, "a": 0}),
            "the token for unknown words, '[UNK]', must",
        ),
        ("word", lambda model: model.update(vocab=[]), "its model must have vocab, as it was stored"),
        ("bpe", lambda model: model.update(merges={}), "its model must have vocab and merges, as it was stored"),
        (
            "bpe",
            lambda model: model["merges"].append(["日", "日"]),
            "must be of tokens that are in model.vocab, and make one",
        ),
        ("bpe", lambda model: model["merges"].append(["a"]), "must be two tokens. It is a list"),
        ("bpe", lambda model: model.update(vocab={}, merges=[]), "must have a token for each of the 256 bytes"),
        ("unigram", lambda model: model["vocab"].pop(), "must have a token for each of the 256 bytes"),
        ("unigram", lambda model: model["vocab"].append(["a", 0]), "the pieces of model.vocab must differ"),
        ("unigram", lambda model: model["vocab"].append(["aa", 1e7]), "the score of the piece 'aa' must be a number"),
        ("unigram", lambda model: model["vocab"].append(["a" * 65, 0]), "a piece must have 1 to 64 characters"),
        ("unigram", lambda model: model["vocab"].append("aa"), "each piece of model.vocab must be a text and a score"),
    ],
    ids=range(14),
)
def test_a_vocabulary_that_is_none(kind: str, spoil: Callable[[Any], object], reason: str) -> None:
    content = json.loads(STORED[kind])
    spoil(content["model"])
    assert reason in refusal(content)


def test_a_vocabulary_may_be_bounded() -> None:
    size = len(json.loads(STORED["word"])["model"]["vocab"])
    read_tokenizer(STORED["word"], size)
    with pytest.raises(BundleError, match=f"its {size} tokens need more weights than the model has"):
        read_tokenizer(STORED["word"], size - 1)


def test_no_pattern_of_ours_goes_back_over_a_text() -> None:
    """A text made to provoke each takes as long as any: the processor's time grows with the length alone."""
    for stored in STORED.values():
        tokenizer = read_tokenizer(stored)
        for part in ("<br" + " " * 1000, "a'" * 500, "<br<br", "'" * 500, "_" * 1000, "<" * 1000):
            began = time.process_time()
            tokenizer.encode(part * 200)
            assert time.process_time() - began < 2
