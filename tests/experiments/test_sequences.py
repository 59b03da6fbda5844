"""Number sequences as a data set, and the sheet's network."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from longshort.experiments.sequences import LastStateClassifier, NumberSequences, ShuffledSteps

ROWS = NumberSequences(np.arange(24, dtype=np.float32).reshape(4, 3, 2), np.array([0, 1, 1, 0]))


def test_a_batch_holds_the_chosen_sequences_in_order():
    batch = ROWS.batch(np.array([2, 0]))

    assert batch.inputs.lengths.tolist() == [3, 3]
    assert batch.inputs.values.tolist() == [*ROWS.values[2].tolist(), *ROWS.values[0].tolist()]
    assert batch.targets.tolist() == [1, 0]
    assert batch.rows.tolist() == [2, 0]


def test_lengths_and_parts():
    part = ROWS.part(slice(1, None))

    assert (len(ROWS), ROWS.lengths.tolist()) == (4, [3, 3, 3, 3])
    assert (len(part), part.targets.tolist()) == (3, [1, 1, 0])
    assert np.array_equal(part.values, ROWS.values[1:])


def test_the_network_is_torchs_with_the_same_seed():
    torch.manual_seed(1)
    ours = LastStateClassifier(2, 5, 3)
    torch.manual_seed(1)
    lstm, linear = nn.LSTM(2, 5, 1, batch_first=True), nn.Linear(5, 3)

    _, (hidden, _) = lstm(torch.from_numpy(ROWS.values))
    torch.testing.assert_close(ours(ROWS.batch(np.arange(4)).inputs), linear(hidden[-1]), rtol=0, atol=1e-6)
    assert all(torch.equal(ours.lstm.state_dict()[name], weight) for name, weight in lstm.state_dict().items())


def test_shuffled_steps_are_the_same_numbers_in_another_order_each_time():
    draw = np.random.default_rng(0)
    rows = NumberSequences(draw.random((50, 10, 2), dtype=np.float32), draw.integers(0, 2, 50))
    shuffled, chosen = ShuffledSteps(rows, seed=1), np.array([7, 3, 40])
    first, second = shuffled.batch(chosen), shuffled.batch(chosen)

    for batch in (first, second):
        assert (batch.targets.tolist(), batch.rows.tolist()) == (rows.targets[chosen].tolist(), chosen.tolist())
        for sequence, row in zip(batch.inputs, chosen, strict=True):
            assert sorted(sequence.tolist()) == sorted(rows.values[row].tolist())
    assert not torch.equal(first.inputs.values, second.inputs.values)


def test_shuffled_steps_depend_on_the_seed_alone():
    first, again, other = (ShuffledSteps(ROWS, seed).batch(np.arange(4)).inputs.values for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len(ShuffledSteps(ROWS, 1)) == 4
