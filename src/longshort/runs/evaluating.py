"""Evaluate a stored model on other data."""

from __future__ import annotations

from pathlib import Path

from longshort.artifacts.bundle import load_bundle
from longshort.config import Section
from longshort.kinds.registry import kind_of
from longshort.kinds.seam import Evaluation
from longshort.training import Listener

__all__ = ["Evaluation", "evaluate"]


def evaluate(
    run: Path | str, data: object, *, settings: Section | None = None, listener: Listener | None = None
) -> Evaluation:
    """Answer every row of `data` and compare with its labels.

    Args:
        run: a run directory or a model folder.
        data: as for `train`.
        settings: how the data are read, as the section `data` of the kind's settings; those of the training if None.
        listener: receives events.

    Raises:
        UserError: the model or the data does not hold what it must.
    """
    bundle = load_bundle(run)
    reading = bundle.settings if settings is None else bundle.settings.model_copy(update={"data": settings})
    return kind_of(bundle.task.name).evaluate(run, bundle, data, reading, listener or Listener())
