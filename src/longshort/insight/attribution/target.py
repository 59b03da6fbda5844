"""What is explained: one number, the score, that is a weighted sum of the logits of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from longshort.errors import SettingError, nearest
from longshort.insight.text_task import TextTask
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Ragged

__all__ = ["Target", "find_label", "target_of"]

BATCH_TOKENS = 32_768
"""Tokens that are answered together; no score depends on it."""


@final
@dataclass(frozen=True, eq=False)
class Target:
    """A class, and how its score is read off the network.

    Args:
        network: whose answers are explained.
        readout: `(outputs,)`: the weight of each logit in the score.
        label: the class.
        scale: what the score is, in words.
    """

    network: TextClassifierNetwork
    readout: Tensor
    label: str
    scale: str

    def of_logits(self, logits: Tensor) -> Tensor:
        """`(...,)` scores of logits `(..., outputs)`."""
        return logits @ self.readout

    def of_vectors(self, vectors: Ragged) -> Tensor:
        """`(batch,)` scores of embedded tokens `(tokens, embedding_size)`; differentiable."""
        return self.of_logits(self.network.answer(vectors))

    @torch.no_grad()
    def of_texts(self, texts: Sequence[Tensor]) -> Tensor:
        """`(texts,)` scores of token ids `(tokens,)` each, in batches; a text may be empty."""
        parts = [self.of_logits(self.network(Ragged.from_list(part))) for part in _batches(texts)]
        return torch.cat(parts) if parts else self.readout.new_empty(0)


def target_of(network: TextClassifierNetwork, task: TextTask, label: str) -> Target:
    """The score of a class.

    - Two classes: the log-odds of the class, its one logit or minus that.
    - Several labels per text: the log-odds of the label, its own logit.
    - More classes: the logit of the class minus the mean of the other logits. Added to all logits, a constant changes
      no probability, and so must not change the score; the mean keeps it a sum of logits, which a share of it needs.

    Raises:
        SettingError: the model has no such class.
    """
    code, count = find_label(task, label), task.objective.outputs
    weight = network.linear.weight
    if count == 1 and not task.objective.multi_label:
        return Target(network, weight.new_tensor([1.0 if code else -1.0]), label, f"log-odds of {label}")
    own = torch.nn.functional.one_hot(torch.tensor(code), count).to(weight)
    if task.objective.multi_label:
        return Target(network, own, label, f"log-odds of {label}")
    return Target(network, own - (1 - own) / (count - 1), label, f"logit of {label} above the mean of the others")


def find_label(task: TextTask, label: str) -> int:
    """The number of a class.

    Raises:
        SettingError: there is no such class.
    """
    labels = task.encoding.labels
    if label in labels:
        return labels.index(label)
    raise SettingError(
        f"The class must be one that the model knows: {', '.join(labels[:20])}{', ...' if len(labels) > 20 else ''}. "
        f"Got {label!r}.",
        nearest(label, labels) or "Name one of them, written as it is there.",
    )


def _batches(texts: Sequence[Tensor]) -> list[list[Tensor]]:
    """Texts in their order, in batches of `BATCH_TOKENS` or one text."""
    batches: list[list[Tensor]] = []
    room = 0
    for text in texts:
        if not batches or len(text) > room:
            batches.append([])
            room = BATCH_TOKENS
        batches[-1].append(text)
        room -= len(text)
    return batches
