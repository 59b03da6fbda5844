import numpy as np

from longshort.cli.results import show_results
from longshort.evaluation import classification_metrics


def lines_of(capsys, classes: int, *, multi_label: bool = False, baselines: dict | None = None) -> list[str]:
    labels = [f"label {number}" for number in range(classes)]
    targets = np.arange(2 * classes) % classes
    chances = np.full((2 * classes, classes), 0.1 / (classes - 1))
    chances[np.arange(2 * classes), targets] = 0.9
    if multi_label:
        targets = np.eye(classes, dtype=int)[targets]
    metrics = classification_metrics(chances, targets, labels, multi_label=multi_label).to_dict()
    show_results("text-classification", metrics, baselines or {}, on="test")
    return capsys.readouterr().out.splitlines()


def test_the_tables_of_two_classes(capsys):
    assert lines_of(capsys, 2) == [
        "On 4 test texts:",
        "            accuracy   95 % interval  macro F1  ROC-AUC   loss  calibration error",
        "this model     1.000  0.510 to 1.000     1.000    1.000  0.105              0.100",
        "",
        "class    precision  recall     F1  rows",
        "label 0      1.000   1.000  1.000     2",
        "label 1      1.000   1.000  1.000     2",
        "",
        "            called label 0  called label 1",
        "is label 0               2               0",
        "is label 1               0               2",
    ]


def test_baselines_stand_below_the_model(capsys):
    other = {
        "accuracy": 0.5,
        "accuracy_interval": [0.15, 0.85],
        "macro_f1": 0.333,
        "roc_auc": None,
        "loss": 0.7,
        "calibration_error": 0.0,
    }
    lines = lines_of(capsys, 2, baselines={"majority class": other})

    assert lines[3] == "majority class     0.500  0.150 to 0.850     0.333        -  0.700              0.000"


def test_many_classes_are_cut_and_the_confusion_is_left_to_the_report(capsys):
    lines = lines_of(capsys, 25)

    assert "label 19" in lines[-2]
    assert lines[-1] == "... and 5 more classes"
    assert not any("called" in line for line in lines)


def test_several_labels_per_text_have_no_single_confusion_table(capsys):
    assert not any("called" in line for line in lines_of(capsys, 3, multi_label=True))
