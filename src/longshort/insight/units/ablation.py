"""What a unit is worth: hold it still, and see how much worse the answers are.

A unit that is held at a constant m is a unit less: what reads its hidden state reads m. So its columns in the
weights of its readers (all gates of its own layer and direction, at the next step; the layer above; or the linear layer
behind the pooling) are taken out, and m times them is added to the biases. What is left is an ordinary network, which
runs on any backend, and its recurrence is that of the ablated model at every step.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import Tensor

from longshort.data import Examples
from longshort.insight.trace import DIRECTIONS
from longshort.insight.units.correlation import holm
from longshort.insight.units.names import Unit, find_unit
from longshort.networks import ClassificationObjective, TextClassifierNetwork, predict_logits

__all__ = ["Ablation", "Baseline", "ablated", "measure_ablation"]

Floats = npt.NDArray[np.float64]
Z = float(stats.norm.ppf(0.975))


@final
@dataclass(frozen=True)
class Baseline:
    """The whole model on the same texts: their number, its mean loss in nats, and its share of right answers."""

    texts: int
    loss: float
    accuracy: float


@final
@dataclass(frozen=True)
class Ablation:
    """What changes when one unit is held at a constant, on the same texts.

    Args:
        value: the constant that stands for its hidden state, from before the first step on.
        loss_change: mean loss without it minus mean loss with it, in nats; positive where the unit helps.
        loss_interval: its 95 % interval, from the differences text by text.
        p_value: of "the mean loss stays the same" (paired t), adjusted by Holm for all units that were ablated.
        accuracy_change: share of right answers without it minus that with it; negative where the unit helps.
        accuracy_interval: its 95 % interval for paired shares (Agresti & Min 2005).
        lost: texts answered rightly with it alone.
        gained: texts answered rightly without it alone.
        above: share of the other units that were ablated whose removal raises the loss less.
    """

    value: float
    loss_change: float
    loss_interval: tuple[float, float]
    p_value: float
    accuracy_change: float
    accuracy_interval: tuple[float, float]
    lost: int
    gained: int
    above: float


@torch.no_grad()
def ablated(network: TextClassifierNetwork, unit: Unit, value: float) -> TextClassifierNetwork:
    """A copy of `network` in which the hidden state of `unit` is `value`, from before the first step to the last.

    The embedding is shared with the original. A text without tokens, which no unit reads, must be answered by the
    original: here the constant is in the biases.

    Raises:
        SettingError: the network has no such unit.
    """
    spec, found = network.lstm.spec, find_unit(unit, network.lstm.spec)
    changed = copy.deepcopy(network, {id(network.embedding): network.embedding})
    direction, lstm = DIRECTIONS.index(found.direction), changed.lstm
    column = direction * spec.output_size + found.number
    own = _suffix(found.layer, direction)
    _fold(getattr(lstm, f"weight_hh_{own}"), getattr(lstm, f"bias_hh_{own}"), found.number, value)
    if found.layer + 1 < spec.num_layers:
        for above in range(spec.directions):
            name = _suffix(found.layer + 1, above)
            _fold(getattr(lstm, f"weight_ih_{name}"), getattr(lstm, f"bias_ih_{name}"), column, value)
    else:
        # The mean, the maximum and the last of a constant are the constant.
        for pool in range(len(network.settings.pooling.split("+"))):
            place = pool * spec.directions * spec.output_size + column
            _fold(changed.linear.weight, changed.linear.bias, place, value)
    return changed


def measure_ablation(
    network: TextClassifierNetwork,
    objective: ClassificationObjective,
    examples: Examples,
    values: Sequence[tuple[Unit, float]],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Baseline, list[Ablation]]:
    """Hold one unit after the other and answer all examples again.

    Args:
        network: the whole model.
        objective: its loss, and which of its answers are right.
        examples: encoded, with targets; data that the model was not trained on.
        values: the units, and the constant that each is held at.
        progress: called with the number of units done, and the total.

    Returns:
        The whole model's own results, and one ablation per unit, in the order of `values`.
    """
    targets, empty = torch.as_tensor(examples.targets), torch.as_tensor(examples.lengths == 0)
    whole = predict_logits(network, examples)
    loss, right = _judged(objective, whole, targets)
    changes, lost, gained = [], [], []
    for done, (unit, value) in enumerate(values, start=1):
        logits = predict_logits(ablated(network, unit, value), examples)
        logits = torch.where(empty[:, None], whole, logits)
        without, still = _judged(objective, logits, targets)
        changes.append(without - loss)
        lost.append(int((right & ~still).sum()))
        gained.append(int((still & ~right).sum()))
        if progress is not None:
            progress(done, len(values))
    baseline = Baseline(len(examples), float(loss.mean()), float(right.mean()))
    return baseline, _summed_up([value for _, value in values], changes, lost, gained)


def _judged(
    objective: ClassificationObjective, logits: Tensor, targets: Tensor
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    losses = objective.losses(logits.double(), targets.double() if targets.is_floating_point() else targets)
    return losses.numpy(), objective.correct(logits, targets).numpy()


def _summed_up(
    values: Sequence[float], changes: Sequence[Floats], lost: Sequence[int], gained: Sequence[int]
) -> list[Ablation]:
    if not changes:
        return []
    table = np.stack(changes)
    texts, mean = table.shape[1], table.mean(axis=1)
    error = table.std(axis=1, ddof=1) / np.sqrt(texts)
    reach = float(stats.t.ppf(0.975, texts - 1)) * error
    # Where every text changes alike there is no error: t is without bound, or 0 if nothing changes.
    t = np.divide(abs(mean), error, out=np.where(mean == 0, 0.0, np.inf), where=error > 0)
    p_values = holm(2 * stats.t.sf(t, texts - 1))
    return [
        Ablation(
            value=values[n],
            loss_change=float(mean[n]),
            loss_interval=(float(mean[n] - reach[n]), float(mean[n] + reach[n])),
            p_value=float(p_values[n]),
            accuracy_change=(gained[n] - lost[n]) / texts,
            accuracy_interval=paired_interval(gained[n], lost[n], texts),
            lost=lost[n],
            gained=gained[n],
            above=float((mean < mean[n]).sum() / max(len(mean) - 1, 1)),
        )
        for n in range(len(mean))
    ]


def paired_interval(gained: int, lost: int, texts: int) -> tuple[float, float]:
    """95 % interval of `(gained - lost) / texts`: Wald's, after half a text more in each cell (Agresti & Min 2005)."""
    more, less, total = gained + 0.5, lost + 0.5, texts + 2
    centre = (more - less) / total
    half = Z * float(np.sqrt(more + less - (more - less) ** 2 / total)) / total
    return max(-1.0, centre - half), min(1.0, centre + half)


def _suffix(layer: int, direction: int) -> str:
    return f"l{layer}" + "_reverse" * direction


def _fold(weight: Tensor, bias: Tensor, column: int, value: float) -> None:
    """Take an input out of a linear map, as if it were always `value`."""
    bias += weight[:, column] * value
    weight[:, column] = 0
