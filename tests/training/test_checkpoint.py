"""A training killed between any two steps and resumed ends with the same bits."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from tests.training.numbers import Network, Numbers
from torch import Tensor, nn

from longshort.config import TrainingSettings
from longshort.errors import NonFiniteError, RunError, StorageError
from longshort.lstm import LSTM
from longshort.networks import ClassificationObjective
from longshort.ragged import Ragged
from longshort.training import Listener, Snapshot, Training, checkpoint
from longshort.training.checkpoint import Keeper, Pace, Position

OBJECTIVE = ClassificationObjective(2)
SETTINGS = TrainingSettings(epochs=3, batch_tokens=64, learning_rate=0.02, averaging=0.9, class_weights="balanced")
TRAIN, VALIDATION = Numbers(60), Numbers(30, seed=1)
WEIGHTS = {"train": np.linspace(0.5, 2, 60), "validation": np.linspace(2, 0.5, 30)}


class Normed(Network):
    """A network with buffers, and with dropout between layers."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = LSTM(1, 8, num_layers=2, dropout=0.3)
        self.norm = nn.BatchNorm1d(8)

    def forward(self, inputs: Ragged) -> Tensor:
        states, _ = self.lstm(inputs)
        out: Tensor = self.linear(self.dropout(self.norm(states.pool("mean"))))
        return out


class Memory:
    """Keeps copies of all snapshots."""

    def __init__(self) -> None:
        self.kept: list[Snapshot] = []
        self.reserved: list[int] = []

    def of(self, name: str) -> Memory:
        return self

    def load(self) -> Snapshot | None:
        return copy.deepcopy(self.kept[-1]) if self.kept else None

    def save(self, snapshot: Snapshot) -> None:
        assert json.loads(json.dumps(snapshot.facts, allow_nan=False)) == snapshot.facts
        self.kept.append(copy.deepcopy(snapshot))

    def reserve(self, size: int) -> None:
        self.reserved.append(size)


class KilledError(Exception):
    """Stands for SIGKILL: nothing more is saved."""


class Killed(Listener):
    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, batch: int, loss: float) -> None:
        self.left -= 1
        if not self.left:
            raise KilledError


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SHARE", math.inf)
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)


def training(settings: TrainingSettings = SETTINGS, **arguments: Any) -> Training:
    torch.manual_seed(0)
    network = Normed()
    return Training(OBJECTIVE, network, TRAIN, VALIDATION, settings, **{"weights": WEIGHTS} | arguments)


def digest(made: Training) -> str:
    """Hash the whole state except times."""
    snapshot = made.state()
    facts = snapshot.facts | {"history": [record | {"seconds": 0} for record in snapshot.facts["history"]]}
    found = hashlib.sha256(json.dumps(facts | {"at": {**facts["at"], "seconds": 0}}).encode())
    for name, tensor in sorted(snapshot.tensors.items()):
        if name != "generator":  # restored to the caller's state at the end
            found.update(name.encode() + tensor.numpy().tobytes())
    return found.hexdigest()


def undisturbed(settings: TrainingSettings = SETTINGS) -> tuple[str, int]:
    alone = training(settings)
    alone.run()
    return digest(alone), alone.steps


@pytest.mark.parametrize("changes", [{}, {"averaging": 0.0, "statistics": False, "schedule": "constant"}])
def test_resuming_after_any_killed_step_gives_the_same_bits(every_step: None, changes: dict[str, Any]) -> None:
    settings = SETTINGS.replace(**changes)
    expected, steps = undisturbed(settings)
    for stop in {1, 2, steps // 3, steps // 3 + 1, steps // 2, steps - 1, steps}:
        memory = Memory()
        with pytest.raises(KilledError):
            training(settings, checkpoints=memory, listener=Killed(stop)).run()
        again = training(settings, checkpoints=memory)
        result = again.run()
        assert digest(again) == expected, f"killed in step {stop} of {steps}"
        assert (result.ended, len(result.history)) == ("finished", 3)


def test_repeated_kills_give_the_same_bits(every_step: None) -> None:
    expected, _ = undisturbed()
    memory = Memory()
    for _ in range(100):
        again = training(checkpoints=memory, listener=Killed(2))
        try:
            again.run()
            break
        except KilledError:
            continue
    assert digest(again) == expected


def test_checkpoints_change_nothing(every_step: None) -> None:
    kept = training(checkpoints=Memory())
    kept.run()
    assert digest(kept) == undisturbed()[0]


def test_a_finished_training_returns_at_once_with_the_best_weights() -> None:
    settings = TrainingSettings(epochs=50, learning_rate=1.0, schedule="constant", patience=2, batch_tokens=64)
    memory = Memory()
    first = training(settings, checkpoints=memory)
    result = first.run()
    again = training(settings, checkpoints=memory, listener=Killed(1))
    assert again.run() == result
    assert result.ended == "patience"
    assert digest(again) == digest(first)
    assert len(memory.reserved) == 1


def test_resuming_reports_the_epoch_and_step(every_step: None) -> None:
    memory, events = Memory(), []
    with pytest.raises(KilledError):
        training(checkpoints=memory, listener=Killed(4)).run()

    class Recorder(Listener):
        def note(self, text: str) -> None:
            events.append(text)

        def step(self, batch: int, loss: float) -> None:
            events.append(batch)

    training(checkpoints=memory, listener=Recorder()).run()
    assert events[:2] == ["Found a checkpoint: resuming in epoch 1, after step 3.", 4]
    events.clear()
    training(checkpoints=memory, listener=Recorder()).run()
    assert events == ["Found a checkpoint: training had already ended."]


def test_a_state_that_is_not_finite_is_not_saved(every_step: None) -> None:
    """The update of step 2 overflows, which only step 3 would notice."""
    memory = Memory()
    broken = training(checkpoints=memory)

    class Breaks(Listener):
        def step(self, batch: int, loss: float) -> None:
            if batch == 2:
                with torch.no_grad():
                    broken.network.linear.weight.fill_(math.inf)

    broken.listener = Breaks()
    with pytest.raises(NonFiniteError):
        broken.run()
    assert [each.facts["at"]["batch"] for each in memory.kept] == [1]
    assert all(each.is_finite() for each in memory.kept)


def test_the_checkpoint_of_another_network_is_refused() -> None:
    memory = Memory()
    training(checkpoints=memory).run()
    torch.manual_seed(0)
    other = Training(OBJECTIVE, Network(), TRAIN, VALIDATION, SETTINGS, checkpoints=memory)
    with pytest.raises(
        RunError, match=r"^The checkpoint belongs to another network: lstm.bias_hh_l1 is \[32\] there, absent here\.\n"
    ):
        other.run()


@pytest.mark.parametrize("fact", ["at", "learning_rates", "history"])
def test_a_checkpoint_with_other_facts_is_refused(fact: str) -> None:
    memory = Memory()
    training(checkpoints=memory).run()
    memory.kept[-1].facts[fact] = 1
    with pytest.raises(RunError, match=r"^The checkpoint belongs to another training: "):
        training(checkpoints=memory).run()


def test_a_longer_training_resumes_from_the_end_of_a_shorter_one() -> None:
    memory = Memory()
    training(SETTINGS.replace(epochs=2, schedule="constant"), checkpoints=memory).run()
    longer = training(SETTINGS.replace(epochs=3, schedule="constant"), checkpoints=memory)
    longer.run()
    alone = training(SETTINGS.replace(epochs=3, schedule="constant"))
    alone.run()
    assert all(
        torch.equal(a, b) for a, b in zip(longer.best_weights.values(), alone.best_weights.values(), strict=True)
    )


def test_without_disk_space_training_does_not_start() -> None:
    class Full(Memory):
        def reserve(self, size: int) -> None:
            raise StorageError(f"{size}")

    made = training(checkpoints=Full())
    with pytest.raises(StorageError):
        made.run()
    assert made.steps == 0


def test_the_reserved_size_matches_a_checkpoint() -> None:
    memory = Memory()
    training(checkpoints=memory).run()
    assert memory.reserved == [pytest.approx(memory.kept[-1].size, rel=0.01)]


def test_checkpoints_take_a_hundredth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of 0.1 s and checkpoints of 0.5 s, on a fake clock."""
    now = 0.0
    monkeypatch.setattr(checkpoint.time, "perf_counter", lambda: now)

    class Slow(Memory):
        def save(self, snapshot: Snapshot) -> None:
            nonlocal now
            now += 0.5
            self.kept.append(snapshot)

    position, memory = Position(), Slow()
    keeper = Keeper(memory, lambda: Snapshot({}, {"at": {"epoch": position.epoch, "batch": position.batch}}))
    keeper.begin(1000)
    for _ in range(20_000):
        now += 0.1
        position.batch += 1
        keeper.keep_if_due(within_epoch=True)
    assert 0.009 < 0.5 * len(memory.kept) / now < 0.0101


def test_the_cost_of_the_first_checkpoint_is_estimated_from_its_size() -> None:
    assert Pace(size=2_000_000_000).cost > 100 * Pace(size=1000).cost
