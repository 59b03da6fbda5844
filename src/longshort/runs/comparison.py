"""The runs in a folder, side by side, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from longshort.errors import RunError
from longshort.runs.directory import RunDirectory

__all__ = ["Comparison", "RunSummary", "compare"]

FORMAT = 1

Share = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class RunSummary:
    """One run in a line.

    Attributes:
        name: the name of its directory.
        directory: where it is.
        task: what was learnt, such as "text-classification".
        data: the name of the training data.
        fingerprint: hex SHA-256 of the data that it was judged on: runs with another one are not comparable.
        judged_on: "test", or "validation" where no test rows were held out.
        examples: rows that it was judged on.
        accuracy: share of right answers on them.
        interval: its 95 % Wilson interval.
        baseline: the name of the strongest baseline on the same rows; None where there is none.
        baseline_accuracy: that baseline's accuracy; None where there is none.
        headline: the verdict in one sentence.
        created: when it ended, ISO 8601 with the time zone.
        seconds: how long it took.
    """

    name: str
    directory: Path
    task: str
    data: str
    fingerprint: str
    judged_on: str
    examples: int
    accuracy: float
    interval: tuple[float, float]
    baseline: str | None
    baseline_accuracy: float | None
    headline: str
    created: str
    seconds: float


@dataclass(frozen=True)
class Comparison:
    """What was found in a folder.

    Attributes:
        runs: every run that can be read, the highest accuracy first; by name where it is the same.
        skipped: a sentence for each run that was not finished or is damaged, by name.
    """

    runs: list[RunSummary]
    skipped: list[str]


class _Part(BaseModel):
    """What is read of anything in metrics.json: the fields named, and only in their own type."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class _Source(_Part):
    source: str
    fingerprint: str


class _Data(_Part):
    parts: dict[str, _Source]


class _Accuracy(_Part):
    examples: int
    accuracy: Share
    accuracy_interval: Annotated[list[Share], Field(min_length=2, max_length=2)]


class _Opponent(_Part):
    accuracy: Share


class _Verdict(_Part):
    headline: str


class _Metrics(_Part):
    task: str
    created: str
    seconds: float
    data: _Data
    judged_on: str
    test: _Accuracy
    baselines: dict[str, _Opponent]
    verdict: _Verdict


def compare(folder: Path) -> Comparison:
    """Read every run directly below `folder`; directories that are no runs are passed over.

    Raises:
        RunError: `folder` is not a directory, or cannot be read.
    """
    try:
        places = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise RunError(
            f"Runs are compared in a folder that holds their directories. Got {folder}: {error.strerror}.",
            "`longshort train` makes the folder runs; or name the folder that yours are in.",
        ) from None
    runs, skipped = [], []
    for path in places:
        try:
            if _is_run(path):
                runs.append(_summary(path))
        except RunError as error:
            skipped.append(error.message)
    return Comparison(sorted(runs, key=lambda run: (-run.accuracy, run.name)), skipped)


def _is_run(path: Path) -> bool:
    """Whether `path` is a finished run; one that never finished is refused, any other directory is not a run."""
    run = RunDirectory(path)
    if run.metrics.exists():
        return True
    if run.log.exists():
        raise RunError(f"{path} has no metrics.json: its training was not finished.")
    return False


def _summary(path: Path) -> RunSummary:
    found = _read(RunDirectory(path))
    strongest = max(found.baselines.items(), key=lambda item: item[1].accuracy, default=None)
    low, high = found.test.accuracy_interval
    return RunSummary(
        name=path.name,
        directory=path,
        task=found.task,
        data=found.data.parts["train"].source,
        fingerprint=found.data.parts[found.judged_on].fingerprint,
        judged_on=found.judged_on,
        examples=found.test.examples,
        accuracy=found.test.accuracy,
        interval=(low, high),
        baseline=strongest[0] if strongest else None,
        baseline_accuracy=strongest[1].accuracy if strongest else None,
        headline=found.verdict.headline,
        created=found.created,
        seconds=found.seconds,
    )


def _read(run: RunDirectory) -> _Metrics:
    """What the summary needs of metrics.json, checked."""
    try:
        content: Any = run.read_metrics()
    except (OSError, RecursionError) as error:
        raise RunError(f"{run.metrics} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if not isinstance(content, dict):
        raise RunError(f"{run.metrics} must hold a JSON object. Got {type(content).__name__}.")
    if content.get("format") != FORMAT:
        raise RunError(f"{run.metrics} must have format {FORMAT}. Got {content.get('format')!r}.")
    try:
        found = _Metrics.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{run.metrics} does not describe a run: {where}: {first['msg']}.") from None
    for part in ("train", found.judged_on):
        if part not in found.data.parts:
            raise RunError(f"{run.metrics} does not describe a run: data.parts.{part}: Field required.")
    return found
