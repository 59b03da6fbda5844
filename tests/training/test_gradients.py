"""Gradients of batches in parts, and recovery when memory runs out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.training.numbers import Network, Numbers, network
from torch import Tensor, nn

from longshort.config import TrainingSettings
from longshort.errors import MemoryLimitError
from longshort.networks import ClassificationObjective
from longshort.ragged import Ragged
from longshort.training import Listener, Training
from longshort.training.gradients import Gradients

OBJECTIVE = ClassificationObjective(2)
TRAIN = Numbers(200)


class Notes(Listener):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def found(net: nn.Module, most: int | None, weights: Tensor | None = None) -> tuple[Any, list[Tensor]]:
    net.eval()  # no dropout: it would differ between parts
    gradients = Gradients(OBJECTIVE, net, TRAIN, weights, torch.tensor([0.5, 2.0]), 1e9, lambda _: None)
    gradients.most_tokens = most
    return gradients.of(np.arange(40), 1), [each.grad.clone() for each in net.parameters()]  # type: ignore[union-attr]


@pytest.mark.parametrize("weighed", [False, True])
def test_parts_have_the_loss_and_the_gradients_of_the_batch(weighed: bool) -> None:
    weights = torch.rand(200) + 0.1 if weighed else None
    whole, expected = found(network(), None, weights)
    for most in (int(TRAIN.lengths.max()), 30, 1):
        parts, gradients = found(network(), most, weights)
        assert parts.loss == pytest.approx(whole.loss, rel=1e-5)
        assert parts.norm == pytest.approx(whole.norm, rel=1e-4)
        assert parts.correct == whole.correct
        for one, other in zip(gradients, expected, strict=True):
            assert torch.allclose(one, other, atol=1e-6)


class Limited(Network):
    """Has memory for only a few values."""

    room = 100
    asked: list[int]

    def forward(self, inputs: Ragged) -> Tensor:
        self.asked = [*getattr(self, "asked", []), len(inputs.values)]
        if self.training and len(inputs.values) > self.room:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.")
        return super().forward(inputs)


def limited(monkeypatch: pytest.MonkeyPatch, room: int) -> Network:
    monkeypatch.setattr(Limited, "room", room)
    monkeypatch.setattr("longshort.training.memory_limit._Steps.bytes", lambda *_, **__: 1)
    net = network()
    net.__class__ = Limited
    return net


def test_out_of_memory_retries_in_smaller_parts_and_notes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes()
    settings = TrainingSettings(epochs=1, batch_tokens=300, learning_rate=0.02)
    net = limited(monkeypatch, 100)
    training = Training(OBJECTIVE, net, TRAIN, Numbers(50, seed=1), settings, notes)
    assert training.run().ended == "finished"
    assert training.gradients.most_tokens is not None
    assert training.gradients.most_tokens <= 100
    assert notes.notes[0].startswith("Memory ran out with ")
    assert f"{training.gradients.most_tokens:,} tokens at a time" in notes.notes[-1]


def test_buffers_are_restored_after_running_out_of_memory() -> None:
    class Normalised(nn.Module):
        """Memory runs out after the first normalisation of more than 50 values."""

        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(1)
            self.inner = network()

        def forward(self, inputs: Ragged) -> Tensor:
            met = inputs.with_values(self.norm(inputs.values))
            if len(inputs.values) > 50:
                raise MemoryError
            out: Tensor = self.inner(met)
            return out

    def met(most: int | None) -> tuple[Tensor, ...]:
        net = Normalised()
        gradients = Gradients(OBJECTIVE, net, TRAIN, None, None, 1e9, lambda _: None)
        gradients.most_tokens = most
        gradients.of(np.arange(20), 1)
        return gradients.most_tokens, *(each.clone() for each in net.buffers())

    most, *tried = met(None)
    again, *known = met(most)
    assert most == again
    assert most <= 50
    assert all(torch.equal(one, other) for one, other in zip(tried, known, strict=True))


def test_the_error_has_advice_when_no_part_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    net = limited(monkeypatch, 2)
    before = [each.clone() for each in net.parameters()]
    with pytest.raises(MemoryLimitError, match="tokens at a time, which cannot be reduced") as caught:
        Training(OBJECTIVE, net, TRAIN, None, TrainingSettings(epochs=1, batch_tokens=300)).run()
    assert "--memory-limit" in caught.value.hint
    assert all(torch.equal(one, other) for one, other in zip(before, net.parameters(), strict=True))


def test_other_errors_pass_through(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network()

    def fails(_: object) -> Tensor:
        raise RuntimeError("a bug")

    monkeypatch.setattr(net, "forward", fails)
    with pytest.raises(RuntimeError, match="a bug"):
        found(net, None)


REAL = """
import resource, sys
import numpy as np, torch
from longshort.config import TrainingSettings, ModelSettings
from longshort.data import Examples
from longshort.data.texts.encoding import EncodingStatistics
from longshort.networks import ClassificationObjective, TextClassifierNetwork
from longshort.training import Listener, Training

class Notes(Listener):
    def note(self, text): print(text)

tokens = np.random.default_rng(0).integers(0, 50, 60_000).astype(np.int32)
offsets = np.arange(0, 60_001, 3_000)
examples = Examples(tokens, offsets, np.arange(20) % 2, np.arange(20), EncodingStatistics(0, 0, 0))
network = TextClassifierNetwork(50, 2, ModelSettings(embedding_size=64, hidden_size=128))
network(examples.batch([0]).inputs).sum().backward()  # starts threads and loads libraries
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + int(sys.argv[1]), -1))
settings = TrainingSettings(epochs=1, batch_tokens=60_000, statistics=False)
result = Training(ClassificationObjective(2), network, examples, None, settings, Notes()).run()
print(result.ended, result.history[0]["train_loss"] < 5)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of addresses is Linux's")
@pytest.mark.slow
def test_a_process_out_of_memory_continues_in_smaller_parts(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", REAL, str(300 * 2**20)], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ended.stdout.splitlines()[-1:] == ["finished True"], ended.stderr
    assert "Memory ran out with 60,000 tokens at a time." in ended.stdout
