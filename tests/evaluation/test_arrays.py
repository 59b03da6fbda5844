import numpy as np
import pytest

from longshort.errors import DataError
from longshort.evaluation.arrays import answers, checked_probabilities, checked_targets, is_correct


def message(call, *args, **kwargs):
    with pytest.raises(DataError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def test_targets_of_the_wrong_kind_are_refused_with_what_was_received():
    assert message(checked_targets, [[0, 1]], 2, multi_label=False) == (
        "The targets of 2 classes must have the shape (examples,) with at least one example; got (1, 2).\n\n"
        "hint: Several labels per example need multi_label=True; one label per example needs multi_label=False."
    )
    assert "with at least one example; got (0,)." in message(checked_targets, np.empty(0, int), 2, multi_label=False)
    assert message(checked_targets, [0, 3], 3, multi_label=False) == (
        "The targets must be whole numbers from 0 to 2; got int64 from 0 to 3.\n\n"
        "hint: Give the position of each example's class in the list of labels."
    )
    assert "whole numbers from 0 to 2; got float64" in message(checked_targets, [0.0, 1.0], 3, multi_label=False)
    assert "whole numbers from 0 to 1; got int64 from 0 to 2" in message(
        checked_targets, [[0, 2, 0]], 3, multi_label=True
    )


def test_probabilities_of_the_wrong_kind_are_refused_with_what_was_received():
    assert message(checked_probabilities, [0.5, 0.5], (2, 2), multi_label=False) == (
        "The probabilities must have the shape (examples, classes) = (2, 2); got (2,).\n\n"
        "hint: Give one column per class, two of them for two classes, and one row per target."
    )
    assert message(checked_probabilities, [[-1.0, 2.0]], (1, 2), multi_label=False) == (
        "The probabilities must be from 0 to 1; got -1.0 to 2.0.\n\n"
        "hint: Give the output of softmax or sigmoid, not the scores before it."
    )
    assert message(checked_probabilities, [[0.5, 0.5], [0.5, 0.9]], (2, 2), multi_label=False) == (
        "The probabilities of one example must sum to 1; got 1.4000.\n\n"
        "hint: Give the output of softmax, or multi_label=True where an example may have several labels."
    )
    assert "from 0 to 1; got nan to nan" in message(checked_probabilities, [[np.nan, 0.5]], (1, 2), multi_label=False)


def test_several_labels_need_not_sum_to_one_and_are_answered_from_a_half_on():
    chances = checked_probabilities([[0.5, 0.9, 0.49]], (1, 3), multi_label=True)
    assert answers(chances, multi_label=True).tolist() == [[1, 1, 0]]
    assert is_correct(chances, np.array([[1, 1, 0]]), multi_label=True).tolist() == [True]
    assert is_correct(chances, np.array([[1, 1, 1]]), multi_label=True).tolist() == [False]
