"""What ships: it comes back bit for bit, executes nothing, and refuses whatever does not fit together."""

from __future__ import annotations

import json
import math
import os
import pickle
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.small_runs import finished, texts

from longshort.data import encode_texts
from longshort.errors import BundleError
from longshort.networks import predict_logits
from longshort.runs import Bundle, RunResult, load_bundle, save_bundle

__all__ = ["finished"]

FILES = ["config.json", "tokenizer.json", "weights.safetensors"]
NO_TOKENIZER = "tokenizer.json must hold a tokenizer that longshort trained:"
ANEW = "\n\nhint: Copy the whole model folder again, or train the model again."


@pytest.fixture
def model(finished: RunResult, tmp_path: Path) -> Path:
    """A copy of a model, to be damaged."""
    return shutil.copytree(finished.directory / "model", tmp_path / "model")


def logits(bundle: Bundle) -> torch.Tensor:
    return predict_logits(bundle.network, encode_texts(texts(40, seed=3), bundle.task.encoding))


def refusal(path: Path | str) -> str:
    with pytest.raises(BundleError) as caught:
        load_bundle(path)
    return str(caught.value)


def change(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


# --- there and back ---


def test_a_bundle_comes_back_bit_for_bit(model: Path, tmp_path: Path) -> None:
    bundle = load_bundle(model)
    save_bundle(tmp_path / "Modèle für später", bundle)
    again = load_bundle(str(tmp_path / "Modèle für später"))
    assert sorted(entry.name for entry in (tmp_path / "Modèle für später").iterdir()) == FILES
    for name in FILES:
        assert (model / name).read_bytes() == (tmp_path / "Modèle für später" / name).read_bytes()
    assert torch.equal(logits(bundle), logits(again))
    assert again.settings == bundle.settings
    assert again.task.encoding.labels == ["neg", "pos"]


def test_the_loaded_network_is_that_which_was_trained(model: Path, tmp_path: Path) -> None:
    """Not only equal to another loaded one: the very numbers of a network that was never stored."""
    bundle = load_bundle(model)
    network = bundle.task.build().eval()
    expected = logits(Bundle(bundle.task, network, bundle.settings))
    save_bundle(tmp_path / "new", Bundle(bundle.task, network, bundle.settings))
    loaded = load_bundle(tmp_path / "new")
    assert torch.equal(logits(loaded), expected)
    assert not loaded.network.training
    assert all(parameter.requires_grad for parameter in loaded.network.parameters())


def test_a_run_and_its_model_both_load(finished: RunResult) -> None:
    run, own = load_bundle(finished.directory), load_bundle(finished.directory / "model")
    assert torch.equal(logits(run), logits(own))


def test_nothing_is_pickled(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pickle was used")

    for name in ("load", "loads", "dump", "dumps", "Unpickler", "Pickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(torch, "load", refuse)
    monkeypatch.setattr(torch, "save", refuse)
    save_bundle(tmp_path / "new", load_bundle(model))
    for path in (tmp_path / "new").iterdir():
        assert not path.read_bytes().startswith((b"\x80", b"PK"))


def test_saving_over_a_bundle_replaces_it(model: Path) -> None:
    bundle = load_bundle(model)
    network = bundle.task.build().eval()
    save_bundle(model, Bundle(bundle.task, network, bundle.settings))
    assert sorted(entry.name for entry in model.iterdir()) == FILES
    assert torch.equal(logits(load_bundle(model)), logits(Bundle(bundle.task, network, bundle.settings)))


# --- where there is no model ---


def test_a_path_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    received = {
        "loop": "there is no such folder",
        "file": "there is no such folder",
        "none": "there is no such folder",
        "empty": "there is no config.json in it",
        "x" * 300: "it cannot be read: File name too long",
    }
    for name, reason in received.items():
        assert refusal(tmp_path / name) == (
            "A model is a folder with config.json, weights.safetensors and its encoding, or a run directory that "
            f"holds one in model/. Got {tmp_path / name}: {reason}.\n\nhint: `longshort runs` lists the runs there are."
        )


@pytest.mark.parametrize("name", ["tokenizer.json", "weights.safetensors"])
@pytest.mark.parametrize("instead", ["nothing", "folder", "link", "pipe"])
def test_a_file_that_is_missing(model: Path, name: str, instead: str) -> None:
    path = model / name
    path.unlink()
    if instead == "folder":
        path.mkdir()
    if instead == "link":
        path.symlink_to("/etc/hostname")
    if instead == "pipe":
        os.mkfifo(path)
    reason = {
        "nothing": "No such file or directory",
        "folder": "it is a folder",
        "link": "it is a link to another place",
        "pipe": "it is a pipe",
    }[instead]
    assert refusal(model) == f"{path} must be a readable file: {reason}.{ANEW}"


# --- config.json ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must hold JSON: Expecting value: line 1 column 1 (char 0)."),
        (b'{"format": 1', "must hold JSON: Expecting ',' delimiter: line 1 column 13 (char 12)."),
        (b"\xff{", "must hold UTF-8: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte."),
        (b"[1]", "must hold a JSON object. Got list."),
        (b"null", "must hold a JSON object. Got NoneType."),
        (
            b"{}",
            "must name a task: one of text-classification, sequence-classification, sequence-regression, forecast. Got None.",
        ),
    ],
)
def test_a_config_that_is_none(model: Path, content: bytes, message: str) -> None:
    (model / "config.json").write_bytes(content)
    assert refusal(model) == f"{model / 'config.json'} {message}{ANEW}"


def test_a_config_as_deep_as_the_sea(model: Path) -> None:
    (model / "config.json").write_bytes(b"[" * 100_000)
    assert refusal(model) == f"{model / 'config.json'} must hold JSON: lists and objects are nested too deeply.{ANEW}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pickle": "cos"}, "does not describe a model: pickle: Extra inputs are not permitted."),
        (
            {"task": "telepathy"},
            "must name a task: one of text-classification, sequence-classification, sequence-regression, forecast. Got 'telepathy'.",
        ),
        ({"format": 0}, "does not describe a model: format: Input should be greater than or equal to 1."),
        ({"labels": "neg"}, "does not describe a model: labels: Input should be a valid array."),
        (
            {"labels": []},
            "does not describe a model: as a whole: There must be at least 2 labels, each once; 0 of 0 are different.",
        ),
        (
            {"labels": ["neg"]},
            "does not describe a model: as a whole: There must be at least 2 labels, each once; 1 of 1 are different.",
        ),
        (
            {"labels": ["neg", "neg"]},
            "does not describe a model: as a whole: There must be at least 2 labels, each once; 1 of 2 are different.",
        ),
        ({"settings": {"models": {}}}, "does not describe a model: settings.models: Extra inputs are not permitted."),
        (
            {"settings": {"model": {"hidden_sise": 4}}},
            "does not describe a model: settings.model.hidden_sise: Extra inputs are not permitted.",
        ),
        (
            {"settings": {"model": {"hidden_size": 10**12}}},
            "does not describe a model: settings.model.hidden_size: Input should be less than or equal to 65536.",
        ),
    ],
)
def test_a_config_that_describes_no_model(model: Path, changes: dict[str, Any], message: str) -> None:
    change(model / "config.json", **changes)
    assert refusal(model) == f"{model / 'config.json'} {message}{ANEW}"


def test_a_config_of_a_later_format(model: Path) -> None:
    change(model / "config.json", format=2, unheard_of=1)
    assert refusal(model) == (
        f"{model / 'config.json'} has format 2; this longshort (0.1.0) reads formats up to 1.\n\n"
        "hint: pip install --upgrade longshort"
    )


# --- what does not fit together ---


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": ["a", "b", "c"]}, "linear.bias must be [3] float32, as the settings say. It is [1] float32."),
        ({"multi_label": True}, "linear.bias must be [2] float32, as the settings say. It is [1] float32."),
        (
            {"settings": {"model": {"embedding_size": 4, "hidden_size": 5}}},
            "linear.weight must be [1, 20] float32, as the settings say. It is [1, 16] float32.",
        ),
        (
            {"settings": {"model": {"embedding_size": 4, "hidden_size": 4, "bidirectional": False}}},
            "linear.weight must be [1, 8] float32, as the settings say. It is [1, 16] float32.",
        ),
    ],
)
def test_settings_that_do_not_fit_the_weights(model: Path, changes: dict[str, Any], message: str) -> None:
    change(model / "config.json", **changes)
    assert refusal(model) == f"{model / 'weights.safetensors'}: {message}{ANEW}"


def test_huge_settings_are_refused_before_anything_is_allocated(model: Path) -> None:
    """65,536 units in 64 layers would be 17 TB."""
    change(
        model / "config.json",
        settings={"model": {"embedding_size": 65_536, "hidden_size": 65_536, "num_layers": 64}},
    )
    began = time.perf_counter()
    message = refusal(model)
    assert time.perf_counter() - began < 10
    assert "tokens need more weights than the model has." in message


Weights = dict[str, torch.Tensor]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda w: {name: w[name] for name in w if name != "linear.bias"},
            "linear.bias must be [1] float32, as the settings say. It is absent.",
        ),
        (
            lambda w: w | {"more": torch.zeros(2, 3)},
            "'more' must be absent, as the settings say. It is [2, 3] float32.",
        ),
        (
            lambda w: w | {"linear.bias": torch.zeros(2)},
            "linear.bias must be [1] float32, as the settings say. It is [2] float32.",
        ),
        (
            lambda w: w | {"linear.weight": w["linear.weight"].T.contiguous()},
            "linear.weight must be [1, 16] float32, as the settings say. It is [16, 1] float32.",
        ),
        (
            lambda w: w | {"linear.bias": w["linear.bias"].double()},
            "linear.bias must be [1] float32, as the settings say. It is [1] float64.",
        ),
        (
            lambda w: w | {"linear.bias": torch.tensor([math.nan])},
            "linear.bias must hold finite numbers. It holds NaN or infinity.",
        ),
        (
            lambda w: w | {"lstm.bias_ih_l0": w["lstm.bias_ih_l0"].clone().index_fill_(0, torch.tensor([3]), math.inf)},
            "lstm.bias_ih_l0 must hold finite numbers. It holds NaN or infinity.",
        ),
    ],
    ids=["missing", "extra", "size", "transposed", "dtype", "nan", "infinity"],
)
def test_weights_that_do_not_fit(model: Path, spoil: Callable[[Weights], Weights], message: str) -> None:
    path = model / "weights.safetensors"
    path.write_bytes(safetensors.torch.save(spoil(safetensors.torch.load(path.read_bytes()))))
    assert refusal(model) == f"{path}: {message}{ANEW}"


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (0, "a file has at least 8 bytes; this one has 0"),
        (20, "its header must have 12 bytes at most; it is said to have 856"),
        (-1, "its tensors must have all of the 2,259 bytes after the header; they have 2,260"),
    ],
)
def test_weights_that_are_cut_off(model: Path, keep: int, reason: str) -> None:
    path = model / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(model) == f"{path} must hold safetensors: {reason}.{ANEW}"


# --- tokenizer.json ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", " must hold UTF-8: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte."),
        (b"hello", f": {NO_TOKENIZER} Expecting value: line 1 column 1 (char 0)."),
        (b"{}", f": {NO_TOKENIZER} it must be an object that has a model."),
    ],
)
def test_a_tokenizer_that_is_none(model: Path, content: bytes, message: str) -> None:
    (model / "tokenizer.json").write_bytes(content)
    assert refusal(model) == f"{model / 'tokenizer.json'}{message}{ANEW}"


def with_token(model: Path, token: str, number: int | None) -> int:
    """Give a token a number, that after the last one when None; the size of the vocabulary before."""
    path = model / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    size = len(vocabulary)
    vocabulary[token] = size if number is None else number
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    return size


def test_more_tokens_than_rows_of_the_embedding(model: Path) -> None:
    size = with_token(model, "another", None)
    assert refusal(model) == (
        f"{model / 'weights.safetensors'}: embedding.weight must be [{size + 1}, 4] float32, as the settings say. "
        f"It is [{size}, 4] float32.{ANEW}"
    )


@pytest.mark.parametrize("number", [0, 1_000_000])
def test_tokens_whose_numbers_leave_a_gap(model: Path, number: int) -> None:
    """A number beyond the embedding would be a crash at the first text that holds the token."""
    size = with_token(model, "film", number)
    assert refusal(model) == (
        f"{model / 'tokenizer.json'}: {NO_TOKENIZER} its tokens must be numbered from 0 to {size - 1}. "
        f"It leaves one out.{ANEW}"
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_refused_or_harmless(finished: RunResult, tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is cut out or overwritten, a model either loads and answers, or is refused with a reason."""
    model = shutil.copytree(finished.directory / "model", tmp_path / "damaged", dirs_exist_ok=True)
    path = model / data.draw(st.sampled_from(FILES))
    content = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    content[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    path.write_bytes(content)
    try:
        bundle = load_bundle(model)
    except BundleError:
        return
    assert logits(bundle).shape == (40, 1)
