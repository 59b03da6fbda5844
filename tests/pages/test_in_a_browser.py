"""The report in a real browser: it draws, it asks for nothing, and no text of the data does anything."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.pages.browser import CHROMIUM, Browser
from tests.small_runs import FLAT

from longshort.config import TextRunSettings
from longshort.runs import train

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt-get install chromium")

MARK = "document.title='taken';window.taken=1"
HOSTILE = (
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f'"><svg onload="{MARK}">',
    f'<a href="javascript:{MARK}">here</a>',
    f'</style></title></textarea></noscript><iframe srcdoc="<script>parent.{MARK}</script>">',
    "<img src=http://localhost:1/picture.png><link rel=stylesheet href=http://localhost:1/style.css>",
    f"<b onmouseover={MARK}>bold</b> <br> &lt;b&gt; %{{x}} {{{{ 7 * 7 }}}}",
)
LABELS = (f"<img src=x onerror={MARK}>", f'<a href="javascript:{MARK}">good</a>')
DRAWN = "[...document.querySelectorAll('.plot')].filter(e => e.clientWidth).every(e => e.querySelector('.main-svg'))"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run whose every text is out for trouble."""
    texts = [f"{HOSTILE[row % len(HOSTILE)]} {('bad', 'good')[row % 2]} film {row}" for row in range(80)]
    labels = [LABELS[row % 2] for row in range(80)]
    folder = tmp_path_factory.mktemp("hostile") / "run"
    train((texts, labels), settings=TextRunSettings.from_flat(FLAT | {"learning_rate": 1e-4}), directory=folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as found:
        found.open(report)
        found.until(DRAWN)
        yield found


def visited(browser: Browser) -> list[str]:
    return [each["request"]["url"] for each in browser.named("Network.requestWillBeSent")]


def test_every_chart_is_drawn_and_nothing_goes_wrong(browser: Browser) -> None:
    assert browser.evaluate("document.querySelectorAll('.plot').length") >= 10
    assert browser.evaluate("document.querySelectorAll('.missing').length") == 0
    assert browser.named("Runtime.exceptionThrown") == []
    assert browser.named("Log.entryAdded") == []


def test_no_text_of_the_data_runs(browser: Browser) -> None:
    browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    browser.until(DRAWN)

    assert browser.evaluate("window.taken") is None
    assert browser.evaluate("document.title").startswith("run: ")
    assert browser.named("Page.javascriptDialogOpening") == []
    assert (
        browser.evaluate("document.querySelectorAll('a[href^=javascript], iframe, link, [onerror], [onload]').length")
        == 0
    )


def test_hostile_texts_are_read_as_they_are(browser: Browser) -> None:
    words: str = browser.evaluate("document.body.innerText")
    ticks: str = browser.evaluate("[...document.querySelectorAll('.plot text')].map(e => e.textContent).join('|')")

    assert HOSTILE[0] in words or HOSTILE[1] in words
    assert "<img src=x" in ticks
    assert "&lt;" not in ticks


def test_a_pointer_over_a_token_shows_text(browser: Browser) -> None:
    browser.evaluate("document.querySelector('[role=application]').scrollIntoView()")
    box: dict[str, Any] = browser.evaluate(
        "document.querySelector('[role=application] .nsewdrag').getBoundingClientRect().toJSON()"
    )
    for part in (0.1, 0.3, 0.5, 0.7):
        x, y = box["x"] + part * box["width"], box["y"] + box["height"] / 2
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        browser.until("document.querySelector('.hoverlayer text') !== null")

    said: str = browser.evaluate("document.querySelector('.readout').textContent")
    assert said.startswith("Token ")
    assert "Forget gate 0." in said
    assert browser.evaluate("document.querySelector('.hoverlayer a')") is None
    assert browser.evaluate("window.taken") is None


def test_a_heat_map_is_read_with_the_keyboard(browser: Browser) -> None:
    browser.evaluate("document.querySelector('[role=application]').focus()")
    for key in ("Home", "ArrowRight", "ArrowDown"):
        browser.press(key)
    said: str = browser.evaluate("document.querySelector('.readout').textContent")
    shown = "(([from, to]) => to - from)(document.querySelector('[role=application]').layout.xaxis.range)"
    whole = browser.evaluate(shown)
    browser.press("+")

    assert said.startswith("Token 1 ")
    assert said.count("gate 0.") == 3
    browser.until(f"{shown} < {whole}")


def test_the_numbers_of_a_heat_map_are_those_of_the_trace(browser: Browser, report: Path) -> None:
    import longshort

    panel: dict[str, Any] = browser.evaluate(
        "(({name, x, y, z}) => ({name, x, y, z}))(document.querySelector('[role=application]').data[1])"
    )
    text: str = browser.evaluate("document.querySelector('#gates .text').textContent").removesuffix("…")
    traced = longshort.trace(longshort.load(report.parent), text)
    units = [int(each.removeprefix("unit ")) for each in panel["y"]]

    assert panel["name"] == "Forget gate"
    assert [html.unescape(each.split(" ", 1)[1]) for each in panel["x"]] == list(traced.tokens)
    for row, unit in enumerate(units):
        assert panel["z"][row] == pytest.approx(traced.forget_gate[0, 0, :, unit].tolist(), abs=1 / 510 + 1e-6)


@pytest.mark.parametrize("width", [400, 1400])
def test_the_page_is_never_wider_than_the_window(browser: Browser, width: int) -> None:
    browser.resize(width, 900)
    browser.until(f"innerWidth === {width} && document.documentElement.scrollWidth <= {width}")


def test_the_page_asks_for_nothing(browser: Browser, report: Path) -> None:
    """Last, so that whatever the others did is seen."""
    assert {url.split(":")[0] for url in visited(browser)} <= {"file", "data"}
    assert [url for url in visited(browser) if url.startswith("file:")] == [report.resolve().as_uri()]
    assert browser.evaluate("fetch('http://localhost:1/').then(() => 'let through', () => 'refused')") == "refused"
    assert browser.named("Runtime.exceptionThrown") == []
