"""`longshort evaluate`: how good a model is on data of the user's choice."""

from __future__ import annotations

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.cli.options import given, setting_options
from longshort.cli.results import show_results

__all__ = ["command"]


@click.command(
    cls=Command,
    examples=("longshort evaluate runs/NAME new.csv", "longshort evaluate runs/NAME new.csv --label stars --json"),
)
@click.argument("run", metavar="RUN")
@click.argument("data", metavar="DATA")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@setting_options("text", "label", "encoding", "skip_bad")
@click.pass_context
def command(context: click.Context, /, run: str, data: str, as_json: bool, **_: object) -> None:
    """Evaluate a trained model on other labelled data.

    RUN is the directory of a run, or a model's own directory. DATA is a file, a folder or a sample with labels that the
    model knows; its columns and encoding are those of the training data unless you name others. A forecast is evaluated
    on the end of the series in DATA, as many steps as were held out in training.
    """
    from longshort import runs
    from longshort.cli.progress import ConsoleListener

    bundle = runs.load_bundle(run)
    # No row is left out unless that is asked for now, whatever was asked for in training.
    reading = bundle.settings.section("data")
    strict = {"skip_bad": False} if "skip_bad" in type(reading).model_fields else {}
    settings = reading.replace(**{**strict, **given(context)})
    with ConsoleListener() as listener:
        result = runs.evaluate(run, data, settings=settings, listener=listener)
    if as_json:
        plain = {"metrics": result.metrics, "baselines": result.baselines, "verdict": result.verdict.to_dict()}
        console.out_json({"run": run, "data": result.source, **plain, "worst_errors": result.errors})
        return
    show_results(result.task, result.metrics, result.baselines, on="labelled")
    console.out(f"\n{result.verdict.text()}")
