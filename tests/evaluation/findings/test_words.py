import pytest

from longshort.evaluation.findings.words import count, interval, listed, percent, points


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
