"""Pretraining learns from the texts alone, reports its progress, and can be stopped."""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from tests.training.words import WORDS, Words, chance, counting, network
from torch import Tensor

from longshort.config import TrainingSettings
from longshort.errors import NonFiniteError, SettingError
from longshort.networks import LanguageModel, LanguageObjective, TextClassifierNetwork
from longshort.training import EpochRecord, Listener, Training, pretrain
from longshort.training.pretraining import choose_pretraining_epochs

QUICK = TrainingSettings(pretraining_epochs=2, batch_tokens=256)
LEARNS = TrainingSettings(pretraining_epochs=8, batch_tokens=128, learning_rate=0.02)
NOTE = re.compile(r"^language model (\d+)/(\d+)  loss (\d+\.\d{3}) nats per word  \d+ s$")


class Recorder(Listener):
    """Records every event, and sends SIGINT in one epoch."""

    def __init__(self, interrupt_in: int = 0) -> None:
        self.events: list[str] = []
        self.records: list[EpochRecord] = []
        self.interrupt_in, self.epoch = interrupt_in, 0

    def stage(self, text: str) -> None:
        self.events.append(text)

    def note(self, text: str) -> None:
        self.events.append(text)

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        self.epoch = epoch
        self.events.append(f"epoch {epoch}/{epochs} of {batches}")

    def step(self, batch: int, loss: float) -> None:
        self.events.append(f"step {batch}")
        if self.epoch == self.interrupt_in and batch == 1:
            os.kill(os.getpid(), signal.SIGINT)

    def epoch_ended(self, record: EpochRecord) -> None:
        self.records.append(record)

    @property
    def losses(self) -> list[float]:
        return [float(match[3]) for match in map(NOTE.match, self.events) if match]


@contextlib.contextmanager
def ctrl_c_works() -> Iterator[None]:
    """For tests that run in the background of a shell, which ignores SIGINT there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def pretrained(
    examples: Words, settings: TrainingSettings = QUICK, listener: Listener | None = None, **changes: Any
) -> TextClassifierNetwork:
    net = network(**changes)
    assert pretrain(net, examples, settings, listener or Listener())
    return net


def weights(net: TextClassifierNetwork) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in net.state_dict().items()}


def same(one: TextClassifierNetwork, two: TextClassifierNetwork) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


# --- what is learned ---


@pytest.mark.parametrize("changes", [{}, {"bidirectional": False}, {"bidirectional": False, "num_layers": 2}], ids=str)
def test_texts_with_an_order_are_learned(changes: dict[str, Any]) -> None:
    recorder = Recorder()
    pretrained(counting(200), LEARNS, recorder, **changes)
    assert len(recorder.losses) == 8
    assert recorder.losses[0] > 1.2 > 0.6 > recorder.losses[-1]  # chance is the logarithm of 12, 2.48
    assert all(later < earlier + 0.05 for earlier, later in zip(recorder.losses, recorder.losses[1:], strict=False))


def read(examples: Words, unseen: Words, **changes: Any) -> list[Tensor]:
    """Train a language model, and return its predictions on other texts: `(guesses, 2)` per direction."""
    reader = LanguageModel(network(**changes))
    settings = LEARNS.replace(epochs=8, averaging=0.0, embedding_rate=1.0)
    Training(LanguageObjective(), reader, examples, None, settings).run()
    with torch.no_grad():
        guesses: Tensor = reader.eval()(unseen.batch(np.arange(len(unseen))).inputs)
    return list(guesses.split(len(guesses) // (1 + changes.get("bidirectional", True))))


def test_unseen_texts_with_an_order_are_predicted_in_both_directions() -> None:
    for guesses in read(counting(200), counting(50, seed=1)):
        assert float(guesses[:, 0].mean()) < 0.2
        assert float(guesses[:, 1].mean()) > 0.95


def test_random_texts_teach_nothing() -> None:
    """A model that had seen the word to predict would beat chance on unseen texts too."""
    for guesses in read(chance(200), chance(300, seed=1)):
        assert len(guesses) == 2_700
        assert float(guesses[:, 0].mean()) > math.log(WORDS) - 0.005
        assert float(guesses[:, 1].mean()) < 1 / WORDS + 0.03


def test_predictions_do_not_cross_texts() -> None:
    """Each of two words is predicted from the other; nothing is predicted across texts."""
    pairs = Words([[i % 6, 6 + i % 6] for i in range(240)])
    unseen = Words([[i % 6, 6 + i % 6] for i in range(120)])
    forward, reverse = read(pairs, unseen)
    assert (len(forward), len(reverse)) == (120, 120)
    assert float(forward[:, 1].mean()) == float(reverse[:, 1].mean()) == 1.0


def test_labels_are_not_used() -> None:
    plain = counting(60)
    other = Words([text.tolist() for text in plain.texts], np.random.default_rng(5).integers(0, 2, 60))
    several = Words([text.tolist() for text in plain.texts], np.ones((60, 3), dtype=np.float32))
    assert same(pretrained(plain), pretrained(other))
    balanced = QUICK.replace(class_weights="balanced")
    assert same(pretrained(plain), pretrained(several, balanced))


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, two = pretrained(counting(60)), network()
    torch.manual_seed(99)  # independent of the global generator
    pretrain(two, counting(60), QUICK, Listener())
    assert same(one, two)
    assert not same(one, pretrained(counting(60), QUICK.replace(seed=1)))
    pretrained(counting(60), QUICK.replace(seed=2**63 - 1))


def test_the_users_own_random_numbers_are_not_disturbed() -> None:
    net = network()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    pretrain(net, counting(60), QUICK, Listener())
    assert torch.equal(torch.rand(3), expected)


def test_embedding_and_lstm_move_and_the_linear_layer_does_not() -> None:
    before = weights(network())
    after = weights(pretrained(counting(60)))
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert moved == {name for name in before if not name.startswith("linear.")}
    assert all(bool(torch.isfinite(value).all()) for value in after.values())


def test_settings_of_the_classifier_have_no_effect() -> None:
    """Epochs, patience, averaging and embedding rate."""
    classifier = QUICK.replace(epochs=77, patience=1, averaging=0.0, embedding_rate=0.0)
    assert same(pretrained(counting(60)), pretrained(counting(60), classifier))
    assert not same(pretrained(counting(60)), pretrained(counting(60), QUICK.replace(learning_rate=1e-4)))


def test_texts_of_one_word_do_no_harm() -> None:
    before = network()
    recorder = Recorder()
    after = pretrained(Words([[i % WORDS] for i in range(40)] + [[]] * 3), QUICK, recorder)
    assert recorder.losses == [0.0, 0.0]
    assert torch.equal(before.embedding.weight, after.embedding.weight)


def test_some_texts_of_one_word_do_not_disturb_others() -> None:
    recorder = Recorder()
    texts = [text.tolist() for text in counting(60).texts]
    pretrained(Words([*texts, *([[3]] * 10), *([[]] * 10)]), QUICK.replace(batch_tokens=16), recorder)
    assert 0 < recorder.losses[-1] < math.log(WORDS)


# --- how long ---


@pytest.mark.parametrize(
    ("examples", "length", "changes", "expected"),
    [
        (22_500, 270, {}, 2),  # 741 batches an epoch
        (10_000, 200, {}, 2),  # 350
        (6_800, 22, {}, 5),  # 146
        (4_800, 22, {}, 7),  # 103
        (480, 270, {}, 10),  # 30
        (50, 10, {}, 10),
        (3, 0, {}, 10),
        (6_800, 22, {"batch_tokens": 512}, 3),  # 292
        (6_800, 22, {"pretraining_epochs": 0}, 0),
        (6_800, 22, {"pretraining_epochs": 33}, 33),
        (6_800, 22, {"epochs": 1}, 5),
    ],
)
def test_epochs(examples: int, length: int, changes: dict[str, Any], expected: int) -> None:
    data = Words([])
    data.lengths = np.full(examples, length)
    assert choose_pretraining_epochs(TrainingSettings(**changes), network(), data) == expected


def test_stacked_bidirectional_layers_are_not_pretrained_by_default() -> None:
    both, one_way = network(num_layers=2), network(num_layers=2, bidirectional=False)
    assert choose_pretraining_epochs(TrainingSettings(), both, counting(60)) == 0
    assert choose_pretraining_epochs(TrainingSettings(), one_way, counting(60)) == 10
    before, recorder = weights(both), Recorder()
    assert pretrain(both, counting(60), TrainingSettings(), recorder)
    assert recorder.events == []
    assert all(torch.equal(value, before[name]) for name, value in both.state_dict().items())


def test_pretraining_stacked_bidirectional_layers_is_an_error() -> None:
    with pytest.raises(SettingError) as caught:
        pretrain(network(num_layers=3), counting(60), QUICK, Listener())
    assert str(caught.value) == (
        "pretraining_epochs must be 0 where several layers read in both directions: they have seen the word that they "
        "are to guess. Got 3 layers.\n\nhint: Use one layer, or bidirectional=False."
    )


def test_zero_epochs_do_nothing() -> None:
    recorder = Recorder()
    assert same(network(), pretrained(counting(60), QUICK.replace(pretraining_epochs=0), recorder))
    assert recorder.events == []


# --- events ---


def test_events_of_a_pretraining() -> None:
    recorder = Recorder()
    pretrained(counting(60), QUICK, recorder)
    steps = [f"step {i}" for i in range(1, int(recorder.events[1].split()[-1]) + 1)]
    notes = [text for text in recorder.events if NOTE.match(text)]
    assert recorder.events == [
        "Pretraining as a language model on the training texts, 2 epochs",
        f"epoch 1/2 of {len(steps)}",
        *steps,
        notes[0],
        f"epoch 2/2 of {len(steps)}",
        *steps,
        notes[1],
    ]
    assert [NOTE.match(note).group(1, 2) for note in notes] == [("1", "2"), ("2", "2")]
    assert recorder.records == []  # left to the classifier


def test_one_epoch_is_singular() -> None:
    recorder = Recorder()
    pretrained(counting(60), QUICK.replace(pretraining_epochs=1), recorder)
    assert recorder.events[0] == "Pretraining as a language model on the training texts, 1 epoch"


# --- how it ends ---


def test_ctrl_c_finishes_the_step_and_is_reported() -> None:
    net, recorder = network(), Recorder(interrupt_in=2)
    with ctrl_c_works():
        before = signal.getsignal(signal.SIGINT)
        assert pretrain(net, counting(60), QUICK, recorder) is False
        assert signal.getsignal(signal.SIGINT) is before
    assert len(recorder.losses) == 1
    assert recorder.events[-2:] == [recorder.events[1].replace("1/2", "2/2"), "step 1"]
    first = network()
    with ctrl_c_works():
        pretrain(first, counting(60), QUICK, Recorder(interrupt_in=1))
    assert same(first, network())  # without a finished epoch, the initial weights stay


def test_a_loss_that_is_not_finite_stops_before_the_update() -> None:
    net = network()
    with torch.no_grad():
        net.embedding.weight[3] = math.nan
    before = weights(net)
    with pytest.raises(NonFiniteError, match=r"^The loss must be finite\. Got nan at step 1 \(rows ") as caught:
        pretrain(net, counting(60), QUICK, Listener())
    assert caught.value.step == 1
    assert all(torch.equal(value, before[n]) for n, value in net.state_dict().items() if n != "embedding.weight")
