"""The one loop, its events and its history."""

from __future__ import annotations

from longshort.training.events import EpochRecord, Listener, Listeners
from longshort.training.loop import Training, TrainingResult

__all__ = ["EpochRecord", "Listener", "Listeners", "Training", "TrainingResult"]
