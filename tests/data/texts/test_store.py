from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from longshort.config import TokenizerSettings
from longshort.data import Examples, Row, Source, TextEncoding, encode_parts, encode_rows, open_source, texts_of
from longshort.errors import DataError


class Counted(Source):
    """Rows of a list; counts how often it is streamed, and how far."""

    def __init__(self, rows: list[Row]) -> None:
        self.name = "counted"
        self.multi_label = False
        self.notes = []
        self.data = rows
        self.passes = self.read = 0

    def rows(self) -> Iterator[Row]:
        self.passes += 1
        for row in self.data:
            self.read += 1
            yield row


ROWS = [Row(" ".join(f"w{j}" for j in range(i % 7)), ("xy"[i % 2],)) for i in range(3000)]
ENCODING = TextEncoding.fit((r.text for r in ROWS), TokenizerSettings(minimum_count=1), labels=["x", "y"])


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def check(examples: Examples, numbers: np.ndarray) -> None:
    """Example by example, what is stored is what encoding the row alone gives."""
    assert np.array_equal(examples.rows, numbers)
    assert len(examples) == len(numbers) == len(examples.lengths)
    for place, number in enumerate(numbers.tolist()):
        batch = examples.batch([place])
        assert batch.inputs.values.tolist() == ENCODING.encode([ROWS[number].text])[0].tolist()
        assert batch.targets.tolist() == [number % 2]


@pytest.mark.parametrize("stored", [False, True])
def test_parts_hold_their_rows_after_one_pass(tmp_path: Path, stored: bool) -> None:
    source = Counted(ROWS)
    parts = {"train": np.arange(0, 3000, 2), "validation": rows(1, 5, 2999), "test": rows()}
    encoded = encode_parts(source, parts, ENCODING, tmp_path / "new" if stored else None)
    assert source.passes == 1
    for name, numbers in parts.items():
        check(encoded[name], numbers)
        assert encoded[name].statistics.texts == len(numbers)
        assert encoded[name].statistics.tokens == encoded[name].offsets[-1]
    assert isinstance(encoded["train"].tokens, np.memmap) == stored
    assert encoded["train"].tokens.dtype == np.int32
    assert (tmp_path / "new" / "train.tokens.bin").exists() == stored


def test_a_batch_is_ragged_int64_in_the_order_asked_for() -> None:
    examples = encode_rows(Counted(ROWS), np.arange(10, 40), ENCODING)
    batch = examples.batch([5, 0, 4])
    assert batch.rows.tolist() == [15, 10, 14]
    assert batch.inputs.lengths.tolist() == [1, 3, 0]
    assert (batch.inputs.values.dtype, batch.targets.dtype) == (torch.int64, torch.int64)
    assert batch.targets.tolist() == [1, 0, 0]
    assert len(examples.batch([]).inputs) == 0


def test_several_labels_give_multi_hot_targets() -> None:
    encoding = TextEncoding.fit(["a a"], TokenizerSettings(), labels=["x", "y"], multi_label=True)
    examples = encode_rows(Counted([Row("a", ("y", "x")), Row("a", ())]), rows(0, 1), encoding)
    targets = examples.batch([1, 0]).targets
    assert (targets.tolist(), targets.dtype) == ([[0, 0], [1, 1]], torch.float32)


def test_encoding_again_leaves_examples_that_are_still_mapped_alone(tmp_path: Path) -> None:
    first = encode_rows(Counted(ROWS), np.arange(6), ENCODING, tmp_path)
    encode_rows(Counted(ROWS), rows(0), ENCODING, tmp_path)
    check(first, np.arange(6))


def test_the_statistics_of_the_chunks_add_up() -> None:
    encoding = TextEncoding.fit(["w0 w0 w1 w1"], TokenizerSettings(max_tokens=4), labels=["x", "y"])
    statistics = encode_rows(Counted(ROWS), np.arange(3000), encoding).statistics
    lengths = np.array([len(row.text.split()) for row in ROWS])
    assert (statistics.texts, statistics.empty_texts) == (3000, int((lengths == 0).sum()))
    assert statistics.tokens == lengths.sum()
    assert statistics.unknown_tokens == np.maximum(lengths - 2, 0).sum()
    assert statistics.truncated_tokens == np.maximum(lengths - 4, 0).sum()
    assert statistics.truncated_texts == (lengths > 4).sum()


def test_an_unknown_label_is_refused_with_the_source() -> None:
    with pytest.raises(DataError) as caught:
        encode_rows(Counted([Row("a", ("z",))]), rows(0), ENCODING)
    assert str(caught.value) == (
        "counted: each label must be one that the model was trained on: 'x', 'y'. Got 'z'.\n\n"
        "hint: Leave the rows with other labels out."
    )


def test_a_source_that_lost_rows_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        encode_rows(Counted(ROWS[:5]), rows(1, 7), ENCODING)
    assert str(caught.value) == (
        "counted: the data must stay as it is while it is used. It had at least 8 rows, and now has 5.\n\n"
        "hint: Start again when nothing writes to it."
    )


def test_rows_are_picked_in_the_order_asked_for_and_no_further_than_needed() -> None:
    source = Counted(ROWS)
    assert texts_of(source, [7, 2, 7]) == [ROWS[7], ROWS[2], ROWS[7]]
    assert source.read == 8
    assert texts_of(source, []) == []


def test_selected_examples_are_those_at_their_places() -> None:
    source = open_source((["a b", "", "c", "b b b"], ["x", "y", "x", "y"]))
    encoding = TextEncoding.fit(["a b c"], TokenizerSettings(minimum_count=1), labels=["x", "y"])
    examples = encode_rows(source, np.arange(4), encoding)
    chosen = examples.select([3, 1, 0])
    assert chosen.lengths.tolist() == [3, 0, 2]
    assert chosen.targets.tolist() == [1, 1, 0]
    assert chosen.rows.tolist() == [3, 1, 0]
    assert chosen.batch([0]).inputs.values.tolist() == examples.batch([3]).inputs.values.tolist()
