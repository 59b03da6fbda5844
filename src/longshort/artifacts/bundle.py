"""The bundle: what ships. `config.json`, `weights.safetensors` and the encoding; nothing in it is ever executed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import safetensors.torch
import torch
from pydantic import ValidationError
from torch import nn
from torch.overrides import TorchFunctionMode

from longshort.artifacts.atomic import write_bytes, write_json
from longshort.artifacts.model_config import ModelConfig, StoredTask
from longshort.artifacts.safe_files import DAMAGED, check_bounds, read_file
from longshort.artifacts.suggestions import nearest_run
from longshort.artifacts.weights_file import WeightsFile
from longshort.config import RunSettings
from longshort.data.label_types import LabelType
from longshort.data.strict_json import read_json, shown
from longshort.errors import BundleError, LongshortError
from longshort.kinds.registry import kind_of, names
from longshort.plain import Plain
from longshort.version import __version__

if TYPE_CHECKING:
    from longshort.kinds.seam import Task

__all__ = ["AnyBundle", "Bundle", "load_bundle", "save_bundle"]

FORMAT = 1
CONFIG, WEIGHTS = "config.json", "weights.safetensors"

MOST_CONFIG, MOST_ENCODING = 2 * 2**20, 12 * 2**20
"""Bytes that are read of `config.json`, and of an encoding; of the latter 4 more for each number of the weights."""

MOST_KEYS = 1_000
"""Most keys of an object in `config.json`."""

CONFIG_PARTS, ENCODING_PARTS = 200_000, 350_000
"""See `check_bounds`; of an encoding 8 more for each number of the weights."""

MOST_NUMBERS = 2**26
"""Smallest limit on the size of an encoding; above it, an encoding may be no larger than the weights."""

SMALL = "an encoding of so small a network"

MOST_LAYERS = 500
"""Most layers of a network; one more for each tensor of the weights."""


TaskT_co = TypeVar("TaskT_co", bound="Task", covariant=True)
SettingsT_co = TypeVar("SettingsT_co", bound=RunSettings, covariant=True)


@dataclass(frozen=True)
class Bundle(Generic[TaskT_co, SettingsT_co]):
    """A trained model.

    Args:
        task: what it learned, with the encoding.
        network: in evaluation mode.
        settings: those of the training.
        label_type: the type of the class labels for the user, if it is not str.
    """

    task: TaskT_co
    network: nn.Module
    settings: SettingsT_co
    label_type: LabelType | None = None


AnyBundle = Bundle["Task", RunSettings]
"""A model of any kind."""


def save_bundle(folder: Path, bundle: AnyBundle) -> None:
    """Write the three files of `bundle` into `folder`, made when missing. Each file is replaced whole.

    Raises:
        BundleError: `load_bundle` would refuse it, since it has an endless label, say; then nothing is written.
    """
    kind, encoding = kind_of(bundle.task.name), bundle.task.encoding
    encoding_file = kind.model_config().encoding_file
    weights = {name: tensor.contiguous() for name, tensor in bundle.network.state_dict().items()}
    config: Plain = {
        "format": FORMAT,
        "longshort": __version__,
        "task": bundle.task.name,
        **kind.stored_fields(bundle.task),
        **({} if bundle.label_type is None else {"label_type": bundle.label_type}),
        "settings": bundle.settings.model_dump(),
    }
    encoded = encoding.to_json().encode()
    _check_config(folder / CONFIG, json.dumps(config).encode())
    _check_encoding(folder / encoding_file, encoded, sum(tensor.numel() for tensor in weights.values()))
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / WEIGHTS, safetensors.torch.save(weights))
    write_bytes(folder / encoding_file, encoded)
    write_json(folder / CONFIG, config)


def load_bundle(path: Path | str) -> AnyBundle:
    """Load the model in `path`, a bundle or a run directory that holds one in `model/`.

    Raises:
        BundleError: a file is missing or damaged, or names, shapes or settings do not fit together.
    """
    folder = _find(Path(path))
    config = _check_config(folder / CONFIG, read_file(folder / CONFIG, MOST_CONFIG, "a description of a model"))
    with WeightsFile(folder / WEIGHTS) as weights:
        task, network = _network(folder, config, weights)
        weights.check(network.state_dict())
        network.load_state_dict(weights.read(), assign=True)
    return Bundle(task, network.eval(), config.settings, config.labels_are)


def _find(path: Path) -> Path:
    try:
        found = [folder for folder in (path, path / "model") if os.path.lexists(folder / CONFIG)]
        received = f"there is no {CONFIG} in it" if path.is_dir() else "there is no such folder"
    except OSError as error:
        found, received = [], f"it cannot be read: {error.strerror}"
    if found:
        return found[0]
    raise BundleError(
        f"A model is a folder with {CONFIG}, {WEIGHTS} and its encoding, or a run directory that holds one in model/. "
        f"Got {path}: {received}.",
        nearest_run(path) or "`longshort runs` lists the runs there are.",
    )


def _check_config(path: Path, encoded: bytes) -> ModelConfig:
    check_bounds(path, encoded, "a description of a model", MOST_CONFIG, CONFIG_PARTS)
    text = _decoded(path, encoded)
    try:
        content = read_json(text, most_keys=MOST_KEYS)
    except ValueError as error:
        raise BundleError(f"{path} must hold JSON: {error}.", DAMAGED) from None
    if not isinstance(content, dict):
        raise BundleError(f"{path} must hold a JSON object. Got {type(content).__name__}.", DAMAGED)
    if isinstance(content.get("format"), int) and content["format"] > FORMAT:
        raise BundleError(
            f"{path} has format {content['format']}; this longshort ({__version__}) reads formats up to {FORMAT}.",
            "pip install --upgrade longshort",
        )
    task = content.get("task")
    if not isinstance(task, str) or task not in names():
        raise BundleError(f"{path} must name a task: one of {', '.join(names())}. Got {shown(task)}.", DAMAGED)
    try:
        return kind_of(task).model_config().model_validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = shown(".".join(map(str, first["loc"])))[1:-1] or "as a whole"
        raise BundleError(f"{path} does not describe a model: {where}: {first['msg']}.", DAMAGED) from None


def _read_encoding(path: Path, config: ModelConfig, weights: WeightsFile) -> StoredTask:
    content = read_file(path, MOST_ENCODING + 4 * min(weights.numbers, MOST_NUMBERS), SMALL)
    _check_encoding(path, content, weights.numbers)
    text = _decoded(path, content)
    try:
        return config.read_encoding(text, weights.numbers)
    except BundleError as error:
        raise BundleError(f"{path}: {error.message}", DAMAGED) from None


def _check_encoding(path: Path, content: bytes, numbers: int) -> None:
    numbers = min(numbers, MOST_NUMBERS)
    check_bounds(path, content, SMALL, MOST_ENCODING + 4 * numbers, ENCODING_PARTS + 8 * numbers)


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BundleError(f"{path} must hold UTF-8: {error}.", DAMAGED) from None


class _NoFirstValues(TorchFunctionMode):
    """Leaves first values out if there is no memory for them: torch would load its compiler to draw them."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == nn.init.__name__:
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)


def _network(folder: Path, config: ModelConfig, weights: WeightsFile) -> tuple[Task, nn.Module]:
    """The task, and its network without any memory: shapes are compared before what config.json names is allocated."""
    stored, most = _read_encoding(folder / config.encoding_file, config, weights), MOST_LAYERS + len(weights.tensors)
    if stored.layers > most:
        raise BundleError(
            f"{folder / CONFIG} must be of {most:,} layers at most, for the weights beside it. It is of "
            f"{stored.layers:,}.",
            DAMAGED,
        )
    try:
        task = stored.make()
        with torch.device("meta"), _NoFirstValues():
            return task, task.build()
    except (LongshortError, RuntimeError, OverflowError) as error:
        reason = error.message if isinstance(error, LongshortError) else f"{error}".splitlines()[0]
        raise BundleError(f"{folder / CONFIG} does not describe a model: {reason}", DAMAGED) from None
