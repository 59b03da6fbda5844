"""A hostile `encoding.json` is refused as a damaged model, and as nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort.data.sequences import SequenceEncoding, from_arrays
from longshort.errors import BundleError, DataError

GOOD: dict[str, Any] = json.loads(SequenceEncoding.fit(from_arrays(np.eye(3), ["a", "b", "c"])).to_json())
REGRESSION: dict[str, Any] = json.loads(SequenceEncoding.fit(from_arrays(np.eye(2), [0.5, 1.5])).to_json())

HOSTILE: dict[str, Any] = {
    "empty": "",
    "no json": "{",
    "a list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "half a character": "\ud800",
    "half a character inside": '{"kind": "\\ud800"}',
    "nothing in it": {},
    "more in it": GOOD | {"code": "import os"},
    "less in it": {key: value for key, value in GOOD.items() if key != "means"},
    "another kind": GOOD | {"kind": "forecast"},
    "channels as text": GOOD | {"channels": "value"},
    "no channels": GOOD | {"channels": [], "means": [], "scales": [], "missing": []},
    "too few means": GOOD | {"means": []},
    "too many scales": GOOD | {"scales": [1.0, 1.0]},
    "a mean as text": GOOD | {"means": ["1"]},
    "a mean too large": json.dumps(GOOD).replace('"means": [', '"means": [1e999, '),
    "a mean of NaN": json.dumps(GOOD | {"means": [float("nan")]}),
    "a mean of infinity": json.dumps(GOOD | {"means": [float("inf")]}),
    "a scale of zero": GOOD | {"scales": [0.0]},
    "a scale below": GOOD | {"scales": [-1.0]},
    "a share above": GOOD | {"missing": [1.5]},
    "masked as a word": GOOD | {"masked": "yes"},
    "masked as a number": GOOD | {"masked": 1},
    "one label": GOOD | {"labels": ["a"]},
    "a label twice": GOOD | {"labels": ["a", "a"]},
    "a label that is no text": GOOD | {"labels": ["a", 1]},
    "a long label": GOOD | {"labels": ["a", "b" * 10_001]},
    "labels of a regression": REGRESSION | {"labels": ["a", "b"]},
    "a target scale of zero": REGRESSION | {"target_scale": 0},
    "many channels": GOOD | {key: [each] * 65_537 for key, each in (("channels", "x"), ("means", 0.0))},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_refused(case: str) -> None:
    text = HOSTILE[case] if isinstance(HOSTILE[case], str) else json.dumps(HOSTILE[case])
    with pytest.raises(BundleError) as caught:
        SequenceEncoding.from_json(text)
    assert caught.value.message.startswith("encoding.json must hold an encoding of sequences. ")
    assert len(caught.value.message) < 500
    assert caught.value.hint == "Store the model again."


@pytest.mark.parametrize("good", [GOOD, REGRESSION])
def test_what_was_written_is_read(good: dict[str, Any]) -> None:
    assert json.loads(SequenceEncoding.from_json(json.dumps(good)).to_json()) == good


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(key=st.sampled_from(sorted(GOOD)), value=JSON)
def test_whatever_stands_in_a_field_it_is_read_or_refused(key: str, value: Any) -> None:
    try:
        found = SequenceEncoding.from_json(json.dumps(GOOD | {key: value}))
    except BundleError:
        return
    with suppress(DataError):  # a mean or a scale beyond float32 makes any value one that is too far from training
        found.encode(from_arrays(np.eye(2)))
