import matplotlib.image
import pytest
from matplotlib.colors import to_hex

from longshort.errors import DataError
from longshort.figures import curves, save, sheet_curves


def history(epochs, *, validation=True, accuracy=True):
    rows = []
    for epoch in range(1, epochs + 1):
        row = {"epoch": epoch, "train_loss": 1 / epoch, "learning_rate": 0.1, "seconds": 1.0}
        if accuracy:
            row["train_accuracy"] = 1 - 0.5 / epoch
        if validation:
            row["validation_loss"] = 0.2 + abs(epoch - 4) / 10
            row["validation_accuracy"] = 0.9 - abs(epoch - 4) / 100 if accuracy else None
        rows.append(row)
    return rows


def lines(axes):
    """The drawn lines by their names: (x, y)."""
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_loss_and_accuracy_stand_side_by_side():
    rows = history(6)
    loss, accuracy = curves(rows).axes
    epochs = [1, 2, 3, 4, 5, 6]
    for axes, kind in ((loss, "loss"), (accuracy, "accuracy")):
        assert lines(axes)["training"] == (epochs, [row[f"train_{kind}"] for row in rows])
        assert lines(axes)["validation"] == (epochs, [row[f"validation_{kind}"] for row in rows])
        assert legend(axes) == ["training", "validation", "best epoch (4)"]
        assert axes.get_xlabel() == "epoch"
    assert (loss.get_title(loc="left"), loss.get_ylabel()) == ("Loss", "nats per example")
    assert (accuracy.get_title(loc="left"), accuracy.get_ylabel()) == ("Accuracy", "share of right answers")
    assert loss.get_position().x1 < accuracy.get_position().x0


def test_the_best_epoch_is_marked_at_the_lowest_validation_loss_unless_given():
    assert lines(curves(history(6)).axes[0])["best epoch (4)"][0] == [4, 4]
    assert lines(curves(history(6), best_epoch=2).axes[1])["best epoch (2)"][0] == [2, 2]


def test_one_epoch_is_a_point_and_the_axis_has_no_half_epochs(tmp_path):
    figure = curves(history(1))
    save(figure, tmp_path / "one.png")
    for axes in figure.axes:
        assert lines(axes)["training"][0] == [1]
        assert [tick for tick in axes.get_xticks() if 0.5 <= tick <= 1.5] == [1]
        assert axes.get_lines()[0].get_marker() == "o"


def test_without_validation_there_is_no_line_and_no_best_epoch():
    figure = curves(history(3, validation=False))
    assert [legend(axes) for axes in figure.axes] == [["training"], ["training"]]


def test_without_accuracy_there_is_one_panel():
    figure = curves(history(3, accuracy=False))
    (loss,) = figure.axes
    assert loss.get_title(loc="left") == "Loss"
    assert figure.get_size_inches().tolist() == [5, 3.8]


def test_epochs_that_were_not_measured_are_left_out():
    rows = [{"epoch": 1, "train_loss": 0.5, "validation_loss": None}, {"epoch": 2, "train_loss": None}]
    (loss,) = curves([*rows, {"epoch": 3, "train_loss": 0.3, "validation_loss": 0.4}]).axes
    assert lines(loss)["training"] == ([1, 3], [0.5, 0.3])
    assert lines(loss)["validation"] == ([3], [0.4])


def test_thirty_epochs_keep_ticks_apart(tmp_path):
    figure = curves(history(30))
    save(figure, tmp_path / "thirty.png")
    ticks = [tick for tick in figure.axes[0].get_xticks() if 0.5 <= tick <= 30.5]
    assert 5 <= len(ticks) <= 11
    assert all(tick == int(tick) for tick in ticks)


def test_no_epoch_is_refused():
    with pytest.raises(DataError) as caught:
        curves([])
    assert str(caught.value) == (
        "A learning curve needs at least one epoch; got none.\n\nhint: Train for an epoch first."
    )


def test_the_classic_figure(tmp_path):
    losses, accuracies = [0.6975, 0.6967, 0.6959, 0.6952, 0.6945, 0.6939], [0.43] * 6
    figure = sheet_curves(losses, accuracies)
    left, right = figure.axes
    assert (left.get_title(), left.get_xlabel(), left.get_ylabel()) == ("Training Loss", "Epochs", "Loss")
    assert (right.get_title(), right.get_xlabel(), right.get_ylabel()) == ("Test Accuracy", "Epochs", "Accuracy")
    assert lines(left) == {"Train Loss": ([0, 1, 2, 3, 4, 5], losses)}
    assert lines(right) == {"Test Accuracy": ([0, 1, 2, 3, 4, 5], accuracies)}
    assert (legend(left), legend(right)) == (["Train Loss"], ["Test Accuracy"])
    assert to_hex(right.get_lines()[0].get_color()) == to_hex("orange")
    save(figure, tmp_path / "sheet.png")
    assert matplotlib.image.imread(tmp_path / "sheet.png").shape[:2] == (600, 1_500)
