"""A prediction is the same alone and in any batch, in any order, to 1e-6; what is equal is answered alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort import trace
from longshort.artifacts.bundle import Bundle
from longshort.config import (
    ForecastDataSettings,
    ForecastModelSettings,
    SequenceModelSettings,
    TextModelSettings,
    TextRunSettings,
    TokenizerSettings,
)
from longshort.data import TextEncoding, encode_texts
from longshort.data.sequences import SequenceEncoding, from_arrays
from longshort.data.series import from_arrays as series_from_arrays
from longshort.kinds.forecast.fitting import TRAINING, fit_forecast
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.kinds.text.task import TextClassification
from longshort.networks import predict_logits
from longshort.networks.inference import BATCH_TOKENS
from longshort.ragged import Pooling

TOLERANCE = 1e-6
WORDS = ["good", "bad", "film", "Élan", "naïve", "שלום", "film.", "don't", "x", "👩‍👩‍👧", "<br />", "unknown"]
POOLINGS = get_args(Pooling)
TOKENIZERS = get_args(TokenizerSettings.model_fields["tokenizer"].annotation)


def livelier(network: Any, by: float = 2.0) -> Any:
    """With larger weights than fresh ones, as a training makes them, so that answers differ."""
    torch.manual_seed(1)
    for parameter in network.parameters():
        parameter.data.mul_(by).add_(0.1 * torch.randn_like(parameter))
    return network.eval()


@cache
def text_model(tokenizer: str, pooling: str, bidirectional: bool, layers: int) -> Bundle:
    kind = TokenizerSettings.parse({"tokenizer": tokenizer, "minimum_count": 1, "vocabulary_limit": 400})
    words = WORDS[:-1]
    encoding = TextEncoding.fit([" ".join(words)] * 2, kind, labels=["a", "b", "c"])
    model = TextModelSettings.parse(
        {
            "embedding_size": 6,
            "hidden_size": 7,
            "pooling": pooling,
            "bidirectional": bidirectional,
            "num_layers": layers,
        }
    )
    torch.manual_seed(0)
    task = TextClassification(encoding, model)
    return Bundle(task, livelier(task.build()), TextRunSettings(tokenizer=kind, model=model))


def text_answers(model: Bundle, texts: Sequence[str]) -> np.ndarray[Any, Any]:
    logits = predict_logits(model.network, encode_texts(texts, model.task.encoding))
    return np.asarray(model.task.objective.probabilities(logits.double()))


TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=30), min_size=1, max_size=12
)


@settings(max_examples=60)
@given(
    TEXTS,
    st.sampled_from(TOKENIZERS),
    st.sampled_from(POOLINGS),
    st.booleans(),
    st.integers(1, 2),
    st.randoms(use_true_random=False),
)
def test_texts(texts: list[str], tokenizer: str, pooling: str, both: bool, layers: int, draw: Any) -> None:
    texts = [text.encode(errors="ignore").decode() for text in texts]
    model = text_model(tokenizer, pooling, both, layers)
    together = text_answers(model, texts)
    order = draw.sample(range(len(texts)), len(texts))
    alone = np.concatenate([text_answers(model, [text]) for text in texts])
    assert np.abs(together - alone).max() <= TOLERANCE
    assert np.abs(text_answers(model, [texts[i] for i in order]) - together[order]).max() <= TOLERANCE
    some = draw.sample(range(len(texts)), draw.randint(1, len(texts)))
    assert np.abs(text_answers(model, [texts[i] for i in some]) - together[some]).max() <= TOLERANCE


@settings(max_examples=40)
@given(TEXTS, st.sampled_from(TOKENIZERS), st.sampled_from(POOLINGS), st.integers(2, 40))
def test_equal_texts_get_equal_answers(texts: list[str], tokenizer: str, pooling: str, times: int) -> None:
    """To the last bit inside one call, wherever in it they stand."""
    texts = [text.encode(errors="ignore").decode() for text in texts]
    model = text_model(tokenizer, pooling, True, 1)
    answers = text_answers(model, texts * times)
    for i in range(len(texts)):
        assert np.array_equal(answers[i :: len(texts)], np.repeat(answers[i : i + 1], times, axis=0))
    assert np.abs(answers[: len(texts)] - text_answers(model, texts)).max() <= TOLERANCE


def test_equal_texts_in_different_batches_get_equal_answers() -> None:
    model = text_model("word", "mean+max", True, 1)
    long = " ".join(["good", "film", "x"] * 1_000)
    count = 3 * BATCH_TOKENS // 3_000
    answers = text_answers(model, [long] * count)
    assert np.array_equal(answers, np.repeat(answers[:1], count, axis=0))


@settings(max_examples=60)
@given(st.text(max_size=30), st.sampled_from(POOLINGS))
def test_texts_that_are_equal_after_normalisation(text: str, pooling: str) -> None:
    """Words and characters are NFC, words lower case too; a line break of a web page is a space among words."""
    text = text.encode(errors="ignore").decode() + " élan"
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    for tokenizer in ("word", "character"):
        answers = text_answers(text_model(tokenizer, pooling, True, 1), forms)
        assert np.array_equal(answers[0], answers[1])
    answers = text_answers(
        text_model("word", pooling, True, 1), ["Good<br />film", "good film", "GOOD \t film", "e\u0301LAN", "Élan"]
    )
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[1], answers[2])
    assert np.array_equal(answers[3], answers[4])


@settings(max_examples=12)
@given(TEXTS, st.sampled_from(POOLINGS), st.booleans(), st.integers(1, 2))
def test_what_a_trace_answers(texts: list[str], pooling: str, both: bool, layers: int) -> None:
    """That of a text alone, of the same text among others, and what the model predicts."""
    texts = [text for each in texts if (text := each.encode(errors="ignore").decode() + " film")]
    model = text_model("word", pooling, both, layers)
    expected = text_answers(model, texts)
    together = trace(model, texts)
    for text, among, row in zip(texts, together, expected, strict=True):
        alone = trace(model, text)
        for found in (alone, among):
            assert found.scores is not None
            assert np.abs(np.array(list(found.scores.values())) - row).max() <= TOLERANCE
        assert np.abs(alone.hidden - among.hidden).max() <= 5 * TOLERANCE  # on the way to the answer, in float32


# --- sequences of numbers ---


@cache
def sequence_model(kind: str, front: str, pooling: str, bidirectional: bool, layers: int) -> Bundle:
    numbers = np.random.default_rng(0)
    arrays = [numbers.normal(size=(length, 2)) for length in (3, 9, 20)]
    arrays[0][1, 1] = np.nan
    model = SequenceModelSettings.parse(
        {
            "front": front,
            "filters": 4,
            "hidden_size": 5,
            "pooling": pooling,
            "bidirectional": bidirectional,
            "num_layers": layers,
        }
    )
    targets = ["a", "b", "a"] if kind == "classification" else [0.5, 1.5, -2.0]
    encoding = SequenceEncoding.fit(from_arrays(arrays, targets))
    task = (SequenceClassification if kind == "classification" else SequenceRegression)(encoding, model)
    torch.manual_seed(0)
    network = task.build()
    network(encoding.encode(from_arrays(arrays)).batch([0, 1, 2]).inputs)  # its normalisation has met some values
    # A convolution is followed by a normalisation that holds what the fresh weights gave.
    return Bundle(task, livelier(network) if front == "none" else network.eval(), None)


def sequence_answers(model: Bundle, arrays: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    task = model.task
    logits = predict_logits(model.network, task.encoding.encode(from_arrays(list(arrays))))
    if isinstance(task, SequenceRegression):
        return np.asarray(logits.double())
    return np.asarray(task.objective.probabilities(logits.double()))


ARRAYS = st.lists(
    st.lists(
        st.tuples(*[st.floats(-4, 4, width=32) | st.just(float("nan"))] * 2).map(list), min_size=1, max_size=24
    ).map(lambda rows: np.array(rows)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60)
@given(
    ARRAYS,
    st.sampled_from(["classification", "regression"]),
    st.sampled_from(["conv", "none"]),
    st.sampled_from(POOLINGS),
    st.booleans(),
    st.integers(1, 2),
    st.randoms(use_true_random=False),
)
def test_sequences(arrays: list[Any], kind: str, front: str, pooling: str, both: bool, layers: int, draw: Any) -> None:
    model = sequence_model(kind, front, pooling, both, layers)
    together = sequence_answers(model, arrays)
    alone = np.concatenate([sequence_answers(model, [each]) for each in arrays])
    assert np.abs(together - alone).max() <= TOLERANCE
    order = draw.sample(range(len(arrays)), len(arrays))
    assert np.abs(sequence_answers(model, [arrays[i] for i in order]) - together[order]).max() <= TOLERANCE
    twice = sequence_answers(model, [*arrays, *arrays])
    assert np.array_equal(twice[: len(arrays)], twice[len(arrays) :])


# --- forecasts ---


@cache
def forecaster() -> Any:
    steps, numbers = np.arange(60), np.random.default_rng(0)
    values = {
        name: level + size * np.sin(2 * np.pi * steps / 6) + numbers.normal(size=60)
        for name, level, size in (("a", 10.0, 2.0), ("b", 500.0, 40.0), ("c", -3.0, 1.0), ("d", 0.0, 5.0))
    }
    fitted = fit_forecast(
        series_from_arrays(values),
        ForecastDataSettings(horizon=4, season=6),
        model=ForecastModelSettings(hidden_size=4, context=12, members=2),
        training=TRAINING.replace(epochs=1, statistics=False),
    )
    return fitted, values


@pytest.mark.parametrize("names", ["a", "d", "ba", "dcba", "ca"])
def test_forecasts(names: str) -> None:
    fitted, values = forecaster()
    together = fitted.forecast(series_from_arrays(values)).quantiles
    some = fitted.forecast(series_from_arrays({name: values[name] for name in names})).quantiles
    scale = np.array([np.abs(values[name]).max() for name in names])[:, None, None]
    assert (np.abs(some - together[["abcd".index(name) for name in names]]) / scale).max() <= TOLERANCE


@settings(max_examples=30)
@given(st.lists(st.integers(12, 59), min_size=1, max_size=12))
def test_forecasts_from_any_origins(origins: list[int]) -> None:
    fitted, values = forecaster()
    series = series_from_arrays({"b": values["b"]})
    together = fitted.task.predict(fitted.networks, series, [np.array(origins)])
    alone = [fitted.task.predict(fitted.networks, series, [np.array([origin])]) for origin in origins]
    assert (np.abs(together - np.concatenate(alone)) / 500).max() <= TOLERANCE
