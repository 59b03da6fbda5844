import pytest

from longshort.figures.names import name_token


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
