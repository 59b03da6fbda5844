"""`longshort cross-validate`: how good a model of some data is, and how far that depends on the rows held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from longshort.cli import console
from longshort.cli.options import given
from longshort.cli.tasks import TaskCommand, settings_of

if TYPE_CHECKING:
    from longshort.runs.cross_validation import CrossValidation

__all__ = ["command"]

SHOWN = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "roc_auc": "ROC-AUC",
    "loss": "loss",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R²",
    "mase": "MASE",
    "smape": "sMAPE",
    "crps": "CRPS",
}
"""What metrics are called, in the order of the columns."""


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
@click.option(
    "--task",
    metavar="TASK",
    help="What to learn: text-classification, sequence-classification, sequence-regression or forecast. Found by "
    "itself for texts and .ts files.",
)
@click.option("--folds", metavar="N", type=int, default=5, show_default=True, help="Parts, each held out once.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object, with all of each fold.")
@click.pass_context
def command(context: click.Context, /, data: str, folds: int, as_json: bool, **_: Any) -> None:
    """Train and judge once for each fold of the data: mean and spread.

    DATA is what longshort train takes. Each fold starts from nothing, tokens and scales included, and so do the
    baselines beside it. Identical rows, and the sequences of a --group, are never on both sides. Folds of series follow
    one another in time, and each is forecast from what comes before it; --test-steps says how long they are.

    Nothing is kept. Progress goes to stderr, the result to stdout.
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
    if result.task == "forecast":
        said = f"the last {rows:,} steps of {result.source}, in {count} folds, each forecast from all that is before it"
    else:
        what = "texts" if result.task == "text-classification" else "sequences"
        said = f"{rows:,} {what} of {result.source}, each held out once, in {count} folds"
    console.out(f"On {said}:")
    _show_folds(result)
    console.out()
    _show_models(result)
    console.out(f"\n{_compared(result)}")


def _compared(result: CrossValidation) -> str:
    """The model beside its strongest opponent."""
    found, count = result.difference(), len(result.folds)
    low, high = found.interval
    if result.measure.rises:
        said = f"more accurate than {found.opponent} in {found.better} of {count} folds, by {found.mean:+.3f}"
        shown = f"{low:+.3f} to {high:+.3f}"
    else:
        said = f"nearer than {found.opponent} in {found.better} of {count} folds; its mean absolute error differs by "
        said += f"{found.mean:+,.4g}"
        shown = f"{low:+,.4g} to {high:+,.4g}"
    corrected = "corrected for the training data that the folds share"
    return f"The model is {said} on average (95 % interval {shown}, {corrected})."


def _show_folds(result: CrossValidation) -> None:
    measure = result.measure.name
    columns = [name for name in SHOWN if name in result.measure.summed and name != "roc_auc"]
    first = ("from", "steps") if result.task == "forecast" else ("fold", "rows")
    headers = (*first, *(SHOWN[name] for name in columns), *result.opponents)
    rows = [
        (
            fold.begins or str(number),
            f"{fold.rows['test']:,}",
            *(_number(name, fold.metrics[name]) for name in columns),
            *(_number(measure, fold.baselines[name][measure]) for name in result.opponents),
        )
        for number, fold in enumerate(result.folds, start=1)
    ]
    console.table(headers, rows, right=headers[1:], wrap=headers)
    console.out(f"(the columns of the opponents: their {SHOWN[measure]} on the same rows)")


def _show_models(result: CrossValidation) -> None:
    columns = [name for name in SHOWN if name in result.measure.summed]
    headers = ("mean ± spread", *(SHOWN[name] for name in columns))
    models = {"this model": None, **{name: name for name in result.opponents}}
    rows = [(shown, *(_spread(name, result.of(name, model)) for name in columns)) for shown, model in models.items()]
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])


def _number(name: str, value: float | None) -> str:
    """Shares with three digits after the point; what has a unit with four digits."""
    if value is None:
        return "-"
    return f"{value:,.4g}" if name in ("mae", "rmse", "crps") else f"{round(value, 3) + 0.0:.3f}"


def _spread(name: str, values: list[float]) -> str:
    """For example "0.873 ± 0.012": the mean over the folds, and their standard deviation."""
    if not values:
        return "-"
    from longshort.runs.cross_validation import summary

    found = summary(values)
    return f"{_number(name, found['mean'])} ± {_number(name, found['spread'])}"
