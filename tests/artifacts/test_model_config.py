"""What is stored of every task comes back byte for byte, today's and that of every earlier release."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.small_models import answers, make

from longshort.data.label_types import LabelType
from longshort.errors import BundleError
from longshort.kinds import kind_of, names
from longshort.runs import Bundle, load_bundle, save_bundle

RELEASES = Path(__file__).parents[1] / "fixtures" / "models"

NETWORKS = {
    "hidden_size": st.integers(1, 5),
    "num_layers": st.integers(1, 3),
    "learning_rate": st.floats(1e-6, 10) | st.just(1),
    "seed": st.integers(0, 2**63 - 1),
    "patience": st.none() | st.integers(1, 9),
}
CHOICES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "text-classification": {
        "tokenizer": st.sampled_from(["word", "bpe", "unigram", "character"]),
        "vocabulary_limit": st.integers(256, 300),
        "minimum_count": st.integers(1, 3),
        "max_tokens": st.none() | st.integers(1, 9),
        "embedding_size": st.integers(1, 5),
        "bidirectional": st.booleans(),
        "classes": st.none() | st.just(("pos", "neg")),
        "text": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    },
    "sequence-classification": {
        "filters": st.integers(1, 4),
        "front": st.sampled_from(["conv", "none"]),
        "members": st.none() | st.integers(1, 3),
    },
    "sequence-regression": {
        "filters": st.integers(1, 4),
        "pooling": st.sampled_from(["last", "mean", "max"]),
        "members": st.none() | st.integers(1, 3),
    },
    "forecast": {
        "members": st.integers(1, 2),
        "linear": st.booleans(),
        "quantiles": st.sampled_from([(0.25, 0.5, 0.75), (0.1, 0.5, 0.9)]),
        "known": st.sampled_from([(), ("price",), ("price", "holiday")]),
    },
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("task", names())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_saved_loaded_and_saved_again_it_is_the_same_bytes(task: str, tmp_path: Path, data: st.DataObject) -> None:
    given_ = data.draw(st.fixed_dictionaries({}, optional=NETWORKS | CHOICES.get(task, {})))
    bundle = make(task, kind_of(task).settings.from_flat(given_), seed=data.draw(st.integers(0, 3)))
    save_bundle(tmp_path / "one", bundle)
    loaded = load_bundle(tmp_path / "one")
    save_bundle(tmp_path / "two", loaded)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert loaded.settings == bundle.settings
    assert answers(loaded) == answers(bundle)


@pytest.mark.parametrize(
    ("task", "kind", "names"),
    [
        ("text-classification", "int", ["-3", "10", "7"]),
        ("sequence-classification", "bool", ["False", "True"]),
        ("sequence-classification", "float", ["0.5", "1.0"]),
    ],
)
def test_what_labels_are_is_kept(task: str, kind: LabelType, names: list[str], tmp_path: Path) -> None:
    bundle = make(task)
    bundle.task.encoding.labels[:] = names
    save_bundle(tmp_path / "one", dataclasses.replace(bundle, label_type=kind))
    loaded = load_bundle(tmp_path / "one")
    save_bundle(tmp_path / "two", loaded)
    assert loaded.label_type == kind
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert "label_type" not in config(bundle, tmp_path / "text")


def config(bundle: Bundle, folder: Path) -> dict[str, Any]:
    save_bundle(folder, bundle)
    held: dict[str, Any] = json.loads((folder / "config.json").read_text())
    return held


@pytest.mark.parametrize("task", names())
def test_an_extreme_weight_comes_back_as_it_is(task: str, tmp_path: Path) -> None:
    bundle = make(task)
    extremes = torch.tensor([0.0, -0.0, 1e-45, -1e-45, 3.4028234663852886e38, 1 + 2**-23])
    bundle.network.state_dict()[next(iter(dict(bundle.network.named_parameters())))].view(-1)[:6] = extremes
    save_bundle(tmp_path / "one", bundle)
    save_bundle(tmp_path / "two", load_bundle(tmp_path / "one"))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    bundle = make("text-classification")
    bundle.task.encoding.labels[0] = "x" * 10_001
    with pytest.raises(BundleError, match=r"labels\.0: String should have at most 10000 characters"):
        save_bundle(tmp_path / "model", bundle)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("folder", sorted(RELEASES.glob("*/*/")), ids=lambda path: f"{path.parent.name} {path.name}")
def test_a_model_of_every_release_answers_as_it_did(folder: Path, tmp_path: Path) -> None:
    loaded = load_bundle(folder)
    held = json.loads((folder / "answers.json").read_text())
    np.testing.assert_allclose(answers(loaded), held, rtol=1e-5, atol=1e-6)
    save_bundle(tmp_path / "again", loaded)
    again, before = contents(tmp_path / "again"), contents(folder)
    versions = [json.loads(each.pop("config.json")).pop("longshort") for each in (again, before)]
    assert versions[1] == folder.parent.name
    del before["answers.json"]
    assert again == before


def test_there_is_a_model_of_every_task_for_every_release() -> None:
    """A release adds its own folder; those that are there never change."""
    releases = [release for release in RELEASES.iterdir() if release.is_dir()]
    assert releases
    assert {path.name for path in releases[0].iterdir()} >= {"text-classification", "sequence-classification"}
    assert {task for task in names() if list(RELEASES.glob(f"*/{task}"))} == set(names())


@pytest.mark.parametrize("task", ["sequence-classification", "sequence-regression"])
def test_how_many_networks_there_are_is_kept_where_the_settings_leave_it_open(task: str, tmp_path: Path) -> None:
    made = make(task, kind_of(task).settings.from_flat({"filters": 2, "hidden_size": 2, "members": 3}))
    left_open = kind_of(task).settings.from_flat({"filters": 2, "hidden_size": 2})
    save_bundle(tmp_path / "model", Bundle(made.task, made.network, left_open))
    loaded = load_bundle(tmp_path / "model")
    assert loaded.settings == left_open
    assert len(loaded.network.members) == 3
    assert answers(loaded) == answers(made)
