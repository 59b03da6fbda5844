"""The scikit-learn face: fit, predict, predict_proba, score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from longshort.config import Settings
from longshort.data import encode_texts, open_source
from longshort.data.memory import is_column
from longshort.errors import DataError
from longshort.runs.bundle import Bundle, load_bundle, save_bundle
from longshort.runs.fit import fit
from longshort.runs.prepare import Prepared, prepare
from longshort.tasks import predict_logits
from longshort.training import Listener

__all__ = ["TextClassifier", "load"]


class TextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classifies texts with an LSTM.

    Every argument is a setting of `longshort train` under the same name, with the same default; see `longshort.config`.
    `validation_share` of the training texts chooses the best epoch.

    Attributes:
        classes_: `(classes,)`: the labels, sorted; in their own type.
        history_: one record per epoch.
        best_epoch_: the epoch whose weights are kept, counted from 1.

    Example:
        >>> model = TextClassifier(epochs=3).fit(texts, labels)  # doctest: +SKIP
        >>> model.predict(["a joy from start to end"])  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        validation_share: float = 0.1,
        tokenizer: Literal["word", "bpe", "unigram", "character"] = "word",
        vocabulary_limit: int = 30_000,
        minimum_count: int = 2,
        max_tokens: int | None = None,
        embedding_size: int = 128,
        embedding_start: Literal["cooccurrence", "random"] = "cooccurrence",
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = True,
        pooling: Literal["last", "mean", "max", "mean+max"] = "mean+max",
        word_dropout: float = 0.5,
        embedding_dropout: float = 0.0,
        layer_dropout: float = 0.2,
        output_dropout: float = 0.5,
        epochs: int | None = None,
        pretraining_epochs: int | None = None,
        batch_tokens: int | None = None,
        learning_rate: float = 3e-3,
        schedule: Literal["one-cycle", "constant"] = "one-cycle",
        embedding_rate: float = 0.3,
        averaging: float = 0.998,
        weight_decay: float = 0.01,
        gradient_clip: float = 1.0,
        patience: int | None = None,
        class_weights: Literal["balanced"] | None = None,
        statistics: bool = True,
        seed: int = 0,
    ) -> None:
        self.validation_share = validation_share
        self.tokenizer = tokenizer
        self.vocabulary_limit = vocabulary_limit
        self.minimum_count = minimum_count
        self.max_tokens = max_tokens
        self.embedding_size = embedding_size
        self.embedding_start = embedding_start
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.layer_dropout = layer_dropout
        self.output_dropout = output_dropout
        self.epochs = epochs
        self.pretraining_epochs = pretraining_epochs
        self.batch_tokens = batch_tokens
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.embedding_rate = embedding_rate
        self.averaging = averaging
        self.weight_decay = weight_decay
        self.gradient_clip = gradient_clip
        self.patience = patience
        self.class_weights = class_weights
        self.statistics = statistics
        self.seed = seed

    def fit(self, X: Sequence[str], y: Sequence[Any], *, listener: Listener | None = None) -> Self:  # noqa: N803
        """Train on texts and their labels.

        Args:
            X: the texts.
            y: one label per text (str, int or bool), or, for several labels per text, a collection of str each.
            listener: is told what happens.

        Raises:
            DataError: the texts or labels do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
            NonFiniteError: the loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C, which finishes the step; the best epoch so far is kept, where there is one.
        """
        settings = Settings.from_flat(self.get_params() | {"test_share": 0.0})
        listener = listener or Listener()
        prepared = prepare((_texts(X), _labels(y)), None, None, settings, listener, need_held_out=False)
        fitted = fit(prepared, settings, listener)
        if fitted.result.best_epoch:
            self._adopt(Bundle(fitted.task, fitted.network.eval(), settings))
            self.classes_ = _classes(y, prepared)
            self.history_ = fitted.result.history
            self.best_epoch_ = fitted.result.best_epoch
        if fitted.result.ended == "interrupted":
            # Not one of longshort's own errors: a search over settings would note it as one bad fit, and go on.
            raise KeyboardInterrupt
        return self

    def predict_proba(self, X: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:  # noqa: N803
        """`(texts, classes)` float64: the probability of each class, in the order of `classes_`.

        A text's answer does not depend on the texts beside it.
        """
        check_is_fitted(self, "bundle_")
        task, network = self.bundle_.task, self.bundle_.network
        examples = encode_texts(_texts(X), task.encoding)
        if not len(examples):
            return np.empty((0, len(task.encoding.labels)))
        logits = predict_logits(network, examples)
        probabilities = task.objective.probabilities(logits.double())
        return np.asarray(probabilities.numpy())

    def predict(self, X: Sequence[str]) -> np.ndarray[Any, Any]:  # noqa: N803
        """The most probable class of each text, `(texts,)`; with several labels each, `(texts, labels)` of 0 and 1."""
        probabilities = self.predict_proba(X)
        if self.bundle_.task.encoding.multi_label:
            return (probabilities >= 0.5).astype(np.int64)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def score(self, X: Sequence[str], y: Sequence[Any], sample_weight: Any = None) -> float:  # noqa: N803
        """Share of texts that are answered rightly; with several labels each, of texts whose labels are all right.

        Raises:
            DataError: with several labels each, one that the model does not know.
        """
        check_is_fitted(self, "bundle_")
        encoding = self.bundle_.task.encoding
        if encoding.multi_label:
            truth = encoding.targets([tuple(map(str, labels)) for labels in _labels(y)])
            return float(super().score(X, truth.astype(np.int64), sample_weight))
        return float(super().score(X, y, sample_weight))

    def save(self, path: Path | str) -> None:
        """Write the model to the folder `path`: `config.json`, `weights.safetensors`, `tokenizer.json`; no pickle."""
        check_is_fitted(self, "bundle_")
        save_bundle(Path(path), self.bundle_)

    def _adopt(self, bundle: Bundle) -> None:
        self.bundle_ = bundle
        self.classes_ = np.asarray(bundle.task.encoding.labels)


def load(path: Path | str) -> TextClassifier:
    """Load a model from a bundle, or from a run directory that holds one.

    `classes_` holds the labels as str, whatever they were in training.

    Raises:
        BundleError: a file is missing or damaged, or names, shapes or settings do not fit together.
    """
    bundle = load_bundle(path)
    arguments = bundle.settings.flat()
    model = TextClassifier(**{name: arguments[name] for name in TextClassifier().get_params()})
    model._adopt(bundle)
    return model


def _texts(texts: Sequence[str]) -> list[str]:
    if not is_column(texts):
        received = f"one str, {texts[:40]!r}" if isinstance(texts, str) else type(texts).__name__
        raise DataError(f"Texts are a list of str. Got {received}.", "Put a single text in a list: [text].")
    return [row.text for row in open_source(list(texts), labelled=False).rows()]


def _labels(labels: Sequence[Any]) -> Sequence[Any]:
    if not is_column(labels):
        shape = f" of shape {labels.shape}" if hasattr(labels, "shape") else ""
        raise DataError(
            f"Labels are a list, one entry per text. Got {type(labels).__name__}{shape}.",
            "Several labels per text are a list of lists of their names.",
        )
    return labels


def _classes(labels: Sequence[Any], prepared: Prepared) -> np.ndarray[Any, Any]:
    """The names of the classes as what they were in `labels`: str, int or bool."""
    if prepared.multi_label:
        return np.asarray(prepared.labels)
    own = {str(label): label for label in labels}
    return np.asarray([own[name] for name in prepared.labels])
