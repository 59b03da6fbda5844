"""Both tasks on sequences learn small problems through the loop, and end where they began when repeated."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from longshort.config import SequenceModelSettings, TrainingSettings
from longshort.data.sequences import SequenceEncoding, Sequences, from_arrays
from longshort.evaluation.regression import regression_metrics
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.kinds.sequences.training_length import for_sequences
from longshort.networks import SequenceNetwork, predict_logits
from longshort.training import Training, TrainingResult

SMALL = SequenceModelSettings(filters=8, hidden_size=8)


def bumps(count: int, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Noise of 12 to 24 steps with a bump somewhere; its height, from 1 to 3, is what can be learnt."""
    draw = np.random.default_rng(seed)
    heights = draw.uniform(1, 3, count)
    sequences = []
    for height in heights:
        values = draw.normal(100, 1, draw.integers(12, 25))
        start = draw.integers(0, len(values) - 4)
        values[start : start + 4] += 10 * height
        sequences.append(values)
    return sequences, heights


def train(
    sequences: Sequences, validation: Sequences | None = None, *, epochs: int, front: str = "conv"
) -> tuple[SequenceClassification | SequenceRegression, SequenceNetwork, TrainingResult]:
    encoding = SequenceEncoding.fit(sequences)
    kind = SequenceRegression if encoding.kind == "regression" else SequenceClassification
    task, examples = kind(encoding, SMALL.replace(front=front)), encoding.encode(sequences)
    torch.manual_seed(0)
    network = task.build()
    settings = for_sequences(TrainingSettings(statistics=False, epochs=epochs, learning_rate=1e-2), examples.lengths)
    held = None if validation is None else encoding.encode(validation)
    return task, network, Training(task.objective, network, examples, held, settings).run()


@pytest.mark.parametrize("front", ["conv", "none"])
def test_a_classifier_tells_high_bumps_from_low_ones(front: str) -> None:
    x, heights = bumps(120, seed=0)
    names = np.where(heights > 2, "high", "low").tolist()
    task, network, result = train(from_arrays(x[:80], names[:80]), epochs=25, front=front)
    assert isinstance(task, SequenceClassification)
    examples = task.encoding.encode(from_arrays(x[80:], names[80:]))
    right = task.objective.correct(predict_logits(network, examples), torch.as_tensor(examples.targets))
    assert float(right.double().mean()) > 0.9
    assert result.history[-1]["train_loss"] < result.history[0]["train_loss"]


def test_a_regression_answers_in_the_unit_of_the_targets() -> None:
    x, heights = bumps(160, seed=1)
    targets = 1_000_000 + 1_000 * heights
    parts = from_arrays(x[:120], targets[:120]), from_arrays(x[120:], targets[120:])
    task, network, result = train(*parts, epochs=25)
    assert isinstance(task, SequenceRegression)
    answers = task.objective.answers(predict_logits(network, task.encoding.encode(parts[1])).double())
    found = regression_metrics(answers.numpy(), targets[120:])
    assert found.r2 is not None
    assert found.r2 > 0.8
    assert found.mae < 250
    assert all(record["validation_accuracy"] is None for record in result.history)
    assert min(record["validation_loss"] or 9 for record in result.history) < 0.2


def test_a_training_can_be_repeated_to_the_last_bit() -> None:
    x, heights = bumps(30, seed=2)
    one, other = (train(from_arrays(x, heights), epochs=2)[1].state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_normalisation_is_stored_with_the_weights_and_learnt_from_the_training_split() -> None:
    x, heights = bumps(30, seed=3)
    _, network, _ = train(from_arrays(x, heights), epochs=2)
    kept = network.state_dict()
    assert bool(kept["front.blocks.0.norm.running_mean"].any())
    assert all(bool(weight.isfinite().all()) for weight in kept.values())


def test_both_are_found_by_name() -> None:
    assert SequenceClassification.name == "sequence-classification"
    assert SequenceRegression.name == "sequence-regression"
