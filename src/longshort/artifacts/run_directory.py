"""The run directory: where everything about one training is kept."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longshort.artifacts.atomic import unfinished, write_json, write_lines
from longshort.artifacts.suggestions import nearest_run
from longshort.errors import RunError
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    from longshort.training import EpochRecord

__all__ = ["RunDirectory"]

_ANEW = "Remove that run, or train it again."
LONGEST_STEM = 60
"""Characters of the data's name in that of a run: a file system takes 255 bytes, and a character has up to four."""


class RunDirectory:
    """The paths of one run, and how they are written.

    ```
    <run>/  run.json  model/  history.jsonl  metrics.json  predictions.parquet  report.html  figures/  README.md
            train.log  checkpoints/ (until the run is finished)
    ```
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model"
        self.figures = path / "figures"
        self.origin = path / "run.json"
        self.checkpoints = path / "checkpoints"
        self.history = path / "history.jsonl"
        self.metrics = path / "metrics.json"
        self.predictions = path / "predictions.parquet"
        self.series = path / "series.parquet"  # of a forecast: all values that it may continue
        self.report = path / "report.html"
        self.card = path / "README.md"
        self.log = path / "train.log"
        self.store = path / ".encoded"  # the encoded examples and unfinished files, while the run lasts

    @classmethod
    def create(cls, path: Path | None, name: str | None, data_name: str) -> RunDirectory:
        """Make a new directory: `path`, or `runs/<name>`, or `runs/<data>-<number>` with the first free number.

        Raises:
            RunError: the directory exists and is not empty, or cannot be made.
        """
        chosen = path or (Path("runs") / name if name else None)
        try:
            if chosen is None:
                return cls(_numbered(Path("runs"), _stem(data_name)))
            if chosen.exists() and (not chosen.is_dir() or set(chosen.iterdir()) - set(unfinished(chosen))):
                raise RunError(
                    f"A run directory is made new. Got {chosen}, which exists already.",
                    "Give another --name or --run, or remove that one.",
                )
            chosen.mkdir(parents=True, exist_ok=True)
            for path in unfinished(chosen):  # of a process that was killed before it had begun
                path.unlink()
        except OSError as error:
            raise RunError(
                f"The run directory {error.filename} could not be made: {error.strerror}.",
                "Give a folder you may write to with --run.",
            ) from None
        return cls(chosen)

    @property
    def has_model(self) -> bool:
        """Whether a whole model is kept; its `config.json` is written last."""
        return (self.model / "config.json").is_file()

    def discard(self) -> None:
        """Remove what a run leaves that has no model yet; the directory itself stays if there is more in it."""
        for folder in (self.store, self.model, self.checkpoints):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.log, self.history, self.origin):
            file.unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()

    def clear(self) -> None:
        """Remove what a killed process left half done: what it had not put in place, and pictures."""
        for folder in (self.store, self.figures):
            shutil.rmtree(folder, ignore_errors=True)
        for path in (*unfinished(self.path), *unfinished(self.model)):
            path.unlink()

    def clear_checkpoints(self) -> None:
        """Remove what a finished run needs no more, and a process leaves that was killed right after it was done."""
        if not self.busy:
            for folder in (self.store, self.checkpoints):
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def command(self) -> str:
        """The command that resumes this run."""
        return f"longshort train --resume {shlex.quote(str(self.path))}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While entered, no other process can train in this directory; a process that is killed lets it go.

        Raises:
            RunError: another process does.
        """
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise RunError(
                f"One process trains in a run directory. Another one does in {self.path}.",
                "Wait until it is done, or stop it (Ctrl-C there).",
            ) from None
        except OSError:  # a file system without locks
            pass
        try:
            yield
        finally:
            os.close(handle)

    @property
    def busy(self) -> bool:
        """Whether a process trains in this directory now."""
        try:
            with self.locked():
                return False
        except RunError:
            return True

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
                nearest_run(run.path) or "`longshort runs` lists the finished runs.",
            )
        return run

    @classmethod
    def around(cls, path: Path | str) -> RunDirectory | None:
        """The finished run at `path`, or that whose model's own folder this is; None if there is none."""
        found = (cls(each) for each in (Path(path), Path(path).parent))
        return next((run for run in found if run.metrics.is_file()), None)

    def read_metrics(self) -> Plain:
        """What `metrics.json` holds.

        Raises:
            RunError: it is not JSON.
        """
        try:
            content: dict[str, Any] = json.loads(self.metrics.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{self.metrics} must hold JSON: {error}.", _ANEW) from None
        return content

    def read_history(self) -> list[EpochRecord]:
        """One record per finished epoch.

        Raises:
            RunError: `history.jsonl` holds something else, or is missing.
        """
        try:
            found = [json.loads(line) for line in self.history.read_text(encoding="utf-8").splitlines()]
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise RunError(f"{self.history} must hold a JSON object a line: {reason}.", _ANEW) from None
        if not all(isinstance(each, dict) for each in found):
            raise RunError(f"{self.history} must hold a JSON object a line. It holds something else.", _ANEW)
        return found

    def write_metrics(self, content: PlainMapping) -> None:
        """Replace `metrics.json`."""
        write_json(self.metrics, content)

    def write_history(self, records: list[EpochRecord]) -> None:
        """Replace `history.jsonl`."""
        write_lines(self.history, records)


def _numbered(parent: Path, stem: str) -> Path:
    """A new folder with the first free number; two runs that start at once get two."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        path = parent / f"{stem}-{number}"
        with suppress(FileExistsError):
            path.mkdir()
            break
    return path


def _stem(data_name: str) -> str:
    """What the data is called, as a folder name that needs no quotes in a shell."""
    return re.sub(r"[^\w.-]+", "-", Path(data_name).stem).strip("-.")[:LONGEST_STEM] or "run"
