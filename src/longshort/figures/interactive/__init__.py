"""Every interactive chart: plain data in, a plotly figure out. Its colours are the CSS variables of the page."""

from longshort.figures.interactive.answers import answers_chart, calibration_chart, confusion_chart
from longshort.figures.interactive.data import class_chart, length_chart
from longshort.figures.interactive.dynamics import gate_openings, update_ratios
from longshort.figures.interactive.forecast import error_by_step, forecast_chart
from longshort.figures.interactive.gates import gate_chart
from longshort.figures.interactive.horizon import half_life_chart, horizon_chart
from longshort.figures.interactive.learning import curve_chart, overlaid_curves
from longshort.figures.interactive.style import inert
from longshort.figures.interactive.units import ranking_chart

__all__ = [
    "answers_chart",
    "calibration_chart",
    "class_chart",
    "confusion_chart",
    "curve_chart",
    "error_by_step",
    "forecast_chart",
    "gate_chart",
    "gate_openings",
    "half_life_chart",
    "horizon_chart",
    "inert",
    "length_chart",
    "overlaid_curves",
    "ranking_chart",
    "update_ratios",
]
