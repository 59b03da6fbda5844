from __future__ import annotations

import pytest

from longshort.experiments.memory import PROBLEMS, Attempt, Point, words

ADDING, REBER = PROBLEMS["adding"], PROBLEMS["reber"]


def made(network, length, solved, *, seed=0, problem="adding", score=None, overflowed=False, steps=2000):
    score = (0.002 if solved else 0.16) if score is None else score
    return Attempt(problem, network, length, seed, score, solved, overflowed, steps, 12.3, (Point(0, 0.3),))


def sentence(*attempts):
    return words.verdict([ADDING], attempts).headline


def test_lines():
    assert words.heading(ADDING) == (
        "Adding: the sum of two marked numbers among random ones. Score: mean squared error; 0.167 without memory, "
        "solved below 0.01."
    )
    assert words.attempt_name("rnn", 1000, 2) == "plain RNN, length 1,000, seed 2"
    assert words.look_line(Point(1500, 0.16666), 2000) == "    step 1,500 of 2,000: 0.1667"


@pytest.mark.parametrize(
    ("done", "line"),
    [
        (made("lstm", 50, True, steps=700), "    solved after 700 steps: 0.0020 on new sequences, 12 s"),
        (made("rnn", 50, False), "    not solved in 2,000 steps: 0.1600 on new sequences, 12 s"),
        (made("rnn", 50, False, overflowed=True, steps=130), "    overflowed after 130 steps: 0.1600 on new sequences, 12 s"),
    ],
)  # fmt: skip
def test_how_an_attempt_ended(done, line):
    assert words.attempt_line(done) == line


def test_the_table_has_medians_and_counts():
    attempts = [made("lstm", 1000, solved, seed=seed, score=score)
                for seed, (solved, score) in enumerate([(True, 0.004), (False, 0.02), (True, 0.006)])]  # fmt: skip
    assert words.table_lines(ADDING, [*attempts, made("rnn", 1000, False)]) == [
        " length        LSTM  solved   plain RNN  solved",
        "  1,000      0.0060  2 of 3      0.1600  0 of 1",
        "chance:  0.1667 mean squared error",
    ]


@pytest.mark.parametrize(
    ("attempts", "wanted"),
    [
        ([made("lstm", 50, True), made("lstm", 100, True)], "the LSTM solves it up to length 100."),
        ([made("lstm", 50, True)], "the LSTM solves it at length 50."),
        (
            [made("lstm", 50, True), made("lstm", 100, True), made("lstm", 200, False), made("lstm", 1000, False)],
            "the LSTM solves it up to length 100, not at 200 or 1,000 in 2,000 steps.",
        ),
        ([made("lstm", 50, False), made("lstm", 100, True)], "the LSTM solves it at length 100, not at 50 in 2,000 steps."),
        (
            [made("lstm", 50, True), made("lstm", 50, False, seed=1)],
            "the LSTM solves it at 50 with 1 of 2 seeds.",
        ),
        (
            [made("lstm", 50, True), made("rnn", 50, False, steps=900)],
            "the LSTM solves it at length 50; the plain RNN does not solve it at 50 in 900 steps.",
        ),
    ],
)  # fmt: skip
def test_how_far_each_remembers(attempts, wanted):
    assert sentence(*attempts) == f"Adding: {wanted}"


def test_several_problems():
    attempts = [
        made("lstm", 50, True), made("rnn", 50, False),
        made("lstm", 50, False, problem="reber"), made("rnn", 50, False, problem="reber"),
    ]  # fmt: skip
    found = words.verdict([ADDING, REBER], attempts)

    assert found.headline == "Over all problems and lengths, the LSTM solves 1 of 2, the plain RNN solves 0 of 2."
    assert [(each.kind, each.level) for each in found.findings] == [("adding", "good"), ("reber", "note")]
    assert found.findings[1].sentence == (
        "Reber: the LSTM does not solve it at 50 in 2,000 steps; the plain RNN does not solve it at 50 in 2,000 steps."
    )
