"""Several networks answer with their mean, and learn each by itself."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from longshort.config import SequenceModelSettings, TrainingSettings
from longshort.data.sequences import SequenceEncoding, from_arrays
from longshort.kinds.sequences.tasks import SequenceClassification
from longshort.kinds.sequences.training_length import members_for
from longshort.networks import (
    ClassificationObjective,
    EachOf,
    Ensemble,
    RegressionObjective,
    SequenceNetwork,
    members_of,
    name_in_member,
    predict_logits,
)
from longshort.ragged import Ragged
from longshort.training import Training

SETTINGS = SequenceModelSettings(filters=4, hidden_size=5, layer_dropout=0, output_dropout=0)
DRAW = np.random.default_rng(0)
VALUES = [DRAW.normal(0, 1, (length, 2)) for length in (9, 14, 3, 20, 7, 11)]
SEQUENCES = from_arrays(VALUES, ["a", "b", "c"] * 2)


def task_of(members: int | None) -> SequenceClassification:
    return SequenceClassification(SequenceEncoding.fit(SEQUENCES), SETTINGS.replace(members=members))


def built(members: int | None) -> SequenceNetwork | Ensemble[SequenceNetwork]:
    torch.manual_seed(0)
    return task_of(members).build()


def inputs() -> Ragged:
    return task_of(1).encoding.encode(SEQUENCES).batch(np.arange(6)).inputs


def test_the_answer_is_the_mean_of_what_each_says() -> None:
    network = built(3).eval()
    assert isinstance(network, Ensemble)
    one, two, three = (member(inputs()) for member in members_of(network))
    torch.testing.assert_close(network(inputs()), (one + two + three) / 3)
    assert not torch.allclose(one, two)


@pytest.mark.parametrize("members", [1, None])
def test_one_network_is_that_network(members: int | None) -> None:
    network = built(members)
    assert isinstance(network, SequenceNetwork)
    assert members_of(network) == [network]


def test_in_training_each_is_told_apart() -> None:
    network = built(3)
    outputs = network(inputs())
    assert outputs.shape == (6, 3, 3)
    torch.testing.assert_close(outputs[..., 1], members_of(network)[1](inputs()))


@pytest.mark.parametrize(
    "objective", [ClassificationObjective(3), ClassificationObjective(2), RegressionObjective(0, 1)]
)
def test_each_is_held_to_the_targets_by_itself(objective: ClassificationObjective | RegressionObjective) -> None:
    torch.manual_seed(0)
    said = torch.randn(6, objective.outputs, 4)
    regression = isinstance(objective, RegressionObjective)
    targets = torch.randn(6) if regression else torch.tensor([0, 1, 0, 1, 1, 0])
    each, own = EachOf(objective), [objective.losses(one, targets) for one in said.unbind(-1)]
    torch.testing.assert_close(each.losses(said, targets), sum(own) / 4)
    torch.testing.assert_close(each.losses(said[..., 0], targets), own[0])
    right = each.correct(said, targets)
    assert (right is None) if regression else torch.equal(right, objective.correct(said.mean(-1), targets))


def test_trained_together_they_are_what_each_becomes_by_itself() -> None:
    """The same batches in the same order; the mean of the losses scales the gradients, which Adam does not feel."""
    task, examples = task_of(2), task_of(2).encoding.encode(SEQUENCES)
    rules = TrainingSettings(
        epochs=3, batch_tokens=40, averaging=0, weight_decay=0, gradient_clip=1e9, learning_rate=1e-3, statistics=False
    )
    network = built(2)
    alone = copy.deepcopy(members_of(network)[1])
    Training(EachOf(task.objective), network, examples, None, rules).run()
    Training(EachOf(task.objective), alone, examples, None, rules).run()
    for name, weight in alone.state_dict().items():
        torch.testing.assert_close(members_of(network)[1].state_dict()[name], weight, atol=1e-4, rtol=0)


def test_together_they_err_no_more_than_one_of_them_does_in_the_mean() -> None:
    """The loss is convex in the outputs."""
    network, examples, objective = built(5), task_of(5).encoding.encode(SEQUENCES), task_of(5).objective
    targets = torch.as_tensor(examples.targets)
    losses = [objective.losses(predict_logits(each, examples), targets).mean() for each in members_of(network.eval())]
    assert objective.losses(predict_logits(network, examples), targets).mean() < sum(losses) / 5


@pytest.mark.parametrize(
    ("sequences", "asked", "members"), [(36, None, 3), (1_999, None, 3), (2_000, None, 1), (36, 1, 1), (9_999, 7, 7)]
)
def test_of_few_sequences_several_learn(sequences: int, asked: int | None, members: int) -> None:
    assert members_for(sequences, SETTINGS.replace(members=asked)) == SETTINGS.replace(members=members)


def test_parts_are_called_as_in_each_network() -> None:
    network = Ensemble([nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))])
    names = [name_in_member(name) for name, _ in network.named_modules()]
    assert names == ["", "members", "", "0", "", "0"]
    assert name_in_member("lstm.members.0") == "lstm.members.0"
