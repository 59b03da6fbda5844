"""Fitting: reproducible, the same in memory and in files, and it keeps what is better at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tests.runs.small import FLAT, labels, texts
from torch import nn

from longshort.config import Settings
from longshort.runs.fit import Fitted, fit
from longshort.runs.prepare import prepare
from longshort.tasks import TextClassification
from longshort.training import Listener


class Ear(Listener):
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)


def fitted(
    listener: Listener | None = None, *, folder: Path | None = None, on_better: Any = None, **changes: Any
) -> Fitted:
    settings = Settings.from_flat(FLAT | changes)
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


def test_first_vectors() -> None:
    ear = Ear()
    found, drawn = fitted(ear, embedding_start="cooccurrence"), fitted(ear, embedding_start="random")
    assert not same(found.network, drawn.network)
    assert sum(stage.startswith("Finding first vectors for ") for stage in ear.stages) == 1


def test_what_is_told() -> None:
    ear = Ear()
    result = fitted(ear, tokenizer="character")
    size, weights = result.task.encoding.vocabulary_size, sum(p.numel() for p in result.network.parameters())
    assert ear.stages == [
        "Fitting the character tokenizer on 48 training texts",
        f"Finding first vectors for {size} tokens by the company they keep",
        f"Training: {weights:,} weights, {size} tokens in the vocabulary, 48 train, 6 validation, 6 test texts",
    ]
