"""`TextClassifier`: scikit-learn's own tools work on it, and labels stay what they were."""

from __future__ import annotations

import inspect
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, KFold, TunedThresholdClassifierCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from tests.small_runs import FLAT, labels, texts

import longshort
from longshort import TextClassifier
from longshort.config import TextDataSettings, TextRunSettings
from longshort.errors import BundleError, DataError, SettingError
from longshort.training import EpochRecord, Listener

SURE = FLAT | {"epochs": 10, "learning_rate": 0.1, "word_dropout": 0.0, "output_dropout": 0.0}
NEW = ["a good film", "a bad film", "", "film bad bad bad story end", "unheard-of"]


@pytest.fixture(scope="module")
def fitted() -> TextClassifier:
    return TextClassifier(**FLAT).fit(texts(), labels())


# --- arguments ---


def test_arguments_are_the_settings() -> None:
    """All of them but those of the data, of which the share for validation is left; two are as scikit-learn has them."""
    parameters = inspect.signature(TextClassifier.__init__).parameters
    expected = {
        name: value
        for name, value in TextRunSettings().flat().items()
        if name not in TextDataSettings.model_fields or name == "validation_share"
    }
    arguments = {name: each.default for name, each in parameters.items() if name != "self"}
    assert arguments.pop("warm_start") is False
    assert arguments.pop("checkpoints") is None
    arguments["class_weights"] = arguments.pop("class_weight")
    assert list(arguments.items()) == [(name, expected[name]) for name in arguments]
    assert arguments.keys() == expected.keys()
    assert all(each.kind is each.KEYWORD_ONLY for name, each in parameters.items() if name != "self")


def test_get_set_clone() -> None:
    model = TextClassifier(hidden_size=5)
    assert model.get_params()["hidden_size"] == 5
    assert model.set_params(epochs=3).epochs == 3
    assert clone(model).get_params() == model.get_params()
    assert repr(model) == "TextClassifier(epochs=3, hidden_size=5)"
    assert is_classifier(model)


def test_arguments_are_checked_when_fitted() -> None:
    with pytest.raises(SettingError) as caught:
        TextClassifier(hidden_size=0).fit(texts(), labels())
    assert str(caught.value) == (
        "hidden_size must be at least 1. Got 0.\n\nhint: Hidden units per layer and direction."
    )


def test_numbers_of_numpy_are_numbers() -> None:
    model = TextClassifier(**FLAT | {"hidden_size": np.int64(4), "learning_rate": np.float64(0.01)})
    assert model.fit(texts(), labels()).bundle_.settings.model.hidden_size == 4


# --- fit and predict ---


def test_it_learns() -> None:
    model = TextClassifier(**SURE).fit(texts(), labels())
    assert model.score(texts(seed=2), labels()) > 0.9
    assert model.predict(NEW[:2]).tolist() == ["pos", "neg"]
    assert model.best_epoch_ == 1 + int(np.argmin([each["validation_loss"] for each in model.history_]))
    assert len(model.history_) <= 10


def test_fit_gives_the_model_itself_and_takes_no_random_numbers() -> None:
    model = TextClassifier(**FLAT)
    assert model.fit(texts(), labels()) is model
    again = TextClassifier(**FLAT).fit(texts(), labels())
    assert np.array_equal(model.predict_proba(NEW), again.predict_proba(NEW))


def test_shapes_and_types(fitted: TextClassifier) -> None:
    probabilities = fitted.predict_proba(NEW)
    assert probabilities.dtype == np.float64
    assert probabilities.shape == (5, 2)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(5))
    assert fitted.predict(NEW).tolist() == fitted.classes_[probabilities.argmax(axis=1)].tolist()
    assert fitted.score(texts(), labels()) == accuracy_score(labels(), fitted.predict(texts()))
    weights = np.arange(60)
    assert fitted.score(texts(), labels(), sample_weight=weights) == accuracy_score(
        labels(), fitted.predict(texts()), sample_weight=weights
    )


def test_a_text_alone_is_answered_as_in_a_batch(fitted: TextClassifier) -> None:
    crowd = [*NEW, *texts(60, seed=5), "film " * 500]
    together = fitted.predict_proba(crowd)
    alone = np.concatenate([fitted.predict_proba([text]) for text in crowd])
    assert np.abs(together - alone).max() < 1e-6


@pytest.mark.parametrize("empty", [[], (), np.array([], dtype=str), pd.Series([], dtype=object)])
def test_no_text_has_no_answer(fitted: TextClassifier, empty: Any) -> None:
    assert fitted.predict_proba(empty).shape == (0, 2)
    assert fitted.predict(empty).shape == (0,)


@pytest.mark.parametrize(
    "as_column", [list, tuple, np.array, pd.Series, lambda x: pd.Series(x, index=range(99, 39, -1))]
)
def test_texts_and_labels_in_any_column(fitted: TextClassifier, as_column: Callable[[list[str]], Any]) -> None:
    model = TextClassifier(**FLAT).fit(as_column(texts()), as_column(labels()))
    assert np.array_equal(model.predict_proba(as_column(texts())), fitted.predict_proba(texts()))
    assert model.score(as_column(texts()), as_column(labels())) == fitted.score(texts(), labels())


# --- labels ---


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("neg", "pos"), "U"),
        ((0, 1), "i"),
        ((2, 10), "i"),
        ((-1, 1), "i"),
        ((False, True), "b"),
        ((2, 10, 33), "i"),
        ((0.0, 2.0), "f"),
    ],
)
def test_labels_stay_what_they_were(names: tuple[Any, ...], kind: str) -> None:
    for y in (labels(60, names), np.array(labels(60, names)), pd.Series(labels(60, names))):
        model = TextClassifier(**FLAT).fit(texts(words=("bad", "good", "so")[: len(names)]), y)
        assert model.classes_.tolist() == list(names)
        assert model.classes_.dtype.kind == kind
        answers = model.predict(NEW)
        assert answers.dtype == model.classes_.dtype
        assert set(answers.tolist()) <= set(names)
        assert model.score(texts(), y) == accuracy_score(y, model.predict(texts()))


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_several_labels_each(kind: Callable[[list[str]], Any]) -> None:
    several = [kind([["neg"], ["pos"], [], ["neg", "pos"]][i % 4]) for i in range(60)]
    model = TextClassifier(**FLAT).fit(texts(), several)
    answers = model.predict(NEW)
    assert model.classes_.tolist() == ["neg", "pos"]
    assert answers.shape == (5, 2)
    assert answers.dtype == np.int64
    assert np.array_equal(answers, model.predict_proba(NEW) >= 0.5)
    truth = np.array([["neg" in each, "pos" in each] for each in several])
    assert model.score(texts(), several) == (model.predict(texts()) == truth).all(axis=1).mean()
    assert model.predict([]).shape == (0, 2)
    with pytest.raises(DataError, match=r"^each label must be one that the model was trained on: 'neg', 'pos'"):
        model.score(texts(2), [["neg"], ["other"]])


def test_one_label_each_after_several() -> None:
    """Nothing of the first fit is left."""
    model = TextClassifier(**FLAT).fit(texts(), [["a"], ["b"]] * 30)
    assert model.fit(texts(), labels(60, (1, 2))).predict(NEW).shape == (5,)
    assert model.classes_.tolist() == [1, 2]


# --- stored ---


def test_saved_and_loaded(tmp_path: Path) -> None:
    model = TextClassifier(**FLAT | {"seed": 4}).fit(texts(), labels(60, (2, 10)))
    model.save(tmp_path / "für morgen")
    again = longshort.load(str(tmp_path / "für morgen"))
    assert again.get_params() == model.get_params()
    assert np.array_equal(again.predict_proba(NEW), model.predict_proba(NEW))
    assert again.classes_.tolist() == [2, 10]
    assert again.predict(NEW).tolist() == model.predict(NEW).tolist()
    assert again.score(texts(), labels(60, (2, 10))) == model.score(texts(), labels(60, (2, 10)))
    again.save(tmp_path / "again")
    for name in ("config.json", "tokenizer.json", "weights.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "für morgen" / name).read_bytes()


def test_a_loaded_model_can_be_fitted_again(tmp_path: Path, fitted: TextClassifier) -> None:
    fitted.save(tmp_path / "model")
    again = longshort.load(tmp_path / "model").fit(texts(), labels())
    assert np.array_equal(again.predict_proba(NEW), fitted.predict_proba(NEW))


def test_loading_what_is_none(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"there is no config\.json in it"):
        longshort.load(tmp_path)


# --- within scikit-learn ---


def test_in_a_pipeline() -> None:
    def shout(words: list[str]) -> list[str]:
        return [word.upper() for word in words]

    pipeline = make_pipeline(FunctionTransformer(shout), TextClassifier(**FLAT))
    plain = TextClassifier(**FLAT).fit(shout(texts()), labels())
    assert np.array_equal(pipeline.fit(texts(), labels()).predict_proba(NEW), plain.predict_proba(shout(NEW)))


@pytest.mark.parametrize("as_column", [list, pd.Series])
def test_in_cross_validation(as_column: Callable[[list[str]], Any]) -> None:
    scores = cross_val_score(
        TextClassifier(**SURE), as_column(texts(90)), as_column(labels(90)), cv=3, error_score="raise"
    )
    assert scores.mean() > 0.9
    several = [[label] for label in labels()]
    cross_val_score(TextClassifier(**FLAT), texts(), several, cv=KFold(2), error_score="raise")


def test_in_a_grid_search() -> None:
    search = GridSearchCV(
        TextClassifier(**SURE), {"learning_rate": [1e-5, 0.1]}, cv=2, scoring="roc_auc", error_score="raise"
    ).fit(texts(90), labels(90, (2, 10)))
    assert search.best_params_ == {"learning_rate": 0.1}
    assert search.best_score_ > 0.9
    assert search.predict(NEW[:2]).tolist() == [10, 2]


def test_calibrated_and_with_a_threshold() -> None:
    y = labels(90)
    calibrated = CalibratedClassifierCV(TextClassifier(**SURE), cv=2).fit(texts(90), y)
    tuned = TunedThresholdClassifierCV(TextClassifier(**SURE), cv=2, scoring="f1", store_cv_results=True)
    tuned.set_params(scoring="balanced_accuracy").fit(texts(90), y)
    for model in (calibrated, tuned):
        assert accuracy_score(labels(), model.predict(texts(seed=2))) > 0.8
    assert calibrated.predict_proba(NEW).sum(axis=1) == pytest.approx(np.ones(5))


def test_shown_in_a_notebook(fitted: TextClassifier) -> None:
    assert "TextClassifier" in fitted._repr_html_()
    assert "Not fitted" in TextClassifier()._repr_html_()
    assert "Not fitted" not in fitted._repr_html_()


def test_scikit_learn_is_told_that_it_takes_texts() -> None:
    tags = get_tags(TextClassifier())
    assert tags.estimator_type == "classifier"
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (True, True, False)
    assert tags.target_tags.required


def test_pickled_and_dumped(fitted: TextClassifier, tmp_path: Path) -> None:
    joblib.dump(fitted, tmp_path / "model.joblib")
    for again in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "model.joblib")):
        assert again.get_params() == fitted.get_params()
        assert np.array_equal(again.predict_proba(NEW), fitted.predict_proba(NEW))
        assert again.predict(NEW).tolist() == fitted.predict(NEW).tolist()
    assert repr(pickle.loads(pickle.dumps(TextClassifier(seed=3)))) == "TextClassifier(seed=3)"


# --- weights ---


def test_weights_of_one_change_nothing_and_their_unit_is_free(fitted: TextClassifier) -> None:
    for weight in (1, 1.0, 8):
        model = TextClassifier(**FLAT).fit(texts(), labels(), sample_weight=[weight] * 60)
        assert np.array_equal(model.predict_proba(NEW), fitted.predict_proba(NEW))


def test_a_weight_of_zero_is_as_if_the_text_were_not_there() -> None:
    absent = TextClassifier(**FLAT).fit(texts()[:50], labels(50))
    wrong = [*labels(50), *["other"] * 10]
    model = TextClassifier(**FLAT).fit(texts(), wrong, sample_weight=[1] * 50 + [0] * 10)
    assert model.classes_.tolist() == ["neg", "pos"]
    assert np.array_equal(model.predict_proba(NEW), absent.predict_proba(NEW))


def test_a_heavy_class_is_answered_more_often() -> None:
    arguments = FLAT | {"epochs": 6, "learning_rate": 0.03}
    sums = [
        TextClassifier(**arguments, class_weight=weight).fit(texts(), labels()).predict_proba(texts(seed=3))[:, 1].sum()
        for weight in ({"neg": 20.0}, None, {"pos": 20.0})
    ]
    assert sums[0] < sums[1] < sums[2]
    rows = np.where(np.array(labels()) == "pos", 20.0, 1.0)
    by_row = TextClassifier(**arguments).fit(texts(), labels(), sample_weight=rows)
    assert by_row.predict_proba(texts(seed=3))[:, 1].sum() == pytest.approx(sums[2])


def test_balanced_is_the_setting_of_the_command_line(tmp_path: Path) -> None:
    uneven = [*labels(30), *["neg"] * 30]
    model = TextClassifier(**FLAT, class_weight="balanced").fit(texts(), uneven)
    assert model.bundle_.settings.training.class_weights == "balanced"
    plain = TextClassifier(**FLAT).fit(texts(), uneven)
    assert model.predict_proba(NEW)[:, 1].sum() > plain.predict_proba(NEW)[:, 1].sum()
    model.save(tmp_path / "model")
    assert longshort.load(tmp_path / "model").class_weight == "balanced"


@pytest.mark.parametrize(
    ("arguments", "sample_weight", "message"),
    [
        ({}, [1] * 59, "sample_weight must have one number for each of the 60 examples. Got shape (59,)."),
        ({}, [-1] * 60, "sample_weight must be finite and at least 0. Got -1.0 at index 0."),
        ({}, [1.0, float("nan")] * 30, "sample_weight must be finite and at least 0. Got nan at index 1."),
        ({}, ["heavy"] * 60, "sample_weight must be numbers."),
        ({}, [0] * 60, "There must be an example whose weight is not zero. All weights are zero."),
        ({"class_weight": "even"}, None, "class_weight must be None, 'balanced' or a mapping of classes to weights. Got 'even'."),
        ({"class_weight": {"good": 2}}, None, "class_weight must name classes of the data. Got 'good'."),
        ({"class_weight": {"pos": -2}}, None, "class_weight must have finite weights of at least 0. Got -2 for 'pos'."),
    ],
)  # fmt: skip
def test_weights_that_are_none(arguments: dict[str, Any], sample_weight: Any, message: str) -> None:
    with pytest.raises((DataError, SettingError)) as caught:
        TextClassifier(**FLAT, **arguments).fit(texts(), labels(), sample_weight=sample_weight)
    assert caught.value.message == message
    assert caught.value.hint


def test_a_weight_for_each_of_several_labels_is_refused() -> None:
    with pytest.raises(SettingError, match=r"^class_weight can be a mapping where each text has one label\."):
        TextClassifier(**FLAT, class_weight={"a": 2}).fit(texts(), [["a"], ["b"]] * 30)


# --- learning on ---


def test_warm_start_goes_on_from_the_weights() -> None:
    cold, warm = TextClassifier(**SURE), TextClassifier(**SURE, warm_start=True)
    first = warm.fit(texts(), labels()).bundle_
    assert np.array_equal(warm.predict_proba(NEW), cold.fit(texts(), labels()).predict_proba(NEW))
    warm.set_params(epochs=1, learning_rate=1e-6).fit(texts(seed=2), labels())
    assert warm.bundle_.task is first.task
    assert warm.score(texts(seed=3), labels()) > 0.9
    assert (
        TextClassifier(**SURE | {"epochs": 1, "learning_rate": 1e-6})
        .fit(texts(), labels())
        .score(texts(seed=3), labels())
        < 0.9
    )
    with pytest.raises(DataError, match=r"each label must be one that the model was trained on"):
        warm.fit(texts(), labels(60, ("neg", "new")))
    with pytest.raises(SettingError) as caught:
        warm.set_params(hidden_size=9).fit(texts(), labels())
    assert caught.value.message == "A network that learns on keeps its settings: it was made with hidden_size=4. Got 9."


def test_partial_fit_learns_piece_by_piece() -> None:
    model = TextClassifier(**FLAT | {"learning_rate": 0.1, "word_dropout": 0.0, "output_dropout": 0.0})
    for seed in range(1, 11):
        piece = slice(0, None, 2) if seed == 2 else slice(None)  # one piece has one class alone
        before = model.bundle_.task if seed > 1 else None
        model.partial_fit(texts(seed=seed)[piece], labels()[piece], classes=["pos", "neg"])
        assert before is None or model.bundle_.task is before
    assert [record["epoch"] for record in model.history_] == list(range(1, 11))
    assert model.score(texts(seed=20), labels()) > 0.9
    again = pickle.loads(pickle.dumps(model))
    for each in (model, again):  # the optimizer's memory comes along
        each.partial_fit(texts(seed=30), labels())
    assert np.array_equal(again.predict_proba(NEW), model.predict_proba(NEW))


def test_partial_fit_after_fit_and_what_it_refuses(fitted: TextClassifier) -> None:
    model = TextClassifier(**FLAT).fit(texts(), labels(60, (1, 2)))
    before = model.predict_proba(NEW)
    model.partial_fit(texts(seed=2), labels(60, (1, 2)))
    assert not np.array_equal(before, model.predict_proba(NEW))
    assert model.classes_.tolist() == [1, 2]
    with pytest.raises(DataError, match=r"Got '3'"):
        model.partial_fit(texts(2), [1, 3])
    with pytest.raises(SettingError, match=r"^The first call of partial_fit must be given all classes\."):
        TextClassifier(**FLAT).partial_fit(texts(), labels())
    with pytest.raises(SettingError, match=r"^partial_fit cannot balance classes"):
        TextClassifier(**FLAT, class_weight="balanced").partial_fit(texts(), labels(), classes=["neg", "pos"])


# --- what is refused ---


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "save"])
def test_before_it_is_fitted(method: str, tmp_path: Path) -> None:
    arguments: dict[str, tuple[Any, ...]] = {"score": (NEW, labels(5)), "save": (tmp_path / "model",)}
    with pytest.raises(NotFittedError, match="This TextClassifier instance is not fitted yet"):
        getattr(TextClassifier(), method)(*arguments.get(method, (NEW,)))


@pytest.mark.parametrize(
    ("wrong", "received"),
    [
        ("a good film", "one str, 'a good film'"),
        (None, "NoneType"),
        (pd.DataFrame({"text": NEW}), "DataFrame"),
        (np.array([NEW]), "ndarray"),
        ({"text": NEW}, "dict"),
        (iter(NEW), "list_iterator"),
    ],
)
def test_texts_that_are_no_list(fitted: TextClassifier, wrong: Any, received: str) -> None:
    expected = f"Texts are a list of str. Got {received}.\n\nhint: Put a single text in a list: [text]."
    for call in (fitted.predict, fitted.predict_proba, lambda x: TextClassifier(**FLAT).fit(x, labels())):
        with pytest.raises(DataError) as caught:
            call(wrong)
        assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "the text must be a string. Got none."),
        (float("nan"), "the text must be a string. Got none."),
        (3, "the text must be a string. Got an int."),
        (b"film", "the text must be a string. Got a bytes."),
        ("a\ud800", "text must be Unicode. Character 2 is half of a surrogate pair, '\\ud800'."),
    ],
)
def test_what_is_no_text(fitted: TextClassifier, wrong: Any, message: str) -> None:
    for call in (fitted.predict, lambda x: TextClassifier(**FLAT).fit(x, ["a", "b", "a"])):
        with pytest.raises(DataError) as caught:
            call(["film", "story", wrong])
        assert caught.value.message == f"the data, row 2 (counted from 0): {message}"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("neg", "Labels are a list, one entry per text. Got str."),
        (np.zeros((60, 2), dtype=int), "Labels are a list, one entry per text. Got ndarray of shape (60, 2)."),
        (labels(59), "there must be as many texts as labels. Got 60 texts and 59 labels."),
        (["neg"] * 60, "the data: there must be at least 2 different labels. All 60 rows have 'neg'."),
        ([None, *labels(59)], "the data, row 0 (counted from 0): the label must not be missing. Got none."),
    ],
)
def test_labels_that_fit_no_texts(wrong: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        TextClassifier(**FLAT).fit(texts(), wrong)
    assert caught.value.message == message
    assert caught.value.hint


# --- while it is fitted ---


class CtrlC(Listener):
    def __init__(self, epoch: int) -> None:
        self.epoch, self.ended = epoch, list[EpochRecord]()

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        if epoch == self.epoch:
            os.kill(os.getpid(), signal.SIGINT)

    def epoch_ended(self, record: EpochRecord) -> None:
        self.ended.append(record)


class Notes(Listener):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_a_listener_hears_of_every_epoch() -> None:
    ear = CtrlC(epoch=0)
    assert TextClassifier(**FLAT).fit(texts(), labels(), listener=ear).history_ == ear.ended


def test_ctrl_c_keeps_the_best_epoch_and_is_not_swallowed() -> None:
    model = TextClassifier(**FLAT | {"epochs": 5})
    with pytest.raises(KeyboardInterrupt):
        model.fit(texts(), labels(), listener=CtrlC(epoch=3))
    assert len(model.history_) == 2
    assert model.predict(NEW).shape == (5,)


def test_pretraining_from_python(tmp_path: Path) -> None:
    ear = Notes()
    model = TextClassifier(**FLAT | {"pretraining_epochs": 2}).fit(texts(), labels(), listener=ear)
    assert [note.split("  ")[0] for note in ear.notes] == ["language model 1/2", "language model 2/2"]
    assert [record["epoch"] for record in model.history_] == [1, 2]
    plain = TextClassifier(**FLAT).fit(texts(), labels())
    assert not np.array_equal(model.predict_proba(NEW), plain.predict_proba(NEW))
    for each in (model, plain):
        assert clone(each).get_params()["pretraining_epochs"] == each.pretraining_epochs
        each.save(tmp_path / str(each.pretraining_epochs))
        again = longshort.load(tmp_path / str(each.pretraining_epochs))
        assert again.pretraining_epochs == each.pretraining_epochs
        assert np.array_equal(again.fit(texts(), labels()).predict_proba(NEW), each.predict_proba(NEW))


def test_pretraining_by_default() -> None:
    ear = Notes()
    model = TextClassifier(**{name: value for name, value in FLAT.items() if name != "pretraining_epochs"})
    assert model.get_params()["pretraining_epochs"] is None
    model.fit(texts(), labels(), listener=ear)
    assert [note.split("  ")[0] for note in ear.notes] == [f"language model {i}/10" for i in range(1, 11)]


def test_ctrl_c_in_the_pretraining_leaves_it_unfitted() -> None:
    model, ear = TextClassifier(**FLAT | {"pretraining_epochs": 3}), CtrlC(epoch=2)
    with pytest.raises(KeyboardInterrupt):
        model.fit(texts(), labels(), listener=ear)
    assert ear.ended == []
    with pytest.raises(NotFittedError):
        model.predict(NEW)


def test_ctrl_c_before_the_first_epoch_leaves_it_unfitted() -> None:
    model = TextClassifier(**FLAT)
    with pytest.raises(KeyboardInterrupt):
        model.fit(texts(), labels(), listener=CtrlC(epoch=1))
    with pytest.raises(NotFittedError):
        model.predict(NEW)
