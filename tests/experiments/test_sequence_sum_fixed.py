"""The same problem trained properly."""

from __future__ import annotations

import numpy as np
import pytest

from longshort.experiments import EXPERIMENTS
from longshort.experiments import sequence_sum_fixed as module
from longshort.experiments.sequence_sum import numbers

SEQUENCE_SUM = EXPERIMENTS["sequence-sum"]


def run(place, **options):
    lines: list[str] = []
    return SEQUENCE_SUM.run(fixed=True, directory=place / "run", out=lines.append, **options), "\n".join(lines)


@pytest.mark.slow
def test_one_seed_reaches_what_is_promised_of_each(tmp_path):
    outcome, printed = run(tmp_path, seed=0)

    assert outcome.metrics["test"]["accuracy"] >= 0.97
    assert "better than majority class" in outcome.verdict.headline
    assert [finding.kind for finding in outcome.verdict.findings] == ["baseline"]  # and nothing amiss in the training
    assert f"Seed 0: Loss: {outcome.metrics['history'][-1]['train_loss']:.4f}, Test Acc: 0.9" in printed
    assert "Mean Test Acc" not in printed
    assert printed.endswith("\nNext: longshort experiment text")
    assert (outcome.directory / "curves.png").is_file()


def test_without_a_seed_five_are_tried_and_the_lowest_is_judged(tmp_path):
    outcome, printed = run(tmp_path, epochs=1)
    seeds = outcome.metrics["seeds"]
    accuracies = [each["accuracy"] for each in seeds]

    assert [each["seed"] for each in seeds] == [0, 1, 2, 3, 4]
    assert outcome.metrics["test"]["accuracy"] == min(accuracies)
    assert outcome.metrics["settings"]["seed"] == accuracies.index(min(accuracies))
    assert f"Mean Test Acc: {np.mean(accuracies):.4f}, lowest {min(accuracies):.4f} (seed " in printed


def test_it_says_what_was_changed(tmp_path):
    _, printed = run(tmp_path, epochs=1, seed=0)

    assert printed.startswith("The same numbers and the same network. What is changed, and why:\n- ")
    assert "the test rows chose nothing" in printed


def test_the_test_rows_choose_nothing(tmp_path, monkeypatch):
    """With every test label turned round, the same answers are given."""
    honest, _ = run(tmp_path / "a", epochs=3, seed=0)

    def turned_round():
        train, test = numbers()
        return train, type(test)(test.values, 1 - test.targets)

    monkeypatch.setattr(module, "numbers", turned_round)
    misled, _ = run(tmp_path / "b", epochs=3, seed=0)

    assert misled.metrics["test"]["accuracy"] == pytest.approx(1 - honest.metrics["test"]["accuracy"])


def test_the_same_seed_gives_the_same(tmp_path):
    first, second = (run(tmp_path / name, epochs=2, seed=3)[0].metrics for name in "ab")

    assert first["test"] == second["test"]
    assert [row["train_loss"] for row in first["history"]] == [row["train_loss"] for row in second["history"]]
