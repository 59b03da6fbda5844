"""The sequences of each problem are what they say, and chance is chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from longshort.experiments.memory import PROBLEMS
from longshort.experiments.memory.reber import SYMBOLS, reber_strings

# The grammar as Reber (1967) draws it, with numbers for its nodes.
WAYS = {
    0: {"B": 1}, 1: {"T": 2, "P": 3}, 2: {"S": 2, "X": 4}, 3: {"T": 3, "V": 5},
    4: {"X": 3, "S": 6}, 5: {"P": 4, "V": 6}, 6: {"E": 7},
}  # fmt: skip


def draw(name: str, length: int, count: int, seed: int = 0):
    return PROBLEMS[name].draw(length, count, np.random.default_rng(seed))


def read(values) -> list[str]:
    return ["".join(SYMBOLS[symbol] for symbol in row) for row in values.argmax(axis=2)]


def is_reber(string: str) -> bool:
    node = 0
    for symbol in string:
        if symbol not in WAYS.get(node, {}):
            return False
        node = WAYS[node][symbol]
    return node == 7


@pytest.mark.parametrize("name", PROBLEMS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_length_has_sequences_of_the_promised_shape(name, data):
    problem = PROBLEMS[name]
    length = data.draw(st.integers(problem.shortest, 60))
    drawn = draw(name, length, 3)
    answers = torch.zeros(3, problem.answers(length), problem.outputs)

    assert drawn.values.shape == (3, problem.steps(length), problem.inputs)
    assert drawn.values.dtype == np.float32
    assert problem.answers(length) <= problem.steps(length)
    for found in (problem.losses, problem.scores):
        assert found(answers, torch.from_numpy(drawn.targets)).shape == (3,)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_same_seed_gives_the_same_sequences(name):
    one, same, other = (draw(name, 30, 4, seed) for seed in (1, 1, 2))

    assert np.array_equal(one.values, same.values)
    assert np.array_equal(one.targets, same.targets)
    assert not np.array_equal(one.values, other.values)


def test_adding_asks_for_the_sum_of_the_two_marked_numbers():
    values, targets = draw("adding", 11, 500)
    numbers, marks = values[:, :, 0], values[:, :, 1]

    np.testing.assert_allclose((numbers * marks).sum(axis=1), targets, rtol=1e-6)
    assert (marks[:, :5].sum(axis=1) == 1).all()
    assert (marks[:, 5:].sum(axis=1) == 1).all()
    assert set(marks.argmax(axis=1)) == set(range(5))
    assert 0 <= numbers.min() < 0.01 < 0.99 < numbers.max() < 1


def test_adding_by_chance_is_the_variance_of_the_sum():
    problem, (_, targets) = PROBLEMS["adding"], draw("adding", 4, 20_000)
    scores = problem.scores(torch.ones(20_000, 1, 1), torch.from_numpy(targets))

    assert float(scores.mean()) == pytest.approx(problem.chance, abs=0.005)
    exact = torch.from_numpy(targets)[:, None, None]
    assert float(problem.scores(exact, torch.from_numpy(targets)).max()) == 0


def test_copying_shows_ten_symbols_then_nothing_but_a_signal():
    values, targets = draw("copying", 40, 200)
    symbols = values.argmax(axis=2)

    assert (values.sum(axis=2) == 1).all()
    assert np.array_equal(symbols[:, :10], targets)
    assert (symbols[:, 10:30] == 8).all()
    assert (symbols[:, 30] == 9).all()
    assert (symbols[:, 31:] == 8).all()
    assert set(targets.ravel()) == set(range(8))


def test_copying_by_chance_is_the_entropy_of_a_symbol():
    problem, (_, targets) = PROBLEMS["copying"], draw("copying", 20, 5)
    right = 50 * torch.nn.functional.one_hot(torch.from_numpy(targets), 8).float()

    assert problem.chance == math.log(8)
    scores = problem.scores(torch.zeros(5, 10, 8), torch.from_numpy(targets))
    assert scores.tolist() == pytest.approx([problem.chance] * 5)
    assert float(problem.scores(right, torch.from_numpy(targets)).max()) < 1e-6


@settings(max_examples=30, deadline=None)
@given(length=st.integers(5, 200), seed=st.integers(0, 9))
def test_reber_strings_follow_the_grammar(length, seed):
    strings = reber_strings(length, 20, np.random.default_rng(seed))

    for row in strings:
        assert is_reber("".join(SYMBOLS[symbol] for symbol in row))


def test_reber_strings_of_one_length_are_as_likely_as_the_grammar_has_them():
    """All strings of ten symbols, found by walking; each of their ways is a coin."""
    walks = {"B": 1}
    for _ in range(8):
        walks = {s + symbol: to for s, node in walks.items() for symbol, to in WAYS[node].items() if node < 6}
    known = [walk + "E" for walk, node in walks.items() if node == 6]
    drawn = ["".join(SYMBOLS[symbol] for symbol in row) for row in reber_strings(10, 8_000, np.random.default_rng(0))]

    assert set(drawn) == set(known)
    assert {len(each) for each in known} == {10}
    # There are as many coins in each string of this length, so that all are equally likely.
    assert chisquare([drawn.count(each) for each in known]).pvalue > 0.01


def test_reber_ends_with_what_stood_second():
    values, targets = draw("reber", 20, 300)
    strings = [text + SYMBOLS[last[-1]] + "E" for text, last in zip(read(values), targets, strict=True)]

    assert {len(each) for each in strings} == {20}
    assert {each[1] for each in strings} == {"T", "P"}
    for string, wanted in zip(strings, targets, strict=True):
        assert string[0] == "B"
        assert string[1] == string[-2]
        assert is_reber(string[2:-2])
        assert [SYMBOLS.index(symbol) for symbol in string[1:-1]] == wanted.tolist()


def test_reber_by_chance_is_wrong_half_of_the_time():
    problem, (_, targets) = PROBLEMS["reber"], draw("reber", 12, 4_000)
    scores = problem.scores(torch.randn(4_000, 10, 7), torch.from_numpy(targets))

    assert float(scores.mean()) == pytest.approx(problem.chance, abs=0.03)
    right = torch.nn.functional.one_hot(torch.from_numpy(targets), 7).float()
    assert float(problem.scores(right, torch.from_numpy(targets)).max()) == 0
    assert float(problem.scores(-right, torch.from_numpy(targets)).min()) == 1
