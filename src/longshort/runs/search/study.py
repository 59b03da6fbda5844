"""The file that keeps the trials of a search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from longshort.config import RunSettings
from longshort.errors import MissingExtraError, RunError
from longshort.kinds.space import Knob
from longshort.plain import PlainMapping

if TYPE_CHECKING:
    from optuna import Study

__all__ = ["open_study"]


def open_study(path: Path, data: list[str], settings: RunSettings, knobs: tuple[Knob, ...]) -> Study:
    """The study in `path`, or a new one whose first trial has the defaults.

    Args:
        path: a file of JSON lines, which grows with every trial.
        data: identifies these data and their parts.
        settings: those that are fixed, and the defaults of the others.
        knobs: what is searched.

    Raises:
        MissingExtraError: optuna is not installed.
        RunError: the file cannot be written, holds no study, or one of other data or settings.
    """
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError:
        raise MissingExtraError("The search over settings", "optuna", "tune") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    flat, known = settings.flat(), path.is_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(path))), study_name="longshort", load_if_exists=True
        )
    except OSError as error:
        raise RunError(
            f"The study in {path} could not be written: {error.strerror}.", "Name another file with --study."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{path} must hold a study. It does not.", "Name another file with --study.") from None
    tried = len(study.get_trials(deepcopy=False))
    # The sampler's state is not stored; with the number of trials in its seed, later trials do not repeat earlier ones.
    study.sampler = optuna.samplers.TPESampler(seed=(flat["seed"] + tried) % 2**32)
    study.pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=20)
    asked = {"data": data, "settings": json.loads(json.dumps(flat)), "searched": sorted(_names(knobs))}
    if not known or "asked" not in study.user_attrs:
        study.set_user_attr("asked", asked)
        study.enqueue_trial({name: flat[name] for name in _names(knobs)})
    _check_same(path, study.user_attrs["asked"], asked)
    return study


def _names(knobs: tuple[Knob, ...]) -> list[str]:
    return [knob.name for knob in knobs]


def _check_same(path: Path, held: PlainMapping, asked: PlainMapping) -> None:
    hint = "Name another file with --study, or remove that one."
    if held["data"] != asked["data"]:
        raise RunError(f"The study in {path} is of other data.", hint)
    for name, value in asked["settings"].items():
        if held["settings"].get(name) != value:
            raise RunError(
                f"The study in {path} has {name} {held['settings'].get(name)}. Got {value}, which is another search.",
                hint,
            )
    if held["searched"] != asked["searched"]:
        raise RunError(f"The study in {path} searches {', '.join(held['searched'])}. Got other settings.", hint)
