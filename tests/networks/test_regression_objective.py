"""The objective of a regression, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.training.numbers import NumberBatch, Numbers, network

from longshort.config import TrainingSettings
from longshort.errors import SettingError
from longshort.networks import mean_loss_and_accuracy
from longshort.networks.regression_objective import RegressionObjective
from longshort.ragged import Ragged
from longshort.training import Training

OBJECTIVE = RegressionObjective(mean=100.0, scale=10.0)


class Heights(Numbers):
    """The same numbers, with their mean as a target."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.targets = np.array([values.mean() for values in self.values], dtype=np.float32)

    def batch(self, indices: np.ndarray) -> NumberBatch:
        sequences = [torch.tensor(self.values[i], dtype=torch.float32) for i in indices]
        return NumberBatch(Ragged.from_list(sequences), torch.as_tensor(self.targets[indices]), indices)


def test_losses_are_squared_distances_on_the_standardised_scale() -> None:
    losses = OBJECTIVE.losses(torch.tensor([[0.5], [-1.0]]), torch.tensor([0.0, 1.0]))
    assert losses.tolist() == [0.25, 4.0]


def test_answers_are_in_the_unit_of_the_targets() -> None:
    assert OBJECTIVE.answers(torch.tensor([[0.5], [-1.0]])).tolist() == [105.0, 90.0]


def test_no_answer_is_right_or_wrong() -> None:
    assert OBJECTIVE.correct(torch.zeros(2, 1), torch.zeros(2)) is None


def test_there_are_no_classes_to_balance() -> None:
    with pytest.raises(SettingError) as caught:
        OBJECTIVE.balance(torch.zeros(2))
    assert str(caught.value) == "Class weights need classes. Got a regression.\n\nhint: Leave class_weights out."


def test_a_training_records_losses_and_no_accuracies() -> None:
    examples = Heights(60)
    settings = TrainingSettings(epochs=8, batch_tokens=100, statistics=False)
    trained = network()
    history = Training(OBJECTIVE, trained, examples, Heights(20), settings).run().history
    assert {(record["train_accuracy"], record["validation_accuracy"]) for record in history} == {(None, None)}
    assert history[-1]["validation_loss"] < history[0]["validation_loss"]
    assert mean_loss_and_accuracy(OBJECTIVE, trained, examples)[1] is None
