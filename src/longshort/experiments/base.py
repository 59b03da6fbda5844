"""What an experiment is, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from longshort.artifacts.run_directory import RunDirectory
from longshort.errors import Interrupted, RunError, SettingError, nearest
from longshort.evaluation import Verdict
from longshort.plain import Plain
from longshort.training import Training, TrainingResult
from longshort.version import __version__

__all__ = ["Experiment", "Outcome", "Print", "Report", "carry_out", "train_to_the_end"]

Print = Callable[[str], None]
"""Takes one line (or several) of the experiment's result, without the line end."""

HOME = Path("runs/experiments")


@dataclass(frozen=True)
class Outcome:
    """What an experiment found.

    Args:
        directory: where its `metrics.json` and figures are.
        metrics: what `metrics.json` holds.
        verdict: the honest sentences; already printed.
        next_command: what to type next; already printed.
    """

    directory: Path
    metrics: dict[str, Any]
    verdict: Verdict
    next_command: str


@dataclass(frozen=True)
class Report:
    """What an experiment hands over when its own lines are printed.

    Args:
        metrics: for `metrics.json`.
        verdict: what the results are worth.
        next_command: what to type next.
    """

    metrics: dict[str, Any]
    verdict: Verdict
    next_command: str


@final
@dataclass(frozen=True)
class Experiment:
    """A known experiment that anyone can repeat.

    Args:
        name: what to type.
        description: one sentence.
        options: the options that it takes, such as "fixed", "seed" and "epochs".
        conduct: does it: takes those options as keywords, the folder for its files and where to print.
        compares: whether it takes several seeds at once, and says itself what they come to.
    """

    name: str
    description: str
    options: tuple[str, ...]
    conduct: Callable[..., Report]
    compares: bool = False

    def run(self, *, directory: Path | None = None, out: Print = print, **options: object) -> Outcome:
        """Do the experiment and print its result line by line.

        Args:
            directory: a new folder for its files; when not given, `runs/experiments/<name>`, where older ones are
                replaced.
            out: is given every line of the result.
            options: see `options`; one that is None, False or empty counts as not given.

        Raises:
            SettingError: an option that this experiment does not take, or a value out of its bounds.
            RunError: `directory` is not empty, or cannot be made.
            Interrupted: Ctrl-C.
        """
        given = {
            key: value for key, value in options.items() if value is not None and value is not False and value != ()
        }
        for key in given:
            self._check(key)
        run = _folder(directory, self.name + ("-fixed" if given.get("fixed") else ""))
        report = self.conduct(**given, folder=run.path, out=out)
        return carry_out(run, self.name, given, report, out)

    def _check(self, option: str) -> None:
        if option not in self.options:
            flags = ", ".join(f"--{name}" for name in self.options)
            raise SettingError(
                f"The experiment {self.name} has no option --{option}.",
                nearest(option, self.options) or f"Its options are: {flags}.",
            )


def carry_out(run: RunDirectory, name: str, options: Plain, report: Report, out: Print) -> Outcome:
    """Keep the metrics; print the verdict, where the files are, and what to type next."""
    metrics = {
        "experiment": name,
        "longshort": __version__,
        "options": options,
        **report.metrics,
        "verdict": report.verdict.to_dict(),
    }
    run.write_metrics(metrics)
    out(f"\nVerdict: {report.verdict.text()}")
    out(f"\nFigure and metrics: {run.path}")
    out(f"Next: {report.next_command}")
    return Outcome(run.path, metrics, report.verdict, report.next_command)


def train_to_the_end(training: Training) -> TrainingResult:
    """Run a training.

    Raises:
        Interrupted: Ctrl-C.
    """
    result = training.run()
    if result.ended == "interrupted":
        raise Interrupted(f"Stopped in epoch {len(result.history) + 1}; nothing was kept.", "Run the experiment again.")
    return result


def _folder(directory: Path | None, name: str) -> RunDirectory:
    """A new folder where one is named; else the experiment's own, which may be there already."""
    if directory is not None:
        return RunDirectory.create(directory, None, name)
    path = HOME / name
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"The folder {path} could not be made: {error.strerror}.", "Give a folder you may write to with --run."
        ) from None
    return RunDirectory(path)
