"""The runs in a folder, side by side, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from longshort.artifacts.run_directory import RunDirectory
from longshort.errors import RunError, UserError
from longshort.kinds.registry import kind_of
from longshort.kinds.words import Measure
from longshort.plain import Plain, PlainMapping

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
        examples: rows, or forecasts, that it was judged on.
        measure: "accuracy", the share of right answers, or "mean absolute error", which is better where it is lower.
        score: what it reaches.
        interval: the 95 % Wilson interval of an accuracy; None for an error.
        baseline: the name of the strongest baseline on the same rows; None if there is none.
        baseline_score: what that baseline reaches; None if there is none.
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
    measure: str
    score: float
    interval: tuple[float, float] | None
    baseline: str | None
    baseline_score: float | None
    headline: str
    created: str
    seconds: float


@dataclass(frozen=True)
class Comparison:
    """What was found in a folder.

    Attributes:
        runs: every run that can be read, the best first; by name where they are the same. Accuracies come before
            errors.
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


class _Verdict(_Part):
    headline: str


class _Metrics(_Part):
    task: str
    created: str
    seconds: float
    data: _Data
    judged_on: str
    verdict: _Verdict


@cache
def _form(measure: Measure) -> type[_Metrics]:
    """What is read of the metrics of a run whose models are compared by `measure`."""
    value: Any = Share if measure.interval else Annotated[float, Field(ge=0.0)]
    number: Any = {measure.name: (value, ...)}
    baseline = create_model("Baseline", __base__=_Part, **number)
    fields: dict[str, Any] = {measure.count: (int, ...), measure.name: (value, ...)}
    if measure.interval:
        fields[measure.interval] = (Annotated[list[Share], Field(min_length=2, max_length=2)], ...)
    test = create_model("Test", __base__=_Part, **fields)
    return create_model("Metrics", __base__=_Metrics, test=(test, ...), baselines=(dict[str, baseline], ...))


def _scores(measure: Measure, test: PlainMapping, baselines: Mapping[str, PlainMapping]) -> Plain:
    """The numbers of a `RunSummary`."""
    best = min(baselines, key=lambda name: measure.rank(baselines[name]), default=None)
    return {
        "examples": test[measure.count],
        "measure": measure.first.name,
        "score": test[measure.name],
        "interval": tuple(test[measure.interval]) if measure.interval else None,
        "baseline": best,
        "baseline_score": None if best is None else baselines[best][measure.name],
    }


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
    return Comparison(sorted(runs, key=_best_first), skipped)


def _best_first(run: RunSummary) -> tuple[str, float, str]:
    measure = kind_of(run.task).measure
    return run.measure, measure.rank({measure.name: run.score}), run.name


def _is_run(path: Path) -> bool:
    """Whether `path` is a finished run; one that never finished is refused, any other directory is not a run."""
    run = RunDirectory(path)
    if run.metrics.exists():
        return True
    if run.origin.exists():
        state = "is being trained" if run.busy else f"is not finished; to resume it: {run.command}"
        raise RunError(f"{path} {state}.")
    if run.log.exists():
        raise RunError(f"{path} has no metrics.json: its training was not finished.")
    return False


def _summary(path: Path) -> RunSummary:
    found = _read(RunDirectory(path))
    content = found.model_dump()
    return RunSummary(
        name=path.name,
        directory=path,
        task=found.task,
        data=found.data.parts["train"].source,
        fingerprint=found.data.parts[found.judged_on].fingerprint,
        judged_on=found.judged_on,
        headline=found.verdict.headline,
        created=found.created,
        seconds=found.seconds,
        **_scores(kind_of(found.task).measure, content["test"], content["baselines"]),
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
        _Metrics.model_validate(content)
        kind = kind_of(content["task"])
        found = _form(kind.measure).model_validate(content)
    except UserError as error:
        raise RunError(f"{run.metrics} does not describe a run of this longshort: {error.message}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{run.metrics} does not describe a run: {where}: {first['msg']}.") from None
    for part in ("train", found.judged_on):
        if part not in found.data.parts:
            raise RunError(f"{run.metrics} does not describe a run: data.parts.{part}: Field required.")
    return found
