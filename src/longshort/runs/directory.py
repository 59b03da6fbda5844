"""The run directory: where everything about one training is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longshort.errors import RunError
from longshort.runs.files import write_json, write_lines

if TYPE_CHECKING:
    from longshort.training import EpochRecord

__all__ = ["RunDirectory"]


class RunDirectory:
    """The paths of one run, and how they are written.

    ```
    <run>/  model/  history.jsonl  metrics.json  predictions.parquet  report.html  figures/  README.md  train.log
    ```
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model"
        self.figures = path / "figures"
        self.history = path / "history.jsonl"
        self.metrics = path / "metrics.json"
        self.predictions = path / "predictions.parquet"
        self.report = path / "report.html"
        self.card = path / "README.md"
        self.log = path / "train.log"
        self.store = path / ".encoded"  # the encoded examples, while training lasts

    @classmethod
    def create(cls, path: Path | None, name: str | None, data_name: str) -> RunDirectory:
        """Make a new directory: `path`, or `runs/<name>`, or `runs/<data>-<number>` with the first free number.

        Raises:
            RunError: the directory exists and is not empty, or cannot be made.
        """
        chosen = path or (Path("runs") / name if name else None)
        if chosen is None:
            return cls._numbered(Path("runs"), re.sub(r"[^\w.-]+", "-", Path(data_name).stem).strip("-.") or "run")
        if chosen.exists() and (not chosen.is_dir() or any(chosen.iterdir())):
            raise RunError(
                f"A run directory is made new. Got {chosen}, which exists already.",
                "Give another --name or --run, or remove that one.",
            )
        _make(chosen, exist_ok=True)
        return cls(chosen)

    @classmethod
    def _numbered(cls, parent: Path, stem: str) -> RunDirectory:
        number = 1
        while True:
            path = parent / f"{stem}-{number}"
            try:
                _make(path, exist_ok=False)
            except FileExistsError:
                number += 1
            else:
                return cls(path)

    @classmethod
    def open(cls, path: Path | str) -> RunDirectory:
        """An existing run.

        Raises:
            RunError: there is no `metrics.json` in `path`.
        """
        run = cls(Path(path))
        if not run.metrics.is_file():
            raise RunError(
                f"A run directory holds metrics.json. Got {path}, which does not.",
                "`longshort runs` lists the finished runs.",
            )
        return run

    def read_metrics(self) -> dict[str, Any]:
        """What `metrics.json` holds.

        Raises:
            RunError: it is not JSON.
        """
        try:
            content: dict[str, Any] = json.loads(self.metrics.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{self.metrics} must hold JSON: {error}.", "Remove that run, or train it anew.") from None
        return content

    def read_history(self) -> list[EpochRecord]:
        """One record per finished epoch."""
        return [json.loads(line) for line in self.history.read_text(encoding="utf-8").splitlines()]

    def write_metrics(self, content: Mapping[str, Any]) -> None:
        """Replace `metrics.json`."""
        write_json(self.metrics, content)

    def write_history(self, records: list[EpochRecord]) -> None:
        """Replace `history.jsonl`."""
        write_lines(self.history, records)


def _make(path: Path, *, exist_ok: bool) -> None:
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError:
        raise
    except OSError as error:
        raise RunError(
            f"The run directory {path} could not be made: {error.strerror}.",
            "Give a folder you may write to with --run.",
        ) from None
