from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from longshort.data import plan_batches

lengths_of_examples = st.lists(st.integers(0, 300), max_size=400).map(lambda v: np.array(v, dtype=np.int64))
generators = st.none() | st.integers(0, 5).map(np.random.default_rng)


@given(lengths_of_examples, st.integers(1, 2000), generators)
@example(np.array([0, 1]), 2, None)
def test_every_example_is_in_one_batch_within_the_budget(
    lengths: np.ndarray, batch_tokens: int, generator: np.random.Generator | None
) -> None:
    batches = plan_batches(lengths, batch_tokens, generator=generator)
    assert sorted(i for batch in batches for i in batch.tolist()) == list(range(len(lengths)))
    for batch in batches:
        longest = max(1, int(lengths[batch].max()))
        assert len(batch) == 1 or len(batch) * longest <= batch_tokens
        assert np.all(np.diff(lengths[batch]) <= 0)


def test_without_a_generator_the_longest_come_first_and_the_plan_is_the_same() -> None:
    lengths = np.array([3, 9, 0, 9, 5])
    plan = [batch.tolist() for batch in plan_batches(lengths, 18)]
    assert plan == [[1, 3], [4, 0, 2]]


def test_with_a_generator_each_epoch_has_other_batches_in_another_order() -> None:
    lengths = np.random.default_rng(0).integers(0, 200, 9000)
    generator = np.random.default_rng(1)
    first, second = (plan_batches(lengths, 2000, generator=generator) for _ in range(2))
    again = plan_batches(lengths, 2000, generator=np.random.default_rng(1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert {frozenset(batch.tolist()) for batch in first}.isdisjoint({frozenset(batch.tolist()) for batch in second})
    means = [float(lengths[batch].mean()) for batch in first]
    assert means != sorted(means, reverse=True)


def test_next_to_no_padding_would_be_needed() -> None:
    lengths = np.random.default_rng(0).lognormal(5, 0.8, 9000).astype(np.int64)
    batches = plan_batches(lengths, 8192, generator=np.random.default_rng(1))
    boxes = sum(len(batch) * int(lengths[batch].max()) for batch in batches)
    assert lengths.sum() / boxes > 0.95


def test_a_pool_of_a_batch_mixes_all_lengths() -> None:
    lengths = np.arange(1, 1001)
    batches = plan_batches(lengths, 20 * 1000, generator=np.random.default_rng(0), pool=20)
    assert [len(batch) for batch in batches] == [20] * 50
    assert max(abs(lengths[batch].mean() - 500) for batch in batches) < 300
