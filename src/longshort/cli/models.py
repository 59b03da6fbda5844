"""The model that a command is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from longshort.errors import UserError

if TYPE_CHECKING:
    from longshort.artifacts.bundle import AnyBundle
    from longshort.estimators.base import AnyEstimator
    from longshort.kinds.seam import Example

__all__ = ["load_example", "load_for"]


def load_for(command: str, run: str) -> AnyEstimator:
    """Return the estimator of a model that a command can be asked about.

    Raises:
        UserError: its kind does not have that command.
        BundleError: there is no model.
    """
    import longshort
    from longshort.artifacts.bundle import load_bundle
    from longshort.kinds.registry import kind_of

    kind = kind_of(load_bundle(run).task.name)
    if command not in kind.analyses:
        hint = "longshort explain and longshort trace inspect it, with --file."
        raise UserError(
            f"The model must be one of texts. {run} is one of a {kind.name}.",
            hint if "trace" in kind.analyses else "longshort.watch inspects any network, in Python.",
        )
    return longshort.load(run)


def load_example(command: str, run: str, text: str | None, file: Path | None, row: int) -> tuple[AnyBundle, Example]:
    """Return a model, and the input that the command line names.

    Raises:
        UserError: the model does not read that.
        BundleError: there is no model.
    """
    from longshort.artifacts.bundle import load_bundle
    from longshort.kinds.registry import kind_of

    bundle = load_bundle(run)
    return bundle, kind_of(bundle.task.name).example(bundle, run, text, file, row, command)
