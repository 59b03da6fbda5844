"""Trainings that fail for a known reason get that finding, and healthy ones get none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.small_runs import labels, texts
from tests.training.words import Words
from tests.training.words import network as classifier
from torch import nn

from longshort.config import TextRunSettings, TrainingSettings
from longshort.evaluation import Facts, Finding, classification_metrics, judge
from longshort.networks import ClassificationObjective, predict_logits
from longshort.runs import train
from longshort.training import Training

OBJECTIVE = ClassificationObjective(2)
WHY = {
    "barely moved",
    "closed gates",
    "dead gates",
    "dead units",
    "exploding gradient",
    "overshot",
    "saturated gates",
    "unmoved",
    "vanishing gradient",
}
HEALTHY = TrainingSettings(epochs=6, batch_tokens=256, learning_rate=0.02)


def words(count: int, seed: int = 0, length: int = 12) -> Words:
    """Make texts whose label depends on which of two words they contain."""
    draw = np.random.default_rng(seed)
    content, targets = draw.integers(2, 12, (count, length)), draw.integers(0, 2, count)
    content[np.arange(count), draw.integers(0, length, count)] = targets
    return Words(content.tolist(), targets)


def diagnosed(
    settings: TrainingSettings = HEALTHY,
    change: Callable[[nn.Module], object] = lambda _: None,
    length: int = 12,
    **model: Any,
) -> dict[str, Finding]:
    """Train, and return the findings about causes."""
    network = classifier(**{"word_dropout": 0.0, "output_dropout": 0.0} | model)
    with torch.no_grad():
        change(network)
    examples, held_out = words(300, length=length), words(200, seed=1, length=length)
    result = Training(OBJECTIVE, network, examples, None, settings).run()
    probabilities = OBJECTIVE.probabilities(predict_logits(network, held_out).double()).numpy()
    facts = Facts(
        test=classification_metrics(probabilities, held_out.targets, ("0", "1")),
        train_counts=np.bincount(examples.targets, minlength=2).tolist(),
        history=result.history,
        best_epoch=result.best_epoch,
        schedule=settings.schedule,
    )
    return {finding.kind: finding for finding in judge(facts).findings if finding.kind in WHY}


def gates(network: nn.Module, gate: int, bias: float) -> None:
    for name, each in network.lstm.named_parameters():
        if name.startswith("bias_ih"):
            each.chunk(4)[gate].fill_(bias)


def scale(network: nn.Module, part: str, factor: float) -> None:
    for name, each in network.lstm.named_parameters():
        if part in name:
            each.mul_(factor)


@pytest.mark.parametrize(
    "model",
    [{}, {"num_layers": 2}, {"bidirectional": False, "pooling": "last"}],
    ids=["as by default", "two layers", "the last state alone"],
)
def test_a_healthy_training_has_no_findings(model: dict[str, Any]) -> None:
    assert diagnosed(**model) == {}


@pytest.mark.slow
def test_the_demo_has_no_findings(tmp_path: Path) -> None:
    """From files to verdict, on texts decided by one word."""
    settings = TextRunSettings.from_flat(TextRunSettings.presets["demo"] | {"batch_tokens": 256})
    run = train((texts(1_000), labels(1_000)), settings=settings, directory=tmp_path / "run")
    assert run.metrics["test"]["accuracy"] > 0.95
    assert WHY.isdisjoint(finding.kind for finding in run.verdict.findings)


def test_a_tiny_learning_rate() -> None:
    found = diagnosed(HEALTHY.replace(learning_rate=1e-6))
    assert list(found) == ["barely moved"]
    assert found["barely moved"].level == "bad"
    assert found["barely moved"].sentence.startswith(
        "90 updates at learning rates of at most 1e-06 moved the weights by "
    )
    assert found["barely moved"].sentence.endswith(" % of their norm: too little to learn from.")


def test_too_few_updates() -> None:
    found = diagnosed(TrainingSettings(epochs=6, batch_tokens=10_000, learning_rate=0.001, schedule="constant"))
    assert list(found) == ["barely moved"]
    assert found["barely moved"].sentence.startswith("6 updates at a learning rate of 0.001 moved the weights by ")
    assert found["barely moved"].sentence.endswith(" while the loss was still falling: it had no time to learn.")


def test_a_huge_learning_rate() -> None:
    found = diagnosed(HEALTHY.replace(learning_rate=3.0, schedule="constant"))
    assert {"overshot", "saturated gates"} <= set(found)
    assert found["overshot"].sentence.startswith("Its updates were too large: update 1 changed the weights of layer 0 ")


def test_forget_gates_that_never_open() -> None:
    found = diagnosed(change=lambda network: gates(network, 1, -10.0))
    assert list(found) == ["closed gates"]
    assert found["closed gates"].sentence == (
        "The forget gates of layer 0 forward and layer 0 reverse never open: 87.5 % of the units keep less than 5 % "
        "at every measured step, so little is carried from step to step."
    )


@pytest.mark.parametrize(("gate", "name"), [(0, "input"), (3, "output")])
def test_gates_that_let_nothing_through(gate: int, name: str) -> None:
    found = diagnosed(HEALTHY.replace(epochs=2), lambda network: gates(network, gate, -20.0), bidirectional=False)
    assert found["closed gates"].sentence.startswith(f"The {name} gates of layer 0 never open: 100.0 % of the units ")


def test_saturating_first_weights() -> None:
    found = diagnosed(HEALTHY.replace(learning_rate=0.003), lambda network: scale(network, "weight_ih", 100.0))
    assert list(found) == ["saturated gates"]
    assert found["saturated gates"].sentence.startswith(
        "The gates of layer 0 forward and layer 0 reverse are saturated: "
    )


def test_dead_units() -> None:
    """Units that depend on neither their input nor each other."""
    found = diagnosed(HEALTHY.replace(learning_rate=1e-5), lambda network: scale(network, "weight", 1e-3))
    assert {"dead units", "dead gates"} <= set(found)
    assert found["dead units"].sentence == (
        "100.0 % of the units of layer 0 forward and layer 0 reverse are dead: they stay within a band of 0.01, "
        "whatever they read."
    )


def test_an_exploding_gradient() -> None:
    """Chaotic hidden states over many steps."""
    found = diagnosed(
        HEALTHY.replace(epochs=2, learning_rate=0.001), lambda network: scale(network, "weight_hh", 8.0), length=40
    )
    assert found["exploding gradient"].sentence.startswith("Its gradient exploded: in epoch ")
    assert found["exploding gradient"].sentence.endswith(" % of the updates.")


def test_a_gradient_that_vanishes_along_the_sequence() -> None:
    found = diagnosed(HEALTHY.replace(epochs=2), length=120, bidirectional=False, pooling="last")
    assert list(found) == ["vanishing gradient"]
    assert found["vanishing gradient"].sentence.startswith(
        "The gradient vanishes along the sequence, whose first tenth "
    )
    assert " its last tenth. The forget gates of layer 0 keep 0.6" in found["vanishing gradient"].sentence


def test_a_gradient_that_does_not_reach_a_layer() -> None:
    def choke(network: nn.Module) -> None:
        for name in ("weight_ih_l1", "weight_ih_l1_reverse"):
            getattr(network.lstm, name).mul_(1e-5)

    found = diagnosed(HEALTHY.replace(epochs=2, learning_rate=1e-6), choke, num_layers=2)
    assert found["vanishing gradient"].sentence.startswith(
        "Hardly any gradient reaches layer 0 forward and layer 0 reverse: in the median update it is "
    )


def test_a_frozen_embedding() -> None:
    found = diagnosed(HEALTHY.replace(embedding_rate=0.0))
    assert list(found) == ["unmoved"]
    assert (found["unmoved"].level, found["unmoved"].sentence, found["unmoved"].advice) == (
        "note",
        "The weights of 'embedding' did not move at all in 90 updates, though a gradient reached them.",
        "If that is not meant, set embedding_rate above 0.",
    )


def test_weights_that_no_gradient_reaches() -> None:
    found = diagnosed(change=lambda network: network.lstm.requires_grad_(False), bidirectional=False)
    assert found["unmoved"].sentence == (
        "The weights of 'lstm.l0.input', 'lstm.l0.forget', 'lstm.l0.cell' and 'lstm.l0.output' did not move at all in "
        "90 updates: no gradient reached them."
    )
