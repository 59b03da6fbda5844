"""`run.json`: what a run was started from, so that it can be resumed, with the same data and settings only."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from longshort.artifacts.atomic import write_json
from longshort.artifacts.run_directory import RunDirectory
from longshort.artifacts.suggestions import begun, nearest_run
from longshort.config import RunSettings
from longshort.data import SAMPLES
from longshort.errors import RunError, UserError
from longshort.kinds.registry import kind_of
from longshort.kinds.seam import Part
from longshort.lstm.backends import choose
from longshort.lstm.compiled import kernel_status
from longshort.lstm.parameters import Spec
from longshort.plain import Plain
from longshort.version import __version__

__all__ = ["Difference", "Given", "Provenance", "check_names", "started_settings"]

IN_MEMORY = ""
"""Stands for data without a name."""


@dataclass(frozen=True)
class Given:
    """What the caller of a run named: data, what validates, what tests, and all settings."""

    data: object
    validation: object
    test: object
    settings: RunSettings


@dataclass(frozen=True)
class Difference:
    """What is another now.

    Args:
        what: an option, or what else it is.
        old: what the run was started with.
        new: what is given, or found, now.
    """

    what: str
    old: str
    new: str


class Provenance(BaseModel):
    """All that the bits of a run follow from.

    Args:
        task: the name of a kind.
        settings: all of them.
        folder: the working directory, from which the names of files count.
        data: as it was named; empty for data in memory.
        validation: the same of what validates; None also where it is split off.
        test: the same of what tests.
        fingerprints: hex SHA-256 of the data of each part.
        threads: of torch.
        backend: that runs the LSTM.
        processor: its instruction set, as torch and the kernel use it.
        torch: version.
        longshort: version.
        created: ISO 8601, with the time zone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    format: Literal[1] = 1
    task: str
    settings: dict[str, Plain]
    folder: str
    data: str
    validation: str | None
    test: str | None
    fingerprints: dict[str, str]
    threads: int
    backend: str
    processor: str
    torch: str
    longshort: str
    created: str

    @classmethod
    def of(cls, given: Given, parts: Mapping[str, Part]) -> Provenance:
        """What a run is started from now.

        Args:
            given: what the caller named.
            parts: the prepared ones, by name.
        """
        return cls(
            task=given.settings.kind,
            settings=json.loads(given.settings.model_dump_json()),
            folder=str(Path.cwd()),
            data=_named(given.data) or IN_MEMORY,
            validation=_named(given.validation),
            test=_named(given.test),
            fingerprints={name: part.fingerprint for name, part in parts.items()},
            threads=torch.get_num_threads(),
            backend=choose("auto", Spec(1, 1)).backend.name,
            processor=", ".join([torch.backends.cpu.get_cpu_capability(), *kernel_status().variants[:1]]),
            torch=torch.__version__,
            longshort=__version__,
            created=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        )

    @classmethod
    def read(cls, run: RunDirectory) -> Provenance:
        """What an unfinished run was started from.

        Raises:
            RunError: it is finished, or `run.json` is missing or damaged.
        """
        if run.metrics.is_file():
            run.clear_checkpoints()
            raise RunError(
                f"The run {run.path} is finished; there is nothing to resume.",
                "Its report.html shows it. To train again, leave --resume out.",
            )
        try:
            return cls.model_validate_json(run.origin.read_bytes())
        except OSError as error:
            raise RunError(
                f"A run that can be resumed must have run.json. Got {run.path}: {error.strerror}.",
                nearest_run(run.path, begun) or "`longshort runs` lists the runs, unfinished ones too.",
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "as a whole"
            raise RunError(
                f"{run.origin} does not say what was started: {where}: {first['msg']}.", "Train it again."
            ) from None

    def write(self, run: RunDirectory) -> None:
        """Replace `run.json`, unless it says just this."""
        try:
            held = json.loads(run.origin.read_bytes())
        except (OSError, ValueError):
            held = None
        if held != self.model_dump():
            write_json(run.origin, self.model_dump())

    def run_settings(self) -> RunSettings:
        """The settings of the run.

        Raises:
            RunError: they are none of this longshort.
        """
        try:
            return kind_of(self.task).settings.model_validate(self.settings)
        except (ValidationError, UserError):
            raise RunError(
                "run.json must hold settings that this longshort knows.",
                f"It was written by longshort {self.longshort}.",
            ) from None

    def complete(self, data: object, validation: object, test: object, settings: RunSettings | None) -> Given:
        """What the caller named now, and what was named at the start where nothing is.

        Raises:
            RunError: the run was started on data in memory, which must be given again.
        """
        for name, new in (("data", data), ("validation", validation), ("test", test)):
            if new is None and getattr(self, name) == IN_MEMORY:
                raise RunError(
                    f"The run was started with its {name} in memory. Got none.",
                    "Give it again, in Python: longshort.runs.train(DATA, resume=RUN).",
                )
        return Given(
            self._place(self.data) if data is None else data,
            self._place(self.validation) if validation is None else validation,
            self._place(self.test) if test is None else test,
            settings or self.run_settings(),
        )

    def _place(self, named: str | None) -> str | None:
        """Where a file is now that was named from the folder in which the run was started."""
        if named is None or named in SAMPLES or self.folder == str(Path.cwd()):
            return named
        there = Path(self.folder) / named
        return str(there) if there.exists() else named  # perhaps all of it was moved

    def check(self, now: Provenance, *, force: bool) -> list[str]:
        """Sentences about all that is another now; none if the run ends with the same bits as if never stopped.

        Raises:
            RunError: something is another, and `force` is not set.
        """
        found = list(self._differences(now))
        if found and not force:
            first = found[0]
            raise RunError(
                f"A run resumes with what it was started with: {first.what} was {first.old}. Got {first.new}.",
                "--force resumes anyway; the result then differs from that of an uninterrupted run.",
            )
        return [f"Forced: {each.what} was {each.old} and is {each.new} from here on." for each in found]

    def _differences(self, now: Provenance) -> Iterator[Difference]:
        """What is another now, the most telling first; by which path the same data are reached is not asked."""
        if self.task != now.task:
            yield Difference("--task", self.task, now.task)
            return
        for section, held in self.settings.items():
            for name, value in held.items():
                if now.settings.get(section, {}).get(name) != value:
                    option = f"--{name.replace('_', '-')}"
                    yield Difference(option, _written(value), _written(now.settings.get(section, {}).get(name)))
        for part in dict.fromkeys([*self.fingerprints, *now.fingerprints]):
            old, new = (each.get(part, "none") for each in (self.fingerprints, now.fingerprints))
            if old != new:
                yield Difference(f"the data of the {part} part", old[:12], new[:12])
        for name, words in _SURROUNDINGS.items():
            old, new = (str(getattr(each, name)) for each in (self, now))
            if old != new:
                yield Difference(words, old, new)


def check_names(*named: object) -> None:
    """Refuse names of files that are no text, for a run writes down what it was started from.

    Raises:
        RunError: a str or a path cannot be written as UTF-8.
    """
    for each in named:
        if isinstance(each, str | Path):
            try:
                str(each).encode()
            except UnicodeEncodeError:
                raise RunError(
                    f"The names of a run's files and folders must be UTF-8, as it writes them down. Got {str(each)!a}.",
                    "Rename it.",
                ) from None


def started_settings(run: Path | str) -> RunSettings:
    """The settings that an unfinished run was started with.

    Raises:
        RunError: `run` is none.
    """
    return Provenance.read(RunDirectory(Path(run))).run_settings()


_SURROUNDINGS = {
    "threads": "the number of threads (OMP_NUM_THREADS)",
    "backend": "the backend of the LSTM",
    "processor": "the processor",
    "torch": "the version of torch",
    "longshort": "the version of longshort",
}
"""What else the bits depend on, in words."""


def _written(value: object) -> str:
    """A value as it is typed."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _named(data: object) -> str | None:
    return None if data is None else str(data) if isinstance(data, str | Path) else IN_MEMORY
