"""What classifiers share: their classes, in the type that they came in."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Protocol, TypeVar

from sklearn.base import ClassifierMixin

from longshort.artifacts.bundle import Bundle
from longshort.config import RunSettings
from longshort.data.label_types import label_type, typed_labels
from longshort.estimators.base import Array, Estimator
from longshort.kinds.seam import Encoding, Task

__all__ = ["Classifier"]


class _Classes(Task, Protocol):
    """A task whose encoding has labels."""

    @property
    def encoding(self) -> _Labels: ...


class _Labels(Encoding, Protocol):
    @property
    def labels(self) -> list[str]: ...


ClassesT = TypeVar("ClassesT", bound=_Classes)
SettingsT = TypeVar("SettingsT", bound=RunSettings)


class Classifier(ClassifierMixin, Estimator[ClassesT, SettingsT]):  # type: ignore[misc]
    """An estimator of classes.

    Attributes:
        classes_: `(classes,)`: sorted; in their own type, which is stored where it is str, bool, int or float.
    """

    classes_: Array

    def _stored(self) -> Bundle[ClassesT, SettingsT]:
        return dataclasses.replace(
            self.bundle_, label_type=label_type(self.classes_, self.bundle_.task.encoding.labels)
        )

    def _adopt(self, bundle: Bundle[ClassesT, SettingsT], path: Path | str | None = None) -> None:
        super()._adopt(bundle, path)
        self.classes_ = typed_labels(bundle.task.encoding.labels, bundle.label_type)
