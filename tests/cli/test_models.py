"""`longshort explain` and `longshort trace` of sequences of numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

import longshort as package
from longshort.data.sequences import open_sequences
from longshort.insight.attribution import explain_numbers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A classifier of rising and falling steps in two channels, and its file."""
    place = tmp_path_factory.mktemp("numbers")
    rng = np.random.default_rng(0)
    lines = []
    for number in range(24):
        steps, sign = int(rng.integers(6, 10)), (-1) ** number
        channels = sign * np.arange(steps) + rng.normal(0, 0.1, steps), rng.normal(0, 1, steps)
        lines.append(":".join([*(",".join(f"{v:.3f}" for v in each) for each in channels), ("up", "down")[number % 2]]))
    (place / "steps.ts").write_text("@problemName steps\n@classLabel true up down\n@data\n" + "\n".join(lines) + "\n")
    model = package.SequenceClassifier(epochs=4, hidden_size=4, filters=4, learning_rate=0.01)
    sequences = open_sequences(place / "steps.ts")
    model.fit(sequences.arrays(), np.array(sequences.targets)).save(place / "model")
    return place


def test_what_each_step_and_channel_contributes(folder, longshort, tmp_path):
    asked = ("explain", str(folder / "model"), "--file", str(folder / "steps.ts"), "--row", "2")
    content = json.loads(longshort(*asked, "--json").stdout)
    again = explain_numbers(package.load(folder / "model"), open_sequences(folder / "steps.ts").sequence(2))
    assert np.allclose(content["values"], again.values)
    said = longshort(*asked, "--top", "3", "--figure", str(tmp_path / "why.png"))
    step, channel = again.strongest(1)[0]
    assert said.stderr == f"Wrote {tmp_path / 'why.png'}.\n"
    assert said.stdout.startswith("line 6: up ")
    assert f"{again.values[step, channel]:+.3f}" in said.stdout
    assert "the contributions account for that difference to within" in said.stdout
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_what_the_gates_do_step_by_step(folder, longshort, tmp_path):
    asked = ("trace", str(folder / "model"), "--file", str(folder / "steps.ts"), "--row", "1")
    lengths = open_sequences(folder / "steps.ts").lengths
    lines = longshort(*asked).stdout.splitlines()
    assert f"; {lengths[1]} steps; network 1 of 3, layer 0, forward, " in lines[0]
    assert lines[2].split()[:2] == ["step", "input"]
    assert len(lines) == 3 + lengths[1]
    assert "step 3\n" in longshort(*asked, "--step", "3", "--unit", "1").stdout
    for suffix in ("png", "svg", "csv"):
        assert longshort(*asked, "--output", str(tmp_path / f"gates.{suffix}")).exit_code == 0
        assert (tmp_path / f"gates.{suffix}").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "RUN", "a text"], "The model reads sequences of numbers, from a file. Got a text."),
        (["explain", "RUN", "--file", "FILE", "--row", "24"], "--row must be from 0 to 23. Got 24."),
        (["explain", "RUN", "--file", "FILE", "--phrase", "x"], "--phrase is about texts. The model reads sequences"),
        (["explain", "RUN", "--file", "FILE", "--method", "occlusion"], "--method occlusion is about texts."),
        (["explain", "RUN", "--file", "FILE", "--class", "upp"], "Did you mean 'up'?"),
        (["trace", "RUN", "a text"], "The model reads sequences of numbers, from a file. Got a text."),
        (["trace", "RUN"], "The model reads sequences of numbers, from a file. Got no file."),
        (["explain", "RUN"], "The model reads sequences of numbers, from a file. Got no file."),
        (
            ["memory", "RUN"],
            "is one of a sequence-classification.\n\nhint: longshort explain and longshort trace inspect",
        ),
        (["units", "RUN"], "The model must be one of texts."),
        (["trace", "RUN", "--file", "FILE", "--step", "99"], "--step must be a number from 0 to "),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(folder, longshort, arguments, message):
    places = {"RUN": str(folder / "model"), "FILE": str(folder / "steps.ts")}
    result = longshort(*(places.get(each, each) for each in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
