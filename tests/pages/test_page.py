import base64
import hashlib
import re

import pytest
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from longshort.pages.page import page_html
from longshort.pages.section import Built

PLOT = Markup('<div class="plot" id="plot-a" data-chart="data-a"></div>')


def page(body=PLOT):
    words = {"heading": Markup("run"), "origin": Markup(""), "verdict": Markup(""), "footer": Markup("")}
    return page_html(title="<run>", sections=[Built("a", "A", body)], **words)


def policy(source):
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', source)
    return dict(each.strip().split(" ", 1) for each in found[1].replace("&#39;", "'").split(";"))


def test_the_policy_allows_the_two_scripts_of_the_page_and_nothing_else():
    source = page()
    scripts = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]

    assert len(scripts) == 2
    assert policy(source) == {
        "default-src": "'none'",
        "script-src": " ".join(f"'sha256-{each}'" for each in hashes),
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_plotly_stands_in_the_page_once_and_the_page_is_light():
    source = page()

    assert source.count(get_plotlyjs()[:200]) == 1
    assert len(source.encode()) < 5_500_000


def test_a_page_without_charts_has_no_script():
    source = page(Markup("<p>nothing to see</p>"))

    assert "<script" not in source
    assert policy(source)["script-src"] == "'none'"


def test_the_title_is_text():
    assert "<title>&lt;run&gt;</title>" in page()


@pytest.mark.parametrize("scheme", [":root {", "prefers-color-scheme: dark", ":root.printing {"])
def test_every_colour_of_a_chart_is_known_in_every_scheme(scheme):
    source = page()
    start = source.index(scheme)
    block = source[start : source.index("}", start)]

    for name in ("ink", "muted", "line", "main", "other", "pale", "band", "raised"):
        assert f"--{name}: " in block
