import pytest

from longshort.figures.names import name_token, shorten


@pytest.mark.parametrize(
    ("token", "name"),
    [
        ("word", "word"),
        (" ", "␣"),
        ("\n", "⏎"),
        (" \t", "␣⇥"),
        ("", "∅"),
        ("a\x00b", "aU+0000b"),
        ("x" * 40, "x" * 29 + "…"),
    ],
)
def test_a_token_is_one_visible_line(token, name):
    assert name_token(token) == name
    assert "\n" not in name_token(token)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pos", "pos"),
        ("two\nlines  of\ttext", "two lines of text"),
        ("x" * 22, "x" * 22),
        ("x" * 23, "x" * 21 + "…"),
        ("a name that is cut at a space", "a name that is cut at…"),
    ],
)
def test_long_names_are_cut(name, expected):
    assert shorten(name) == expected
    assert len(shorten(name)) <= 22
