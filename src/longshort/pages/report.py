"""The report of a run: one HTML file that opens anywhere, also offline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jinja2 import TemplateError
from markupsafe import Markup

from longshort.artifacts.atomic import write_bytes
from longshort.artifacts.run_directory import RunDirectory
from longshort.errors import LongshortError, RunError
from longshort.kinds.registry import kind_of
from longshort.pages import view
from longshort.pages.evidence import Evidence
from longshort.pages.page import page_html
from longshort.pages.pair import PairPage, PairT, names_of
from longshort.pages.section import Built, build, render
from longshort.pages.sections import COMMON
from longshort.plain import PlainMapping
from longshort.version import __version__

__all__ = ["Report", "comparison_html", "report_html", "write_page", "write_report"]

FOOTER = Markup(
    "Made by longshort {}. Beside this file: the model in <code>model/</code>, every answer in "
    "<code>predictions.parquet</code>, all numbers in <code>metrics.json</code> and <code>history.jsonl</code>, the "
    "model card in <code>README.md</code>."
)

Metrics = PlainMapping
Report = tuple[str, list[str]]
"""The page, and what went wrong in the sections that could not be made."""


def report_html(metrics: Metrics, history: Sequence[Metrics], figures: Path, run: RunDirectory | None = None) -> Report:
    """One self-contained HTML page: verdict, results, settings, data, learning, answers, errors, and what is inside.

    It loads nothing; of scripts it runs plotly.js, which is in it, and the few lines that draw its charts, and no
    other. Texts from the data are text wherever they stand. A section that cannot be built says why in a sentence.

    Args:
        metrics: what `metrics.json` holds.
        history: one record per epoch.
        figures: the folder with the PNG files, shown to a browser that runs no script; those that exist are used.
        run: the run, whose model and predictions are looked into; without one, those sections say so.
    """
    built = build(kind_of(metrics["task"]).sections() or COMMON, Evidence(metrics, history, figures, run))
    page = page_html(
        title=f"{metrics['name']}: {metrics['verdict']['headline']}",
        heading=Markup("<bdi>{}</bdi>").format(view.visible(metrics["name"])),
        origin=_origin(metrics),
        verdict=render("verdict", verdict=metrics["verdict"]),
        sections=built,
        footer=FOOTER.format(metrics["longshort"]),
    )
    return page, _failures(built)


def write_report(run: RunDirectory, output: Path | None = None) -> tuple[Path, list[str]]:
    """Rebuild the report of a finished run.

    Args:
        run: the run.
        output: the file to write; `report.html` in the run when not given.

    Returns:
        The file, and what went wrong in sections that could not be made.

    Raises:
        RunError: the run cannot be read, or the file cannot be written.
    """
    with _whole(run):
        page, failures = report_html(run.read_metrics(), run.read_history(), run.figures, run)
    path = output or run.report
    write_page(path, page)
    return path, failures


def comparison_html(ours: RunDirectory, theirs: RunDirectory) -> Report:
    """Two runs in one page: which is better, what differs, how they learnt, and where they disagree.

    Raises:
        RunError: a run cannot be read, or has no classes to answer with.
    """
    with _whole(ours, theirs):
        return _comparison(ours, theirs)


def _comparison(ours: RunDirectory, theirs: RunDirectory) -> Report:
    runs = (ours, theirs)
    pages_of = [kind_of(run.read_metrics()["task"]).pair_page() for run in runs]
    page = pages_of[0]
    for run, found in zip(runs, pages_of, strict=True):
        if found is None or page is None or found.sections != page.sections:
            raise RunError(
                f"Two runs are compared where both answer with classes. {run.path} does not.",
                "`longshort runs` lists the errors of forecasts side by side.",
            )
    assert page is not None
    both = [Evidence(run.read_metrics(), run.read_history(), run.figures, run) for run in runs]
    return _pair_html(page, both[0], both[1])


def _pair_html(page: PairPage[PairT], ours: Evidence, theirs: Evidence) -> Report:
    pair = page.pair(ours, theirs)
    built, said, names = build(page.sections, pair), page.headline(pair), names_of(ours, theirs)
    one, other = (Markup("<bdi>{}</bdi>").format(view.visible(name)) for name in names)
    html = page_html(
        title=f"{' against '.join(names)}: {said}",
        heading=Markup("{} against {}").format(one, other),
        origin=Markup("{} and {}").format(_origin(ours.metrics), _origin(theirs.metrics)),
        verdict=render("headline", headline=said),
        sections=built,
        footer=Markup("Made by longshort {}.").format(__version__),
    )
    return html, _failures(built)


def write_page(path: Path, page: str) -> None:
    """Put a page in place, whole.

    Raises:
        RunError: the file cannot be written.
    """
    try:
        write_bytes(path, page.encode())
    except OSError as error:
        raise RunError(
            f"{path} could not be written: {error.strerror}.", "Name a file in a folder that is there with --output."
        ) from None


@contextmanager
def _whole(*runs: RunDirectory) -> Iterator[None]:
    """What is missing from a `metrics.json`, or has another type there, is reported as such."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ArithmeticError, ValueError, TemplateError) as error:
        if isinstance(error, LongshortError):
            raise
        places = " or ".join(str(run.metrics) for run in runs)
        raise RunError(
            f"{places} must hold what a report is made of. {type(error).__name__}: {error}.",
            "Train it again; the model in it may still be intact.",
        ) from error


def _failures(built: Sequence[Built]) -> list[str]:
    return [f"{section.title}: {section.failure}" for section in built if section.failure]


def _origin(metrics: Metrics) -> Markup:
    return render("provenance", metrics=metrics, source=view.parts(metrics)[0].source)
