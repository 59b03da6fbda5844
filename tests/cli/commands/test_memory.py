import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.insight.small import TEXTS, classifier

import longshort as package
from longshort.insight.reach import MODELS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run directory with a model and the texts on which it was judged, one of them empty."""
    place = tmp_path_factory.mktemp("runs") / "small"
    classifier().save(place / "model")
    pq.write_table(pa.table({"text": [*TEXTS, " "], "truth": ["pos"] * 25}), place / "predictions.parquet")
    return place


@pytest.fixture(scope="module")
def found():
    return package.horizon(classifier(), TEXTS)


def test_the_sentence_first_then_a_table_then_the_cells(longshort, folder, found):
    result = longshort("memory", str(folder))
    lines = result.stdout.splitlines()

    assert (result.exit_code, result.stderr) == (0, "Using all 24 texts on which small was judged\n")
    assert lines[:2] == found.sentences()
    assert lines[3].split("  ")[0] == "layer"
    for line, (reach, name) in zip(
        lines[4:12], [(reach, name) for reach in found.reaches for name in MODELS], strict=True
    ):
        layer, direction, rest = line.split(maxsplit=2)
        assert (layer, direction) == ("0", reach.direction)
        shown = re.split(r"\s{2,}", rest.strip())
        wanted = [reach.curves[name].falls_to(share) for share in (0.5, 0.01)]
        assert shown == [MODELS[name], *("more than 3" if lag is None else str(lag) for lag in wanted)]
    middle = sorted(found.reaches[0].half_lives["trained"])
    assert lines[13].startswith(
        f"Cells, layer 0, forward: the half-life of the middle one is {(middle[2] + middle[3]) / 2:.1f} tokens, "
    )
    assert lines[15:] == [f"Medians of 24 texts, {found.tokens} tokens; norms exact."]


def test_json(longshort, folder, found):
    result = longshort("memory", str(folder), "--json", "--lags", "2", "--projections", "3")
    content = json.loads(result.stdout)
    wanted = package.horizon(classifier(), TEXTS, lags=2, projections=3).to_dict()

    assert content == {"run": str(folder), "data": "texts on which small was judged", **json.loads(json.dumps(wanted))}
    assert longshort("memory", str(folder), "--projections", "3").stdout.endswith(
        "norms estimated from 3 random directions.\n"
    )


def test_data_of_ones_own_need_no_labels(longshort, folder, tmp_path):
    data = tmp_path / "own.csv"
    data.write_text("words,other\n" + "\n".join(f"{text},1" for text in TEXTS))
    result = longshort("memory", str(folder / "model"), str(data), "--text", "words", "--examples", "3", "--json")
    content = json.loads(result.stdout)

    assert result.stderr == f"Using 3 of the 24 texts of {data}, evenly spread\n"
    assert content["examples"] == 3
    assert (
        content["reaches"] == package.horizon(classifier(), [TEXTS[place] for place in (0, 8, 16)]).to_dict()["reaches"]
    )


def test_the_figure(longshort, folder, tmp_path):
    result = longshort("memory", str(folder), "--figure", str(tmp_path / "memory.png"))

    assert result.stderr.endswith(f"Wrote {tmp_path / 'memory.png'}.\n")
    assert (tmp_path / "memory.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--examples", "0"], "--examples must be at least 1. Got 0."),
        (["--lags", "0"], "--lags must be at least 1. Got 0."),
        (["--projections", "-2"], "--projections must be at least 1. Got -2."),
        (["--figure", "memory.pdf"], "The file of --figure must end in .png. Got memory.pdf."),
        (["missing.csv"], "there is no file, folder or sample 'missing.csv'."),
    ],
)
def test_what_cannot_be_done(longshort, folder, arguments, message):
    result = longshort("memory", str(folder), *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0].startswith(f"error: {message}")


def test_a_model_alone_needs_texts(longshort, folder):
    result = longshort("memory", str(folder / "model"))

    assert result.exit_code == 2
    assert result.stderr == (
        f"error: DATA must be given if RUN stores no texts. {folder / 'model'} stores none.\n\n"
        f"hint: Name texts such as those that the model is for: longshort memory {folder / 'model'} DATA.\n"
    )


def test_texts_that_cannot_be_read(longshort, folder, tmp_path):
    classifier().save(tmp_path / "model")
    (tmp_path / "predictions.parquet").write_bytes(b"no parquet")
    result = longshort("memory", str(tmp_path))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {tmp_path}/predictions.parquet must hold the texts of the run: ")


def test_a_figure_that_cannot_be_written(longshort, folder, tmp_path):
    result = longshort("memory", str(folder), "--figure", str(tmp_path / "no" / "memory.png"))

    assert result.exit_code == 2
    assert "error: " in result.stderr
    assert "Traceback" not in result.stderr
