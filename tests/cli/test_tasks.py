"""The options of a command are those of the task that its data is for."""

from __future__ import annotations

import json

import pytest
from tests.kinds.sequences.test_classification import ts, waves

pytestmark = pytest.mark.usefixtures("without_report")

FAST = ("--hidden-size", "4", "--filters", "4", "--members", "1", "--epochs", "4")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ts(tmp_path / "train.ts", waves(30, 0))
    ts(tmp_path / "test.ts", waves(12, 1))
    return tmp_path


def test_a_ts_file_is_one_of_sequences(longshort, files):
    result = longshort("train", "train.ts", "--test", "test.ts", "--run", "run", *FAST)

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("On 12 test sequences:\n")
    assert "Next: longshort predict run --file FILE" in result.stdout
    judged = longshort("evaluate", "run", "test.ts")
    assert judged.stdout.startswith("On 12 labelled sequences:\n")
    answers = longshort("predict", "run", "--file", "test.ts", "--json").stdout.splitlines()
    assert [set(json.loads(line)) for line in answers] == [{"text", "label", "probability", "probabilities"}] * 12


def test_a_model_of_numbers_takes_no_texts(longshort, files):
    longshort("train", "train.ts", "--test", "test.ts", "--run", "run", *FAST)
    result = longshort("predict", "run", "good film")

    assert result.exit_code == 2
    assert result.stderr == (
        "error: The model reads sequences of numbers, from a file. Got texts.\n\n"
        "hint: Name a .ts, .csv, .tsv or .parquet file with --file.\n"
    )


def test_options_of_another_task_are_refused(longshort, files):
    result = longshort("train", "train.ts", "--tokenizer", "bpe")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: longshort train has no option --tokenizer.\n")
    assert longshort("train", "train.ts", "--embedding-rate", "1").exit_code == 2
    assert longshort("train", "train.ts", "--preset", "demo").stderr == (
        "error: The preset demo is one of text classification.\n\nhint: Leave --preset out.\n"
    )


@pytest.mark.parametrize("form", [("--task", "sequence-clasification"), ("--task=sequence-clasification",)])
def test_a_misspelt_task_gets_the_nearest_one(longshort, files, form):
    result = longshort("train", "train.ts", *form)

    assert result.exit_code == 2
    assert result.stderr == (
        "error: There is no task 'sequence-clasification'.\n\nhint: Did you mean 'sequence-classification'?\n"
    )


def test_the_help_is_that_of_the_task(longshort):
    text = longshort("train", "--help").stdout
    numbers = longshort("train", "--task", "sequence-classification", "--help").stdout

    assert "--tokenizer" in text
    assert "--front" not in text
    assert "--front" in numbers
    assert "--tokenizer" not in numbers
    assert "--pretraining-epochs" not in numbers
