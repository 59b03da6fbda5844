"""The constructor of an estimator, made from the settings of its kind: each name and default is written once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, cast

from longshort.config import RunSettings
from longshort.errors import nearest
from longshort.estimators.sample_weights import ClassWeight

__all__ = ["ClassifierArguments", "TrainingArguments", "constructor"]

Constructor = TypeVar("Constructor", bound=Callable[..., None])

SCIKIT_LEARN = {"class_weights": "class_weight"}
"""Settings that scikit-learn calls otherwise."""

LAST = "seed"
"""The argument that comes after an estimator's own."""


class TrainingArguments(TypedDict, total=False):
    """Arguments of every estimator, for type checkers; see `longshort.config.TrainingSettings`."""

    validation_share: float
    hidden_size: int
    num_layers: int
    epochs: int | None
    batch_tokens: int | None
    learning_rate: float
    schedule: Literal["one-cycle", "constant"]
    averaging: float
    weight_decay: float
    gradient_clip: float
    patience: int | None
    statistics: bool
    memory_limit: int | str | None
    checkpoints: Path | str | None
    seed: int


class ClassifierArguments(TrainingArguments, total=False):
    """Arguments of a classifier."""

    class_weight: ClassWeight


def constructor(
    settings: type[RunSettings], *, left_out: Collection[str] = (), own: Mapping[str, object]
) -> Callable[[Constructor], Constructor]:
    """Make an `__init__` that stores its arguments: the settings with their defaults, and the estimator's own.

    scikit-learn, `help` and notebooks see each argument with its default; type checkers see the annotation of the
    decorated function, a TypedDict.

    Args:
        settings: of the kind.
        left_out: settings that are not arguments, for they say how files are read.
        own: further arguments with their defaults.
    """
    flat = settings().flat()
    defaults = {SCIKIT_LEARN.get(name, name): value for name, value in flat.items() if name not in left_out}
    last = defaults.pop(LAST)
    defaults |= {**own, LAST: last}
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(name, keyword, default=value) for name, value in defaults.items()]

    def decorate(function: Constructor) -> Constructor:
        @functools.wraps(function)
        def init(self: object, **arguments: object) -> None:
            for name in arguments:
                if name not in defaults:
                    owner = type(self).__name__
                    meant = nearest(name, defaults)
                    raise TypeError(f"{owner}() got an unexpected keyword argument {name!r}. {meant}".rstrip())
            vars(self).update(defaults | arguments)

        own_parameter = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        init.__signature__ = inspect.Signature([own_parameter, *parameters])  # type: ignore[attr-defined]
        del init.__wrapped__
        return cast("Constructor", init)

    return decorate
