import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.series import ForecastEncoding, Series, SeriesSet, Step, from_arrays
from longshort.errors import BundleError


def fitted(trend="level"):
    rng = np.random.default_rng(0)
    series = tuple(
        Series(name, 5, rng.normal(10, 3, 30), rng.normal(size=(33, 2)), rng.normal(size=(30, 1)))
        for name in ("ä", "b")
    )
    whole = SeriesSet(series, Step("month", 1), "sales", ("price", "day off"), ("rain",))
    return ForecastEncoding.fit(whole, trends=(trend,), context=12, horizon=3, season=4), whole


def test_scaling_is_that_of_the_values_it_was_given():
    encoding, whole = fitted()
    for each in whole:
        assert encoding.series_scaling[each.name] == (each.values.mean(), each.values.std())
    known = np.concatenate([each.known[:30] for each in whole])
    scaled = encoding.scaled_known(known)
    assert np.allclose(scaled.mean(axis=0), 0)
    assert np.allclose(scaled.std(axis=0), 1)
    assert np.allclose(encoding.scaled_past(np.concatenate([each.past for each in whole])).std(), 1)


def test_a_constant_column_has_the_scale_one():
    encoding = ForecastEncoding.fit(from_arrays(np.full(20, 0.1)), trends=("none",), context=2, horizon=1, season=1)
    assert encoding.series_scaling[""] == (pytest.approx(0.1), 1.0)


def test_the_features_are_counted():
    encoding, _ = fitted()
    assert (encoding.features, encoding.known_features) == (2 + 1 + 2 + 2, 2 + 2)
    assert (encoding.least, fitted("season")[0].least) == (2, 4)


def test_json_goes_both_ways():
    encoding, _ = fitted()
    assert ForecastEncoding.from_json(encoding.to_json()) == encoding


DAMAGE = [
    {"trends": ["up"]},
    {"trends": "level"},
    {"trends": []},
    {"trends": ["last", "last"]},
    {"trends": [["last"]]},
    {"context": 0},
    {"context": 10**9},
    {"contexts": 6},
    {"contexts": [6, 0]},
    {"contexts": [6, True]},
    {"contexts": [6] * 17},
    {"horizon": True},
    {"season": 1.5},
    {"target": 7},
    {"step": None},
    {"known": "price"},
    {"known": [1, 2]},
    {"known": ["price"]},
    {"known_scaling": [[0, 1]]},
    {"known_scaling": [[0, 0], [0, 1]]},
    {"past_scaling": [[0, "1"]]},
    {"past_scaling": [[0, True]]},
    {"past_scaling": "x"},
    {"past_scaling": [[10**400, 1]]},
    {"series_scaling": {}},
    {"series_scaling": []},
    {"series_scaling": {"a": [1]}},
    {"more": 1},
]


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_a_damaged_encoding_is_refused(damage):
    content = json.loads(fitted()[0].to_json())
    with pytest.raises(BundleError, match=r"^The encoding of a forecast must be as it was stored"):
        ForecastEncoding.from_json(json.dumps(content | damage))


@pytest.mark.parametrize("text", ["", "[]", "{}", "NaN", "[" * 100_000, '{"trend": 1e999}'])
def test_what_is_no_encoding_is_refused(text):
    with pytest.raises(BundleError):
        ForecastEncoding.from_json(text)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


@given(st.sampled_from(list(json.loads(fitted()[0].to_json()))), ANY)
def test_any_other_json_is_read_or_refused(key, value):
    content = json.loads(fitted()[0].to_json()) | {key: value}
    with contextlib.suppress(BundleError):
        ForecastEncoding.from_json(json.dumps(content))
