import json
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet
import pytest
from tests.insight.small import classifier

import longshort as package
from longshort.insight import Trace
from longshort.insight.cellstep import cell_step

TEXT = "a Good good film"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("model")
    classifier().save(place)
    return str(place)


@pytest.fixture(scope="module")
def whole():
    return package.trace(classifier(), TEXT)


def test_a_line_for_each_token(longshort, folder, whole):
    result = longshort("trace", folder, TEXT)
    heading, _, headers, *lines = result.stdout.splitlines()
    best = max(whole.scores, key=whole.scores.get)

    assert (result.exit_code, result.stderr) == (0, "")
    assert heading == f"{best} {whole.scores[best]:.3f}; 4 tokens; layer 0, forward, the mean of 6 units"
    assert headers.split()[:5] == ["step", "token", "input", "forget", "output"]
    for place, line in enumerate(lines):
        step, token, *numbers, unit, change = line.split()
        moved = (whole.cell - whole.before("cell"))[0, 0, place]
        means = [getattr(whole, name)[0, 0, place].mean() for name in ("input_gate", "forget_gate", "output_gate")]
        lengths = [np.linalg.norm(array[0, 0, place]) for array in (whole.cell, whole.hidden)]
        assert (step, token) == (str(place), whole.tokens[place])
        assert list(map(float, numbers)) == pytest.approx([*means, *lengths], abs=6e-4)
        assert int(unit) == np.abs(moved).argmax()
        assert float(change) == pytest.approx(moved[int(unit)], abs=6e-4)


def test_one_unit_of_one_direction(longshort, folder, whole):
    result = longshort("trace", folder, TEXT, "--unit", "3", "--direction", "reverse")
    heading, _, headers, *lines = result.stdout.splitlines()

    assert heading.endswith("layer 0, reverse, unit 3")
    assert headers.split() == ["step", "token", "input", "forget", "output", "candidate", "cell", "hidden"]
    for place, line in enumerate(lines):
        names = ("input_gate", "forget_gate", "output_gate", "cell_gate", "cell", "hidden")
        wanted = [getattr(whole, name)[0, 1, place, 3] for name in names]
        assert list(map(float, line.split()[2:])) == pytest.approx(wanted, abs=6e-4)


def test_one_step_with_its_equations(longshort, folder):
    result = longshort("trace", folder, TEXT, "--unit", "2", "--step", "film")
    lines = result.stdout.splitlines()

    assert lines[1:3] == ["step 3: 'film'", ""]
    assert lines[3:] == [str(each) for each in cell_step(classifier(), TEXT, 3, unit=2).equations]
    assert longshort("trace", folder, TEXT, "--unit", "2", "--step", "3").stdout == result.stdout


def test_a_token_as_it_is_written_comes_before_one_in_other_letters(longshort, folder):
    assert "step 1: 'Good'" in longshort("trace", folder, TEXT, "--step", "Good").stdout
    assert "step 2: 'good'" in longshort("trace", folder, TEXT, "--step", "good").stdout
    assert "step 3: 'film'" in longshort("trace", folder, TEXT, "--step", "FILM").stdout


def test_json_holds_everything_or_what_was_chosen(longshort, folder, whole):
    everything = Trace.from_json(longshort("trace", folder, TEXT, "--json").stdout)
    part = Trace.from_json(longshort("trace", folder, TEXT, "--json", "--unit", "4", "--direction", "reverse").stdout)
    step = json.loads(longshort("trace", folder, TEXT, "--json", "--step", "0", "--unit", "1").stdout)

    np.testing.assert_array_equal(everything.cell, whole.cell)
    assert (part.directions, part.units) == (("reverse",), (4,))
    assert step == json.loads(json.dumps(cell_step(classifier(), TEXT, 0, unit=1).to_dict()))


def test_the_text_from_stdin(longshort, folder):
    assert longshort("trace", folder, "-", input=TEXT + "\n").stdout == longshort("trace", folder, TEXT).stdout


def test_files_by_their_endings(longshort, folder, whole, tmp_path):
    for ending in ("json", "csv", "parquet", "png", "svg"):
        result = longshort("trace", folder, TEXT, "--output", str(tmp_path / f"x.{ending}"))
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr.endswith(f"Wrote {tmp_path / f'x.{ending}'}.\n")
    table = pyarrow.parquet.read_table(tmp_path / "x.parquet").to_pydict()
    lines = (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()

    np.testing.assert_array_equal(Trace.from_json((tmp_path / "x.json").read_text()).hidden, whole.hidden)
    np.testing.assert_array_equal(np.float32(table["cell"]), whole.cell.ravel())
    assert len(lines) == 1 + 2 * 4 * 6
    assert float(lines[1].split(",")[-1]) == pytest.approx(whole.hidden[0, 0, 0, 0], rel=1e-7)
    assert (tmp_path / "x.png").read_bytes()[:4] == b"\x89PNG"
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag.endswith("svg")


def test_the_diagram_without_a_step_takes_the_one_in_which_the_cell_moved_most(longshort, folder, whole, tmp_path):
    result = longshort("trace", folder, TEXT, "--unit", "2", "--output", str(tmp_path / "x.svg"))
    most = int(np.abs((whole.cell - whole.before("cell"))[0, 0, :, 2]).argmax())

    assert result.stderr.startswith(f"No --step was given: step {most} is drawn")
    assert f"Step {most} of 4, counted from 0." in (tmp_path / "x.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (TEXT, "--step", "fim"),
            "--step must be a number from 0 to 3, or a token of the text. Got 'fim'.\n\nhint: Did you mean 'film'?",
        ),
        (
            ("a a", "--step", "a"),
            "--step must name one step. The token 'a' stands at 0, 1.\n\nhint: Give the number, for example --step 0.",
        ),
        ((TEXT, "--step", "4"), "--step must be a number from 0 to 3"),
        (("",), "The text must hold at least one token. Got ''.\n\nhint: Write a few words."),
        ((TEXT, "--unit", "6"), "unit must be of those in the trace: 0, 1, 2, 3, 4, 5. Got 6."),
        ((TEXT, "--layer", "1"), "layer must be of those in the trace: 0. Got 1."),
        ((TEXT, "--output", "x.txt"), "The file of --output must end in .json, .csv, .parquet, .png, .svg. Got x.txt."),
        ((TEXT, "--json", "--output", "x.svg"), "A trace is printed with --json or written with --output. Got both."),
    ],
)
def test_a_mistake_is_told_once_with_a_hint(longshort, folder, arguments, message):
    result = longshort("trace", folder, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}")
