"""The model that a command is about."""

from __future__ import annotations

from typing import Any

from longshort.errors import UserError

__all__ = ["load_text_model"]


def load_text_model(run: str) -> Any:
    """The estimator of a model that reads texts.

    Raises:
        UserError: it reads something else.
        BundleError: there is no model.
    """
    import longshort
    from longshort.runs import load_bundle

    task = load_bundle(run).task.name
    if task != "text-classification":
        hint = "longshort explain and longshort trace look into it, with --file."
        raise UserError(
            f"The model must be one of texts. {run} is one of a {task}.",
            hint if task.startswith("sequence-") else "longshort.watch looks into any network, in Python.",
        )
    return longshort.load(run)
