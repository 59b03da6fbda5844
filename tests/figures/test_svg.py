from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from longshort.figures.svg import Drawing

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing):
    return ElementTree.fromstring(drawing.to_string())


@given(words=st.text(), title=st.text())
def test_any_words_stay_words(words, title):
    drawing = Drawing(10, 10, title, words)
    drawing.text((1, 2), words)
    root = parsed(drawing)

    assert [child.tag for child in root] == [f"{SVG}title", f"{SVG}desc", f"{SVG}rect", f"{SVG}text"]


def test_a_drawing_says_what_it_is_to_those_who_do_not_see_it():
    root = parsed(Drawing(30, 20.5, "A title", "All <numbers>"))
    named = root.get("aria-labelledby").split()

    assert root.get("role") == "img"
    assert [child.text for child in root if child.get("id") in named] == ["A title", "All <numbers>"]
    assert root.get("viewBox") == "0 0 30 20.5"


def test_subscripts_come_back_to_the_line():
    drawing = Drawing(10, 10, "", "")
    drawing.text((0, 0), "c_{t-1} = f_{t} c", size=10, subscripts=True)
    text = parsed(drawing).find(f"{SVG}text")
    parts = [(span.text, float(span.get("dy"))) for span in text]

    assert text.text == "c"
    assert parts == [("t-1", 2.8), (" = f", -2.8), ("t", 2.8), (" c", -2.8)]


def test_without_them_braces_are_only_braces():
    drawing = Drawing(10, 10, "", "")
    drawing.text((0, 0), "a_{b}")
    assert parsed(drawing).find(f"{SVG}text").text == "a_{b}"


def test_shapes_keep_their_places():
    drawing = Drawing(10, 10, "", "")
    drawing.line((0, 1), (2, 3.456), stroke_width=2)
    drawing.circle((4, 5), 6, fill="red")
    line, circle = parsed(drawing)[3:]

    assert (line.get("points"), line.get("stroke-width")) == ("0,1 2,3.46", "2")
    assert (circle.get("cx"), circle.get("cy"), circle.get("r"), circle.get("fill")) == ("4", "5", "6", "red")
