"""The benchmark of sequence sets, on small files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.sequences import REACH, Row, find, header, measure

HEADER = "@problemName small\n@classLabel true flat rising\n@data\n"


def write(path: Path, count: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = []
    for row in range(count):
        values = draw.normal(0, 0.1, 12) + (row % 2) * np.linspace(-2, 2, 12)
        rows.append(",".join(f"{value:.4f}" for value in values) + ":" + ("flat", "rising")[row % 2])
    path.write_text(HEADER + "\n".join(rows) + "\n")


def test_a_set_is_trained_and_compared_with_the_baselines(tmp_path: Path) -> None:
    write(tmp_path / "GunPoint_TRAIN.ts", 20, seed=0)
    write(tmp_path / "GunPoint_TEST.ts", 10, seed=1)
    row = measure("GunPoint", tmp_path, 2, {"epochs": 40, "filters": 8, "hidden_size": 8})
    assert (row.train, row.test, len(row.accuracies)) == (20, 10, 2)
    assert row.mean == 1
    assert row.reached
    assert row.baselines == [0.5, 1.0, 1.0, 1.0]


def test_a_line_stands_under_the_header() -> None:
    row = Row("ArrowHead", 36, 175, [0.81, 0.83], [0.3, 0.7, 0.75, 0.8], 61.2)
    assert header() == (
        "set               train  test   reach    mean   least  reached  seconds  majority  features    series      1-NN"
    )
    assert row.line() == (
        "ArrowHead            36   175   0.820  0.8200  0.8100      yes       61     0.300     0.700     0.750     0.800"
    )
    assert len(header()) == len(row.line())


@pytest.mark.parametrize("name", REACH)
def test_each_set_has_two_splits(name: str, tmp_path: Path) -> None:
    train, test = find(name, tmp_path)
    if name != "digits":
        assert (train.name, test.name) == (f"{name}_TRAIN.ts", f"{name}_TEST.ts")
        return
    assert (train[0].shape, test[0].shape) == ((1437, 8, 8), (360, 8, 8))
    assert not {each.tobytes() for each in train[0]} & {each.tobytes() for each in test[0]}
