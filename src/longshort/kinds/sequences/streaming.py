"""Answers while a sequence is still coming in: value by value or in chunks, with the state carried."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.errors import DataError, SettingError
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.networks.convolution import ConvolutionBlock
from longshort.networks.ensemble import Ensemble, members_of
from longshort.networks.sequence_network import SequenceNetwork
from longshort.ragged import Pooling, Ragged

__all__ = ["Stream"]

Floats = npt.NDArray[np.float64]


@final
class Stream:
    """One sequence that a trained model answers again and again while it grows.

    After any number of chunks, of any sizes, the answer is that of the whole sequence so far at once, within 1e-6; a
    chunk costs what its own steps cost, however much came before.

    Args:
        task: what was learnt, with its encoding.
        network: the trained network or networks, which read forward only; put into evaluation mode.

    Raises:
        SettingError: the network also reads from the end of a sequence, which a stream does not have yet.

    Example:
        >>> stream = Stream(task, network)  # doctest: +SKIP
        >>> for reading in sensor:  # doctest: +SKIP
        ...     probabilities = stream.feed(reading)
    """

    def __init__(
        self,
        task: SequenceClassification | SequenceRegression,
        network: SequenceNetwork | Ensemble[SequenceNetwork],
    ) -> None:
        if task.settings.bidirectional:
            raise SettingError(
                "A stream needs a model that reads forward only. This one also reads each sequence from its end "
                "(bidirectional), and its convolutions look ahead.",
                "Train it with bidirectional=False; then nothing in it looks ahead.",
            )
        self._task, self._networks = task, members_of(network.eval())
        self.restart()

    def restart(self) -> None:
        """Forget all values: a new sequence begins."""
        self.steps = 0
        self._last: Floats | None = None
        self._readers = [_Reader(network) for network in self._networks]

    def feed(self, values: npt.ArrayLike) -> Any:
        """Take the next values, and answer the sequence so far.

        Args:
            values: `(steps, channels)`, or one step `(channels,)`; with one channel also `(steps,)`, or one number. NaN
                where a value is missing.

        Returns:
            `(classes,)` float64, the probability of each class in the order of the encoding's labels; for a regression
            a float in the unit of the targets.

        Raises:
            DataError: another shape or number of channels, an infinite value, or no value so far.
        """
        chunk = self._checked(values)
        if len(chunk):
            encoding = self._task.encoding
            scaled = torch.from_numpy(encoding.scaled(chunk, self._last))
            for reader in self._readers:
                reader.feed(scaled)
            self._last = encoding.last_values(chunk, self._last)
            self.steps += len(chunk)
        if not self.steps:
            raise DataError("A sequence has at least one step. Got none so far.", "Feed one value or more.")
        return self._answer()

    def _checked(self, values: npt.ArrayLike) -> Floats:
        channels = len(self._task.encoding.channels)
        try:
            array = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise DataError(
                f"The values of a stream are numbers. Got {values!r:.80}.", "NaN stands for a missing value."
            ) from None
        steps = array.reshape(-1, 1) if array.ndim < 2 and channels == 1 else array[None] if array.ndim == 1 else array
        if steps.ndim != 2 or steps.shape[1] != channels:
            raise DataError(
                f"A stream of this model takes (steps, {channels}) or one step ({channels},), as it was trained on "
                f"{channels} channel{'s' * (channels > 1)}. Got shape {array.shape}.",
                "Give the channels in the order of training: " + ", ".join(self._task.encoding.channels[:20]) + ".",
            )
        if bool(np.isinf(steps).any()):
            step, channel = np.argwhere(np.isinf(steps))[0]
            raise DataError(
                f"The values of a stream are finite. Got {steps[step, channel]} at step {self.steps + step + 1}, "
                f"channel {self._task.encoding.channels[channel]!r}.",
                "NaN stands for a missing value.",
            )
        return steps

    def _answer(self) -> Any:
        outputs = torch.stack([reader.answer() for reader in self._readers]).mean(dim=0).double()
        if isinstance(self._task, SequenceRegression):
            return float(self._task.objective.answers(outputs)[0])
        return self._task.objective.probabilities(outputs)[0].numpy()


class _Reader:
    """One network, with the states that it carries from chunk to chunk."""

    def __init__(self, network: SequenceNetwork) -> None:
        self._network = network
        self._blocks = [_Block(block) for block in network.front.blocks] if network.front is not None else []
        self._states: tuple[Tensor, Tensor] | None = None
        self._found, self._pooled = _Pool("mean"), _Pool(network.settings.pooling)

    @torch.no_grad()
    def feed(self, values: Tensor) -> None:
        for block in self._blocks:
            values = block.feed(values)
        states, self._states = self._network.lstm(Ragged(values, torch.tensor([len(values)])), self._states)
        if self._blocks:
            self._found.feed(values)
        self._pooled.feed(states.values)

    @torch.no_grad()
    def answer(self) -> Tensor:
        return self._network.answer(self._found.pool() if self._blocks else None, self._pooled.pool())


class _Block:
    """A convolution block that remembers the last steps that it was given; zeros stand before the first."""

    def __init__(self, block: Any) -> None:
        self._block: ConvolutionBlock = block
        weight = self._block.convolution.weight
        self._last = weight.new_zeros(self._block.convolution.kernel - 1, weight.shape[1])

    def feed(self, values: Tensor) -> Tensor:
        tape = torch.cat([self._last, values])
        self._last = tape[len(values) :]
        return self._block.finish(self._block.convolution.see(tape))


class _Pool:
    """The last, mean or highest of all steps so far; the mean is summed in float64."""

    def __init__(self, how: Pooling) -> None:
        self._how = how.split("+")
        self._steps = 0
        self._last = self._total = self._highest = torch.empty(0)

    def feed(self, states: Tensor) -> None:
        total, highest = states.double().sum(0), states.amax(0)
        self._total = self._total + total if self._steps else total
        self._highest = torch.maximum(self._highest, highest) if self._steps else highest
        self._last = states[-1]
        self._steps += len(states)

    def pool(self) -> Tensor:
        mean = (self._total / self._steps).to(self._last.dtype)
        found = {"last": self._last, "mean": mean, "max": self._highest}
        return torch.cat([found[name] for name in self._how])[None]
