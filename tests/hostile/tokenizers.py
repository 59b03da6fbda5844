"""Cases that change `tokenizer.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.corpus import change, hostile

from longshort.config import TokenizerSettings
from longshort.data import TextEncoding

FILE = ("tokenizer.json",)
Json = dict[str, Any]


def tokenizer(name: str, kind: str = "word", spoil: Callable[[Json], object] | None = None, /, **changes: Any) -> None:
    """Add a case that changes a tokenizer of one kind."""

    @hostile(f"a tokenizer with {name}", encodings=FILE)
    def _(folder: Path) -> None:
        path = folder / FILE[0]
        if kind != "word":
            path.write_text(fitted(kind), encoding="utf-8")
        change(path, **changes)
        if spoil:
            content = json.loads(path.read_text(encoding="utf-8"))
            spoil(content)
            path.write_text(json.dumps(content), encoding="utf-8")


def fitted(kind: str) -> str:
    settings = TokenizerSettings(tokenizer=kind, minimum_count=1, vocabulary_limit=270)  # type: ignore[arg-type]
    return TextEncoding.fit(["a fine film", "a bad film"] * 3, settings, labels=["a", "b"]).to_json()


def text(name: str, make: Callable[[str], str]) -> None:
    """Add a case that changes the text."""

    @hostile(f"a tokenizer with {name}", encodings=FILE)
    def _(folder: Path) -> None:
        path = folder / FILE[0]
        path.write_text(make(path.read_text(encoding="utf-8")), encoding="utf-8")


def split_at(pattern: str) -> Json:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True}


BOMBS = {
    "nested repeats": "(a+)+$",
    "alternatives that overlap": "(a|aa)+$",
    "a repeat of a billion": "(?:a{1000}){1000}{1000}",
    "a look-behind": "(?<=a+)b",
    "a backward reference": r"(a*)*\1$",
    "10,000 brackets": "(" * 10_000 + ")" * 10_000,
    "a pattern that is none": "(",
    "a subroutine that calls itself": r"(?<n>a\g<n>?b\g<n>?)+$",
}
for _name, _pattern in BOMBS.items():
    tokenizer(f"a bomb: {_name}", pre_tokenizer=split_at(_pattern))
    tokenizer(
        f"a bomb in its normalizer: {_name}",
        normalizer={"type": "Replace", "pattern": {"Regex": _pattern}, "content": "x" * 1_000},
    )
tokenizer("our pattern, but the other way round", pre_tokenizer__invert=False)
tokenizer(
    "a normalizer that makes much of little",
    normalizer={"type": "Replace", "pattern": {"String": ""}, "content": "x" * 10_000},
)
tokenizer("a normalizer that takes nothing away", normalizer={"type": "Sequence", "normalizers": []})
tokenizer("another normalizer", normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"})
tokenizer("another pre-tokenizer", pre_tokenizer={"type": "Whitespace"})
tokenizer("no pre-tokenizer", pre_tokenizer=None)
tokenizer("a pre-tokenizer that is missing", pre_tokenizer=...)
tokenizer("another model", model={"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0}})
tokenizer("a model that is null", model=None)
tokenizer("a model of no kind", model__type=...)
tokenizer("a model to import", model__type="os.system")
tokenizer("a model in a file", model__vocab="/etc/passwd")
tokenizer("a post-processor", post_processor={"type": "ByteLevel"})
tokenizer("a template", post_processor={"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}})
tokenizer("a decoder of a pattern", decoder={"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""})
tokenizer(
    "padding",
    padding={"strategy": {"Fixed": 10**9}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
)
tokenizer(
    "truncation", truncation={"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 10**18}
)
tokenizer(
    "a token added that is out of range",
    added_tokens=[
        {
            "id": 10**9,
            "content": "a",
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
    ],
)
tokenizer("tokens added as an object", added_tokens={})
tokenizer("another version", version="2.0")
tokenizer("a version that is a number", version=1.0)
tokenizer("a key more", auto_map="https://example.com/tokenizer.py")
tokenizer("a key more in its model", model__cache="/tmp/longshort-was-here")
tokenizer("another token for what is unknown", model__unk_token="a")
tokenizer("no token for what is unknown", "word", lambda held: held["model"]["vocab"].update({"[UNK]": 1, "a": 0}))
tokenizer("an empty vocabulary", model__vocab={})
tokenizer("a vocabulary that is a list", model__vocab=[])
tokenizer("a token beyond the embedding", "word", lambda held: held["model"]["vocab"].update(a=10**9))
tokenizer("a token below 0", "word", lambda held: held["model"]["vocab"].update(a=-1))
tokenizer("a token of 2^32", "word", lambda held: held["model"]["vocab"].update(a=2**32))
tokenizer("two tokens of one number", "word", lambda held: held["model"]["vocab"].update(a=2, film=2))
tokenizer("a number as text", "word", lambda held: held["model"]["vocab"].update(a="1"))
tokenizer("a number with a fraction", "word", lambda held: held["model"]["vocab"].update(a=1.5))
tokenizer("a number that is true", "word", lambda held: held["model"]["vocab"].update(a=True))
tokenizer(
    "a token more than the embedding has",
    "word",
    lambda held: held["model"]["vocab"].update(more=len(held["model"]["vocab"])),
)
tokenizer("200,000 tokens", model__vocab={"[UNK]": 0} | {f"token {i}": i for i in range(1, 200_000)})

tokenizer("a merge of unknown pieces", "bpe", lambda held: held["model"]["merges"].append(["日", "本"]))
tokenizer("a merge of three", "bpe", lambda held: held["model"]["merges"].append(["a", "b", "c"]))
tokenizer("a merge that is a number", "bpe", lambda held: held["model"]["merges"].append(7))
tokenizer("merges that are text", "bpe", model__merges="a b")
tokenizer("dropout of pieces", "bpe", model__dropout=0.5)
tokenizer("dropout of NaN", "bpe", lambda held: held["model"].update(dropout=float("nan")))
tokenizer("a byte without a token", "bpe", lambda held: held["model"].update(vocab={"a": 0}, merges=[]))
tokenizer("200,000 merges of nothing", "bpe", model__merges=[["a", "b"]] * 200_000)
tokenizer("a piece with no score", "unigram", lambda held: held["model"]["vocab"].append(["zz"]))
tokenizer("a score of text", "unigram", lambda held: held["model"]["vocab"].append(["zz", "0"]))
tokenizer("a score of NaN", "unigram", lambda held: held["model"]["vocab"].append(["zz", float("nan")]))
tokenizer("a score of infinity", "unigram", lambda held: held["model"]["vocab"].append(["zz", float("inf")]))
tokenizer("a score of 1e300", "unigram", lambda held: held["model"]["vocab"].append(["zz", 1e300]))
tokenizer("a piece of 1,000 characters", "unigram", lambda held: held["model"]["vocab"].append(["z" * 1_000, -1.0]))
tokenizer("a piece of nothing", "unigram", lambda held: held["model"]["vocab"].append(["", -1.0]))
tokenizer("a piece twice", "unigram", lambda held: held["model"]["vocab"].append(["a", -1.0]))
tokenizer("an unknown piece beyond the vocabulary", "unigram", model__unk_id=10**9)
tokenizer(
    "150,000 pieces of 60 characters",
    "unigram",
    lambda held: held["model"]["vocab"].extend([f"{i:060}", -1.0] for i in range(150_000)),
)

text("a key twice", lambda held: held.replace('"version"', '"version": "1.0", "version"', 1))
text("a token twice", lambda held: held.replace('"vocab": {', '"vocab": {"[UNK]": 0, ', 1))
text("half a character", lambda held: held.replace('"film"', '"\\ud800"', 1))
text("a number of 5,000 digits", lambda held: held.replace('"film": ', '"film": ' + "1" * 5_000, 1))
text("lists as deep as the sea", lambda held: "[" * 1_000_000)
text("objects as deep as the sea", lambda held: '{"model":' * 1_000_000)
text("12 MB of lists", lambda held: "[" + "[]," * 4_100_000 + "[]]")
text("12 MB of one text", lambda held: '{"model": "' + "x" * 12_000_000 + '"}')
text("12 MB of letters and one emoji", lambda held: '{"model": "' + "x" * 12_000_000 + '\U0001f600"}')
text(
    "12 MB of texts of letters and one emoji",
    lambda held: '{"model": ["\U0001f600"' + (',"' + "x" * 1_000_000 + '"') * 12 + "]}",
)
text("340,000 parts", lambda held: '{"model": {"vocab": {' + ",".join(f'"{i}":{i}' for i in range(340_000)) + "}}}")
text("100 MB", lambda held: held + " " * 100_000_000)
text("quotation marks a megabyte apart", lambda held: ('"' + "x" * (2**20 - 2)) * 11)
