"""What a classifier learns: its loss, its answers, and which of them are right."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["ClassificationObjective"]


@final
class ClassificationObjective:
    """Loss and answers for one class per example, or for several labels each.

    One logit serves two classes (sigmoid); as many logits as classes are a softmax, or a sigmoid each when multi-label.

    Args:
        classes: number of classes or labels.
        multi_label: whether an example may have several labels, or none.
    """

    def __init__(self, classes: int, *, multi_label: bool = False) -> None:
        self.classes = classes
        self.multi_label = multi_label

    @property
    def outputs(self) -> int:
        """Logits that a network needs."""
        return 1 if self.classes == 2 and not self.multi_label else self.classes

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(batch,)` float32: the loss of each example, in nats.

        Args:
            logits: `(batch, outputs)` float32, from the network.
            targets: `(batch,)` int64 class numbers, or `(batch, labels)` float32 of zeros and ones when multi-label.
            class_weights: `(classes,)` float32 from `balance`: the weight of each class, or of a label's positive rows.
        """
        if self.multi_label:
            each = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=class_weights, reduction="none")
            return each.mean(dim=1)
        if logits.shape[1] == 1:
            rows = None if class_weights is None else class_weights[targets]
            truth = targets.to(logits.dtype)
            return F.binary_cross_entropy_with_logits(logits[:, 0], truth, weight=rows, reduction="none")
        return F.cross_entropy(logits, targets, weight=class_weights, reduction="none")

    def balance(self, targets: Tensor) -> Tensor:
        """Class weights that make every class count alike, `(classes,)` float32.

        One class per text: rows / (classes x rows of the class). Several labels: negative rows / positive rows.
        """
        rows = len(targets)
        if self.multi_label:
            positives = targets.sum(dim=0)
            return ((rows - positives) / positives.clamp(min=1)).float()
        counts = torch.bincount(targets, minlength=self.classes)
        return rows / (len(counts) * counts.clamp(min=1).float())

    def probabilities(self, logits: Tensor) -> Tensor:
        """`(batch, classes)` float32: the probability of each class; rows sum to 1 unless multi-label."""
        if self.multi_label:
            return logits.sigmoid()
        if logits.shape[1] == 1:
            return torch.cat([(-logits).sigmoid(), logits.sigmoid()], dim=1)
        return logits.softmax(dim=1)

    def correct(self, logits: Tensor, targets: Tensor) -> Tensor:
        """`(batch,)` bool: whether the answer is right; for several labels, whether all of them are."""
        probabilities = self.probabilities(logits)
        if self.multi_label:
            return ((probabilities >= 0.5) == (targets >= 0.5)).all(dim=1)
        return probabilities.argmax(dim=1) == targets
