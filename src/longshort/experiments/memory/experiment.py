"""`longshort experiment memory`: how long does an LSTM remember, and how long a plain recurrent network?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, cast

from longshort.errors import SettingError, nearest
from longshort.experiments.base import Print, Report
from longshort.experiments.memory import words
from longshort.experiments.memory.attempts import BATCH, HIDDEN, LEARNING_RATES, RECIPE, Attempt, Point, attempt
from longshort.experiments.memory.network import NETWORKS, NetworkName
from longshort.experiments.memory.problem import Problem
from longshort.experiments.memory.problems import PROBLEMS
from longshort.figures import save
from longshort.figures.memory_problems import problem_curves, problem_lengths
from longshort.plain import Plain

__all__ = ["OPTIONS", "memory_tests"]

Given = TypeVar("Given", int, str)

OPTIONS = ("problem", "length", "network", "seed", "steps", "full")

SOME: dict[str, Any] = {"problem": ["adding"], "length": [50, 100, 200, 400], "seed": [0]}
FULL: dict[str, Any] = {"problem": list(PROBLEMS), "length": [50, 100, 200, 400, 1000], "seed": [0, 1, 2]}

STEPS = 2_000
SHOWN = 500
"""Steps between two lines of progress."""


def memory_tests(
    *,
    folder: Path,
    out: Print,
    problem: Sequence[str] = (),
    length: Sequence[int] = (),
    network: Sequence[str] = (),
    seed: Sequence[int] = (),
    steps: int = STEPS,
    full: bool = False,
) -> Report:
    """Train an LSTM and a plain recurrent network of the same size on problems of memory, at growing lengths.

    Args:
        folder: for the figures.
        out: is given every line.
        problem: names of `PROBLEMS`; adding when not given.
        length: of the sequences; 50, 100, 200 and 400 when not given.
        network: "lstm", "rnn"; both when not given.
        seed: of the first weights and the sequences; 0 when not given.
        steps: of each attempt, at most, each on 64 new sequences.
        full: what is not given is all there is: every problem, lengths up to 1,000, seeds 0, 1 and 2.

    Raises:
        SettingError: an unknown problem or network, a length that a problem does not have, or a number out of bounds.
        Interrupted: Ctrl-C.
    """
    rest = FULL if full else SOME
    problems = [PROBLEMS[_known("problem", name, PROBLEMS)] for name in _each(problem or rest["problem"])]
    networks = [cast(NetworkName, _known("network", name, NETWORKS)) for name in _each(network or NETWORKS)]
    lengths, seeds = sorted(_each(length or rest["length"])), _each(seed or rest["seed"])
    _check(problems, lengths, seeds, steps)
    attempts: list[Attempt] = []
    for place, each in enumerate(problems):
        out("\n" * (place > 0) + words.heading(each))
        for size in lengths:
            for name in networks:
                attempts += [_attempt(each, name, size, number, steps, out) for number in seeds]
        out("")
        for line in words.table_lines(each, [done for done in attempts if done.problem == each.name]):
            out(line)
    content = _content(problems, attempts, steps)
    save(problem_curves(content["problems"], content["attempts"]), folder / "curves.png")
    if len(lengths) > 1:
        save(problem_lengths(content["problems"], content["attempts"]), folder / "lengths.png")
    again = "longshort train movie-sentences" if full else "longshort experiment memory --full"
    return Report(content, words.verdict(problems, attempts), again)


def _attempt(problem: Problem, network: NetworkName, length: int, seed: int, steps: int, out: Print) -> Attempt:
    def look(point: Point) -> None:
        if point.step % SHOWN == 0:
            out(words.look_line(point, steps))

    out(words.attempt_name(network, length, seed))
    done = attempt(problem, network, length, seed, steps=steps, look=look)
    out(words.attempt_line(done))
    return done


def _content(problems: Sequence[Problem], attempts: Sequence[Attempt], steps: int) -> Plain:
    fields = ("measure", "chance", "solved")
    return {
        "settings": {"hidden_size": HIDDEN, "batch": BATCH, "steps": steps, "learning_rates": LEARNING_RATES, **RECIPE},
        "problems": {each.name: {field: getattr(each, field) for field in fields} for each in problems},
        "attempts": [asdict(each) for each in attempts],
    }


def _each(given: Sequence[Given]) -> list[Given]:
    """Once each, in order."""
    return list(dict.fromkeys(given))


def _known(what: str, name: str, names: Sequence[str] | Plain) -> str:
    if name not in names:
        hint = nearest(name, names) or f"There are {', '.join(names)}."
        raise SettingError(f"There is no memory {what} {name!r}.", hint)
    return name


def _check(problems: Sequence[Problem], lengths: Sequence[int], seeds: Sequence[int], steps: int) -> None:
    for problem in problems:
        if lengths[0] < problem.shortest:
            raise SettingError(
                f"The problem {problem.name} has lengths of at least {problem.shortest}. Got {lengths[0]}.",
                "Give a greater --length.",
            )
    if steps < 1:
        raise SettingError(f"steps must be at least 1. Got {steps}.", "Some thousand steps are needed.")
    if min(seeds) < 0:
        raise SettingError(f"seed must be at least 0. Got {min(seeds)}.")
