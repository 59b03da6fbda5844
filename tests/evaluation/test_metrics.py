import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from longshort.errors import DataError
from longshort.evaluation import classification_metrics, worst_errors


def drawn(seed, examples, classes):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), size=examples)
    targets = rng.integers(0, classes, examples)
    targets[:classes] = np.arange(classes)
    return probabilities, targets


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(12, 80), st.integers(2, 6))
def test_every_number_is_scikit_learns(seed, examples, classes):
    probabilities, targets = drawn(seed, examples, classes)
    answers = probabilities.argmax(1)
    found = classification_metrics(probabilities, targets, [f"c{i}" for i in range(classes)])
    macro = reference.precision_recall_fscore_support(targets, answers, average="macro", zero_division=0)
    each = reference.precision_recall_fscore_support(targets, answers, zero_division=0)
    assert found.examples == examples
    assert found.accuracy == pytest.approx(reference.accuracy_score(targets, answers))
    assert found.loss == pytest.approx(reference.log_loss(targets, probabilities))
    assert (found.macro_precision, found.macro_recall, found.macro_f1) == pytest.approx(macro[:3])
    assert [c.precision for c in found.classes] == pytest.approx(each[0])
    assert [c.recall for c in found.classes] == pytest.approx(each[1])
    assert [c.f1 for c in found.classes] == pytest.approx(each[2])
    assert [c.support for c in found.classes] == each[3].tolist()
    assert [list(row) for row in found.confusion] == reference.confusion_matrix(targets, answers).tolist()
    scores = probabilities[:, 1] if classes == 2 else probabilities
    assert found.roc_auc == pytest.approx(reference.roc_auc_score(targets, scores, multi_class="ovr"))
    assert sum(c.predicted_share for c in found.classes) == pytest.approx(1)


def test_several_labels_are_measured_as_scikit_learn_does():
    rng = np.random.default_rng(3)
    probabilities, targets = rng.random((50, 3)), rng.integers(0, 2, (50, 3))
    answers = (probabilities >= 0.5).astype(int)
    found = classification_metrics(probabilities, targets, ["a", "b", "c"], multi_label=True)
    assert found.accuracy == pytest.approx(reference.accuracy_score(targets, answers))
    assert found.loss == pytest.approx(
        np.mean([reference.log_loss(targets[:, i], probabilities[:, i]) for i in range(3)])
    )
    assert found.macro_f1 == pytest.approx(reference.f1_score(targets, answers, average="macro"))
    assert found.roc_auc == pytest.approx(reference.roc_auc_score(targets, probabilities))
    assert np.array(found.confusion).tolist() == reference.multilabel_confusion_matrix(targets, answers).tolist()
    assert sum(each.count for each in found.calibration) == 150
    assert [c.predicted_share for c in found.classes] == pytest.approx(answers.mean(0))


def test_calibration_error_by_hand():
    # Three answers of confidence 0.8, two of them right; one of 0.6, wrong: (3 |2/3 - 0.8| + |0 - 0.6|) / 4.
    probabilities = [[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.6, 0.4]]
    found = classification_metrics(probabilities, [0, 1, 1, 1], ["a", "b"])
    assert found.calibration_error == pytest.approx((3 * abs(2 / 3 - 0.8) + 0.6) / 4)
    filled = [each for each in found.calibration if each.count]
    assert [each.count for each in filled] == [1, 3]
    # 0.6 and 0.8 are the upper edges of their bins: (8/15, 9/15] and (11/15, 12/15].
    assert [each.upper for each in filled] == pytest.approx([0.6, 0.8])
    assert len(found.calibration) == 15


@given(st.integers(0, 1_000))
def test_the_bins_hold_every_answer_once_and_their_own_confidence(seed):
    probabilities, targets = drawn(seed, 60, 3)
    bins = classification_metrics(probabilities, targets, ["a", "b", "c"]).calibration
    assert sum(each.count for each in bins) == 60
    assert all(each.lower <= each.confidence <= each.upper + 1e-12 for each in bins if each.count)


def test_a_certain_model_is_in_the_last_bin_and_perfectly_calibrated():
    found = classification_metrics(np.eye(2)[[0, 1, 1]], [0, 1, 1], ["a", "b"])
    assert (found.calibration_error, found.calibration[-1].count, found.accuracy_interval[1]) == (0, 3, 1)


def test_one_certain_error_leaves_the_loss_finite():
    assert classification_metrics([[1.0, 0.0]], [1], ["a", "b"]).loss == pytest.approx(36.04, abs=0.01)


def test_a_class_that_is_absent_leaves_no_roc_auc_and_says_why():
    found = classification_metrics([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1]], [0, 1], ["a", "b", "c"])
    assert found.roc_auc is None
    assert found.roc_auc_reason == "ROC-AUC needs examples of every class and others; there are no examples of 'c'."
    # The absent class, never answered, does not pull the mean down.
    assert found.macro_f1 == 1
    only = classification_metrics([[0.7, 0.3]], [0], ["a", "b"])
    assert only.roc_auc_reason == "ROC-AUC needs examples of every class and others; there are only examples of 'a'."
    assert classification_metrics(np.eye(2), [0, 1], ["a", "b"]).roc_auc_reason == ""


def test_the_run_that_answers_one_class_to_everything():
    found = classification_metrics(np.tile([0.49, 0.51], (200, 1)), [0] * 114 + [1] * 86, ["0", "1"])
    assert (found.accuracy, found.confusion) == (0.43, ((0, 114), (0, 86)))
    assert round(found.classes[1].f1, 4) == 0.6014
    assert [c.predicted_share for c in found.classes] == [0, 1]
    assert found.classes[0].precision == 0


def test_the_metrics_survive_json():
    probabilities, targets = drawn(0, 20, 3)
    found = classification_metrics(probabilities.astype(np.float32), targets, ["a", "b", "c"])
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert found.to_dict()["classes"][0]["label"] == "a"


def test_one_label_is_no_classifier():
    with pytest.raises(DataError) as caught:
        classification_metrics([[1.0]], [0], ["a"])
    assert str(caught.value) == (
        "A classifier has at least 2 labels; got 1.\n\nhint: Give the name of every class, in the order of the columns."
    )


def test_the_worst_errors_are_wrong_and_give_the_truth_the_least():
    probabilities = [[0.9, 0.1], [0.4, 0.6], [0.99, 0.01], [0.3, 0.7]]
    assert worst_errors(probabilities, [1, 0, 1, 1]) == [2, 0, 1]
    assert worst_errors(probabilities, [1, 0, 1, 1], k=1) == [2]
    assert worst_errors(probabilities, [0, 1, 0, 1]) == []
    several = [[0.9, 0.4], [0.9, 0.1], [0.1, 0.1]]
    assert worst_errors(several, [[1, 1], [1, 1], [0, 0]], multi_label=True) == [1, 0]
