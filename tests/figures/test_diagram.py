import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from tests.insight.small import classifier, lstm

from longshort.errors import DataError
from longshort.figures.diagram import RADIUS, cell_diagram
from longshort.insight.cellstep import cell_step
from longshort.insight.tracing import trace

SVG = "{http://www.w3.org/2000/svg}"
TEXT = "good bad <script>alert(1)</script> film"


def drawn(text=TEXT, at=1, direction="forward", unit=2):
    """A step, and the drawing of it as XML."""
    step = cell_step(classifier(), text, at, direction=direction, unit=unit)
    seen = trace(classifier(), text)
    svg = cell_diagram(step.to_dict(), seen.series(direction=direction, unit=unit), seen.tokens)
    return step, ElementTree.fromstring(svg)


def words(root):
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def minus(number):
    return f"{number:.3f}".replace("-", "\N{MINUS SIGN}").replace("\N{MINUS SIGN}0.000", "0.000")


def test_every_number_of_the_step_stands_in_it():
    step, root = drawn()
    said, described = " | ".join(words(root)), root.find(f"{SVG}desc").text
    numbers = [step.cell_before, step.kept, step.added, step.cell, step.shown, step.hidden, step.hidden_before]
    for name in ("input", "forget", "cell", "output"):
        gate = getattr(step, f"{name}_gate")
        numbers += [gate.value, gate.total]

    for each in (*numbers, step.input_norm, step.hidden_norm):
        assert minus(each) in said
    for each in (step.cell_before, step.kept, step.added, step.cell, step.hidden):
        assert minus(each) in described
    assert root.find(f"{SVG}title").text == "The LSTM cell reading “bad”: unit 2, layer 0, forward"


def test_the_equations_are_written_with_the_state_before():
    _, forward = drawn()
    _, reverse = drawn(direction="reverse")

    assert any("f·ct\N{MINUS SIGN}1 + i·g" in each for each in words(forward))
    assert any("f·ct+1 + i·g" in each for each in words(reverse))
    assert any(each.startswith("read from the right") for each in words(reverse))


def test_a_valve_leaves_a_gap_as_wide_as_its_gate_is_open():
    """The slides of the forget valve, which lie across the cell's line, end at `RADIUS * opening` from its middle."""
    step, root = drawn()
    slides = [path.get("d") for path in root.iter(f"{SVG}path") if " A21" in path.get("d")]
    heights = [float(re.match(r"M[-\d.]+,([-\d.]+)", slide)[1]) for slide in slides[:2]]

    assert len(slides) == 6
    assert (heights[1] - heights[0]) / (2 * RADIUS) == pytest.approx(step.forget_gate.value, abs=1e-3)


def test_flows_below_zero_are_dashed():
    step = cell_step(classifier(), TEXT, 1, unit=2).to_dict()
    seen = trace(classifier(), TEXT)
    dashed = []
    for sign in (1, -1):
        changed = step | dict.fromkeys(("cell_before", "kept", "added", "cell", "shown", "hidden"), sign * 0.5)
        changed["cell_gate"] = step["cell_gate"] | {"value": sign * 0.5}
        root = ElementTree.fromstring(cell_diagram(changed, seen.series(unit=2), seen.tokens))
        dashed.append([line.get("stroke-dasharray") for line in root.iter(f"{SVG}polyline")].count("9 5"))

    assert dashed == [0, 8]


def test_text_from_data_is_inert():
    _, root = drawn("good <script>", 1)

    assert not list(root.iter(f"{SVG}script"))
    assert any("<" in each for each in words(root))


def test_the_mean_of_all_units_says_so():
    _, root = drawn(unit=None)

    assert any("Each number is a mean over the units." in each for each in words(root))
    assert words(root).count("mean of σ") == 3


def test_the_strip_has_a_bar_for_each_token_and_lane():
    _, root = drawn("good bad film", 0)
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("fill") in ("#12436d", "#fbe3c8")]

    assert len(bars) == 4 * 3
    assert {"good", "bad", "film"} <= set(words(root))


def test_a_long_input_takes_rows_and_a_very_long_one_lines():
    heights, sizes = [], []
    for length in (30, 100, 5_000):
        _, root = drawn("film " * length, 3)
        heights.append(float(root.get("height")))
        sizes.append(len(ElementTree.tostring(root)))
    assert heights[1] > heights[0] == heights[2]
    assert sizes[2] < 500_000


def test_vectors_have_steps_for_names_and_a_projection_shows_what_it_mixes():
    model, given = lstm(proj_size=2), torch.randn(3, 3)
    step = cell_step(model, given, 2, unit=1)
    root = ElementTree.fromstring(cell_diagram(step.to_dict(), trace(model, given).series(unit=1)))

    assert any(each.startswith("The LSTM cell reading step 2") for each in words(root))
    assert any(each.startswith("mt = ") for each in words(root))


def test_what_does_not_fit_is_refused():
    step, series = cell_step(classifier(), TEXT, 1).to_dict(), trace(classifier(), TEXT).series()
    with pytest.raises(DataError, match="must have one length"):
        cell_diagram(step, series, ["a", "b"])
    with pytest.raises(DataError, match="with step 1 in it"):
        cell_diagram(step, {name: np.zeros(1) for name in series}, ["a"])
