"""The sheet's program: its output line for line, and what longshort says about it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from torch import nn

from longshort.errors import SettingError
from longshort.experiments import EXPERIMENTS
from longshort.experiments.sequence_sum import SHEET_SEED, numbers

# What the sheet shows; numpy puts the spaces of the matrix, and print one before it.
SHEET = """\
Epoch [1/6] Loss: 0.6975, Test Acc: 0.4300
Epoch [2/6] Loss: 0.6967, Test Acc: 0.4300
Epoch [3/6] Loss: 0.6959, Test Acc: 0.4300
Epoch [4/6] Loss: 0.6952, Test Acc: 0.4300
Epoch [5/6] Loss: 0.6945, Test Acc: 0.4300
Epoch [6/6] Loss: 0.6939, Test Acc: 0.4300

✅ Final Metrics:
Accuracy: 0.4300
F1 Score: 0.6014
Confusion Matrix:
 [[  0 114]
 [  0  86]]
"""

TOLERANCE = 3e-7
"""Nats, a few steps of float32: the rows of the batch stand in another order."""

SEQUENCE_SUM = EXPERIMENTS["sequence-sum"]


@pytest.fixture(scope="module")
def sheet_run(tmp_path_factory):
    """The run as on the sheet: all printed lines, and its outcome."""
    lines: list[str] = []
    outcome = SEQUENCE_SUM.run(directory=tmp_path_factory.mktemp("sheet") / "run", out=lines.append)
    return "\n".join(lines), outcome


def the_sheets_own_program(seed: int) -> list[float]:
    """The losses of the program that the sheet prints, in plain PyTorch."""
    return the_sheets_own_training(seed)[0]


def the_sheets_own_weights(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """All of its weights, one after another, before the first update and after the last."""
    return the_sheets_own_training(seed)[1:]


def the_sheets_own_training(seed: int) -> tuple[list[float], torch.Tensor, torch.Tensor]:
    np_random = np.random.RandomState(42)
    x = np_random.rand(1000, 10, 1)
    y = (x.sum(axis=1) > 5).astype(int).flatten()
    x_train, y_train = torch.tensor(x[:800], dtype=torch.float32), torch.tensor(y[:800], dtype=torch.long)
    torch.manual_seed(seed)
    lstm, fc = nn.LSTM(1, 32, 1, batch_first=True), nn.Linear(32, 2)
    weights = [*lstm.parameters(), *fc.parameters()]
    first = nn.utils.parameters_to_vector(weights).detach().clone()
    optimizer = torch.optim.Adam(weights, lr=0.001)
    losses = []
    for _ in range(6):
        _, (hn, _) = lstm(x_train)
        loss = nn.functional.cross_entropy(fc(hn[-1]), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, first, nn.utils.parameters_to_vector(weights).detach()


def test_the_numbers_are_the_sheets():
    train, test = numbers()
    x = np.random.RandomState(42).rand(1000, 10, 1)

    assert np.array_equal(np.concatenate([train.values, test.values]), x.astype(np.float32))
    assert np.array_equal(np.concatenate([train.targets, test.targets]), (x.sum(axis=(1, 2)) > 5).astype(int))
    assert (len(train), np.bincount(test.targets).tolist()) == (800, [114, 86])


def test_the_global_generators_are_left_alone(tmp_path):
    torch.manual_seed(5)
    expected, known = torch.rand(1), np.random.get_state()[1].copy()  # noqa: NPY002
    torch.manual_seed(5)
    SEQUENCE_SUM.run(epochs=1, directory=tmp_path / "run", out=lambda _: None)

    assert torch.equal(torch.rand(1), expected)
    assert np.array_equal(np.random.get_state()[1], known)  # noqa: NPY002


def test_every_printed_line_is_the_sheets(sheet_run):
    printed, _ = sheet_run

    assert printed.startswith(SHEET + "\nVerdict: ")


def test_the_losses_are_those_of_adam_in_plain_pytorch(sheet_run):
    _, outcome = sheet_run
    ours = [record["train_loss"] for record in outcome.metrics["history"]]

    assert ours == pytest.approx(the_sheets_own_program(SHEET_SEED), abs=TOLERANCE)


def test_other_first_weights_are_followed_too(tmp_path):
    outcome = SEQUENCE_SUM.run(seed=1, directory=tmp_path / "run", out=lambda _: None)
    ours = [record["train_loss"] for record in outcome.metrics["history"]]

    assert ours == pytest.approx(the_sheets_own_program(1), abs=TOLERANCE)


def test_the_metrics_are_scikit_learns(sheet_run):
    _, outcome = sheet_run
    truth, answers = numbers()[1].targets, np.ones(200, dtype=int)
    test = outcome.metrics["test"]

    assert test["accuracy"] == accuracy_score(truth, answers)
    assert test["classes"][1]["f1"] == pytest.approx(f1_score(truth, answers))
    assert test["confusion"] == confusion_matrix(truth, answers).tolist()


def test_the_verdict_says_that_it_is_no_success(sheet_run):
    printed, outcome = sheet_run
    kinds = {finding.kind: finding.sentence for finding in outcome.verdict.findings}

    assert outcome.verdict.headline == (
        "It has learnt nothing of use: it gives the same answer to everything, accuracy 0.430 (95 % interval 0.363 to "
        "0.499) on 200 test examples."
    )
    assert kinds["collapsed"] == (
        "It answers 'sum over 5' to all 200 test examples, which is right for 0.430 of them; always answering "
        "'sum at most 5' would be right for 0.570."
    )
    assert {"learnt nothing", "baseline", "undertrained"} <= set(kinds)
    assert kinds["barely moved"] == (
        "6 updates at a learning rate of 0.001 moved the weights by 5.4 % of their norm while the loss was still "
        "falling: it had no time to learn."
    )
    assert outcome.metrics["baselines"]["majority class"]["accuracy"] == 0.57
    assert printed.endswith("\nNext: longshort experiment sequence-sum --fixed")


def test_the_distance_is_that_of_the_sheets_own_weights(sheet_run):
    """From the first weights to those after six updates, in plain PyTorch."""
    _, outcome = sheet_run
    recorded = outcome.metrics["history"][-1]["dynamics"]
    first, last = the_sheets_own_weights(SHEET_SEED)

    assert recorded["moved"] == pytest.approx(float((last - first).norm() / first.norm()), rel=1e-3)
    assert recorded["clipped"] == 0


def test_the_gradient_hardly_reaches_the_first_numbers(sheet_run):
    """Torch starts the forget gates half open: of ten steps back, 0.51 ** 9 is left, a five-hundredth."""
    _, outcome = sheet_run
    (told,) = [each.sentence for each in outcome.verdict.findings if each.kind == "vanishing gradient"]

    assert told.endswith(" its last tenth. The forget gates of layer 0 keep 0.51 of a cell at each step, on average.")


def test_the_files_are_there(sheet_run):
    _, outcome = sheet_run

    assert sorted(path.name for path in outcome.directory.iterdir()) == ["curves.png", "metrics.json"]
    assert (outcome.directory / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((outcome.directory / "metrics.json").read_text())["test_accuracies"] == [0.43] * 6


def test_other_epochs(tmp_path):
    lines: list[str] = []
    SEQUENCE_SUM.run(epochs=2, directory=tmp_path / "run", out=lines.append)

    assert lines[:2] == ["Epoch [1/2] Loss: 0.6975, Test Acc: 0.4300", "Epoch [2/2] Loss: 0.6967, Test Acc: 0.4300"]


@pytest.mark.parametrize("fixed", [False, True])
def test_no_epochs_is_an_error(fixed, tmp_path):
    with pytest.raises(SettingError, match=r"^epochs must be at least 1\. Got 0\."):
        SEQUENCE_SUM.run(fixed=fixed, epochs=0, directory=tmp_path / "run")
