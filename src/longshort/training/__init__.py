"""The training loop, its events, history and checkpoints."""

from __future__ import annotations

from longshort.training.checkpoint import Checkpoints, Snapshot
from longshort.training.events import Listener, Listeners, Progress, Update
from longshort.training.loop import Training, TrainingResult
from longshort.training.plan import choose_plan
from longshort.training.pretraining import pretrain
from longshort.training.records import EpochRecord

__all__ = [
    "Checkpoints",
    "EpochRecord",
    "Listener",
    "Listeners",
    "Progress",
    "Snapshot",
    "Training",
    "TrainingResult",
    "Update",
    "choose_plan",
    "pretrain",
]
