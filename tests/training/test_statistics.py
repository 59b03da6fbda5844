"""Statistics are correct and sparse, and do not affect the training."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch
from tests.training.numbers import Network, Numbers, network
from tests.training.words import WORDS, counting
from tests.training.words import network as classifier
from torch import nn

from longshort.config import TrainingSettings
from longshort.networks import ClassificationObjective
from longshort.training import EpochRecord, Listener, Training, pretrain
from longshort.training.events import Update
from longshort.training.statistics import Statistics

OBJECTIVE = ClassificationObjective(2)
SETTINGS = TrainingSettings(epochs=4, batch_tokens=64, learning_rate=0.02, averaging=0.0)
TRAIN = Numbers(200)


class Remembers(Listener):
    """Stores all weights and gradients of every update, as a plain reference."""

    def __init__(self) -> None:
        self.before: list[dict[str, torch.Tensor]] = []
        self.after: list[dict[str, torch.Tensor]] = []
        self.gradients: list[dict[str, torch.Tensor]] = []
        self.updates: list[Update] = []

    def update_started(self, update: Update) -> None:
        self.updates.append(update)
        self.before.append({name: each.detach().clone() for name, each in update.network.named_parameters()})
        self.gradients.append({name: each.grad.clone() for name, each in update.network.named_parameters()})

    def update_ended(self, update: Update) -> None:
        assert update is self.updates[-1]
        self.after.append({name: each.detach().clone() for name, each in update.network.named_parameters()})


def run(settings: TrainingSettings = SETTINGS, **more: Any) -> tuple[Network, list[EpochRecord]]:
    net = network()
    return net, Training(OBJECTIVE, net, TRAIN, None, settings, **more).run().history


def test_the_training_is_the_same_bit_for_bit() -> None:
    (on, with_it), (off, without) = (run(SETTINGS.replace(statistics=each)) for each in (True, False))
    assert all(torch.equal(a, b) for a, b in zip(on.parameters(), off.parameters(), strict=True))
    assert all("dynamics" in record for record in with_it)
    assert [{k: v for k, v in r.items() if k not in ("dynamics", "seconds")} for r in with_it] == [
        {k: v for k, v in r.items() if k != "seconds"} for r in without
    ]


def test_a_classifier_of_texts_is_the_same_bit_for_bit() -> None:
    """With word dropout, layer dropout, shared words and a running mean."""
    weights = []
    for on in (True, False):
        net = classifier(num_layers=2)
        settings = TrainingSettings(epochs=2, batch_tokens=64, statistics=on)
        Training(OBJECTIVE, net, counting(60), counting(20, seed=1), settings).run()
        weights.append(torch.cat([each.detach().flatten() for each in net.parameters()]))
    assert torch.equal(*weights)


def test_norms_match_weights_gradients_and_updates() -> None:
    recorder = Remembers()
    _, history = run(SETTINGS.replace(gradient_clip=0.05), listener=recorder)
    moments = [moment for record in history for moment in record["dynamics"]["moments"]]
    assert {1, len(recorder.updates)} <= {moment["step"] for moment in moments}
    for moment in moments:
        at = moment["step"] - 1
        before, after, gradients = recorder.before[at], recorder.after[at], recorder.gradients[at]
        cut = min(1.0, 0.05 / recorder.updates[at].gradient_norm)
        group = moment["groups"]["linear"]
        assert group["weight"] == pytest.approx(length(before, "linear"), rel=1e-3)
        assert group["gradient"] == pytest.approx(length(gradients, "linear") / cut, rel=1e-3)
        changes = {name: after[name] - before[name] for name in after}
        assert group["update"] == pytest.approx(length(changes, "linear"), rel=1e-3, abs=1e-9)
        forget = {name: each[8:16] for name, each in changes.items() if name.startswith("lstm")}
        assert moment["groups"]["lstm.l0.forget"]["update"] == pytest.approx(length(forget), rel=1e-3, abs=1e-9)
        whole = math.hypot(*(each["gradient"] for each in moment["groups"].values()))
        assert whole == pytest.approx(recorder.updates[at].gradient_norm, rel=1e-3)


def test_distances_are_measured_at_the_end_of_each_epoch() -> None:
    recorder = Remembers()
    _, history = run(listener=recorder)
    done = 0
    for record in history:
        seen = record["dynamics"]
        done += seen["steps"]
        first, now = recorder.before[0], recorder.after[done - 1]
        far = {name: now[name] - first[name] for name in first}
        assert seen["moved"] == pytest.approx(length(far) / length(first), rel=1e-3)
        linear = length(far, "linear") / length(first, "linear")
        assert seen["groups"]["linear"] == {"kind": "other", "moved": pytest.approx(linear, rel=1e-3)}
    assert done == len(recorder.updates)


def test_statistics_over_all_updates() -> None:
    recorder = Remembers()
    _, history = run(SETTINGS.replace(gradient_clip=0.3), listener=recorder)
    seen, here = history[0]["dynamics"], recorder.updates[: history[0]["dynamics"]["steps"]]
    found = sorted(update.gradient_norm for update in here)
    assert seen["clip"] == 0.3
    assert seen["clipped"] == pytest.approx(sum(norm > 0.3 for norm in found) / len(found), rel=1e-3)
    assert 0 < seen["clipped"] < 1
    assert found[0] <= seen["gradient_median"] <= found[-1] == history[0]["gradient_norm"]
    assert seen["learning_rate"] == pytest.approx(max(update.learning_rate for update in here), rel=1e-3)


@pytest.mark.parametrize(
    ("epochs", "batches", "expected"),
    [
        (6, 1, [1, 6]),
        (4, 40, [1, 150, 160]),
        (3, 100, [1, 150, 300]),
        (200, 100, [1, *range(200, 20_001, 200)]),
    ],
)
def test_few_updates_are_measured(epochs: int, batches: int, expected: list[int]) -> None:
    """The first, every 150th and the last planned one; about a hundred in a long training."""
    recorder, step, chosen = Statistics(OBJECTIVE, 1.0), 0, []
    net, batch = nn.Linear(1, 1), Numbers(1).batch([0])
    recorder.update_ended = lambda update: chosen.append(update.step) if recorder._chosen(update.step) else None
    for epoch in range(1, epochs + 1):
        recorder.epoch_started(epoch, epochs, batches)
        for _ in range(batches):
            step += 1
            update = Update(step, net, batch, 1.0, 0.1)
            recorder.update_started(update)
            recorder.update_ended(update)
        recorder.epoch_ended({})
    assert chosen == expected


def test_the_record_is_small_and_plain() -> None:
    _, history = run()
    line = json.dumps(history[0]["dynamics"], allow_nan=False)
    assert len(line) < 2_500
    assert json.loads(line) == history[0]["dynamics"]


def test_without_it_nothing_is_recorded() -> None:
    _, history = run(SETTINGS.replace(statistics=False))
    assert not any("dynamics" in record for record in history)


def test_listeners_receive_the_finished_record() -> None:
    records: list[EpochRecord] = []

    class Recorder(Listener):
        def epoch_ended(self, record: EpochRecord) -> None:
            assert "dynamics" in record
            records.append(record)

    _, history = run(listener=Recorder())
    assert records == history


def test_frozen_weights_have_a_distance_of_zero_and_no_gradient() -> None:
    net = network()
    net.lstm.requires_grad_(False)
    seen = Training(OBJECTIVE, net, TRAIN, None, SETTINGS).run().history[-1]["dynamics"]
    assert {name for name, group in seen["groups"].items() if group["moved"] == 0} == {
        f"lstm.l0.{gate}" for gate in ("input", "forget", "cell", "output")
    }
    assert seen["moments"][-1]["groups"]["lstm.l0.cell"]["gradient"] == 0
    assert seen["groups"]["linear"]["moved"] > 0


def test_weights_that_start_at_zero_have_no_relative_distance() -> None:
    net = network()
    nn.init.zeros_(net.linear.weight)
    nn.init.zeros_(net.linear.bias)
    seen = Training(OBJECTIVE, net, TRAIN, None, SETTINGS).run().history[-1]["dynamics"]
    assert seen["groups"]["linear"]["moved"] is None
    assert seen["moved"] > 0


def test_weights_near_the_float32_limit_are_recorded() -> None:
    net = network()
    with torch.no_grad():
        net.lstm.weight_hh_l0.fill_(1e37)
    single = Numbers(50)
    single.values = [values[:1] for values in single.values]
    single.lengths[:] = 1
    history = Training(OBJECTIVE, net, single, None, SETTINGS.replace(epochs=1)).run().history
    assert json.dumps(history, allow_nan=False)


def test_a_pretraining_is_not_recorded() -> None:
    """It is not part of the history."""
    quick = TrainingSettings(pretraining_epochs=1, batch_tokens=256)
    notes: list[str] = []

    class Recorder(Listener):
        def note(self, text: str) -> None:
            notes.append(text)

    net = classifier(WORDS)
    assert pretrain(net, counting(40), quick, Recorder())
    assert len(notes) == 1


def length(tensors: dict[str, torch.Tensor], start: str = "") -> float:
    return float(
        torch.cat([each.flatten().double() for name, each in tensors.items() if name.startswith(start)]).norm()
    )
