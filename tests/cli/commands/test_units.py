import json

import pytest
from tests.cli.commands.test_predict import QUICK
from tests.small_runs import finished, labels, texts  # noqa: F401  (a fixture)

from longshort import TextClassifier
from longshort.cli.commands import unit_tables

WIDE = {"env": {"COLUMNS": "200"}}


@pytest.fixture(scope="module")
def run(finished):  # noqa: F811
    return str(finished.directory)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("units") / "new.csv"
    rows = zip(texts(40, seed=7), labels(40), strict=True)
    path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    return str(path)


def test_the_ranking_on_the_runs_own_texts(longshort, run):
    result = longshort("units", run, "--top", "3")
    lines = result.stdout.splitlines()

    assert result.exit_code == 0
    headers = "unit|loss change|95 % interval|p|accuracy change|goes with|r|driven by the word|highest at"
    assert lines[0].split() == headers.replace("|", " ").split()
    assert all(line.startswith("0/") for line in lines[1:4])
    assert lines[5].startswith("8 units on 6 texts of ")
    assert "The whole model: loss 0." in result.stdout
    assert "change the loss by" in result.stdout
    assert result.stderr.startswith("Using all 6 test texts of run\n  Reading 6 texts\n  Answering again without")


def test_json_holds_every_unit_in_order(longshort, run, data):
    content = json.loads(longshort("units", run, data, "--json", "--examples", "30").stdout)
    changes = [unit["ablation"]["loss_change"] for unit in content["units"]]

    assert (content["texts"], content["given"], content["rank"]) == (30, 40, "damage")
    assert len(changes) == 8
    assert changes == sorted(changes, reverse=True)


def test_a_sample_is_named(longshort, run, data):
    result = longshort("units", run, data, "--rank", "length", "--examples", "30")

    assert result.exit_code == 0
    assert result.stderr.startswith("Using 30 of the 40 texts of ")
    assert "r length" in result.stdout.splitlines()[0]
    assert "95 % interval" not in result.stdout  # no other ranking needs an ablation


def test_one_unit_in_full(longshort, run, data, tmp_path):
    figure = tmp_path / "unit.png"
    result = longshort("units", run, data, "--unit", "0/reverse/2", "--figure", str(figure))

    assert result.exit_code == 0
    assert result.stdout.startswith("Unit 0/reverse/2: mean ")
    assert "Held at " in result.stdout
    assert "Highest after: " in result.stdout
    assert "  [" in result.stdout or " [" in result.stdout
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_a_search(longshort, run, data):
    result = longshort("units", run, data, "--find", "good", "--top", "2")
    lines = result.stdout.splitlines()

    assert result.exit_code == 0
    assert lines[0].split() == ["unit", "on", "when", "on", "inside", "on", "outside", "score", "whole", "spans"]
    assert len([line for line in lines if (line.startswith("0/") and ">=" in line) or " < " in line]) == 2
    assert "10 spans of 'good' in 20 texts. Thresholds were chosen on the other half" in result.stdout
    assert json.loads(longshort("units", run, data, "--find", "good", "--json").stdout)["spans"] == 10


def test_a_text_along_one_unit(longshort, run, tmp_path):
    figure = tmp_path / "strip.png"
    arguments = ("units", run, "--unit", "0/forward/1", "--color", "-", "--figure", str(figure))
    result = longshort(*arguments, input="good film")
    content = json.loads(longshort("units", run, "--unit", "0/forward/1", "--color", "good film", "--json").stdout)

    assert [line.split()[0] for line in result.stdout.splitlines()] == ["token", "good", "film"]
    assert content["tokens"] == ["good", "film"]
    assert f"{content['values'][0]:+.3f}" in result.stdout
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_the_ranking_is_drawn(longshort, run, tmp_path):
    result = longshort("units", run, "--figure", str(tmp_path / "units.png"))

    assert result.exit_code == 0
    assert result.stderr.endswith("units.png.\n")
    assert (tmp_path / "units.png").is_file()


def test_bars_show_sign_and_size_without_colour():
    assert unit_tables._bar(0.5) == " " * 18 + "|" + "+" * 9
    assert unit_tables._bar(-1.0) == "-" * 18 + "|"
    assert unit_tables._bar(0.0) == " " * 18 + "|"


def test_several_labels_come_back_from_the_runs_texts(longshort, tmp_path):
    """What a run with several labels a text leaves, read again."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [["pos", "film"], ["neg", "film"], ["pos"], []] * 10
    said = [
        f"{'good' if 'pos' in each else 'bad'} {'film' if 'film' in each else 'book'} {row}"
        for row, each in enumerate(names)
    ]
    TextClassifier(**QUICK | {"epochs": 1}).fit(said, names).save(tmp_path / "model")
    pq.write_table(
        pa.table({"text": said, "truth": ["|".join(each) for each in names]}), tmp_path / "predictions.parquet"
    )
    (tmp_path / "metrics.json").write_text('{"judged_on": "validation"}')
    result = longshort("units", str(tmp_path), "--rank", "label pos")

    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        0,
        f"Using all 40 validation texts of {tmp_path.name}",
    )


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["--color", "x"], "--color shows the values of one unit. Got no --unit.", "For example --unit 0/forward/21."),
        (
            ["--find", "x", "--unit", "0/forward/0"],
            "--find searches all units. Got --unit or --color too.",
            "Leave one of them out.",
        ),
        (["--figure", "x.gif"], "The file of --figure must end in .png. Got x.gif.", ""),
        (
            ["--examples", "1"],
            "--examples must be at least 2. Got 1.",
            "A few hundred texts give more certain results.",
        ),
        (
            ["--rank", "damage", "--ablation", "none"],
            "A ranking by damage shows what is lost without each unit. Got no ablation.",
            "Add --ablation mean.",
        ),
        (
            ["--rank", "length", "--figure", "x.png"],
            "The figure of a ranking shows what is lost without each unit. Got no ablation.",
            "Add --ablation mean.",
        ),
        (
            ["--unit", "3"],
            "A unit is named layer/direction/number, its direction forward or reverse. Got '3'.",
            "For example 0/forward/17.",
        ),
        (
            ["--unit", "0/forward/0", "--color", ""],
            "The text must hold at least one token. Got ''.",
            "Write a few words.",
        ),
    ],
)
def test_mistakes(longshort, run, arguments, message, hint):
    result = longshort("units", run, *arguments)
    last = result.stderr[result.stderr.index("error: ") :]

    assert (result.exit_code, result.stdout) == (2, "")
    assert last == f"error: {message}\n" + (f"\nhint: {hint}\n" if hint else "")


def test_an_order_is_checked_before_the_work(longshort, run):
    result = longshort("units", run, "--rank", "negatoin")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: Units are ranked by one of damage, accuracy, correlation, words, memory, ")


def test_a_model_folder_keeps_no_texts(longshort, run):
    result = longshort("units", f"{run}/model")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: DATA must be given if RUN stores no texts. ")
    assert result.stderr.endswith(f"longshort units {run}/model DATA.\n")
