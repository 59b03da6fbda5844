"""`train.log`: what happened in a run, and when."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

from longshort.artifacts.atomic import json_line
from longshort.training import EpochRecord, Listener

__all__ = ["Log"]


class Log(Listener):
    """Writes what happens to `train.log`, a line an event, with the time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began = time.perf_counter()
        self._write(f"started {datetime.datetime.now().astimezone().isoformat(timespec='seconds')}")

    def stage(self, text: str) -> None:
        """A stage began."""
        self._write(text)

    def note(self, text: str) -> None:
        """A sentence for the user."""
        self._write(f"note: {text}")

    def epoch_ended(self, record: EpochRecord) -> None:
        """An epoch is done; its `dynamics`, a thousand numbers, stand in the history."""
        self._write(json_line({key: value for key, value in record.items() if key != "dynamics"}))

    def _write(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"[{time.perf_counter() - self._began:8.1f} s] {text}\n")
