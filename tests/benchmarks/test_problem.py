import numpy as np
from benchmarks.engine.problem import Layout, Problem, draw_lengths, draw_tokens
from benchmarks.engine.workload import VOCABULARY, Workload, useful_operations


def test_lengths_have_the_documented_mean_and_bounds():
    lengths = draw_lengths(np.random.default_rng(0), 100_000, 10**9)
    assert abs(lengths.mean() - 234) < 3
    clipped = draw_lengths(np.random.default_rng(0), 1000, 50)
    assert clipped.min() >= 1
    assert clipped.max() == 50


def test_tokens_follow_zipf():
    counts = np.bincount(draw_tokens(np.random.default_rng(0), 200_000), minlength=VOCABULARY)
    assert len(counts) == VOCABULARY
    assert 1.8 < counts[0] / counts[1] < 2.2


def test_a_problem_is_the_same_in_every_process():
    workload = Workload("train", longest=20, batch=4, hidden=8, input="token")
    one, other = Problem.of(workload), Problem.of(workload)
    assert (one.inputs == other.inputs).all()
    assert (one.weights.hidden == other.weights.hidden).all()
    assert one.distinct == len(set(one.inputs.tolist()))


def test_a_layout_pads_and_restores():
    lengths = np.array([2, 5, 1])
    values = np.arange(8.0)[:, None]
    layout = Layout.of(lengths, np.array([1, 0]))
    padded = layout.fill(values)
    assert padded[:, :, 0].T.tolist() == [[2, 3, 4, 5, 6], [0, 1, 0, 0, 0]]
    back = np.full_like(values, -1)
    layout.collect(padded, back)
    assert back[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, -1]


def test_useful_operations_count_a_repeated_token_once_at_the_input():
    forward = Workload("forward", hidden=10)
    assert useful_operations(forward, tokens=7, distinct=7) == 7 * 8 * 10 * (10 + 10)
    assert useful_operations(forward, tokens=7, distinct=2) == 8 * 10 * 10 * (7 + 2)
    assert useful_operations(forward.replace(mode="train"), 7, 7) == 3 * useful_operations(forward, 7, 7)
