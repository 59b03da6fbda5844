from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import torch

from longshort.errors import Interrupted
from longshort.experiments.memory import PROBLEMS, attempt
from longshort.experiments.memory.attempts import BATCH, _Answering, _Fresh

ADDING = PROBLEMS["adding"]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, value in {"HIDDEN": 24, "WATCHED": 100, "JUDGED": 300}.items():
        monkeypatch.setattr(f"longshort.experiments.memory.attempts.{name}", value)


def test_a_short_problem_is_solved_and_the_training_ends_then():
    points = []
    done = attempt(ADDING, "lstm", 6, 0, steps=3_000, look=points.append)

    assert done.solved
    assert done.score < ADDING.solved
    assert (done.problem, done.network, done.length, done.seed, done.overflowed) == ("adding", "lstm", 6, 0, False)
    assert done.steps < 3_000
    assert done.points[1:] == tuple(points)
    assert [point.step for point in done.points] == list(range(0, done.steps + 1, 100))
    assert done.points[-1].score < ADDING.solved / 2 <= min(point.score for point in done.points[:-1])


def test_one_that_is_not_solved_ends_with_its_steps():
    done = attempt(ADDING, "rnn", 30, 0, steps=150)

    assert not done.solved
    assert done.steps == 200  # in hundreds
    assert done.score > 0.1


def test_the_same_seed_is_the_same_attempt():
    one, same, other = (attempt(ADDING, "lstm", 10, seed, steps=100) for seed in (1, 1, 2))

    assert one.points == same.points
    assert one.score == same.score
    assert one.points != other.points


def test_no_sequence_is_seen_twice():
    fresh = _Fresh(ADDING, 10, 0)
    first, second = (fresh.batch(np.arange(3)).inputs.values for _ in range(2))

    assert len(fresh) == 100 * BATCH
    assert not (first[:, 0] == second[:, 0]).any()
    assert not (first[:, 0] == _Fresh(ADDING, 10, 1).batch(np.arange(3)).inputs.values[:, 0]).any()
    assert set(fresh.lengths) == {10}


def test_what_the_loop_is_told_to_learn():
    learnt, targets = _Answering(ADDING), torch.tensor([0.5, 0.5])
    answers = torch.tensor([0.55, 0.9])[:, None, None]

    torch.testing.assert_close(learnt.losses(answers, targets), torch.tensor([0.0025, 0.16]))
    assert learnt.correct(answers, targets).tolist() == [True, False]
    assert learnt.balance(targets).tolist() == [1.0]


def test_a_gradient_that_overflows_ends_the_attempt_not_the_experiment(monkeypatch):
    taken = []

    def losses(self, answers, targets):
        taken.append(1)
        each = torch.square(answers[:, 0, 0] - targets)
        return each if len(taken) <= 120 else each * torch.inf

    monkeypatch.setattr(type(ADDING), "losses", losses)
    monkeypatch.setattr(type(ADDING), "scores", lambda _, answers, targets: torch.square(answers[:, 0, 0] - targets))
    done = attempt(ADDING, "rnn", 10, 0, steps=300)

    assert done.overflowed
    assert not done.solved
    assert done.steps == 120
    assert np.isfinite(done.score)


def test_ctrl_c(monkeypatch):
    whole = type(ADDING).draw

    def draw(self, length, count, generator):
        if count == BATCH:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(self, length, count, generator)

    monkeypatch.setattr(type(ADDING), "draw", draw)
    with pytest.raises(Interrupted, match="Stopped after 1 steps of an attempt"):
        attempt(ADDING, "rnn", 10, 0, steps=300)


def test_the_random_numbers_of_others_are_left_alone():
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    attempt(ADDING, "lstm", 6, 0, steps=100)

    assert torch.equal(torch.rand(1), wanted)


@pytest.mark.parametrize(("slow", "moves"), [("lstm", False), ("rnn", True)])
def test_each_network_learns_at_its_own_rate(monkeypatch, slow, moves):
    rates = {"lstm": 1e-2, "rnn": 1e-2} | {slow: 1e-12}
    monkeypatch.setattr("longshort.experiments.memory.attempts.LEARNING_RATES", rates)
    first, last = attempt(ADDING, "lstm", 6, 0, steps=100).points

    assert (abs(first.score - last.score) > 0.01) == moves
