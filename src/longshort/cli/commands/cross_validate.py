"""`longshort cross-validate`: how good a model of some data is, and how far that depends on the rows held out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.options import given
from longshort.cli.tasks import TaskCommand, settings_of, task_option
from longshort.kinds.registry import kind_for
from longshort.kinds.words import Metric

if TYPE_CHECKING:
    from longshort.runs.cross_validation import CrossValidation

__all__ = ["command"]


@click.command(
    cls=TaskCommand,
    examples=(
        "longshort cross-validate movie-sentences",
        "longshort cross-validate reviews.csv --folds 10 --hidden-size 64",
        "longshort cross-validate GunPoint_TRAIN.ts --json",
        "longshort cross-validate passengers.csv --task forecast --horizon 12",
    ),
)
@click.argument("data", metavar="DATA")
@task_option
@click.option("--folds", metavar="N", type=int, default=5, show_default=True, help="Parts, each held out once.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object, with all of each fold.")
@click.pass_context
def command(context: click.Context, /, data: str, folds: int, as_json: bool, **_: object) -> None:
    """Train and evaluate once for each fold of the data: mean and spread.

    DATA is the same as for longshort train. Each fold starts from scratch, including tokens and scales, and so do its
    baselines. Identical rows, and the sequences of a --group, are never on both sides. The folds of a forecast follow
    one another in time, each forecast from the values before it; --test-steps sets their length.

    No model is kept. Progress goes to stderr, the result to stdout.
    """
    settings = settings_of(context).from_flat(given(context))
    from longshort.cli.progress import ConsoleListener
    from longshort.runs.cross_validation import cross_validate

    with ConsoleListener() as listener:
        result = cross_validate(data, settings=settings, folds=folds, listener=listener)
    if as_json:
        console.out_json(result.to_dict())
    else:
        _show(result)


def _show(result: CrossValidation) -> None:
    count, rows = len(result.folds), sum(fold.rows["test"] for fold in result.folds)
    said = kind_for(result.settings).describe_folds(rows, result.source, count)
    console.out(f"On {said}:")
    _show_folds(result)
    console.out()
    _show_models(result)
    console.out(f"\n{_compared(result)}")


def _compared(result: CrossValidation) -> str:
    """The model beside its strongest baseline."""
    found, count = result.difference(), len(result.folds)
    low, high = found.interval
    measure = result.measure
    said = f"{measure.better} than {found.baseline} in {found.better} of {count} folds"
    if measure.first.has_unit:
        said += f"; its {measure.first.name} differs by {found.mean:+,.4g}"
        shown = f"{low:+,.4g} to {high:+,.4g}"
    else:
        said += f", by {found.mean:+.3f}"
        shown = f"{low:+.3f} to {high:+.3f}"
    corrected = "corrected for the training data that the folds share"
    return f"The model is {said} on average (95 % interval {shown}, {corrected})."


def _show_folds(result: CrossValidation) -> None:
    measure, words = result.measure, kind_for(result.settings).words
    columns = [each for each in measure.metrics if each.shown == "always"]
    first = "from" if result.folds[0].begins else "fold"
    headers = (first, f"{words.row}s", *(each.label for each in columns), *result.baselines)
    rows = [
        (
            fold.begins or str(number),
            f"{fold.rows['test']:,}",
            *(each.text(fold.metrics[each.key]) for each in columns),
            *(measure.first.text(fold.baselines[name][measure.name]) for name in result.baselines),
        )
        for number, fold in enumerate(result.folds, start=1)
    ]
    console.table(headers, rows, right=headers[1:], wrap=headers)
    console.out(f"(the columns of the baselines: their {measure.first.label} on the same rows)")


def _show_models(result: CrossValidation) -> None:
    columns = [each for each in result.measure.metrics if each.shown != "never"]
    headers = ("mean ± spread", *(each.label for each in columns))
    models = {"this model": None, **{name: name for name in result.baselines}}
    rows = [
        (shown, *(_spread(each, result.of(each.key, model)) for each in columns)) for shown, model in models.items()
    ]
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])


def _spread(metric: Metric, values: list[float]) -> str:
    """For example "0.873 ± 0.012": the mean over the folds, and their standard deviation."""
    if not values:
        return "-"
    from longshort.runs.cross_validation import summary

    found = summary(values)
    return f"{metric.text(found['mean'])} ± {metric.text(found['spread'])}"
