"""What a regression learns: its loss, and its answers in the unit of the targets."""

from __future__ import annotations

from typing import final

from torch import Tensor

from longshort.errors import SettingError

__all__ = ["RegressionObjective"]


@final
class RegressionObjective:
    """Mean squared error of one number per example, on standardised targets.

    Args:
        mean: of the targets of the training split.
        scale: their standard deviation, above 0.
    """

    outputs = 1

    def __init__(self, mean: float, scale: float) -> None:
        self.mean = mean
        self.scale = scale

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(batch,)` float32: the squared error of each example, in variances of the training split's targets.

        Args:
            logits: `(batch, 1)` float32, from the network.
            targets: `(batch,)` float32, standardised.
            class_weights: None; there are no classes.
        """
        return (logits[:, 0] - targets).square()

    def correct(self, logits: Tensor, targets: Tensor) -> None:
        """None: an answer is more or less near, not right or wrong."""

    def balance(self, targets: Tensor) -> Tensor:
        """There are no classes to balance.

        Raises:
            SettingError: always.
        """
        raise SettingError("Class weights need classes. Got a regression.", "Leave class_weights out.")

    def answers(self, logits: Tensor) -> Tensor:
        """`(batch,)`: the answers in the unit of the targets, of the network's `(batch, 1)`."""
        return logits[:, 0] * self.scale + self.mean
