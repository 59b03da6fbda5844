"""The model under analysis: its LSTM, how an input reaches it, and what its hidden states are used for.

A model comes in many forms: a fitted `longshort.TextClassifier`, a loaded bundle, the bare network, a language model,
an LSTM on its own. Here they all become one, a `Subject`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from longshort.data import TextEncoding
from longshort.data.sequences import Sequences, from_arrays
from longshort.errors import DataError, SettingError
from longshort.insight.sequences import States, read_states, read_vectors
from longshort.lstm import EmbeddingLSTM, Shared
from longshort.networks import Ensemble, SequenceNetwork, TextClassifierNetwork
from longshort.ragged import Ragged

__all__ = ["Reading", "Subject", "evaluating", "subject_of"]

_MODELS = (
    "a fitted estimator of longshort, what longshort.load gives, a loaded bundle or its network, a language model, "
    "a longshort.EmbeddingLSTM, a longshort.LSTM or a torch.nn.LSTM"
)


@final
@dataclass(frozen=True, eq=False)
class Reading:
    """Some inputs as a model reads them.

    Args:
        inputs: token ids `(tokens,)` int64, or vectors `(tokens, features)`.
        tokens: what stands at each step of each input; None if the inputs are vectors, or ids without names.
        alone: whether one input was given, and not a batch of them.
    """

    inputs: Ragged
    tokens: list[tuple[str, ...]] | None
    alone: bool


@final
@dataclass(frozen=True, eq=False)
class Subject:
    """A model as insight sees it.

    Args:
        module: all of it that computes.
        lstm: the LSTM in it.
        embedding: what turns token ids into the LSTM's inputs; None if the LSTM is given vectors.
        network: the text classifier's network, where the model is one or holds one.
        task: its encoding and its classes, if they are known.
        numbers: the network of sequences of numbers, where the model is one; of several that answer together, the
            first.
    """

    module: nn.Module
    lstm: nn.LSTM
    embedding: nn.Embedding | None = None
    network: TextClassifierNetwork | None = None
    task: Any = None
    numbers: SequenceNetwork | None = None

    @property
    def encoding(self) -> TextEncoding | None:
        """How text becomes token ids; None if the model does not read text."""
        return None if self.task is None or self.numbers is not None else self.task.encoding

    def read(self, given: Any) -> Reading:
        """What the model reads, from a text or texts, token ids, or vectors, whichever it takes.

        Args:
            given: for a model with an encoding: a str or a list of them, or token ids. For one that takes token ids: a
                list, array or tensor of them for one input, a list of such or a `Ragged` for several. For an LSTM: what
                its own `forward` takes, an array, or a list of tensors or arrays `(step, feature)`. For a model of
                sequences of numbers: an array `(step,)` or `(step, channel)`, a list of such, or `Sequences`.

        Raises:
            DataError: it is something else, or does not fit the model.
        """
        if self.numbers is not None and self.task is not None:
            return _read_numbers(given, self.task.encoding)
        if self.numbers is not None:
            raise DataError("A network of numbers is analysed with its encoding.", "Give what longshort.load gives.")
        if self.embedding is None:
            inputs, alone = read_vectors(self.lstm, given)
            return Reading(inputs, None, alone)
        if self.encoding is not None and _is_text(given):
            return _read_texts(given, self.encoding)
        inputs, alone = _read_ids(given, self.embedding.num_embeddings, reads_text=self.encoding is not None)
        if self.encoding is None:
            return Reading(inputs, None, alone)
        names = self.encoding.vocabulary
        return Reading(inputs, [tuple(names[i] for i in each.tolist()) for each in inputs], alone)

    def states(self, reading: Reading, hx: object = None) -> States:
        """The states that the LSTM starts from, as `read_states` gives them: `hx`, or zeros.

        Raises:
            DataError: they do not fit, or the LSTM is not on its own, and starts from zeros whatever is asked.
        """
        if hx is not None and self.module is not self.lstm:
            raise DataError("Initial states are for an LSTM on its own; this model starts from zeros. Got hx.")
        return read_states(self.lstm, hx, len(reading.inputs), alone=reading.alone)

    def vectors(self, inputs: Ragged) -> Ragged:
        """What the LSTM is given, `(tokens, features)`, in the mode that the model is in."""
        if self.numbers is not None:
            return inputs if self.numbers.front is None else self.numbers.front(inputs)
        if self.network is not None:
            embedded = self.network.embed(inputs, self.network.settings.word_dropout)
            return embedded.ragged() if isinstance(embedded, Shared) else embedded
        return inputs if self.embedding is None else inputs.with_values(self.embedding(inputs.values))

    def scores(self, inputs: Ragged) -> list[dict[str, float]] | None:
        """The probability of each class for each input; None if the model has no classes."""
        network = self.network if self.numbers is None else self.module
        if self.task is None or network is None or not self.task.encoding.labels:
            return None
        probabilities = self.task.objective.probabilities(network(inputs).double())
        return [dict(zip(self.task.encoding.labels, row, strict=True)) for row in probabilities.tolist()]


def subject_of(model: object) -> Subject:
    """The LSTM in `model` and what stands around it.

    Args:
        model: a fitted `longshort.TextClassifier`, what `longshort.load` gives, a loaded bundle or its network, a
            language model, a `longshort.EmbeddingLSTM`, or an LSTM on its own, of longshort or of torch.

    Raises:
        SettingError: it is none of these.
        sklearn.exceptions.NotFittedError: it is a classifier that has not been fitted.
    """
    if hasattr(model, "fit"):
        from sklearn.utils.validation import check_is_fitted  # what has a `fit` has loaded it; a bundle need not

        check_is_fitted(model, "bundle_")
    held = getattr(model, "bundle_", model)
    module: Any = getattr(held, "network", held)
    task = getattr(held, "task", None)
    if isinstance(module, nn.LSTM):
        return Subject(module, module)
    if isinstance(module, EmbeddingLSTM):
        return Subject(module, module.lstm, module.embedding)
    parts = module.modules() if isinstance(module, nn.Module) else ()
    networks = [part for part in parts if isinstance(part, TextClassifierNetwork)]
    if len(networks) == 1:
        network = networks[0]
        return Subject(module, network.lstm, network.embedding, network, task)
    first = module.members[0] if isinstance(module, Ensemble) else module
    if isinstance(first, SequenceNetwork):
        return Subject(module, first.lstm, task=task, numbers=first)
    raise SettingError(
        f"The model must be {_MODELS}. Got {type(model).__name__}.",
        "longshort.watch(module) inspects the LSTMs of any other torch module.",
    )


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Without gradients and without dropout; each part is in its own mode again afterwards."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            _refresh(module)
            yield
    finally:
        for part, training in modes:
            part.training = training


def _refresh(module: nn.Module) -> None:
    """Bring weights up to date that are computed before each run, as `torch.nn.utils.prune` and `weight_norm` do."""
    for part in module.modules():
        if isinstance(part, nn.LSTM) and part._forward_pre_hooks:
            part(next(part.parameters()).new_zeros(1, 1, part.input_size))


def _is_text(given: object) -> bool:
    return isinstance(given, str) or (
        isinstance(given, Sequence) and not isinstance(given, bytes) and all(isinstance(each, str) for each in given)
    )


def _read_texts(given: str | Sequence[str], encoding: TextEncoding) -> Reading:
    texts = [given] if isinstance(given, str) else list(given)
    ids = [torch.as_tensor(each, dtype=torch.int64) for each in encoding.encode(texts)]
    inputs = Ragged.from_list(ids) if ids else Ragged(torch.empty(0, dtype=torch.int64), torch.zeros(0).long())
    return Reading(inputs, [tuple(encoding.tokens(text)) for text in texts], isinstance(given, str))


def _read_numbers(given: Any, encoding: Any) -> Reading:
    alone = not isinstance(given, Sequences | list | tuple)
    found = given if isinstance(given, Sequences) else from_arrays([given] if alone else list(given))
    encoded = encoding.encode(dataclasses.replace(found, targets=None))
    lengths = torch.from_numpy(encoded.lengths)
    return Reading(Ragged(torch.from_numpy(encoded.values), lengths), None, alone)


def _read_ids(given: object, count: int, *, reads_text: bool) -> tuple[Ragged, bool]:
    inputs, alone = _as_ids(given)
    if inputs is None or inputs.values.dim() != 1 or inputs.values.dtype not in (torch.int32, torch.int64):
        what = "a text, a list of texts, " if reads_text else ""
        raise DataError(
            f"This model reads {what}token ids (a list of whole numbers), a list of such lists, or a Ragged. "
            f"Got {_described(given)}.",
            "" if reads_text else "longshort.load(RUN) gives a model with its tokenizer, which reads texts.",
        )
    low, high = (int(each) for each in inputs.values.aminmax()) if len(inputs.values) else (0, 0)
    if low < 0 or high >= count:
        raise DataError(f"Token ids of this model are from 0 to {count - 1}. Got {low if low < 0 else high}.")
    return inputs.with_values(inputs.values.long()), alone


def _as_ids(given: object) -> tuple[Ragged | None, bool]:
    if isinstance(given, Ragged):
        return given, False
    parts = list(given) if isinstance(given, Sequence) and not isinstance(given, str | bytes) else None
    try:
        if parts and all(isinstance(each, Sequence | np.ndarray | Tensor) for each in parts):
            return Ragged.from_list([_one(each) for each in parts]), False
        if parts is None and not isinstance(given, np.ndarray | Tensor):
            return None, True
        return Ragged.from_list([_one(given)]), True
    except (TypeError, ValueError, RuntimeError):
        return None, True


def _one(given: object) -> Tensor:
    """One input; an empty list is one without steps."""
    ids = torch.as_tensor(given)
    return ids.long() if not ids.numel() and ids.dim() == 1 else ids


def _described(given: object) -> str:
    shape = getattr(given, "shape", None)
    if isinstance(given, Ragged):
        return f"a Ragged with values of shape {tuple(given.values.shape)} and {given.values.dtype}"
    return type(given).__name__ + (
        f" of shape {tuple(shape)} and {getattr(given, 'dtype', None)}" if shape is not None else ""
    )
