"""Labels come back as exactly what they were, or as text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longshort.data.label_types import LabelType, label_type, typed_labels

LABELS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)


@given(st.lists(LABELS, min_size=1, max_size=4, unique_by=lambda label: (type(label), label)))
@example(["a", "a\0"])
def test_there_and_back(labels: list[Any]) -> None:
    classes = np.empty(len(labels), dtype=object)
    classes[:] = labels
    names = [str(label) for label in labels]
    kind = label_type(classes, names)
    again = typed_labels(names, kind)
    one_kind = len({type(label) for label in labels}) == 1
    if kind is None:
        assert again.tolist() == names
        assert not one_kind or isinstance(labels[0], str)
    else:
        assert one_kind
        assert again.tolist() == labels
        assert again.dtype == np.dtype({"bool": bool, "int": np.int64, "float": np.float64}[kind])


def test_what_is_called_otherwise_is_text() -> None:
    assert label_type(np.float32([0.1, 0.2]), ["0.1", "0.2"]) is None  # as float64 they are others
    assert label_type(np.float32([0.5, 2]), ["0.5", "2.0"]) == "float"
    assert label_type(np.uint64([1, 2**63]), ["1", str(2**63)]) is None
    assert label_type(np.array(["1", "2"]), ["1", "2"]) is None


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("int", "one"),
        ("int", "01"),
        ("int", "1_0"),
        ("int", " 1"),
        ("int", "\u0661"),
        ("int", "1.0"),
        ("int", str(2**63)),
        ("int", "9" * 5000),
        ("float", "1"),
        ("float", "nan"),
        ("float", "inf"),
        ("float", "1e400"),
        ("bool", "true"),
        ("bool", "1"),
        ("bool", "None"),
    ],
)
def test_a_name_that_no_such_label_has_is_refused(kind: LabelType, name: str) -> None:
    with pytest.raises(ValueError, match=f"labels that are {kind} must be called so") as caught:
        typed_labels(["-7", name] if kind == "int" else [name], kind)
    assert len(str(caught.value)) < 300
