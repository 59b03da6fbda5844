from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.strict_json import read_json, shown

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_what_python_writes_is_read(value: Any, plain: bool) -> None:
    found = read_json(json.dumps(value, ensure_ascii=plain))
    assert found == value
    assert json.dumps(found) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("{'a': 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"a": 1, "b": {}, "a": 2}', "the key 'a' stands twice in an object"),
        ('[{"\\u001b": 1, "\\u001b": 1}]', "the key '\\x1b' stands twice in an object"),
        ("NaN", "JSON has no NaN"),
        ("[-Infinity]", "JSON has no -Infinity"),
        ("1e400", "the number 1e400 is beyond those of a computer"),
        ("-1" + "0" * 400 + ".5", f"the number -1{'0' * 38} is beyond those of a computer"),
        ("9" * 41, "a whole number has 41 digits; 40 are the most"),
        ("9" * 5_000, "a whole number has 5,000 digits; 40 are the most"),
        (r'"\ud800"', "a text holds half of a surrogate pair, which is no character"),
        (r'{"\uDFFF": 1}', "a text holds half of a surrogate pair, which is no character"),
        ('"\ud800"', "a text holds half of a surrogate pair, which is no character"),
        ("[" * 200_000, "lists and objects are nested too deeply"),
        ('{"a":' * 200_000, "lists and objects are nested too deeply"),
    ],
    ids=range(15),
)
def test_what_can_be_read_in_two_ways_or_chokes_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_json(text)
    assert str(caught.value) == reason


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read_json(r'"\ud83d\ude00"') == "\U0001f600"
    assert read_json(r'"\\ud800"') == r"\ud800"


def test_keys_can_be_bounded() -> None:
    assert read_json('{"a": {"b": 1}, "c": 2}', most_keys=2)
    with pytest.raises(ValueError, match="an object must have 1 keys at most; one has 2"):
        read_json('[{"a": 1, "c": 2}]', most_keys=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb\x1b[2J\u202e", r"'a\nb\x1b[2J\u202e'"),
        ("x" * 500, "'" + "x" * 96 + "..."),
        (None, "None"),
        (True, "True"),
        (1.5, "1.5"),
        ({"a": 1}, "an object"),
        ([1], "a list"),
        (math, "module"),
    ],
    ids=range(8),
)
def test_a_value_is_shown_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text
