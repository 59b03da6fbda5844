"""What all estimators share: settings, warm start, one epoch more, storing."""

from __future__ import annotations

import copy
from abc import ABC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import nn

from longshort.artifacts.bundle import Bundle, save_bundle
from longshort.config import RunSettings, TrainingSettings
from longshort.errors import SettingError, nearest
from longshort.estimators.sample_weights import class_weights_setting
from longshort.networks import Dataset, EachOf
from longshort.training import EpochRecord, Listener, Training, TrainingResult

if TYPE_CHECKING:
    from longshort.kinds.seam import Fitted, Task

__all__ = ["OWN_ARGUMENTS", "AnyEstimator", "Array", "Estimator", "stop_if_interrupted"]

Array = np.ndarray[Any, Any]

TaskT = TypeVar("TaskT", bound="Task")
SettingsT = TypeVar("SettingsT", bound=RunSettings)

OWN_ARGUMENTS = frozenset({"checkpoints", "class_weight", "warm_start"})
"""Arguments of the constructor that are no settings of their name."""


class Estimator(BaseEstimator, ABC, Generic[TaskT, SettingsT]):  # type: ignore[misc]
    """A model with the interface of scikit-learn.

    The constructor stores its arguments and nothing else; `fit` checks them.

    Attributes:
        bundle_: task, network and settings, as `longshort.runs.load_bundle` gives them.
        history_: one record per epoch.
        best_epoch_: the epoch whose weights are kept, counted from 1.
        optimizer_: what the optimizer remembers, after `partial_fit`.
    """

    _kind: type[SettingsT]
    """The settings of the kind."""

    bundle_: Bundle[TaskT, SettingsT]
    history_: list[EpochRecord]
    best_epoch_: int
    optimizer_: dict[str, Any]

    def save(self, path: Path | str) -> None:
        """Write the model to the folder `path`: settings, weights and encoding; no pickle."""
        check_is_fitted(self, "bundle_")
        save_bundle(Path(path), self._stored())

    def set_params(self, **params: object) -> Self:
        """Set arguments of the constructor.

        Raises:
            SettingError: there is no such argument.
        """
        known = self.get_params(deep=False)
        for name in params:
            if name not in known:
                raise SettingError(
                    f"{type(self).__name__} has no setting {name!r}.",
                    nearest(name, known) or f"Its settings are {', '.join(sorted(known))}.",
                )
        super().set_params(**params)
        return self

    def _stored(self) -> Bundle[TaskT, SettingsT]:
        """What `save` writes."""
        return self.bundle_

    def _adopt(self, bundle: Bundle[TaskT, SettingsT], path: Path | str | None = None) -> None:
        """Take over a model.

        Args:
            bundle: the model.
            path: what it was loaded from; None for one that was just fitted.
        """
        self.bundle_ = bundle

    def _settings(self) -> SettingsT:
        """The settings of the task that the arguments stand for.

        Raises:
            SettingError: an argument is out of its bounds.
        """
        given = self.get_params(deep=False)
        flat = {name: value for name, value in given.items() if name not in OWN_ARGUMENTS} | {"test_share": 0.0}
        if "class_weight" in given:
            flat["class_weights"] = class_weights_setting(given["class_weight"])
        return self._kind.from_flat(flat)

    def _start(self, settings: SettingsT) -> tuple[TaskT, nn.Module] | None:
        """Task and network to continue from; None if training starts from scratch.

        Raises:
            SettingError: the network was made with other settings.
        """
        if not self.get_params(deep=False)["warm_start"] or not hasattr(self, "bundle_"):
            return None
        self._check_same_network(settings)
        return self.bundle_.task, self.bundle_.network

    def _check_same_network(self, settings: SettingsT) -> None:
        held, asked = (each.section("model").model_dump() for each in (self.bundle_.settings, settings))
        other = next((name for name in held if held[name] != asked[name]), None)
        if other is not None:
            raise SettingError(
                f"A network that learns on keeps its settings: it was made with {other}={held[other]!r}. "
                f"Got {asked[other]!r}.",
                "Set it back, or fit a new one without warm_start.",
            )

    def _keep(self, fitted: Fitted[TaskT], settings: SettingsT) -> bool:
        """Take over what a training left; whether it finished an epoch, and there is anything."""
        if not fitted.result.best_epoch:
            return False
        self.bundle_ = Bundle(fitted.task, fitted.network.eval(), settings)
        self.history_ = fitted.result.history
        self.best_epoch_ = fitted.result.best_epoch
        self.__dict__.pop("optimizer_", None)
        return True

    def _one_epoch(
        self,
        task: TaskT,
        network: nn.Module,
        examples: Dataset,
        settings: SettingsT,
        training: TrainingSettings,
        weights: Array | None,
        listener: Listener,
    ) -> None:
        """Go once through `examples`, as `partial_fit` does: at a constant rate, with the optimizer's memory kept.

        Args:
            task: with an encoding that stays as it is.
            network: where to begin; it stays as it is.
            examples: encoded with that encoding.
            settings: all of the estimator, to be kept with the model.
            training: of this epoch.
            weights: `(examples,)`: how much each counts; or None.
            listener: receives events.
        """
        before: list[EpochRecord] = getattr(self, "history_", [])
        own = copy.deepcopy(network)
        loop = Training(
            EachOf(task.objective),
            own,
            examples,
            None,
            training.replace(
                epochs=1,
                schedule="constant",
                averaging=0.0,
                seed=(training.seed + len(before)) % 2**63,  # other dropout each time
            ),
            listener,
            weights=None if weights is None else {"train": weights},
        )
        if "optimizer_" in self.__dict__:
            loop.optimizer.load_state_dict(self.optimizer_)
        result = loop.run()
        if result.best_epoch:
            self.bundle_ = Bundle(task, own.eval(), settings)
            self.history_ = [*before, {**result.history[0], "epoch": len(before) + 1}]
            self.best_epoch_ = len(self.history_)
            self.optimizer_ = loop.optimizer.state_dict()
        stop_if_interrupted(result)


def stop_if_interrupted(result: TrainingResult) -> None:
    """Raise `KeyboardInterrupt` after Ctrl-C.

    It is none of longshort's own errors: a search over settings would record it as one bad fit and continue.
    """
    if result.ended == "interrupted":
        raise KeyboardInterrupt


AnyEstimator = Estimator[Any, Any]
"""An estimator of any kind; `longshort.load` returns one."""
