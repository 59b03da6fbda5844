"""What hidden units do, as tables: the ranking, one unit in full, what a search found, a text along one unit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from longshort.cli import console
from longshort.figures.names import name_token

if TYPE_CHECKING:
    from longshort.insight.units import SpanSearch, UnitReport, UnitStudy

__all__ = ["show_ranking", "show_search", "show_unit", "show_values"]

WORDS = 4
"""Words named in a table."""

HALF = 18
"""Characters of a bar on either side of zero."""


def show_ranking(study: UnitStudy, shown: Sequence[UnitReport], order: str) -> None:
    """The table of these units, what all of them are worth, and what is certain of these.

    Args:
        study: of all units.
        shown: those of the table, in their order.
        order: what they were ranked by; a property has a column of its own.
    """
    headers = ["unit", "goes with", "r", "driven by the word", "highest at"]
    cells: list[list[str]] = [[str(report.unit), *_tendency(report)] for report in shown]
    if study.baseline is not None:
        headers[1:1] = ["loss change", "95 % interval", "p", "accuracy change"]
        cells = [[row[0], *_damage(report), *row[1:]] for row, report in zip(cells, shown, strict=True)]
    if order in study.properties:
        headers.insert(1, f"r {order}")
        cells = [[row[0], _r(report, order), *row[1:]] for row, report in zip(cells, shown, strict=True)]
    console.table(headers, cells, right=[name for name in headers if name not in ("unit", "goes with", "highest at")])
    console.out()
    for line in _summary(study):
        console.out(line)
    sentences = [sentence for report in shown if (sentence := report.sentence())]
    if sentences:
        console.out()
        console.out("Certain findings about these units:")
        for sentence in sentences:
            console.out(f"  {sentence}")


def _r(report: UnitReport, name: str) -> str:
    found = report.correlation(name)
    return "-" if found is None else f"{found.r:+.2f}"


def _damage(report: UnitReport) -> list[str]:
    ablation = report.ablation
    if ablation is None:
        return ["-"] * 4
    low, high = ablation.loss_interval
    return [
        f"{ablation.loss_change:+.4f}",
        f"{low:+.4f} to {high:+.4f}",
        _p(ablation.p_value),
        f"{ablation.accuracy_change:+.4f}",
    ]


def _tendency(report: UnitReport) -> list[str]:
    found = report.strongest
    words = ", ".join(each.word.strip() for each in report.high_words[:WORDS])
    with_what = ("-", "-") if found is None else (found.property, f"{found.r:+.2f}")
    return [*with_what, f"{100 * report.word_share:.0f} %", words]


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _summary(study: UnitStudy) -> list[str]:
    lines = [f"{len(study)} units on {study.texts:,} texts of {study.tokens:,} tokens."]
    if study.baseline is not None and study.band is not None:
        low, middle, high = study.band
        sure = sum(report.ablation is not None and report.ablation.p_value < 0.05 for report in study.reports)
        lines += [
            f"The whole model: loss {study.baseline.loss:.4f}, accuracy {study.baseline.accuracy:.4f}. "
            f"Above stands what changes when a unit is held at {_constant(study.method)}.",
            f"Nine in ten of {len(study.changes)} units change the loss by {low:+.4f} to {high:+.4f}; the median is "
            f"{middle:+.4f}. {sure} of {len(study)} do so for certain (p < 0.05, adjusted for all of them).",
        ]
    return lines


def _constant(method: str) -> str:
    return "its mean" if method == "mean" else "zero"


def show_unit(study: UnitStudy, report: UnitReport) -> None:
    """One unit in full: its worth beside others, what it goes with, and where it is high and low."""
    console.out(f"Unit {report.unit}: mean {report.mean:+.3f}, standard deviation {report.deviation:.3f}")
    ablation = report.ablation
    if ablation is not None and study.band is not None:
        low, high = ablation.loss_interval
        console.out(
            f"Held at {ablation.value:+.3f}, the loss changes by {ablation.loss_change:+.4f} "
            f"({low:+.4f} to {high:+.4f}), the accuracy by {ablation.accuracy_change:+.4f} "
            f"({ablation.lost} answers lost, {ablation.gained} gained)."
        )
        console.out(
            f"Nine in ten of {len(study.changes)} units, this one and others drawn at random, change the loss by "
            f"{study.band[0]:+.4f} to {study.band[2]:+.4f}."
        )
    console.out()
    rows = (
        (
            each.property,
            each.over,
            f"{each.r:+.3f}",
            f"{each.interval[0]:+.3f} to {each.interval[1]:+.3f}",
            _p(each.p_value),
        )
        for each in report.correlations
    )
    console.table(("goes with", "over", "r", "95 % interval", "p"), rows, right=("r", "95 % interval", "p"))
    for name, words, contexts in (
        ("Highest", report.high_words, report.highest),
        ("Lowest", report.low_words, report.lowest),
    ):
        console.out()
        console.out(f"{name} after: " + ", ".join(f"{each.word.strip()} {each.mean:+.2f}" for each in words))
        for each in contexts:
            before, after = (" ".join(part.split()) for part in (each.before, each.after))
            console.out(f"  {each.value:+.2f}  {before} {_marked(each.token)} {after}")
    if sentence := report.sentence():
        console.out()
        console.out(sentence)


def _marked(token: str) -> str:
    """The token in brackets, so that it stands out without colour too."""
    return console.paint(f"[{name_token(token)}]", "bold", stream=sys.stdout)


def show_search(found: SpanSearch, top: int) -> None:
    """The units that mark the spans best, and what they are to be compared with."""
    headers = ("unit", "on when", "on inside", "on outside", "score", "whole spans")
    rows = (
        (
            str(match.unit),
            f"{'>=' if match.on == 'above' else '<'} {match.threshold:+.2f}",
            *(f"{value:.3f}" for value in (match.inside, match.outside, match.score, match.whole)),
        )
        for match in found.matches[:top]
    )
    console.table(headers, rows, right=headers[1:])
    console.out()
    for line in _span_lines(found):
        console.out(line)


def _span_lines(found: SpanSearch) -> list[str]:
    how = "Thresholds were chosen on the other half of the texts."
    if not found.held_out:
        how = "One text holds all spans: thresholds were chosen on what they are judged on, which flatters them."
    best = found.matches[0]
    best_line = f"{best.unit} marks them best ({best.score:.3f}); on spans at random places the best unit reaches"
    if best.score <= found.chance:
        best_line = f"No unit marks them ({best.score:.3f}) better than the best one marks spans at random places:"
    return [
        f"{found.spans:,} spans of {found.pattern!r} in {found.texts:,} texts. {how}",
        f"{best_line} {found.chance:.3f}.",
    ]


def show_values(tokens: Sequence[str], values: Sequence[float], state: str) -> None:
    """A line for each token, with the value as a number and as a bar from the middle; the largest fills its side."""
    largest = max(map(abs, values), default=0.0) or 1.0
    ends = f"{-largest:+.2f}", f"{largest:+.2f}"
    scale = f"{ends[0]:<{HALF}}0{ends[1]:>{HALF}}"
    bars = (_bar(value / largest) for value in values)
    rows = ((name_token(token), f"{value:+.3f}", bar) for token, value, bar in zip(tokens, values, bars, strict=True))
    console.table(("token", state, scale), rows, right=(state,))


def _bar(share: float) -> str:
    """Minus signs to the left where the share, from -1 to 1, is below zero; plus signs to the right where above."""
    size = round(abs(share) * HALF)
    return " " * (HALF - size) + "-" * size + "|" if share < 0 else " " * HALF + "|" + "+" * size
