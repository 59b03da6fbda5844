"""`longshort samples`: the data sets that come with longshort, and their first rows."""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import asdict

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.errors import LongshortError, UserError, nearest

__all__ = ["command"]


@click.command(cls=Command, examples=("longshort samples", "longshort samples movie-sentences --rows 3"))
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--rows", metavar="N", type=click.IntRange(min=1), default=5, help="Rows to show.  [default: 5]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of the samples, or one JSON object per row.")
def command(name: str | None, rows: int, as_json: bool) -> None:
    """List the data sets that come with longshort.

    A sample's name stands for its data wherever a command takes DATA. With NAME, shows the first rows of that sample.
    """
    if name is None:
        _list(as_json)
    else:
        _show(name, rows, as_json)


def _list(as_json: bool) -> None:
    from longshort.data.texts.samples import SAMPLES

    missing = {name: _why_missing(name) for name in SAMPLES}
    if as_json:
        console.out_json([asdict(sample) | {"installed": not missing[name]} for name, sample in SAMPLES.items()])
        return
    console.table(
        ("name", "rows", "installed", "description"),
        (
            (name, f"{sample.rows:,}", "no" if missing[name] else "yes", sample.description)
            for name, sample in SAMPLES.items()
        ),
        right=("rows",),
        wrap=("description",),
    )
    for line in dict.fromkeys(filter(None, missing.values())):
        console.say(f"\nhint: {line}")


def _why_missing(name: str) -> str:
    """What to do before the sample can be used; empty when it can be."""
    from longshort.data.texts.samples import open_sample

    try:
        open_sample(name)
    except LongshortError as error:
        return error.hint
    return ""


def _show(name: str, rows: int, as_json: bool) -> None:
    from longshort.data.texts.samples import SAMPLES, open_sample

    if name not in SAMPLES:
        hint = nearest(name, SAMPLES) or f"The samples are {', '.join(SAMPLES)}."
        raise UserError(f"There is no sample {name!r}.", hint)
    first = list(itertools.islice(open_sample(name).rows(), rows))
    if as_json:
        for row in first:
            console.out_json({"text": row.text, "labels": list(row.labels)}, indent=None)
        return
    shown = ((", ".join(row.labels), textwrap.shorten(row.text, 200, placeholder=" ...")) for row in first)
    console.table(("label", "text"), shown, wrap=("text",))
