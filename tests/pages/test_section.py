import pytest
from markupsafe import Markup

from longshort.errors import DataError
from longshort.pages.section import Missing, Section, build

HOSTILE = "<script>alert(1)</script>"


def failing(error):
    def build_it(_):
        raise error

    return Section("broken", "Broken", build_it)


def test_sections_are_built_in_their_order():
    sections = [Section(name, name.title(), lambda subject: Markup("<p>{}</p>").format(subject)) for name in ("a", "b")]

    assert [(each.anchor, each.title, each.body, each.failure) for each in build(sections, 7)] == [
        ("a", "A", "<p>7</p>", ""),
        ("b", "B", "<p>7</p>", ""),
    ]


@pytest.mark.parametrize("error", [Missing(f"No text. {HOSTILE}"), DataError(f"No text. {HOSTILE}", "Give one.")])
def test_what_cannot_be_known_is_a_sentence_and_no_failure(error):
    (built,) = build([failing(error)], None)

    assert built.body == '<p class="missing">No text. &lt;script&gt;alert(1)&lt;/script&gt;</p>'
    assert built.failure == ""


def test_what_goes_wrong_is_told_and_the_others_are_built():
    broken, whole = build([failing(ZeroDivisionError(HOSTILE)), Section("a", "A", lambda _: Markup("whole"))], None)

    assert broken.failure == f"ZeroDivisionError: {HOSTILE}"
    assert "&lt;script&gt;" in broken.body
    assert "This part could not be made" in broken.body
    assert whole.body == "whole"


def test_ctrl_c_is_not_a_failure():
    with pytest.raises(KeyboardInterrupt):
        build([failing(KeyboardInterrupt())], None)
