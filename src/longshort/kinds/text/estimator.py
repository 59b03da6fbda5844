"""`TextClassifier`: the class of each text, or several labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack, final

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from longshort.data import Source, TextEncoding, encode_rows, encode_texts, open_source
from longshort.data.texts.in_memory import is_column
from longshort.errors import DataError, SettingError
from longshort.estimators.arguments import ClassifierArguments, constructor
from longshort.estimators.base import Array, stop_if_interrupted
from longshort.estimators.classifier import Classifier
from longshort.estimators.fit_checkpoints import checkpoints_of
from longshort.estimators.sample_weights import ClassWeight, example_weights, refuse_balance, told_classes
from longshort.kinds.text.fitting import build, fit
from longshort.kinds.text.preparing import PreparedTexts, prepare
from longshort.kinds.text.settings import TextRunSettings
from longshort.kinds.text.task import TextClassification
from longshort.networks import predict_logits
from longshort.training import Listener

if TYPE_CHECKING:
    from sklearn.utils import Tags

__all__ = ["TextClassifier"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""


class TextArguments(ClassifierArguments, total=False):
    """Arguments of `TextClassifier`, for type checkers."""

    tokenizer: Literal["word", "bpe", "unigram", "character"]
    vocabulary_limit: int
    minimum_count: int
    max_tokens: int | None
    embedding_size: int
    embedding_start: Literal["cooccurrence", "random"]
    bidirectional: bool
    pooling: Literal["last", "mean", "max", "mean+max"]
    word_dropout: float
    embedding_dropout: float
    layer_dropout: float
    output_dropout: float
    pretraining_epochs: int | None
    embedding_rate: float
    warm_start: bool


@final
class TextClassifier(Classifier["TextClassification", TextRunSettings]):
    """Classifies texts with an LSTM.

    Every argument is a setting of `longshort train` with its name and its default (see `longshort.config`), but for
    three. `validation_share` of the training texts chooses the best
    epoch.

    Args:
        class_weight: how much each class counts in the loss: "balanced", a mapping of classes to weights, or None, for
            each text as much as any other.
        warm_start: `fit` continues from the weights, tokens and classes of the fit before.
        checkpoints: a folder in which `fit` is kept while it lasts; the same fit, begun again after it was killed, goes
            on from there and ends with the same bits. None keeps nothing.

    Attributes:
        classes_: `(classes,)`: the labels, sorted; in their own type.
        history_: one record per epoch.
        best_epoch_: the epoch whose weights are kept, counted from 1.

    Example:
        >>> model = TextClassifier(epochs=3).fit(texts, labels)  # doctest: +SKIP
        >>> model.predict(["a joy from start to end"])  # doctest: +SKIP
    """

    _kind = TextRunSettings
    checkpoints: Path | str | None
    class_weight: ClassWeight

    @constructor(
        TextRunSettings,
        left_out=("text", "label", "label_separator", "classes", "encoding", "skip_bad", "test_share"),
        own={"warm_start": False, "checkpoints": None},
    )
    def __init__(self, **arguments: Unpack[TextArguments]) -> None:
        """See the class."""

    def fit(
        self,
        X: Sequence[str],  # noqa: N803
        y: Sequence[object],
        *,
        sample_weight: object = None,
        listener: Listener | None = None,
    ) -> Self:
        """Train on texts and their labels.

        Args:
            X: the texts.
            y: one label per text (str, int or bool), or, for several labels per text, a collection of str each.
            sample_weight: `(texts,)`: how much each text counts in the loss; one of 0 is left out.
            listener: receives events.

        Raises:
            DataError: the texts, labels or weights do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
            NonFiniteError: the loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C, which finishes the step; the best epoch so far is kept, if there is one.
        """
        settings, listener = self._settings(), listener or Listener()
        start = self._start(settings)
        texts, labels, weights = self._weighed(X, y, sample_weight)
        prepared = prepare((texts, labels), None, None, settings, listener, need_held_out=False)
        with checkpoints_of(self.checkpoints, prepared.parts, settings, weights, start, listener) as checkpoints:
            fitted = fit(prepared, settings, listener, start=start, weights=weights, checkpoints=checkpoints)
            if self._keep(fitted, settings) and start is None:
                self.classes_ = _classes(labels, prepared)
            stop_if_interrupted(fitted.result)
        return self

    def partial_fit(
        self,
        X: Sequence[str],  # noqa: N803
        y: Sequence[object],
        *,
        classes: Sequence[object] | None = None,
        sample_weight: object = None,
        listener: Listener | None = None,
    ) -> Self:
        """Go once through some texts, on from where the model is.

        The first call fits the tokens, which stay: words that come later are unknown ones. It reads no language model.

        Args:
            X: the texts.
            y: one label per text, or a collection of str each.
            classes: all labels that will ever come; needed by the first call on a model that has not been fitted.
            sample_weight: `(texts,)`: how much each text counts in the loss; one of 0 is left out.
            listener: receives events.

        Raises:
            DataError: the texts or labels do not hold what they must, or a label is none of the classes.
            SettingError: an argument of the constructor is out of its bounds, or the classes are not given.
        """
        settings, listener = self._settings(), listener or Listener()
        refuse_balance(settings)
        started = hasattr(self, "bundle_")
        known = told_classes(classes, self.classes_ if started else None)
        texts, labels, weights = self._weighed(X, y, sample_weight, known)
        source = open_source((texts, labels))
        if started:
            self._check_same_network(settings)
            task, network = self.bundle_.task, self.bundle_.network
            examples = encode_rows(source, np.arange(len(texts)), task.encoding)
        else:
            task = TextClassification(_encoding(texts, source, known, settings), settings.model)
            examples = encode_rows(source, np.arange(len(texts)), task.encoding)
            network = build(task, examples, settings, listener)
        self._one_epoch(task, network, examples, settings, settings.training, weights, listener)
        self.classes_ = known
        return self

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803
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

    def predict(self, X: Sequence[str]) -> AnyArray:  # noqa: N803
        """The most probable class of each text, `(texts,)`; with several labels each, `(texts, labels)` of 0 and 1."""
        probabilities = self.predict_proba(X)
        if self.bundle_.task.encoding.multi_label:
            return (probabilities >= 0.5).astype(np.int64)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def score(self, X: Sequence[str], y: Sequence[Any], sample_weight: object = None) -> float:  # noqa: N803
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

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: texts are taken, and no tables."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _weighed(
        self,
        X: Sequence[str],  # noqa: N803
        y: Sequence[object],
        sample_weight: object,
        classes: Array | None = None,
    ) -> tuple[list[str], list[object], Array | None]:
        """Texts, labels and weights of the texts that count."""
        texts, labels = _texts(X), list(_labels(y))
        source = open_source((texts, labels))
        if isinstance(self.class_weight, Mapping) and source.multi_label:
            raise SettingError(
                "class_weight can be a mapping where each text has one label. Got several labels each.",
                "class_weight='balanced' weighs them.",
            )
        if classes is None and isinstance(self.class_weight, Mapping):
            classes = np.unique(np.asarray(labels))
        weights = example_weights(sample_weight, self.class_weight, labels, () if classes is None else classes)
        if weights is None or weights.all():
            return texts, labels, weights
        counting = np.flatnonzero(weights).tolist()
        return [texts[i] for i in counting], [labels[i] for i in counting], weights[counting]


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


def _encoding(texts: Collection[str], source: Source, classes: Array, settings: TextRunSettings) -> TextEncoding:
    labels = [str(name) for name in classes.tolist()]
    return TextEncoding.fit(texts, settings.tokenizer, labels=labels, multi_label=source.multi_label)


def _classes(labels: Sequence[object], prepared: PreparedTexts) -> AnyArray:
    """The names of the classes as what they were in `labels`: str, int or bool."""
    if prepared.multi_label:
        return np.asarray(prepared.labels)
    own = {str(label): label for label in labels}
    return np.asarray([own[name] for name in prepared.labels])
