"""What classifiers share: their classes, in the type that they came in."""

from __future__ import annotations

import dataclasses

from sklearn.base import ClassifierMixin

from longshort.data.label_types import label_type, typed_labels
from longshort.estimators.base import Array, Estimator
from longshort.runs.bundle import Bundle

__all__ = ["Classifier"]


class Classifier(ClassifierMixin, Estimator):  # type: ignore[misc]
    """An estimator of classes.

    Attributes:
        classes_: `(classes,)`: sorted; in their own type, which is stored where it is str, bool, int or float.
    """

    classes_: Array

    def _stored(self) -> Bundle:
        return dataclasses.replace(
            self.bundle_, label_type=label_type(self.classes_, self.bundle_.task.encoding.labels)
        )

    def _adopt(self, bundle: Bundle) -> None:
        self.bundle_ = bundle
        self.classes_ = typed_labels(bundle.task.encoding.labels, bundle.label_type)
