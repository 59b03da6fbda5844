"""The sheet's pseudo-code on text: every step is shown, and the verdict tells the end."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from longshort.errors import SettingError
from longshort.experiments.text import PLAIN, text

EPOCHS = 200
WORDS = [a + b for a in ("ba", "do", "fi", "ku", "le", "mi") for b in ("ran", "sel", "tok", "vun")]


def sentences(count: int, noise: float) -> tuple[list[str], list[str]]:
    """A word tells the label, except in a share `noise` of them, which can only be memorised."""
    draw = random.Random(0)
    texts, labels = [], []
    for number in range(count):
        good = number % 2 == 1
        texts.append(f"{' '.join(draw.choices(WORDS, k=draw.randint(3, 6)))}, {'warm' if good else 'cold'}")
        labels.append("good" if good != (draw.random() < noise) else "bad")
    return texts, labels


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    folder, lines = tmp_path_factory.mktemp("text"), []
    report = text(folder=folder, out=lines.append, epochs=EPOCHS, data=sentences(240, noise=0.3))
    return report, "\n".join(lines), folder


def test_every_step_of_the_sheet_stands_in_its_order(trial):
    _, printed, _ = trial
    steps = ("Tokenize", "Convert to numbers", "Pad", "Split", "Define the model", "Train", "Evaluate")
    places = [printed.index(f"{number}. {step}") for number, step in enumerate(steps, start=1)]

    assert places == sorted(places)


def test_the_tokens_and_their_numbers_belong_together(trial):
    _, printed, _ = trial
    lines = printed.splitlines()
    tokens = lines[2].strip().split(" | ")
    pairs = [pair.rsplit("=", 1) for pair in lines[5].split()]

    assert lines[1].split()[0] == tokens[0]
    assert [token for token, _ in pairs] == tokens
    assert "," in tokens


def test_the_padded_view_is_a_table_of_the_same_numbers(trial):
    _, printed, _ = trial
    first = [int(pair.rsplit("=", 1)[1]) for pair in printed.splitlines()[5].split()]
    table = printed.split("after the end of the shorter ones.\n")[1].split(" % of it")[0].rsplit("\n", 1)[0]
    rows = [[int(number) for number in line.strip(" []").split()] for line in table.splitlines()]

    assert len({len(row) for row in rows}) == 1
    assert [number for number in rows[0] if number >= 0] == first
    assert "longshort itself never pads" in printed


def test_split_and_model_are_shown_with_their_sizes(trial):
    _, printed, _ = trial

    assert "4. Split: 192 train, 24 validation, 24 test sentences" in printed
    for layer in ("Embedding(", "LSTM(32, 32", "Linear(in_features=32, out_features=1", "Sigmoid()"):
        assert layer in printed


def test_every_tenth_epoch_is_printed_as_on_the_sheet(trial):
    report, printed, _ = trial
    history = report.metrics["history"]

    assert [line for line in printed.splitlines() if line.startswith("Epoch")] == [
        f"Epoch [{epoch}, {EPOCHS}], loss = {history[epoch - 1]['train_loss']:.6f}"
        for epoch in range(10, EPOCHS + 1, 10)
    ]


def test_it_is_the_last_epochs_model_that_is_judged(trial):
    report, printed, _ = trial
    metrics, best = report.metrics, report.metrics["best_on_validation"]
    losses = [record["validation_loss"] for record in metrics["history"]]

    assert best["epoch"] == 1 + int(np.argmin(losses))
    assert best["epoch"] < EPOCHS
    assert best["loss"] < metrics["test"]["loss"]
    assert f"Test accuracy: {metrics['test']['accuracy']:.4f}\nTest loss: {metrics['test']['loss']:.6f}" in printed
    assert f"(The weights of epoch {best['epoch']}, the best on the validation sentences" in printed


def test_the_verdict_says_that_it_overfits_and_knows_the_baselines(trial):
    report, _, folder = trial

    assert "overfitted" in {finding.kind for finding in report.verdict.findings}
    assert "it overfits" in report.verdict.headline
    assert set(report.metrics["baselines"]) == {"majority class", "TF-IDF + logistic regression"}
    assert report.next_command == "longshort train movie-sentences"
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_no_gradient_comes_near_the_norm_at_which_it_would_be_clipped(trial):
    report, _, _ = trial

    assert max(row["gradient_norm"] for row in report.metrics["history"]) < PLAIN.training.gradient_clip / 10


def test_a_few_epochs_print_at_least_the_last(tmp_path):
    lines: list[str] = []
    report = text(folder=tmp_path, out=lines.append, epochs=2, seed=1, data=sentences(60, noise=0.0))

    assert [line for line in lines if line.startswith("Epoch")] == [
        f"Epoch [2, 2], loss = {report.metrics['history'][1]['train_loss']:.6f}"
    ]
    assert math.isfinite(report.metrics["test"]["loss"])


def test_a_seed_below_zero(tmp_path):
    with pytest.raises(SettingError, match=r"^seed must be at least 0\. Got -1\."):
        text(folder=tmp_path, out=print, seed=-1)
