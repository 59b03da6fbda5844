from __future__ import annotations

import json

import pytest

from longshort.errors import SettingError
from longshort.experiments import EXPERIMENTS

MEMORY = EXPERIMENTS["memory"]


@pytest.fixture
def small(monkeypatch):
    for name, value in {"HIDDEN": 4, "BATCH": 4, "BETWEEN": 10, "WATCHED": 20, "JUDGED": 20}.items():
        monkeypatch.setattr(f"longshort.experiments.memory.attempts.{name}", value)
    monkeypatch.setattr("longshort.experiments.memory.experiment.SHOWN", 10)


def run(place, **options):
    lines: list[str] = []
    return MEMORY.run(directory=place / "run", out=lines.append, **options), "\n".join(lines)


def test_everything_that_is_asked_for_is_tried_and_kept(tmp_path, small):
    outcome, printed = run(tmp_path, problem=("copying", "reber"), length=(24, 20), seed=(3, 4), steps=10)
    kept = json.loads((outcome.directory / "metrics.json").read_text())

    tried = [(each["problem"], each["length"], each["network"], each["seed"]) for each in kept["attempts"]]
    assert tried == [
        (problem, length, network, seed)
        for problem in ("copying", "reber") for length in (20, 24) for network in ("lstm", "rnn") for seed in (3, 4)
    ]  # fmt: skip
    assert all(len(each["points"]) == 2 for each in kept["attempts"])
    assert list(kept["problems"]) == ["copying", "reber"]
    assert kept["settings"]["steps"] == 10
    assert sorted(path.name for path in outcome.directory.iterdir()) == ["curves.png", "lengths.png", "metrics.json"]
    assert "plain RNN, length 24, seed 4\n    step 10 of 10: " in printed
    assert "\n\nReber: the second symbol" in printed
    assert printed.endswith("\nNext: longshort experiment memory --full")


def test_by_itself_it_is_adding_at_one_seed(tmp_path, small, monkeypatch):
    some = {"problem": ["adding"], "length": [5], "seed": [0]}
    monkeypatch.setattr("longshort.experiments.memory.experiment.SOME", some)
    outcome, _ = run(tmp_path, steps=10, network=("lstm",))

    assert [(each["problem"], each["seed"]) for each in outcome.metrics["attempts"]] == [("adding", 0)]
    assert not (outcome.directory / "lengths.png").exists()


def test_in_full_what_is_not_chosen_is_all_there_is(tmp_path, small):
    outcome, _ = run(tmp_path, full=True, steps=10, length=(20,), network=("rnn",))

    tried = {(each["problem"], each["seed"]) for each in outcome.metrics["attempts"]}
    assert tried == {(problem, seed) for problem in ("adding", "copying", "reber") for seed in (0, 1, 2)}


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"problem": ("addin",)}, "There is no memory problem 'addin'.", "Did you mean 'adding'?"),
        ({"problem": ("xor",)}, "There is no memory problem 'xor'.", "There are adding, copying, reber."),
        ({"network": ("gru",)}, "There is no memory network 'gru'.", "There are lstm, rnn."),
        (
            {"problem": ("copying",), "length": (19,)},
            "The problem copying has lengths of at least 20. Got 19.",
            "Give a greater --length.",
        ),
        ({"steps": 0}, "steps must be at least 1. Got 0.", "Some thousand steps are needed."),
        ({"seed": (-1,)}, "seed must be at least 0. Got -1.", ""),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_trained(tmp_path, options, message, hint):
    with pytest.raises(SettingError) as caught:
        run(tmp_path, **options)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("length", [200, 400])
@pytest.mark.slow
def test_adding_is_solved_where_a_plain_network_fails(tmp_path, length):
    outcome, _ = run(tmp_path, length=(length,), network=("lstm",))

    assert outcome.verdict.headline == f"Adding: the LSTM solves it at length {length}."
    assert outcome.metrics["attempts"][0]["score"] < 0.01
