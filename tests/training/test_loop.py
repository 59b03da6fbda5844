"""The loop learns, keeps the best weights, stops in time, and loses nothing."""

from __future__ import annotations

import math
import os
import signal
import threading

import numpy as np
import pytest
import torch
from tests.training.numbers import Network, Numbers, network
from torch import nn

from longshort.config import TrainingSettings
from longshort.errors import NonFiniteError
from longshort.networks import ClassificationObjective, mean_loss_and_accuracy, predict_logits
from longshort.training import EpochRecord, Listener, Training, TrainingResult

OBJECTIVE = ClassificationObjective(2)
SETTINGS = TrainingSettings(epochs=4, batch_tokens=64, learning_rate=0.02)
TRAIN, VALIDATION = Numbers(200), Numbers(80, seed=1)


def run(settings: TrainingSettings = SETTINGS, **arguments: object) -> tuple[Network, TrainingResult]:
    net = network()
    return net, Training(OBJECTIVE, net, TRAIN, VALIDATION, settings, **arguments).run()


def test_it_learns() -> None:
    net, result = run()
    assert mean_loss_and_accuracy(OBJECTIVE, net, VALIDATION)[1] > 0.9
    assert result.ended == "finished"
    assert [record["epoch"] for record in result.history] == [1, 2, 3, 4]
    assert result.history[-1]["train_loss"] < result.history[0]["train_loss"]


def test_the_weights_of_the_best_epoch_are_restored() -> None:
    net, result = run(SETTINGS.replace(learning_rate=0.5, schedule="constant", epochs=6, patience=6))
    losses = [record["validation_loss"] for record in result.history]
    assert result.best_epoch == 1 + int(np.argmin(losses))
    assert mean_loss_and_accuracy(OBJECTIVE, net, VALIDATION)[0] == pytest.approx(min(losses), rel=1e-5)


def test_the_same_seed_gives_the_same_bits() -> None:
    (first, one), (second, two) = run(), run()
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert [r | {"seconds": 0} for r in one.history] == [r | {"seconds": 0} for r in two.history]
    other, _ = run(SETTINGS.replace(seed=1))
    assert not torch.equal(first.linear.weight, other.linear.weight)


def test_the_users_own_random_numbers_are_not_disturbed() -> None:
    net = network()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    Training(OBJECTIVE, net, TRAIN, None, SETTINGS).run()
    assert torch.equal(torch.rand(3), expected)


def test_patience_stops_when_validation_no_longer_improves() -> None:
    _, result = run(TrainingSettings(epochs=50, learning_rate=1.0, schedule="constant", patience=2, batch_tokens=64))
    assert result.ended == "patience"
    assert len(result.history) == result.best_epoch + 2


def test_without_validation_the_last_epoch_is_kept() -> None:
    net = network()
    result = Training(OBJECTIVE, net, TRAIN, None, SETTINGS).run()
    assert result.best_epoch == 4
    assert result.history[-1]["validation_loss"] is None


def test_a_loss_that_is_not_finite_stops_before_the_update() -> None:
    broken = Numbers(200)
    broken.values[17][:] = math.nan
    net = network()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(NonFiniteError, match=r"^The loss must be finite\. Got nan at step \d+ \(rows ") as caught:
        Training(OBJECTIVE, net, broken, VALIDATION, SETTINGS).run()
    assert 17 in caught.value.rows
    assert f"at step {caught.value.step} " in caught.value.message
    # It was the first epoch: the best weights so far are the initial ones.
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_gradient_that_is_not_finite_stops_before_the_update() -> None:
    net = network()
    net.linear.weight.register_hook(lambda gradient: gradient * math.inf)
    training = Training(OBJECTIVE, net, TRAIN, VALIDATION, SETTINGS)
    with pytest.raises(NonFiniteError, match="The gradient must be finite"):
        training.run()
    assert training.steps == 0


class InterruptsAt(Listener):
    def __init__(self, epoch: int) -> None:
        self.epoch, self.now, self.steps_after = epoch, 0, 0

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        self.now = epoch

    def step(self, batch: int, loss: float) -> None:
        if self.now == self.epoch:
            self.steps_after += 1
            if self.steps_after == 1:
                os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread")
def test_ctrl_c_finishes_the_step_and_keeps_the_best() -> None:
    listener = InterruptsAt(epoch=3)
    before = signal.getsignal(signal.SIGINT)
    net, result = run(listener=listener)
    assert result.ended == "interrupted"
    assert listener.steps_after == 1
    assert len(result.history) == 2
    best = result.history[result.best_epoch - 1]["validation_loss"]
    assert mean_loss_and_accuracy(OBJECTIVE, net, VALIDATION)[0] == pytest.approx(best, rel=1e-5)
    assert signal.getsignal(signal.SIGINT) is before


class Recorder(Listener):
    def __init__(self) -> None:
        self.events: list[str] = []

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        self.events.append(f"{epoch}/{epochs} {batches}")

    def step(self, batch: int, loss: float) -> None:
        self.events.append(f"step {batch}")

    def epoch_ended(self, record: EpochRecord) -> None:
        self.events.append(f"end {record['epoch']}")


def test_every_step_and_epoch_is_reported() -> None:
    recorder = Recorder()
    run(SETTINGS.replace(epochs=1), listener=recorder)
    batches = int(recorder.events[0].split()[1])
    assert recorder.events == [f"1/1 {batches}", *[f"step {i}" for i in range(1, batches + 1)], "end 1"]


def test_on_better_is_called_for_each_better_epoch() -> None:
    seen: list[nn.Module] = []
    _, result = run(on_better=lambda kept: seen.append(kept))
    losses = [record["validation_loss"] for record in result.history]
    assert len(seen) == sum(loss < min([math.inf, *losses[:i]]) for i, loss in enumerate(losses))


def test_class_weights_move_a_run_on_unbalanced_classes() -> None:
    rare = Numbers(300)
    keep = np.flatnonzero((rare.targets == 0) | (np.arange(300) % 10 == 0))
    rare.targets, rare.lengths = rare.targets[keep], rare.lengths[keep]
    rare.values = [rare.values[i] for i in keep]
    rates = []
    for class_weights in (None, "balanced"):
        net = network()
        Training(OBJECTIVE, net, rare, None, SETTINGS.replace(class_weights=class_weights, epochs=2)).run()
        net.eval()
        logits = net(VALIDATION.batch(np.flatnonzero(VALIDATION.targets == 1)).inputs)
        rates.append(float((logits > 0).float().mean()))
    assert rates[1] > rates[0] + 0.05


def test_an_overflow_in_the_last_update_is_not_kept() -> None:
    """Sequences of one step never use the recurrent weights: neither loss nor gradient shows the overflow."""
    settings = TrainingSettings(
        epochs=1, batch_tokens=100_000, learning_rate=100, weight_decay=10, averaging=0, schedule="constant"
    )
    single = Numbers(200)
    single.values = [values[:1] for values in single.values]
    single.lengths = np.ones_like(single.lengths)
    net = network()
    with torch.no_grad():
        net.lstm.weight_hh_l0.fill_(1e38)  # weight decay multiplies it by 1 - 100 * 10
    with pytest.raises(NonFiniteError) as caught:
        Training(OBJECTIVE, net, single, None, settings).run()
    assert str(caught.value) == (
        "The weights must be finite. They are not after step 1; the best earlier ones are kept.\n\n"
        "hint: Try a smaller --learning-rate or --weight-decay."
    )
    assert (caught.value.step, caught.value.rows) == (1, [])
    assert all(bool(torch.isfinite(weight).all()) for weight in net.parameters())


class InterruptsAtTheEnd(Listener):
    def epoch_ended(self, record: EpochRecord) -> None:
        if record["epoch"] == 4:
            os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_after_the_last_step_is_reported() -> None:
    _, result = run(listener=InterruptsAtTheEnd())
    assert result.ended == "interrupted"
    assert len(result.history) == 4


def test_weights_are_relative_and_favour_heavy_examples() -> None:
    (plain, _), (ones, _) = run(), run(weights={"train": np.full(200, 4.0), "validation": np.full(80, 4.0)})
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), ones.parameters(), strict=True))
    side = np.where(TRAIN.targets == 1, 30.0, 1.0)
    heavy, result = run(weights={"train": side, "validation": np.where(VALIDATION.targets == 1, 30.0, 1.0)})
    answered = [(predict_logits(net, VALIDATION)[:, 0] > 0).double().mean() for net in (plain, heavy)]
    assert answered[1] > answered[0]
    weights = torch.as_tensor(np.where(VALIDATION.targets == 1, 30.0, 1.0))
    losses = OBJECTIVE.losses(predict_logits(heavy, VALIDATION), torch.as_tensor(VALIDATION.targets))
    best = min(record["validation_loss"] for record in result.history)
    assert best == pytest.approx(float((losses * weights).sum() / weights.sum()), rel=1e-5)
