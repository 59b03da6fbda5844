"""`longshort explain`: what each word of a text contributes to the answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from longshort.cli import console
from longshort.cli.command import Choice, Command
from longshort.cli.writing import written
from longshort.errors import SettingError, UserError
from longshort.plain import PlainMapping

if TYPE_CHECKING:
    from longshort.figures.tokens import ShownToken
    from longshort.insight.attribution import Contributions, Phrase

__all__ = ["command"]

METHODS = ("integrated-gradients", "occlusion", "decomposition")

HALF = 18
"""Characters of a bar on either side of zero."""


@click.command(
    cls=Command,
    examples=(
        'longshort explain runs/NAME "What a film!"',
        'longshort explain runs/NAME "Not bad at all." --phrase "not bad"',
        'longshort explain runs/NAME "What a film!" --method occlusion --html why.html',
        "longshort explain runs/NAME --negation",
        "longshort explain runs/NAME --file sequences.ts --row 3 --figure why.png",
    ),
)
@click.argument("run", metavar="RUN")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option(
    "--method",
    type=Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="Share the score out along the way from a baseline; leave each token out; or follow each token through the "
    "LSTM by itself.",
)
@click.option("--class", "label", metavar="LABEL", help="Explain this class; the model's answer by default.")
@click.option(
    "--phrase",
    metavar="WORDS",
    help="Show too what this phrase of the text does beyond the sum of its words: by decomposition, or by --method "
    "occlusion.",
)
@click.option(
    "--baseline",
    type=Choice(["zero", "mean"]),
    help="Where integrated gradients start: zero vectors (the default), or the mean embedding.",
)
@click.option("--window", type=int, metavar="N", help="Leave N tokens out at once in occlusion; 1 by default.")
@click.option("--file", metavar="FILE", type=click.Path(path_type=Path), help="Take a sequence of this file.")
@click.option("--row", metavar="N", type=int, default=0, show_default=True, help="Which sequence of --file, from 0.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Tokens in the table.")
@click.option(
    "--negation", is_flag=True, help="Test whether the model has learnt negation, on a built-in set; no TEXT."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write the coloured text as a page."
)
@click.option(
    "--figure",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the strongest contributions, as PNG.",
)
def command(
    run: str,
    text: str | None,
    method: Any,
    label: str | None,
    phrase: str | None,
    baseline: Any,
    window: int | None,
    file: Path | None,
    row: int,
    top: int,
    negation: bool,
    as_json: bool,
    html: Path | None,
    figure: Path | None,
) -> None:
    """Show what each word of a text contributes to the answer.

    RUN is the directory of a run, or a model's own directory. TEXT is the text; - reads it from stdin. For a model of
    sequences of numbers, --file and --row name a sequence, and the contributions are those of its steps and channels.

    Prints the answer, the text with coloured tokens (blue and bold for the class, orange and underlined against it;
    marked (+) and (-) without colours), the strongest contributions, and how much of the score they explain. Words that
    the model does not know are marked (?).
    """
    _check(text, negation=negation, given=(phrase, label, baseline, window, html, figure), figure=figure)
    if negation:
        from longshort.artifacts.bundle import load_bundle

        return _negation(load_bundle(run), as_json)
    from longshort.cli.models import load_example

    model, example = load_example("explain", run, text, file, row)
    if not isinstance(example.given, str):
        _check_numbers(method, {"--phrase": phrase, "--baseline": baseline, "--window": window, "--html": html})
        from longshort.cli.commands.explain_numbers import explain_sequence

        return explain_sequence(model, example, label=label, top=top, as_json=as_json, figure=figure)
    from longshort.insight.attribution import explain, phrases

    text = sys.stdin.read().strip() if text == "-" else example.given
    found = explain(model, text, method=method, label=label, baseline=baseline, window=window)
    way: Any = "decomposition" if method == METHODS[0] else method
    acting = [] if phrase is None else phrases(model, text, phrase, method=way, label=found.label)
    if html is not None:
        _write_page(html, found, acting, top)
    if figure is not None:
        _draw(figure, found, top)
    if as_json:
        return console.out_json({**found.to_dict(), "phrases": [each.to_dict() for each in acting]})
    return _show(found, acting, top)


def _check_numbers(method: str, options: PlainMapping) -> None:
    """A sequence of numbers has no words."""
    asked = [flag for flag, value in options.items() if value is not None]
    if method != METHODS[0]:
        asked.append(f"--method {method}")
    if asked:
        raise UserError(f"{asked[0]} is about texts. The model reads sequences of numbers.", "Leave it out.")


def _check(text: str | None, *, negation: bool, given: Sequence[object], figure: Path | None) -> None:
    if negation and (text is not None or any(each is not None for each in given)):
        raise UserError(
            "--negation asks about a built-in set of phrases. Got a text, or an option for one, too.",
            "Leave one of them out. --json goes with it.",
        )
    if figure is not None and figure.suffix != ".png":
        raise SettingError(f"The file of --figure must end in .png. Got {figure.name}.", f"Name it {figure.stem}.png.")


# --- on the terminal ---


def _show(found: Contributions, acting: Sequence[Phrase], top: int) -> None:
    shown = _shown(found)
    others = (f"{name} {probability:.3f}" for name, probability in _ranked(found) if name != found.label)
    console.out(f"{found.label} {found.probability:.3f}; {', '.join(others)}")
    console.out()
    _show_tokens(found)
    console.out()
    _show_table(shown, found.strongest(top))
    console.out()
    for note in _notes(found, acting):
        console.out(note)


def _show_tokens(found: Contributions) -> None:
    """The text with its tokens coloured, and what the colours mean."""
    from rich.console import Console

    from longshort.figures.tokens import terminal_legend, terminal_tokens

    marks, unknown = not _styled(), not all(found.known)
    screen = Console(file=sys.stdout, highlight=False)
    few = screen.color_system not in ("256", "truecolor")
    text = terminal_tokens(_shown(found), marks=marks, few_colors=few)
    legend = terminal_legend(found.label, marks=marks, few_colors=few, unknown=unknown)
    # Wrapped for a terminal; elsewhere on one line.
    for line in (text, legend):
        screen.print(line) if sys.stdout.isatty() else console.out(line.plain)


def _styled() -> bool:
    """Whether colours are seen; signs are written out where they are not."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _show_table(shown: Sequence[ShownToken], strongest: Sequence[int]) -> None:
    largest = max((abs(shown[place].value) for place in strongest), default=0.0) or 1.0
    rows = (
        (
            shown[place].text + ("" if shown[place].known else "(?)"),
            str(place),
            f"{shown[place].value:+.3f}",
            _bar(shown[place].value / largest),
        )
        for place in strongest
    )
    console.table(("token", "step", "contribution", ""), rows, right=("step", "contribution"), wrap=("token",))


def _bar(share: float) -> str:
    length = round(HALF * abs(share))
    return f"{'-' * length:>{HALF}}|" if share < 0 else f"{'':>{HALF}}|{'+' * length}"


def _notes(found: Contributions, acting: Sequence[Phrase]) -> list[str]:
    return [*(each.sentence() for each in acting), found.sentence()]


# --- elsewhere ---


def _write_page(path: Path, found: Contributions, acting: Sequence[Phrase], top: int) -> None:
    from longshort.figures.token_page import token_page

    page = token_page(
        _shown(found),
        found.strongest(top),
        label=found.label,
        probabilities=dict(_ranked(found)),
        notes=_notes(found, acting),
    )
    with written(path) as place:
        place.write_text(page, encoding="utf-8")


def _draw(path: Path, found: Contributions, top: int) -> None:
    from longshort.figures.style import save
    from longshort.figures.tokens import contribution_bars

    bars = contribution_bars(found.tokens, found.values.tolist(), label=found.label, unit=found.scale, top=top)
    with written(path) as place:
        save(bars, place)


def _shown(found: Contributions) -> list[ShownToken]:
    from longshort.figures.tokens import shown_tokens

    return list(shown_tokens(found.tokens, found.values.tolist(), known=found.known, spaced=found.spaced))


def _ranked(found: Contributions) -> list[tuple[str, float]]:
    return sorted(found.probabilities.items(), key=lambda each: -each[1])


# --- the negation set ---


def _negation(model: object, as_json: bool) -> None:
    from longshort.insight.negation import study_negation

    study = study_negation(model)
    if as_json:
        return console.out_json(study.to_dict())
    headers = ("phrase", "word alone", "with negation", "flips", "the phrase's own")
    rows = (
        (
            each.phrase,
            f"{each.plain_score:+.2f}",
            f"{each.negated_score:+.2f}",
            "yes" if each.flipped else "no",
            f"{each.own:+.3f}",
        )
        for each in study.results
    )
    console.out(f"Scores are above zero for {study.positive}, below for {study.negative}.")
    console.out()
    console.table(headers, rows, right=headers[1:])
    console.out()
    for sentence in study.sentences():
        console.out(sentence)
    return None
