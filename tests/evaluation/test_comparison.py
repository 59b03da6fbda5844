import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from longshort.errors import DataError
from longshort.evaluation import paired_comparison, paired_counts, wilson
from longshort.evaluation.comparison import share_interval


@given(st.integers(1, 5_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_of_one_accuracy_is_scipys(case):
    correct, total = case
    low, high = wilson(correct, total)
    expected = binomtest(correct, total).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low <= correct / total <= high <= 1


def test_an_interval_of_nothing_is_refused():
    with pytest.raises(DataError) as caught:
        wilson(0, 0)
    assert str(caught.value) == (
        "A share needs at least one example and between 0 and all of them correct; got 0 of 0.\n\n"
        "hint: Count the correct answers among the examples."
    )


def test_the_paired_interval_covers_the_truth_95_times_in_100():
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(80, [0.6, 0.2, 0.1, 0.1], size=2_000)
    hits = 0
    for _, ours, theirs, _ in drawn.tolist():
        low, high = paired_counts(only_ours=ours, only_theirs=theirs, examples=80).interval
        hits += low <= 0.1 <= high
    assert 0.935 <= hits / len(drawn) <= 0.975


def test_the_test_errs_at_most_5_times_in_100_where_both_are_alike():
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(200, [0.7, 0.15, 0.15], size=2_000)
    compared = [paired_counts(only_ours=a, only_theirs=b, examples=200).outcome for _, a, b in drawn.tolist()]
    assert 0.02 < np.mean([outcome != "undecided" for outcome in compared]) < 0.065


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(1, 5))
def test_copies_of_an_example_say_nothing_new_about_a_share(right, times):
    once, often = np.array(right), np.repeat(right, times)
    alone = share_interval(once, np.arange(len(once)))
    assert alone == wilson(int(once.sum()), len(once)) == share_interval(once)
    low, high = share_interval(often, np.repeat(np.arange(len(once)), times))
    # Half an example less, for the mean is known from the same examples.
    assert (low, high) == pytest.approx(alone, abs=0.6 / len(once))
    assert low <= once.mean() <= high


def test_the_interval_of_copies_covers_the_truth():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(2_000):
        sizes = rng.integers(1, 12, 60)
        low, high = share_interval(np.repeat(rng.random(60) < 0.7, sizes), np.repeat(np.arange(60), sizes))
        hits += low <= 0.7 <= high
    assert 0.93 <= hits / 2_000 <= 0.98


def answered(right):
    """Probabilities that answer class 1 where it is right, of targets that are all 1."""
    right = np.asarray(right, dtype=float)
    return np.stack([1 - right, right], axis=1)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60), st.integers(2, 4))
def test_copies_of_an_example_say_nothing_new_about_two_models(pairs, times):
    ours, theirs = np.array(pairs).T
    once = paired_comparison(answered(ours), answered(theirs), np.ones(len(pairs), int))
    group = np.repeat(np.arange(len(pairs)), times)
    often = paired_comparison(
        answered(np.repeat(ours, times)), answered(np.repeat(theirs, times)), np.ones(len(group), int), copies=group
    )
    assert often.p_value == pytest.approx(once.p_value, abs=1e-12)
    assert often.difference == pytest.approx(once.difference)
    alone = paired_comparison(
        answered(ours), answered(theirs), np.ones(len(pairs), int), copies=[str(i) for i in range(len(pairs))]
    )
    assert alone == once


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=10))
def test_the_test_of_groups_is_that_of_all_signs(sums):
    """Each group has as many examples as its sum, which one model alone gets right."""
    group = np.repeat(np.arange(len(sums)), np.abs(sums))
    ours = np.repeat(np.array(sums) > 0, np.abs(sums))
    if len(group) == len(set(group.tolist())):  # groups of one have the exact test of before
        return
    found = paired_comparison(answered(ours), answered(~ours), np.ones(len(group), int), copies=group)
    totals = np.abs([np.dot(signs, sums) for signs in itertools.product((-1, 1), repeat=len(sums))])
    total = abs(sum(sums))
    beyond, at = (totals > total).mean(), (totals == total).mean()
    assert found.p_value == pytest.approx(beyond + (at / 2 if total else at), abs=1e-12)


def test_the_test_of_groups_errs_at_most_5_times_in_100_where_both_are_alike():
    rng, found = np.random.default_rng(0), 0
    for _ in range(1_000):
        group = np.repeat(np.arange(40), rng.integers(1, 20, 40))
        ours, theirs = rng.random((2, 40)) < 0.6
        compared = paired_comparison(
            answered(ours[group]), answered(theirs[group]), np.ones(len(group), int), copies=group
        )
        found += compared.outcome != "undecided"
    assert found / 1_000 <= 0.055


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_ours_and_theirs_are_treated_alike(ours, theirs, both):
    there = paired_counts(only_ours=ours, only_theirs=theirs, examples=ours + theirs + both)
    back = paired_counts(only_ours=theirs, only_theirs=ours, examples=ours + theirs + both)
    assert there.difference == -back.difference
    assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]))
    assert there.p_value == pytest.approx(back.p_value)
    # Mid-p: the exact test less one term, never above it.
    if ours != theirs:
        assert there.p_value < binomtest(ours, ours + theirs).pvalue
    else:
        assert there.p_value == pytest.approx(1)


def test_the_published_example_of_mcnemars_test():
    # Fagerland, Lydersen & Laake 2013, table 1: 1 and 7 discordant pairs of 21; exact p 0.0703, mid-p 0.0391.
    assert paired_counts(only_ours=1, only_theirs=7, examples=21).p_value == pytest.approx(0.0391, abs=5e-5)


def test_two_models_are_compared_on_the_examples_that_one_alone_gets_right():
    targets = np.array([0] * 60 + [1] * 40)
    ours = np.eye(2)[targets]
    theirs = np.eye(2)[np.where(np.arange(100) < 20, 1 - targets, targets)]
    found = paired_comparison(ours, theirs, targets)
    assert (found.only_ours, found.only_theirs, found.difference, found.outcome) == (20, 0, 0.2, "better")
    assert paired_comparison(theirs, ours, targets).outcome == "worse"
    assert paired_comparison(ours, ours, targets).outcome == "undecided"
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert found.to_dict()["outcome"] == "better"


def test_several_labels_are_right_when_all_of_them_are():
    targets = np.array([[1, 0], [1, 1]])
    found = paired_comparison([[0.9, 0.1], [0.9, 0.1]], [[0.9, 0.9], [0.9, 0.1]], targets, multi_label=True)
    assert (found.only_ours, found.only_theirs) == (1, 0)


def test_models_of_other_shapes_are_refused():
    with pytest.raises(DataError, match=r"must have the shape \(examples, classes\) = \(2, 2\); got \(2, 3\)"):
        paired_comparison(np.full((2, 2), 0.5), np.full((2, 3), 1 / 3), [0, 1])
