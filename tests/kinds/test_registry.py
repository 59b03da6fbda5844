"""The registry finds kinds, loads no more than the one that is asked for, and refuses unknown ones everywhere."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from longshort.cli import main
from longshort.cli.results import show_results
from longshort.errors import UserError
from longshort.kinds import kind_of, names

MODELS = Path(__file__).parents[1] / "fixtures" / "models" / "0.1.0"
ROOMS = {
    "text-classification": "text",
    "sequence-classification": "sequences",
    "sequence-regression": "sequences",
    "forecast": "forecast",
}
OWN = {
    "sequences": ("longshort.data.sequences", "longshort.networks.sequence"),
    "forecast": ("longshort.data.series", "longshort.networks.forecast"),
    "text": ("longshort.data.texts", "longshort.networks.classifier", "longshort.networks.language"),
}
"""What else than the room in `kinds/` serves one room alone; sequences and forecasts share their data."""


@functools.cache
def loaded(kind: str) -> list[str]:
    """The modules of longshort that a fresh process has after it loaded a model of that kind."""
    asked = f"import sys, longshort; longshort.load({str(MODELS / kind)!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", asked], check=True, capture_output=True, text=True)
    return [name for name in done.stdout.split() if name.startswith("longshort.")]


@pytest.mark.parametrize("kind", names())
def test_loading_a_model_loads_no_other_room(kind: str) -> None:
    others = set(ROOMS.values()) - {ROOMS[kind]}
    found = loaded(kind)
    assert any(name.startswith(f"longshort.kinds.{ROOMS[kind]}") for name in found)
    assert [name for name in found if name.startswith(tuple(f"longshort.kinds.{room}" for room in others))] == []


def test_loading_a_text_model_loads_nothing_of_sequences_and_forecasts() -> None:
    assert [name for name in loaded("text-classification") if name.startswith(OWN["sequences"] + OWN["forecast"])] == []


@pytest.mark.parametrize("name", ["texts-classification", "", None, 7])
def test_an_unknown_kind_is_an_error(name: object) -> None:
    with pytest.raises(UserError, match=r"^There is no task "):
        kind_of(name)


def test_results_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(UserError, match="There is no task 'speech'"):
        show_results("speech", {"accuracy": 1.0}, {})


def test_a_model_and_a_run_of_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    model = tmp_path / "run" / "model"
    model.mkdir(parents=True)
    for path in (MODELS / "text-classification").iterdir():
        (model / path.name).write_bytes(path.read_bytes())
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"task": "speech"}))
    for command in (["predict", str(model), "x"], ["evaluate", str(model), "x.csv"], ["report", str(tmp_path / "run")]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 2
        assert "Traceback" not in result.output
    assert "speech" in CliRunner().invoke(main, ["predict", str(model), "x"]).output
