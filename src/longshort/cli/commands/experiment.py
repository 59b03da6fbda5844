"""`longshort experiment`: known experiments, as they were or put right."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import click

from longshort.cli import console
from longshort.cli.command import Command
from longshort.errors import UserError, nearest

if TYPE_CHECKING:
    from longshort.experiments import Experiment, Outcome

__all__ = ["command"]


@click.command(
    cls=Command,
    examples=(
        "longshort experiment",
        "longshort experiment sequence-sum",
        "longshort experiment sequence-sum --fixed",
        "longshort experiment memory --problem adding --length 50 --length 100",
    ),
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--fixed", is_flag=True, help="Train it properly, instead of as published.")
@click.option(
    "--seed", "seeds", metavar="N", type=int, multiple=True, help="Seed of the initial weights; may be repeated."
)
@click.option("--epochs", metavar="N", type=int, help="Passes over the training rows.")
@click.option(
    "--problem",
    metavar="NAME",
    multiple=True,
    help="Problem of the memory experiment: adding, copying or reber; may be repeated.  [default: adding]",
)
@click.option(
    "--length",
    metavar="N",
    type=int,
    multiple=True,
    help="Length of the sequences; may be repeated.  [default: 50, 100, 200, 400]",
)
@click.option("--network", metavar="NAME", multiple=True, help="lstm or rnn; may be repeated.  [default: both]")
@click.option(
    "--steps", metavar="N", type=int, help="Most steps of an attempt, each with 64 new sequences.  [default: 2000]"
)
@click.option(
    "--full", is_flag=True, help="Run every problem, length and seed that you do not restrict: hours, not minutes."
)
@click.option(
    "--run",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Keep the files in this new folder, with a folder of its own for each of several seeds.  "
    "[default: runs/experiments/NAME, where they replace those of the time before]",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per seed; the experiment's lines go to stderr."
)
def command(name: str | None, seeds: tuple[int, ...], directory: Path | None, as_json: bool, **options: object) -> None:
    """Repeat a known experiment, as published or corrected.

    Without NAME, lists the experiments and the options that each one takes.
    """
    from longshort.experiments import EXPERIMENTS

    if name is None:
        _list(EXPERIMENTS, as_json)
        return
    if name not in EXPERIMENTS:
        hint = nearest(name, EXPERIMENTS) or f"The experiments are {', '.join(EXPERIMENTS)}."
        raise UserError(f"There is no experiment {name!r}.", hint)
    experiment = EXPERIMENTS[name]
    if experiment.compares:
        _do(experiment, directory, as_json, seed=seeds, **options)
    elif len(set(seeds)) > 1:
        _repeat(experiment, list(dict.fromkeys(seeds)), directory, as_json, **options)
    else:
        _do(experiment, directory, as_json, seed=seeds[0] if seeds else None, **options)


def _do(experiment: Experiment, directory: Path | None, as_json: bool, **options: object) -> Outcome:
    outcome = experiment.run(directory=directory, out=console.say if as_json else console.out, **options)
    if as_json:
        console.out_json({"directory": str(outcome.directory), **outcome.metrics}, indent=None)
    return outcome


def _repeat(experiment: Experiment, seeds: list[int], directory: Path | None, as_json: bool, **options: object) -> None:
    """The same at every seed, then the accuracies side by side."""
    accuracies = {}
    for seed in seeds:
        console.say(f"Seed {seed}")
        place = directory / f"seed-{seed}" if directory else None
        outcome = _do(experiment, place, as_json, seed=seed, **options)
        accuracies[seed] = outcome.metrics["test"]["accuracy"]
        if not as_json:
            console.out()
    if not as_json:
        rows = [*accuracies.items(), ("lowest", min(accuracies.values())), ("mean", mean(accuracies.values()))]
        console.table(("seed", "test accuracy"), ((str(name), f"{accuracy:.4f}") for name, accuracy in rows))


def _list(experiments: dict[str, Experiment], as_json: bool) -> None:
    if as_json:
        each = experiments.values()
        console.out_json([{"name": e.name, "description": e.description, "options": e.options} for e in each])
        return
    console.table(
        ("name", "options", "description"),
        ((e.name, " ".join(f"--{option}" for option in e.options), e.description) for e in experiments.values()),
        wrap=("description",),
    )
