"""The log says what happened, and when."""

from __future__ import annotations

import re
from pathlib import Path

from longshort.runs.log import Log
from longshort.training import EpochRecord


def test_a_line_an_event(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    record = EpochRecord(
        epoch=1,
        train_loss=0.5,
        train_accuracy=0.75,
        validation_loss=None,
        validation_accuracy=None,
        learning_rate=0.003,
        gradient_norm=1.0,
        seconds=2.0,
    )
    log = Log(path)
    log.stage("Reading ä.csv")
    log.note("The texts are in 'review'.")
    log.epoch_ended(record)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"\[ *\d+\.\d s\] ", line) for line in lines)
    began, *others = (line.split("] ", 1)[1] for line in lines)
    assert re.fullmatch(r"started \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", began)
    assert others == [
        "Reading ä.csv",
        "note: The texts are in 'review'.",
        '{"epoch": 1, "train_loss": 0.5, "train_accuracy": 0.75, "validation_loss": null, '
        '"validation_accuracy": null, "learning_rate": 0.003, "gradient_norm": 1.0, "seconds": 2.0}',
    ]
