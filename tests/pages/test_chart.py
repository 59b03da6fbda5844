import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.figures.interactive.style import new_chart
from longshort.pages.chart import Chart, figure_html, script_json

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"&\u2028'


def chart(**changes):
    return Chart(**{"name": "small", "figure": new_chart(300), "summary": "Loss from 0.7 to 0.4."} | changes)


def elements(markup):
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, dict(attributes)))

    Reader().feed(str(markup))
    return found


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_json_in_a_page_is_read_back_and_holds_no_tag(text):
    figure = new_chart(300, x=text)
    written = script_json(figure)

    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["layout"]["xaxis"]["title"]["text"] == text


def test_a_chart_has_words_numbers_and_a_place():
    found = figure_html(
        chart(caption="It fell.", columns=("epoch", "loss", "note"), rows=[("1", 0.71234, None), ("2", 1_000, "a")])
    )
    tags = elements(found)
    plot = next(attributes for tag, attributes in tags if attributes.get("class") == "plot")

    assert (plot["role"], plot["aria-label"], plot["tabindex"]) == ("img", "Loss from 0.7 to 0.4.", "0")
    assert plot["style"] == "height:300px"
    assert "<figcaption>It fell.</figcaption>" in found
    assert '<tr><th scope="row"><bdi>1</bdi></th><td class="n">0.7123</td><td class="n">–</td></tr>' in found
    assert '<td class="n">1,000</td><td><bdi>a</bdi></td>' in found
    assert "<noscript><p>Loss from 0.7 to 0.4.</p></noscript>" in found
    assert [attributes for tag, attributes in tags if tag == "script"] == [
        {"type": "application/json", "id": "data-small"}
    ]


def test_a_cursor_goes_over_a_chart_that_roams():
    tags = elements(figure_html(chart(roams=True)))

    assert ("output", {"class": "readout", "id": "read-small", "for": "plot-small"}) in tags
    assert next(attributes["role"] for _, attributes in tags if attributes.get("class") == "plot") == "application"


@pytest.mark.parametrize("field", ["summary", "caption", "title"])
def test_every_text_of_a_chart_is_inert(field):
    found = figure_html(chart(**{field: HOSTILE}))

    assert [tag for tag, _ in elements(found) if tag in ("script", "img")] == ["script"]
    assert found.count("</script>") == 1


def test_texts_in_its_table_are_inert():
    found = figure_html(chart(columns=(HOSTILE, "b"), rows=[(HOSTILE, HOSTILE)]))

    assert [tag for tag, _ in elements(found) if tag in ("script", "img")] == ["script"]


def test_a_picture_is_there_for_those_who_run_no_script(tmp_path):
    path = tmp_path / "curves.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(8) + (1_500).to_bytes(4, "big"))
    found = figure_html(chart(picture=path))

    assert "<noscript><img " in found
    assert 'width="960" alt="Loss from 0.7 to 0.4."' in found
    assert "<noscript><p>" in figure_html(chart(picture=tmp_path / "missing.png"))
