"""`SequenceClassifier` and `SequenceRegressor`: what they take, what they learn, and scikit-learn's tools on them."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

import longshort
from longshort.config import SequenceDataSettings, SequenceRunSettings
from longshort.errors import DataError, SettingError
from longshort.estimators import SequenceClassifier, SequenceRegressor
from longshort.training import Listener

SMALL: dict[str, Any] = {"filters": 4, "hidden_size": 4, "members": 1, "epochs": 2, "statistics": False}
SURE = SMALL | {"front": "none", "hidden_size": 8, "epochs": 15, "learning_rate": 0.05, "averaging": 0.0}

Made = tuple[np.ndarray, np.ndarray]
Either = type[SequenceClassifier] | type[SequenceRegressor]
BOTH = pytest.mark.parametrize("kind", [SequenceClassifier, SequenceRegressor])


def steps(rows: int = 60, seed: int = 0, names: tuple[Any, ...] = ("down", "up")) -> Made:
    """Noise `(rows, 8)` around a level that the class decides."""
    level = np.arange(rows) % 2
    return np.random.default_rng(seed).normal(2.0 * level[:, None], 1.0, (rows, 8)), np.array(names)[level]


def made(kind: Either, rows: int = 60, seed: int = 0) -> Made:
    """Sequences with what `kind` learns: a class, or their mean."""
    x, y = steps(rows, seed)
    return (x, y) if kind is SequenceClassifier else (x, 1_000 + 100 * x.mean(axis=1))


@pytest.fixture(scope="module")
def classifier() -> SequenceClassifier:
    return SequenceClassifier(**SMALL).fit(*steps())


# --- arguments ---


@BOTH
def test_arguments_are_the_settings(kind: Either) -> None:
    parameters = inspect.signature(kind.__init__).parameters
    expected = {
        name: value
        for name, value in SequenceRunSettings().flat().items()
        if name not in SequenceDataSettings.model_fields or name == "validation_share"
    }
    arguments = {name: each.default for name, each in parameters.items() if name != "self"}
    assert arguments.pop("warm_start") is False
    assert arguments.pop("checkpoints") is None
    arguments["class_weights"] = arguments.pop("class_weight", None)
    assert arguments == expected
    assert all(each.kind is each.KEYWORD_ONLY for name, each in parameters.items() if name != "self")


def test_arguments_are_checked_when_fitted() -> None:
    with pytest.raises(SettingError, match=r"^filters must be at least 1\. Got 0\."):
        SequenceClassifier(filters=0).fit(*steps())


# --- what is learnt ---


def test_a_classifier_learns() -> None:
    model = SequenceClassifier(**SURE).fit(*steps())
    x, y = steps(seed=1)
    assert model.score(x, y) > 0.95
    assert model.predict_proba(x).shape == (60, 2)
    assert model.predict_proba(x).sum(axis=1) == pytest.approx(np.ones(60))
    assert model.best_epoch_ == len(model.history_) == 15


def test_a_regressor_learns_in_the_unit_of_the_targets() -> None:
    model = SequenceRegressor(**SURE).fit(*made(SequenceRegressor))
    x, y = made(SequenceRegressor, seed=1)
    assert model.score(x, y) > 0.9
    assert np.abs(model.predict(x) - y).mean() < 30


@pytest.mark.parametrize("names", [("a", "b"), (10, 2), (True, False), (2.0, 0.0)])
def test_classes_stay_what_they_were(names: tuple[Any, Any], tmp_path: Path) -> None:
    x, y = steps(names=names)
    model = SequenceClassifier(**SURE).fit(x, y)
    assert model.classes_.tolist() == sorted(names)
    assert model.classes_.dtype == y.dtype == model.predict(x).dtype
    assert model.score(x, y) > 0.95  # the order of the classes is that of the probabilities
    model.save(tmp_path / "model")
    again = longshort.load(tmp_path / "model")
    assert again.predict(x).dtype == y.dtype
    assert again.score(x, y) == model.score(x, y)
    assert again.partial_fit(x[:4], y[:4], classes=list(names)).classes_.tolist() == sorted(names)
    with_objects = SequenceClassifier(**SMALL).fit(pd.DataFrame(x), pd.Series(y))
    assert with_objects.classes_.tolist() == sorted(names)


@BOTH
def test_a_sequence_alone_is_answered_as_in_a_batch(kind: Either) -> None:
    model = kind(**SMALL).fit(*made(kind))
    x = [np.random.default_rng(i).normal(size=(3 + i, 1)) for i in range(20)]
    ask = model.predict if isinstance(model, SequenceRegressor) else model.predict_proba
    scale = 100.0 if isinstance(model, SequenceRegressor) else 1.0
    assert np.abs(ask(x) - np.concatenate([ask([each]) for each in x])).max() < 1e-6 * scale


@BOTH
def test_of_few_sequences_three_networks_learn_where_it_is_left_open(kind: Either) -> None:
    model = kind(**SMALL | {"members": None}).fit(*made(kind))
    assert len(model.bundle_.network.members) == 3
    assert model.members is None


# --- what is taken ---


def test_sequences_in_any_form_are_the_same() -> None:
    x, y = steps()
    expected = SequenceClassifier(**SMALL).fit(x, y).predict_proba(x)
    long = pd.DataFrame({"id": np.repeat(np.arange(60), 8), "time": np.tile(np.arange(8), 60), "value": x.ravel()})
    for form in (x[..., None], list(x), [each[:, None] for each in x], x.tolist(), pd.DataFrame(x), long):
        model = SequenceClassifier(**SMALL).fit(form, y)
        assert np.array_equal(model.predict_proba(form), expected)


def test_channels_lengths_and_gaps() -> None:
    draw = np.random.default_rng(0)
    x = [draw.normal(i % 2, 1, (draw.integers(3, 9), 2)) for i in range(40)]
    x[3][1, 0] = np.nan
    model = SequenceClassifier(**SMALL).fit(x, [i % 2 for i in range(40)])
    assert model.bundle_.task.encoding.features == 4  # two channels, and two that say what is missing
    assert model.predict(x).shape == (40,)
    assert not hasattr(model, "n_features_in_")
    with pytest.raises(DataError, match="sequences must have 2 channels, as in training"):
        model.predict(steps()[0])


def test_a_table_has_the_width_of_training_and_lists_have_any(classifier: SequenceClassifier) -> None:
    x, _ = steps()
    assert classifier.n_features_in_ == 8
    with pytest.raises(DataError) as caught:
        classifier.predict(x[:, :5])
    assert caught.value.message == "X has 5 features, but SequenceClassifier is expecting 8 features as input."
    assert "a list of arrays of any length" in caught.value.hint
    assert classifier.predict(list(x[:, :5])).shape == (60,)
    assert classifier.predict(x[:, :5, None]).shape == (60,)


def test_names_of_columns() -> None:
    x, y = steps()
    frame = pd.DataFrame(x, columns=[f"hour {i}" for i in range(8)])
    model = SequenceClassifier(**SMALL).fit(frame, y)
    assert model.feature_names_in_.tolist() == list(frame.columns)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(x)
    model.fit(x[..., None], y)
    assert not hasattr(model, "feature_names_in_")


def test_y_beside_x_is_a_coordinate_and_a_column_of_targets_is_refused() -> None:
    x, y = steps()
    frame = pd.DataFrame({"id": np.repeat(np.arange(60), 8), "x": x.ravel(), "y": -x.ravel()})
    model = SequenceClassifier(**SMALL).fit(frame, y)
    assert model.bundle_.task.encoding.channels == ("x", "y")
    assert model.predict(frame).shape == (60,)
    labelled = frame.assign(label=np.repeat(y, 8))
    with pytest.raises(DataError, match=r"^targets must be given once\. .* id, x, y, label\."):
        model.fit(labelled, y)
    assert np.array_equal(model.predict_proba(labelled), model.predict_proba(frame))


def test_gaps_that_training_did_not_have_are_told(classifier: SequenceClassifier) -> None:
    x, _ = steps()
    x[0, 3] = np.nan
    with pytest.warns(UserWarning, match="^Values are missing, though none were in training: 0.2% of 'value'"):
        classifier.predict(x)


class Stages(Listener):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def stage(self, text: str) -> None:
        self.seen.append(text)


@BOTH
def test_a_group_stays_on_one_side(kind: Either, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longshort.kinds.sequences.training_length.HOLD_OUT_FROM", 20)
    (x, y), ear = made(kind), Stages()
    model = kind(**SMALL).fit(x, y, groups=np.repeat(["a", "b", "c", "d"], 15), listener=ear)
    assert model.history_[0]["validation_loss"] is not None
    assert any(text.endswith("45 train, 15 validation sequences") for text in ear.seen)
    kind(**SMALL).fit(x, y, listener=ear)
    assert any(text.endswith("54 train, 6 validation sequences") for text in ear.seen)
    with pytest.raises(DataError, match=r"^groups must have as many items as there are sequences\. Got 3 and 60\."):
        model.fit(x, y, groups=[1, 2, 3])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((1, 8)), ["a"], "There must be at least 2 sequences to learn from. Got n_samples = 1."),
        (np.ones((4, 8)), ["a"] * 4, "the data: there must be at least two classes. Got 'a' alone."),
        (np.ones((4, 8)), ["a"] * 3, "y must have as many items as there are sequences. Got 3 and 4."),
        (np.ones((4, 8)), None, "Learning requires y to be passed, but the target y is None."),
        (np.ones((4, 8)), [0.0, 1.0, np.nan, 1.0], "y must not be missing or infinite."),
        (np.ones((4, 8)), [0.1, 0.2, 0.3, 0.4], "y must be classes. Unknown label type: continuous."),
        (np.full((4, 8), np.inf), list("abab"), "the data: values must be finite numbers. Got inf at index 0, step 1, channel 'value'."),
        ([[1.0, 2.0], ["x", 3.0]], list("ab"), "dtype='numeric' is not compatible with arrays of bytes/strings."),
    ],
)  # fmt: skip
def test_what_no_classifier_can_learn_from(x: Any, y: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        SequenceClassifier(**SMALL).fit(x, y)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "b", "c", "d"], "y must be numbers: could not convert string to float"),
        ([1.0, 2.0, np.inf, 1.0], "y must be finite numbers. Got inf at index 2."),
    ],
)
def test_what_no_regressor_can_learn_from(y: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        SequenceRegressor(**SMALL).fit(np.ones((4, 8)), y)
    assert caught.value.message.startswith(message)


def test_a_column_of_targets_is_taken_with_a_warning() -> None:
    x, y = made(SequenceRegressor)
    with pytest.warns(DataConversionWarning):
        column = SequenceRegressor(**SMALL).fit(x, y[:, None]).predict(x)
    assert np.array_equal(column, SequenceRegressor(**SMALL).fit(x, y).predict(x))


# --- weights, and learning on ---


@BOTH
def test_weights(kind: Either) -> None:
    x, y = made(kind)
    plain, ones = kind(**SMALL).fit(x, y), kind(**SMALL).fit(x, y, sample_weight=np.full(60, 3.0))
    absent = kind(**SMALL).fit(x[:40], y[:40])
    zeros = kind(**SMALL).fit(x, y, sample_weight=[1] * 40 + [0] * 20)
    assert np.array_equal(plain.predict(x), ones.predict(x))
    assert np.array_equal(absent.predict(x), zeros.predict(x))
    ask = "predict" if kind is SequenceRegressor else "predict_proba"
    some = kind(**SMALL).fit(x, y, sample_weight=np.arange(60) + 1)
    assert not np.array_equal(getattr(some, ask)(x), getattr(plain, ask)(x))


def test_a_heavy_target_draws_the_regression_to_itself() -> None:
    x, y = np.zeros((40, 3)), np.arange(40) % 2 * 10.0
    heavy = SequenceRegressor(**SURE).fit(x, y, sample_weight=np.where(y > 0, 9.0, 1.0)).predict(x[:1])
    assert heavy == pytest.approx(9.0, abs=0.5)  # the weighted mean is what minimises the weighted squared error


def test_class_weights() -> None:
    x = np.zeros((40, 3))
    y = np.arange(40) % 4 == 0
    for weight, expected in ((None, 0.25), ("balanced", 0.5), ({True: 9.0}, 0.75), ({True: 1, False: 0}, None)):
        if expected is None:
            with pytest.raises(DataError, match="at least two classes"):
                SequenceClassifier(**SURE, class_weight=weight).fit(x, y)
            continue
        model = SequenceClassifier(**SURE, class_weight=weight).fit(x, y)
        assert model.predict_proba(x[:1])[0, 1] == pytest.approx(expected, abs=0.07)


@BOTH
def test_warm_start_goes_on(kind: Either) -> None:
    x, y = made(kind)
    model = kind(**SURE, warm_start=True).fit(x, y)
    task, score = model.bundle_.task, model.score(x, y)
    model.set_params(epochs=1, learning_rate=1e-6).fit(x[:20], y[:20])
    assert model.bundle_.task is task
    assert model.score(x, y) == pytest.approx(score, abs=0.02)
    assert kind(**SURE | {"epochs": 1, "learning_rate": 1e-6}).fit(x, y).score(x, y) < score - 0.2
    with pytest.raises(SettingError, match=r"it was made with front='none'\. Got 'conv'\."):
        model.set_params(front="conv").fit(x, y)
    assert clone(model).set_params(front="conv").fit(x, y).predict(x).shape == (60,)


@BOTH
def test_partial_fit_learns_piece_by_piece(kind: Either) -> None:
    model = kind(**SURE | {"learning_rate": 0.02})
    known: dict[str, Any] = {"classes": ["down", "up"]} if kind is SequenceClassifier else {}
    for seed in range(12):
        model.partial_fit(*made(kind, seed=seed), **known)
    assert model.score(*made(kind, seed=99)) > 0.85
    assert len(model.history_) == 12
    again = pickle.loads(pickle.dumps(model)).partial_fit(*made(kind, seed=5))
    model.partial_fit(*made(kind, seed=5))
    x, _ = made(kind, seed=98)
    assert np.array_equal(model.predict(x), again.predict(x))
    with pytest.raises(DataError, match="X has 3 features"):
        model.partial_fit(x[:, :3], made(kind)[1])
    assert not hasattr(model.fit(*made(kind)), "optimizer_")


def test_a_class_that_was_not_told_is_refused(classifier: SequenceClassifier) -> None:
    x, y = steps()
    model = SequenceClassifier(**SMALL).partial_fit(x[:2], y[:2], classes=["up", "down"])
    with pytest.raises(DataError, match="Got 'left'"):
        model.partial_fit(x[:2], ["up", "left"])
    with pytest.raises(
        SettingError, match=r"^The classes of a model stay as they are: \['down', 'up'\]\. Got \['left',"
    ):
        model.partial_fit(x[:2], y[:2], classes=["left", "up"])
    assert model.partial_fit(x[:2], y[:2], classes=["up", "down", "up"]).classes_.tolist() == ["down", "up"]
    with pytest.raises(SettingError, match="must be given all classes"):
        SequenceClassifier(**SMALL).partial_fit(x, y)


# --- stored ---


@BOTH
def test_saved_dumped_and_pickled(kind: Either, tmp_path: Path) -> None:
    x, y = made(kind)
    model = kind(**SMALL, seed=4).fit(x, y)
    model.save(tmp_path / "model")
    joblib.dump(model, tmp_path / "model.joblib")
    loaded = longshort.load(tmp_path / "model")
    assert type(loaded) is kind
    for again in (loaded, joblib.load(tmp_path / "model.joblib"), pickle.loads(pickle.dumps(model))):
        assert again.get_params() == model.get_params()
        assert np.array_equal(again.predict(x), model.predict(x))
    loaded.fit(x, y)
    assert np.array_equal(loaded.predict(x), model.predict(x))


def test_a_stream_answers_as_the_whole_sequence() -> None:
    x, y = steps()
    model = SequenceClassifier(**SMALL, bidirectional=False).fit(x, y)
    stream = model.stream()
    answers = [stream.feed(value) for value in x[0]]
    assert answers[-1] == pytest.approx(model.predict_proba(x[:1])[0], abs=1e-6)
    with pytest.raises(SettingError, match="A stream needs a model that reads forward only"):
        SequenceClassifier(**SMALL).fit(x, y).stream()


@BOTH
@pytest.mark.parametrize("method", ["predict", "score", "save", "stream"])
def test_before_it_is_fitted(kind: Either, method: str, tmp_path: Path) -> None:
    given: dict[str, tuple[Any, ...]] = {"score": made(kind), "save": (tmp_path,), "stream": ()}
    with pytest.raises(NotFittedError):
        getattr(kind(), method)(*given.get(method, (made(kind)[0],)))


# --- within scikit-learn ---


def test_in_a_pipeline_a_search_and_cross_validation() -> None:
    x, y = steps()
    pipeline = make_pipeline(StandardScaler(), SequenceClassifier(**SURE))
    search = GridSearchCV(
        pipeline, {"sequenceclassifier__learning_rate": [1e-7, 0.05]}, cv=2, scoring="roc_auc", error_score="raise"
    ).fit(x, y)
    assert search.best_params_ == {"sequenceclassifier__learning_rate": 0.05}
    assert cross_val_score(SequenceRegressor(**SURE), *made(SequenceRegressor), cv=2, error_score="raise").mean() > 0.8
    ragged = [each[: 5 + i % 4] for i, each in enumerate(x)]
    assert cross_val_score(SequenceClassifier(**SURE), ragged, y, cv=2, error_score="raise").mean() > 0.9
    assert cross_val_score(SequenceClassifier(**SURE), x[..., None], y, cv=2, error_score="raise").mean() > 0.9


def test_calibrated_with_a_threshold_and_permuted() -> None:
    x, y = steps()
    calibrated = CalibratedClassifierCV(SequenceClassifier(**SURE), cv=2).fit(x, y)
    tuned = TunedThresholdClassifierCV(SequenceClassifier(**SURE), cv=2, scoring="balanced_accuracy").fit(x, y)
    assert min(calibrated.score(x, y), tuned.score(x, y)) > 0.9
    draw = np.random.default_rng(3)
    first = draw.normal(size=(200, 3))
    model = SequenceRegressor(**SURE | {"pooling": "last", "epochs": 25}).fit(first, first[:, 2])
    found = permutation_importance(model, first, first[:, 2], n_repeats=2, random_state=0)
    assert found.importances_mean.argmax() == 2
    assert found.importances_mean[2] > 10 * abs(found.importances_mean[:2]).max()


def test_what_scikit_learn_is_told(classifier: SequenceClassifier) -> None:
    tags = get_tags(classifier)
    assert (tags.input_tags.two_d_array, tags.input_tags.three_d_array, tags.input_tags.allow_nan) == (True, True, True)
    assert get_tags(SequenceRegressor()).estimator_type == "regressor"
    assert "SequenceClassifier" in classifier._repr_html_()
