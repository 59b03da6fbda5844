import pytest

from longshort.evaluation.words import (
    count,
    interval,
    joined,
    listed,
    percent,
    points,
    small_percent,
    times,
)


def test_shares_and_differences():
    assert percent(0.1234) == "12.3 %"
    assert points(0.006) == "+0.6"
    assert points(-0.14) == "-14.0"
    assert interval((0.8826, 0.907)) == "0.883 to 0.907"


@pytest.mark.parametrize(
    ("number", "words", "expected"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (25_000, ("row",), "25,000 rows"),
        (1, ("text is", "texts are"), "1 text is"),
        (2, ("text is", "texts are"), "2 texts are"),
    ],
)
def test_a_number_and_its_noun(number, words, expected):
    assert count(number, *words) == expected


def test_names_are_listed_as_one_says_them():
    assert listed(["a"]) == "'a'"
    assert listed(["a", "b"]) == "'a' and 'b'"
    assert listed(list("abcde")) == "'a', 'b', 'c', 'd' and 'e'"
    assert listed(list("abcdefgh")) == "'a', 'b', 'c', 'd', 'e' and 3 more"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0537, "5.4 %"), (0.000112, "0.011 %"), (0.2, "20 %"), (8.1, "810 %"), (0.0, "0 %")]
)
def test_a_share_that_may_be_tiny(share, words):
    assert small_percent(share) == words


@pytest.mark.parametrize(
    ("factor", "words"), [(3.21, "3.2"), (47.4, "47"), (1_050, "1,000"), (25_812, "26,000"), (3.2e8, "10^9")]
)
def test_a_factor(factor, words):
    assert times(factor) == words


def test_names_without_quotes():
    assert [joined(list(names)) for names in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
