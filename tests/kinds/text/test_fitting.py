"""Fitting: reproducible, the same in memory and in files, and it keeps what is better at once."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tests.small_runs import FLAT, labels, texts
from torch import nn

from longshort.config import TextRunSettings
from longshort.kinds.text.fitting import FittedTexts, fit
from longshort.kinds.text.preparing import prepare
from longshort.kinds.text.task import TextClassification
from longshort.training import Listener


class Ear(Listener):
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)


def fitted(
    listener: Listener | None = None, *, folder: Path | None = None, on_better: Any = None, **changes: Any
) -> FittedTexts:
    settings = TextRunSettings.from_flat(FLAT | changes)
    prepared = prepare((texts(), labels()), None, None, settings, Listener())
    return fit(prepared, settings, listener or Listener(), folder=folder, on_better=on_better)


def same(one: nn.Module, two: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_in_files_as_in_memory(tmp_path: Path) -> None:
    memory, files = fitted(), fitted(folder=tmp_path / "store")
    assert same(memory.network, files.network)
    assert isinstance(files.examples["train"].tokens, np.memmap)
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [
        "test.tokens.bin",
        "train.tokens.bin",
        "validation.tokens.bin",
    ]


def test_the_seed_decides_everything() -> None:
    one, other = fitted(seed=7), fitted(seed=8)
    torch.manual_seed(99)  # what else draws random numbers does not matter
    same_seed = fitted(seed=7)
    assert same(one.network, same_seed.network)
    assert not same(one.network, other.network)
    assert fitted(seed=2**63 - 1).result.history


def test_the_users_own_random_numbers_are_not_disturbed() -> None:
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    fitted()
    assert torch.equal(torch.rand(2), torch.rand(2, generator=torch.Generator().manual_seed(3)))
    assert np.random.rand() == np.random.RandomState(3).rand()  # noqa: NPY002


def test_each_better_epoch_is_handed_on_and_the_last_of_them_is_kept() -> None:
    kept: list[dict[str, torch.Tensor]] = []
    tasks: list[TextClassification] = []

    def on_better(task: TextClassification, network: nn.Module) -> None:
        tasks.append(task)
        kept.append({name: tensor.clone() for name, tensor in network.state_dict().items()})

    result = fitted(on_better=on_better, epochs=4, learning_rate=0.05)
    assert kept
    assert all(task is result.task for task in tasks)
    assert all(torch.equal(tensor, kept[-1][name]) for name, tensor in result.network.state_dict().items())


def test_pretraining_is_of_the_seed_too_and_leaves_a_history_of_the_classifier_alone() -> None:
    plain, one, two = (fitted(pretraining_epochs=epochs) for epochs in (0, 1, 1))
    assert same(one.network, two.network)
    assert not same(one.network, plain.network)
    assert [record["epoch"] for record in one.result.history] == [1, 2]
    assert same(
        fitted(pretraining_epochs=0, num_layers=2).network, fitted(num_layers=2, pretraining_epochs=None).network
    )


def test_ctrl_c_in_the_pretraining_ends_the_fit() -> None:
    class CtrlC(Ear):
        def step(self, batch: int, loss: float) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    ear = CtrlC()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = fitted(ear, pretraining_epochs=3).result
    finally:
        signal.signal(signal.SIGINT, before)
    assert (result.ended, result.best_epoch, result.history) == ("interrupted", 0, [])
    assert ear.stages[-1] == "Pretraining as a language model on the training texts, 3 epochs"


def test_first_vectors() -> None:
    ear = Ear()
    found, drawn = fitted(ear, embedding_start="cooccurrence"), fitted(ear, embedding_start="random")
    assert not same(found.network, drawn.network)
    assert sum(stage.startswith("Computing initial embeddings of ") for stage in ear.stages) == 1


def test_what_is_told() -> None:
    ear = Ear()
    result = fitted(ear, tokenizer="character", pretraining_epochs=1)
    size, weights = result.task.encoding.vocabulary_size, sum(p.numel() for p in result.network.parameters())
    assert ear.stages == [
        "Fitting the character tokenizer on 48 training texts",
        f"Computing initial embeddings of {size} tokens from co-occurrence",
        f"The network: {weights:,} weights, {size} tokens in the vocabulary, 48 train, 6 validation, 6 test texts",
        "Pretraining as a language model on the training texts, 1 epoch",
        "Training the classifier",
    ]


def test_without_pretraining_none_is_told() -> None:
    ear = Ear()
    fitted(ear, pretraining_epochs=0)
    assert [stage.split(":")[0] for stage in ear.stages[-2:]] == ["The network", "Training the classifier"]
