"""A regression in the report: how near its answers are, beside the baselines and beside the truth."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from longshort.errors import RunError
from longshort.figures.interactive import answers_chart
from longshort.pages import view as pages
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.lengths import lengths_chart
from longshort.pages.section import Missing, Section, render

__all__ = ["ANSWERS", "DATA", "RESULTS"]

DRAWN = 5_000
"""Answers that are drawn; of more, evenly spread ones."""


def _results(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    return render(
        "kinds/sequences/regression_results", metrics=metrics, test=evidence.test, models=pages.models(metrics)
    )


def _answers(evidence: Evidence) -> Markup:
    run = evidence.run
    if run is None or not run.predictions.is_file():
        raise Missing("Its answers are not kept beside this report.")
    try:
        table = pq.read_table(run.predictions, columns=["truth", "answer", "origin"]).to_pydict()
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise RunError(f"{run.predictions} must hold the answers of the run: {error}.", "Train it again.") from None
    count = len(table["truth"])
    shown = np.unique(np.linspace(0, count - 1, min(count, DRAWN)).astype(int))
    truth, answer = (np.asarray(table[name])[shown] for name in ("truth", "answer"))
    within = float((np.abs(truth - answer) <= evidence.test["mae"]).mean())
    summary = f"Each answer over its truth; {within:.0%} of them are nearer than the mean absolute error."
    chart = Chart(
        "answers",
        answers_chart(truth, answer, [table["origin"][i] for i in shown]),
        summary.replace("%", " %"),
        "On the dotted line an answer is right.",
        picture=evidence.figures / "answers.png",
    )
    return render("kinds/sequences/regression_answers", chart=chart)


def _data(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    return render(
        "kinds/sequences/regression_data",
        metrics=metrics,
        parts=pages.parts(metrics),
        fingerprints=pages.fingerprints(metrics),
        lengths=lengths_chart(metrics, pages.words(metrics)),
    )


RESULTS = Section("results", "Results", _results)
ANSWERS = Section("answers", "Answers", _answers)
DATA = Section("data", "Data", _data)
