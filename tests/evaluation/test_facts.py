import json

import pytest
from tests.evaluation.told import metrics_of

from longshort.errors import DataError
from longshort.evaluation import Facts, Finding, paired_counts

TEST = metrics_of([[40, 10], [5, 45]])


@pytest.mark.parametrize("name", ["train_counts", "validation_counts", "test_counts"])
def test_counts_have_one_number_per_label(name):
    with pytest.raises(DataError) as caught:
        Facts(test=TEST, **{name: [50, 40, 10]})
    assert str(caught.value) == (
        f"{name} must hold one number per label, 2 of them; got 3.\n\n"
        "hint: Count the classes that a split does not have as 0."
    )


def test_a_comparison_needs_the_metrics_of_its_baseline():
    compared = paired_counts(only_ours=1, only_theirs=2, examples=100)
    with pytest.raises(DataError) as caught:
        Facts(test=TEST, baselines={"a": TEST}, comparisons={"a": compared, "b": compared})
    assert str(caught.value) == (
        "Each comparison needs the metrics of its baseline; there are none of 'b'.\n\n"
        "hint: Use the same names in baselines and comparisons."
    )


def test_the_counts_of_the_test_split_follow_from_its_metrics():
    assert Facts(test=TEST).counts_of_test() == (50, 50)
    assert Facts(test=TEST, test_counts=[70, 30]).counts_of_test() == (70, 30)


def test_what_was_recorded_is_taken_from_the_history():
    rows = [{"epoch": epoch, "train_loss": 0.5} for epoch in (1, 2, 3)]
    assert Facts(test=TEST, history=rows).dynamics == []
    assert Facts(test=TEST, history=rows).moment() is None
    first, last = ({"steps": 40, "moments": [{"step": step}]} for step in (1, 75))
    some = [rows[0] | {"dynamics": first}, rows[1] | {"dynamics": None}, rows[2] | {"dynamics": last}]
    assert Facts(test=TEST, history=some).dynamics == [first, last]


@pytest.mark.parametrize(("best_epoch", "step"), [(1, 30), (2, 75), (3, 120), (None, 120), (0, 120)])
def test_the_moment_is_the_one_nearest_to_the_end_of_the_best_epoch(best_epoch, step):
    """An epoch need not have one: the next may be nearer than the last."""
    steps = [[1, 30], [], [75, 120]]
    rows = [
        {"epoch": epoch, "dynamics": {"steps": 40, "moments": [{"step": each} for each in here]}}
        for epoch, here in enumerate(steps, start=1)
    ]
    assert Facts(test=TEST, history=rows, best_epoch=best_epoch).moment() == {"step": step}


def test_a_finding_is_plain_data():
    finding = Finding(kind="truncated", level="note", sentence="Much was cut off.")
    assert json.loads(json.dumps(finding.to_dict())) == {
        "kind": "truncated",
        "level": "note",
        "sentence": "Much was cut off.",
        "advice": "",
    }
