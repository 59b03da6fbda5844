"""What the attempts showed, in lines, a table and a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from longshort.evaluation import Finding, Verdict
from longshort.experiments.memory.attempts import Attempt, Point
from longshort.experiments.memory.network import NetworkName
from longshort.experiments.memory.problem import Problem

__all__ = ["attempt_line", "attempt_name", "heading", "look_line", "table_lines", "verdict"]

NAMES: dict[NetworkName, str] = {"lstm": "LSTM", "rnn": "plain RNN"}


def heading(problem: Problem) -> str:
    """What is asked, and what the scores mean."""
    return (
        f"{problem.name.capitalize()}: {problem.sentence}. Score: {problem.measure}; {problem.chance:.3f} without "
        f"memory, solved below {problem.solved:g}."
    )


def attempt_name(network: NetworkName, length: int, seed: int) -> str:
    """For example "LSTM, length 400, seed 0"."""
    return f"{NAMES[network]}, length {length:,}, seed {seed}"


def look_line(point: Point, steps: int) -> str:
    """How far an attempt is."""
    return f"    step {point.step:,} of {steps:,}: {point.score:.4f}"


def attempt_line(done: Attempt) -> str:
    """How an attempt ended."""
    return f"    {_ending(done)}: {done.score:.4f} on new sequences, {done.seconds:.0f} s"


def _ending(done: Attempt) -> str:
    if done.solved:
        return f"solved after {done.steps:,} steps"
    return f"{'overflowed after' if done.overflowed else 'not solved in'} {done.steps:,} steps"


def table_lines(problem: Problem, attempts: Sequence[Attempt]) -> list[str]:
    """One line per length: the score of each network (the median over the seeds) and how many seeds solved it."""
    networks = _networks(attempts)
    lines = [f"{'length':>7}" + "".join(f"  {NAMES[name]:>10}  {'solved':>6}" for name in networks)]
    for length in sorted({each.length for each in attempts}):
        line = f"{length:>7,}"
        for name in networks:
            here = _at(attempts, name, length)
            line += f"  {median(each.score for each in here):>10.4f}  {_share(here):>6}"
        lines.append(line)
    lines.append(f"chance:  {problem.chance:.4f} {problem.measure}")
    return lines


def _share(attempts: Sequence[Attempt]) -> str:
    return f"{sum(each.solved for each in attempts)} of {len(attempts)}"


def verdict(problems: Iterable[Problem], attempts: Sequence[Attempt]) -> Verdict:
    """How far each network remembers: one sentence per problem, and one over all where there are several."""
    findings = [_finding(problem, [each for each in attempts if each.problem == problem.name]) for problem in problems]
    if len(findings) == 1:
        return Verdict(headline=findings[0].sentence, findings=())
    tasks = sorted({(each.problem, each.length) for each in attempts})
    counts = []
    for network in _networks(attempts):
        own = [each for each in attempts if each.network == network]
        done = sum(all(each.solved for each in own if (each.problem, each.length) == task) for task in tasks)
        counts.append(f"the {NAMES[network]} solves {done} of {len(tasks)}")
    text = f"Over all problems and lengths, {', '.join(counts)}."
    return Verdict(headline=text, findings=tuple(findings))


def _finding(problem: Problem, attempts: Sequence[Attempt]) -> Finding:
    parts = [_how_far(network, attempts) for network in _networks(attempts)]
    sentence = f"{problem.name.capitalize()}: {'; '.join(parts)}."
    solved = all(each.solved for each in attempts if each.network == "lstm")
    return Finding(kind=problem.name, level="good" if solved else "note", sentence=sentence)


def _how_far(network: NetworkName, attempts: Sequence[Attempt]) -> str:
    """For example "the LSTM solves it up to length 400, not at 1,000 in 3,000 steps"."""
    lengths = sorted({each.length for each in attempts if each.network == network})
    runs = {length: _at(attempts, network, length) for length in lengths}
    solved = [length for length in lengths if all(each.solved for each in runs[length])]
    partly = [length for length in lengths if length not in solved and any(each.solved for each in runs[length])]
    never = [length for length in lengths if length not in (*solved, *partly)]
    parts = [f"solves it {_reach(solved, lengths)}"] if solved else []
    parts += [f"{'' if parts else 'solves it '}at {length:,} with {_share(runs[length])} seeds" for length in partly]
    if never:
        steps = max(each.steps for length in never for each in runs[length])
        what = "not" if parts else "does not solve it"
        parts.append(f"{what} at {_listed(never, 'or')} in {steps:,} steps")
    return f"the {NAMES[network]} {', '.join(parts)}"


def _reach(solved: Sequence[int], lengths: Sequence[int]) -> str:
    if list(solved) == list(lengths[: len(solved)]):
        return f"up to length {solved[-1]:,}" if len(solved) > 1 else f"at length {solved[0]:,}"
    return f"at length{'s' * (len(solved) > 1)} {_listed(solved, 'and')}"


def _listed(lengths: Sequence[int], word: str) -> str:
    *most, last = (f"{length:,}" for length in lengths)
    return f"{', '.join(most)} {word} {last}" if most else last


def _networks(attempts: Sequence[Attempt]) -> list[NetworkName]:
    return list(dict.fromkeys(each.network for each in attempts))


def _at(attempts: Sequence[Attempt], network: NetworkName, length: int) -> list[Attempt]:
    return [each for each in attempts if (each.network, each.length) == (network, length)]
