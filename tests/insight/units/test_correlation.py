import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from longshort.insight.units.correlation import Moments, deal, holm


def moments(group, groups, values, properties, parts=1):
    found = Moments(groups, values.shape[1], properties.shape[1])
    for part in range(parts):
        found.add(*(torch.as_tensor(each[part::parts]) for each in (group, values, properties)))
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 4))
def test_it_is_pearsons_however_it_comes_in(seed, units, parts):
    numbers = np.random.default_rng(seed)
    values = numbers.normal(5, 2, (200, units))
    properties = np.column_stack([values[:, 0] + numbers.normal(size=200), numbers.random(200) < 0.1])
    group, groups = deal(200, seed)
    found = moments(group, groups, values, properties, parts)
    wanted = np.corrcoef(values, properties, rowvar=False)[units:, :units]

    np.testing.assert_allclose(found.correlations()[0], wanted, atol=1e-9)
    np.testing.assert_allclose(found.means(), (values.mean(0), values.std(0)), atol=1e-9)


def test_the_interval_of_independent_observations_is_fishers():
    numbers = np.random.default_rng(0)
    values = numbers.normal(size=(5_000, 1))
    properties = 0.5 * values + numbers.normal(size=(5_000, 1))
    group, groups = deal(5_000)
    r, low, high, p_value = (float(each[0, 0]) for each in moments(group, groups, values, properties).correlations())
    interval = stats.pearsonr(values[:, 0], properties[:, 0]).confidence_interval()

    assert (low, high) == pytest.approx((interval.low, interval.high), abs=0.01)
    assert low < r < high
    assert p_value < 1e-20


def test_the_tokens_of_a_text_are_no_independent_observations():
    """Each text has its own level and its own property; naively, a third of such pairs would be found to correlate."""
    wrong = naive = 0
    for seed in range(200):
        numbers = np.random.default_rng(seed)
        row = np.repeat(np.arange(60), 50)
        values = (numbers.normal(size=60)[row] + numbers.normal(size=3_000))[:, None]
        properties = numbers.normal(size=60)[row][:, None]
        group, groups = deal(60, seed)
        wrong += moments(group[row], groups, values, properties).correlations()[3][0, 0] < 0.05
        naive += stats.pearsonr(values[:, 0], properties[:, 0]).pvalue < 0.05

    assert naive > 100
    assert 3 <= wrong <= 18  # of 200, 10 are expected at 5 %


def test_what_never_changes_correlates_with_nothing():
    values = np.column_stack([np.full(50, 0.3), np.arange(50.0)])
    properties = np.column_stack([np.arange(50.0), np.zeros(50)])
    group, groups = deal(50)
    r, low, high, p_value = moments(group, groups, values, properties).correlations()

    assert np.isnan([each[0, 0] for each in (r, low, high, p_value)]).all()
    assert np.isnan(r[1]).all()
    assert r[0, 1] == pytest.approx(1)


def test_of_few_texts_nothing_is_certain():
    values = np.arange(9.0)[:, None]
    group, groups = deal(9)
    r, low, high, p_value = moments(group, groups, values, values).correlations()

    assert (r.item(), low.item(), high.item(), p_value.item()) == (pytest.approx(1), -1, 1, 1)


def test_texts_are_dealt_out_evenly_and_not_in_order():
    group, groups = deal(1_000)

    assert groups == 100
    assert (np.bincount(group) == 10).all()
    assert not np.array_equal(group, np.arange(1_000) % 100)


def test_holm():
    # Holm's own steps: 0.01 * 4, 0.02 * 3, 0.03 * 2 (not below the one before), 0.5.
    assert holm(np.array([0.02, 0.5, np.nan, 0.01, 0.03])).tolist()[:2] == pytest.approx([0.06, 0.5])
    assert holm(np.array([[0.02, 0.5], [0.01, 0.03]])).tolist() == [
        pytest.approx([0.06, 0.5]),
        pytest.approx([0.04, 0.06]),
    ]
    assert np.isnan(holm(np.array([np.nan, 0.1]))[0])
