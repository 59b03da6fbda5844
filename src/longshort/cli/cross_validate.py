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


@click.command(
    cls=TaskCommand,
    unable={
        "sequence-regression": "longshort.SequenceRegressor goes into scikit-learn's cross_val_score, in Python.",
        "forecast": "longshort train --task forecast judges from many origins in time; folds would mix these up.",
    },
    examples=(
        "longshort cross-validate movie-sentences",
        "longshort cross-validate reviews.csv --folds 10 --hidden-size 64",
        "longshort cross-validate GunPoint_TRAIN.ts --json",
    ),
)
@click.argument("data", metavar="DATA")
@click.option(
    "--task",
    metavar="TASK",
    help="What to learn: text-classification or sequence-classification. Found by itself for texts and .ts files.",
)
@click.option("--folds", metavar="N", type=int, default=5, show_default=True, help="Parts, each held out once.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object, with all of each fold.")
@click.pass_context
def command(context: click.Context, /, data: str, folds: int, as_json: bool, **_: Any) -> None:
    """Train and judge once for each fold of the data: mean and spread.

    DATA is what longshort train takes. Each fold starts from nothing, tokens and scales included, and so do the
    baselines beside it. Identical rows, and the sequences of a --group, are never on both sides.

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
    count, what = len(result.folds), "texts" if result.task == "text-classification" else "sequences"
    rows = sum(fold.rows["test"] for fold in result.folds)
    console.out(f"On {rows:,} {what} of {result.source}, each held out once, in {count} folds:")
    _show_folds(result)
    console.out()
    _show_models(result)
    found = result.difference()
    low, high = found.interval
    console.out(
        f"\nThe model is more accurate than {found.opponent} in {found.better} of {count} folds, by {found.mean:+.3f} "
        f"on average (95 % interval {low:+.3f} to {high:+.3f}, corrected for training rows that the folds share)."
    )


def _show_folds(result: CrossValidation) -> None:
    headers = ("fold", "rows", "accuracy", "macro F1", "loss", *result.opponents)
    rows = [
        (
            str(number),
            f"{fold.rows['test']:,}",
            *(f"{fold.metrics[name]:.3f}" for name in ("accuracy", "macro_f1", "loss")),
            *(f"{fold.baselines[name]['accuracy']:.3f}" for name in result.opponents),
        )
        for number, fold in enumerate(result.folds, start=1)
    ]
    console.table(headers, rows, right=headers[1:], wrap=headers)
    console.out("(the columns of the opponents: their accuracy on the same rows)")


def _show_models(result: CrossValidation) -> None:
    headers = ("mean ± spread", "accuracy", "macro F1", "ROC-AUC", "loss")
    models = {"this model": None, **{name: name for name in result.opponents}}
    rows = [
        (shown, *(_spread(result.of(metric, name)) for metric in ("accuracy", "macro_f1", "roc_auc", "loss")))
        for shown, name in models.items()
    ]
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])


def _spread(values: list[float]) -> str:
    """For example "0.873 ± 0.012": the mean over the folds, and their standard deviation."""
    if not values:
        return "-"
    from longshort.runs.cross_validation import summary

    found = summary(values)
    return f"{found['mean']:.3f} ± {found['spread']:.3f}"
