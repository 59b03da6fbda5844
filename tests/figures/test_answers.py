from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.transforms import Bbox

from longshort.errors import DataError
from longshort.figures import calibration, confusion, save

SIX = ["anger", "disgust at what was said", "fear", "joy", "sadness without an end", "surprise"]


def matrix(classes):
    return np.random.default_rng(0).integers(0, 40, (classes, classes)) + 200 * np.eye(classes, dtype=int)


def cells(axes):
    return [text.get_text() for text in axes.texts]


def names(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def a_bin(lower, upper, count, confidence, accuracy):
    return {"lower": lower, "upper": upper, "count": count, "confidence": confidence, "accuracy": accuracy}


BINS = [a_bin(0.0, 0.5, 0, 0.0, 0.0), a_bin(0.5, 0.75, 40, 0.65, 0.6), a_bin(0.75, 1.0, 60, 0.95, 0.9)]


def test_counts_and_shares_of_the_row():
    axes, bar = confusion([[0, 114], [0, 1_086]], ["0", "1"]).axes
    assert cells(axes) == ["0\n0.0 %", "114\n100.0 %", "0\n0.0 %", "1,086\n100.0 %"]
    assert axes.get_images()[0].get_array().tolist() == [[0, 1], [0, 1]]
    assert (axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()) == ("Confusion matrix", "answer", "truth")
    assert names(axes.xaxis) == names(axes.yaxis) == ["0", "1"]
    assert bar.get_ylabel() == "share of the true class"


def test_a_cell_is_written_where_it_is_counted():
    axes = confusion([[1, 2], [3, 4]], ["a", "b"]).axes[0]
    written = {text.get_position(): text.get_text().split("\n")[0] for text in axes.texts}
    assert written == {(0, 0): "1", (1, 0): "2", (0, 1): "3", (1, 1): "4"}


def test_a_class_without_examples_has_no_share():
    axes = confusion([[5, 0], [0, 0]], ["a", "b"]).axes[0]
    assert cells(axes)[2:] == ["0\n0.0 %", "0\n0.0 %"]


def test_ink_stands_out_on_every_shade():
    axes = confusion([[90, 10], [50, 50]], ["a", "b"]).axes[0]
    image = axes.get_images()[0]
    for text in axes.texts:
        column, row = text.get_position()
        ground = np.mean(image.cmap(image.norm(image.get_array()[row, column]))[:3])
        assert abs(ground - np.mean(to_rgb(text.get_color()))) > 0.3


def test_twenty_classes_have_counts_alone_and_no_zeros():
    counts = np.diag(np.arange(1, 21)) + np.eye(20, k=1, dtype=int)
    axes = confusion(counts, [f"class {i}" for i in range(20)]).axes[0]
    assert len(cells(axes)) == 39
    assert "20" in cells(axes)
    assert not any("%" in text or text == "0" for text in cells(axes))
    assert len(names(axes.xaxis)) == 20


def test_a_hundred_classes_are_colours_and_some_names():
    axes = confusion(matrix(100), [str(i) for i in range(100)]).axes[0]
    assert cells(axes) == []
    assert names(axes.yaxis) == [str(i) for i in range(0, 100, 3)]


@pytest.mark.parametrize(
    "labels", [["neg", "pos"], SIX, [f"class number {i}" for i in range(20)]], ids=["2", "6 long", "20"]
)
def test_names_and_cells_do_not_overlap(labels, tmp_path):
    figure = confusion(matrix(len(labels)), labels)
    save(figure, tmp_path / "confusion.png")
    axes, renderer = figure.axes[0], figure.canvas.get_renderer()
    inside = figure.bbox
    for label in axes.get_xticklabels() + axes.get_yticklabels():
        box = label.get_window_extent(renderer)
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0 and box.y1 <= inside.y1  # noqa: PT018
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert not any(Bbox.intersection(one, other) for one, other in pairwise(boxes))


def test_a_dollar_is_a_dollar(tmp_path):
    figure = confusion([[1, 0], [0, 1]], ["$5", "a $ and \\bad$"])
    save(figure, tmp_path / "dollar.png")
    assert names(figure.axes[0].xaxis) == ["$5", "a $ and \\bad$"]


@pytest.mark.parametrize(("counts", "labels", "shape"), [([[1, 2]], ["a", "b"], "(1, 2)"), ([], [], "(0,)")])
def test_another_shape_is_refused(counts, labels, shape):
    with pytest.raises(DataError) as caught:
        confusion(counts, labels)
    size = len(labels)
    assert str(caught.value) == (
        f"A confusion matrix of {size} labels must have the shape ({size}, {size}); got {shape}.\n\n"
        "hint: Several labels per example have one matrix per label: draw them one by one."
    )


def test_calibration_draws_the_bins_that_hold_answers(tmp_path):
    figure = calibration(BINS)
    above, below = figure.axes
    reached = {line.get_label(): line for line in above.get_lines()}
    assert reached["what it reaches"].get_xydata().tolist() == [[0.65, 0.6], [0.95, 0.9]]
    assert reached["as sure as it is right"].get_xydata().tolist() == [[0, 0], [1, 1]]
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in above.patches] == [
        (0.5, 0.25, 0.6),
        (0.75, 0.25, 0.9),
    ]
    assert [bar.get_height() for bar in below.patches] == [40, 60]
    assert (above.get_title(loc="left"), above.get_ylabel()) == ("Calibration", "accuracy")
    assert (below.get_xlabel(), below.get_ylabel()) == ("confidence", "answers")
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["as sure as it is right", "what it reaches"]
    save(figure, tmp_path / "calibration.png")


def test_calibration_of_nothing_is_refused():
    with pytest.raises(DataError) as caught:
        calibration(BINS[:1])
    assert str(caught.value) == (
        "A calibration figure needs at least one answer; got none.\n\nhint: Give the bins of a test split."
    )
