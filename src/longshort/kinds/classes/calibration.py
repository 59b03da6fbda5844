"""What the model's confidence is worth."""

from __future__ import annotations

from markupsafe import Markup

from longshort.figures.interactive import calibration_chart
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    test = evidence.test
    bins = [each for each in test["calibration"] if each["count"]]
    each = [f"{row['accuracy']:.2f} at {row['confidence']:.2f}" for row in bins]
    chart = Chart(
        "calibration",
        calibration_chart(bins),
        f"Calibration: accuracy at each confidence, {', '.join(each)}; expected calibration error "
        f"{test['calibration_error']:.3f}.",
        "Above the dotted line it is right more often than it says, below it less often.",
        columns=("confidence", "answers", "mean confidence", "accuracy"),
        rows=[
            (f"{row['lower']:.2f} to {row['upper']:.2f}", row["count"], row["confidence"], row["accuracy"])
            for row in bins
        ],
        picture=evidence.figures / "calibration.png",
    )
    return render("kinds/classes/calibration", test=test, chart=chart)


SECTION = Section("calibration", "Calibration", _build)
