import struct
import subprocess
import sys

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from longshort.figures import confusion, curves, save
from longshort.figures.style import DPI, MAIN_LINE, OTHER_LINE, new_figure, tidy

HISTORY = [{"epoch": 1, "train_loss": 0.6}, {"epoch": 2, "train_loss": 0.5}]


def chunks(png):
    """The kinds of a PNG file's chunks, in order."""
    kinds, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kinds.append(png[place + 4 : place + 8].decode())
        place += length + 12
    return kinds


def test_a_saved_figure_is_a_png_of_150_dots_per_inch(tmp_path):
    path = tmp_path / "figure.png"
    save(new_figure(4, 2), path)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert matplotlib.image.imread(path).shape[:2] == (2 * DPI, 4 * DPI) == (300, 600)


def test_the_same_figure_gives_the_same_bytes_and_tells_nothing_of_its_making(tmp_path):
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    save(curves(HISTORY), first)
    save(curves(HISTORY), str(second))
    assert first.read_bytes() == second.read_bytes()
    assert set(chunks(first.read_bytes())) == {"IHDR", "pHYs", "IDAT", "IEND"}


def test_a_figure_is_not_empty(tmp_path):
    path = tmp_path / "figure.png"
    save(curves(HISTORY), path)
    assert (matplotlib.image.imread(path)[..., :3] < 0.9).any(axis=2).mean() > 0.005


def test_names_in_a_script_without_glyphs_do_not_disturb(tmp_path):
    """Warnings are errors here: the font has no ogham."""
    save(confusion([[3, 1], [1, 3]], ["\u1680\u1681", "pos"]), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1_000


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        save(new_figure(2, 2), tmp_path / "missing" / "figure.png")


def test_no_global_setting_is_touched_and_pyplot_stays_away(tmp_path):
    before = dict(mpl.rcParams)
    figure = curves(HISTORY)
    save(figure, tmp_path / "figure.png")
    assert dict(mpl.rcParams) == before
    check = "import sys, longshort.figures; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_lines_differ_in_grey():
    def lightness(color):
        return float(np.dot(to_rgb(color), (0.2126, 0.7152, 0.0722)))

    assert abs(lightness(MAIN_LINE.color) - lightness(OTHER_LINE.color)) > 0.25
    assert (MAIN_LINE.dash, MAIN_LINE.marker) != (OTHER_LINE.dash, OTHER_LINE.marker)


def test_markers_are_left_out_where_they_would_touch():
    assert MAIN_LINE.arguments(40)["marker"] == "o"
    assert MAIN_LINE.arguments(41)["marker"] == ""


def test_tidy_names_title_and_axes():
    axes = new_figure(3, 3).add_subplot()
    tidy(axes, title="Loss", x="epoch", y="nats")
    assert (axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()) == ("Loss", "epoch", "nats")
