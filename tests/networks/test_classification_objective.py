"""The objective against torch's own losses and scikit-learn's class weights."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from longshort.networks import ClassificationObjective

BINARY, THREE = ClassificationObjective(2), ClassificationObjective(3)
TAGS = ClassificationObjective(3, multi_label=True)


def test_outputs_are_one_logit_for_two_classes_and_one_each_otherwise() -> None:
    assert [BINARY.outputs, THREE.outputs, TAGS.outputs] == [1, 3, 3]
    assert ClassificationObjective(2, multi_label=True).outputs == 2


def test_one_logit_is_the_log_odds_of_the_second_class() -> None:
    logits = torch.tensor([[0.0], [3.0], [-40.0]])
    expected = torch.tensor(
        [[0.5, 0.5], [1 - torch.sigmoid(torch.tensor(3.0)), torch.sigmoid(torch.tensor(3.0))], [1, 0]]
    )
    torch.testing.assert_close(BINARY.probabilities(logits), expected)


def test_two_logits_and_one_give_the_same_loss_when_they_mean_the_same() -> None:
    targets = torch.tensor([0, 1, 1])
    one = torch.tensor([[0.3], [-1.2], [2.0]])
    two = torch.cat([torch.zeros(3, 1), one], dim=1)
    torch.testing.assert_close(BINARY.losses(one, targets), BINARY.losses(two, targets))
    torch.testing.assert_close(BINARY.probabilities(one), BINARY.probabilities(two))


def test_losses_are_cross_entropy_in_nats_per_example() -> None:
    logits, targets = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
    torch.testing.assert_close(THREE.losses(logits, targets), -logits.log_softmax(1)[range(5), targets])


def test_losses_of_several_labels_are_their_mean() -> None:
    logits, targets = torch.randn(4, 3), torch.tensor([[1.0, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 0]])
    each = F.binary_cross_entropy(logits.sigmoid(), targets, reduction="none")
    torch.testing.assert_close(TAGS.losses(logits, targets), each.mean(1))


def test_balance_is_scikit_learns() -> None:
    targets = torch.tensor([0, 0, 0, 1, 2, 2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=targets.numpy())
    np.testing.assert_allclose(THREE.balance(targets).numpy(), expected, rtol=1e-6)


def test_balanced_losses_count_every_class_alike() -> None:
    targets = torch.tensor([0, 0, 0, 1])
    for objective, logits in ((BINARY, torch.zeros(4, 1)), (THREE, torch.zeros(4, 3))):
        losses = objective.losses(logits, targets, objective.balance(targets))
        torch.testing.assert_close(losses[:3].sum(), losses[3])


def test_balance_of_several_labels_is_negatives_over_positives() -> None:
    targets = torch.tensor([[1.0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 0, 0]])
    torch.testing.assert_close(TAGS.balance(targets), torch.tensor([1 / 3, 4.0, 1.0]))


def test_correct_wants_every_label_right() -> None:
    targets = torch.tensor([[1.0, 0, 1], [1, 0, 1]])
    logits = torch.tensor([[2.0, -1, 1], [2, 1, 1]])
    assert TAGS.correct(logits, targets).tolist() == [True, False]
    assert THREE.correct(logits, torch.tensor([0, 1])).tolist() == [True, False]
    assert BINARY.correct(torch.tensor([[0.1], [0.1]]), torch.tensor([1, 0])).tolist() == [True, False]
