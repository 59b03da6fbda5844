"""The bundle: what ships. `config.json`, `weights.safetensors` and the encoding; nothing in it is ever executed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from torch import Tensor, nn

from longshort.errors import BundleError
from longshort.runs.files import write_bytes, write_json
from longshort.runs.formats import FORMATS, ModelConfig
from longshort.runs.names import nearest_run
from longshort.tasks import TASKS
from longshort.version import __version__

__all__ = ["Bundle", "load_bundle", "save_bundle"]

FORMAT = 1
CONFIG, WEIGHTS = "config.json", "weights.safetensors"
DAMAGED = "Copy the whole model folder again, or train it anew."


@dataclass(frozen=True)
class Bundle:
    """A trained model.

    Args:
        task: what was learnt, with the encoding; one of `longshort.tasks.TASKS`.
        network: in evaluation mode.
        settings: those of the training, a `longshort.config.RunSettings`.
    """

    task: Any
    network: nn.Module
    settings: Any


def save_bundle(folder: Path, bundle: Bundle) -> None:
    """Write the three files of `bundle` into `folder`, made when missing. Each file is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    form, encoding = FORMATS[bundle.task.name], bundle.task.encoding
    weights = {name: tensor.contiguous() for name, tensor in bundle.network.state_dict().items()}
    write_bytes(folder / WEIGHTS, safetensors.torch.save(weights))
    write_bytes(folder / form.encoding_file, encoding.to_json().encode())
    config: dict[str, Any] = {
        "format": FORMAT,
        "longshort": __version__,
        "task": bundle.task.name,
        **form.describe(encoding),
        "settings": bundle.settings.model_dump(),
    }
    write_json(folder / CONFIG, config)


def load_bundle(path: Path | str) -> Bundle:
    """Load the model in `path`, a bundle or a run directory that holds one in `model/`.

    Raises:
        BundleError: a file is missing or damaged, or names, shapes or settings do not fit together.
    """
    folder = _find(Path(path))
    config = _read_config(folder / CONFIG)
    task = TASKS[config.task](_read_encoding(folder / config.encoding_file, config), config.settings.model)
    # Shapes are compared before anything of the size that config.json names is allocated.
    with torch.device("meta"):
        network = task.build()
    weights = _read_weights(folder / WEIGHTS)
    _check_weights(folder / WEIGHTS, weights, network.state_dict())
    network.load_state_dict(weights, assign=True)
    return Bundle(task, network.eval(), config.settings)


def _find(path: Path) -> Path:
    try:
        found = [folder for folder in (path, path / "model") if (folder / CONFIG).is_file()]
        received = f"there is no {CONFIG} in it" if path.is_dir() else "there is no such folder"
    except OSError as error:
        found, received = [], f"it cannot be read: {error.strerror}"
    if found:
        return found[0]
    raise BundleError(
        f"A model is a folder with {CONFIG}, {WEIGHTS} and its encoding, or a run directory that holds one in model/. "
        f"Got {path}: {received}.",
        nearest_run(path),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} must be a readable file: {error.strerror}.", DAMAGED) from None


def _read_config(path: Path) -> ModelConfig:
    try:
        content = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} must hold JSON: {error}.", DAMAGED) from None
    if not isinstance(content, dict):
        raise BundleError(f"{path} must hold a JSON object. Got {type(content).__name__}.", DAMAGED)
    if isinstance(content.get("format"), int) and content["format"] > FORMAT:
        raise BundleError(
            f"{path} has format {content['format']}; this longshort ({__version__}) reads formats up to {FORMAT}.",
            "pip install --upgrade longshort",
        )
    task = content.get("task")
    if not isinstance(task, str) or task not in FORMATS:
        raise BundleError(f"{path} must name a task: one of {', '.join(FORMATS)}. Got {task!r:.100}.", DAMAGED)
    try:
        return FORMATS[task].model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "as a whole"
        raise BundleError(f"{path} does not describe a model: {where}: {first['msg']}.", DAMAGED) from None


def _read_encoding(path: Path, config: ModelConfig) -> Any:
    content = _read(path)
    try:
        return config.read_encoding(content.decode())
    except (BundleError, UnicodeDecodeError) as error:
        reason = error.message if isinstance(error, BundleError) else f"{error}."
        raise BundleError(f"{path}: {reason}", DAMAGED) from None


def _read_weights(path: Path) -> dict[str, Tensor]:
    content = _read(path)
    try:
        # Cloned, for in the file they are not aligned as torch's own are, and the last bit of a result may hang on it.
        return {name: tensor.clone() for name, tensor in safetensors.torch.load(content).items()}
    except (SafetensorError, ValueError, KeyError) as error:
        raise BundleError(f"{path} must hold safetensors: {error}.", DAMAGED) from None


def _check_weights(path: Path, weights: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    for name in sorted({*weights, *expected}):
        held, wanted = (_describe(group.get(name)) for group in (weights, expected))
        if held != wanted:
            raise BundleError(f"{path}: {name} must be {wanted}, as the settings say. It is {held}.", DAMAGED)
        if not bool(weights[name].isfinite().all()):
            raise BundleError(f"{path}: {name} must hold finite numbers. It holds NaN or infinity.", DAMAGED)


def _describe(tensor: Tensor | None) -> str:
    return "absent" if tensor is None else f"{list(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"
