import json

import pytest

from longshort.experiments import EXPERIMENTS


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_without_a_name_the_experiments_are_listed(longshort):
    result = longshort("experiment")
    lines = result.stdout.splitlines()

    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[0] for line in lines[1:]] == list(EXPERIMENTS)
    for line, experiment in zip(lines[1:], EXPERIMENTS.values(), strict=True):
        assert line.endswith(experiment.description)
        assert all(f"--{option}" in line for option in experiment.options)


def test_the_list_as_json(longshort):
    assert [each["name"] for each in json.loads(longshort("experiment", "--json").stdout)] == list(EXPERIMENTS)


def test_its_lines_are_data(longshort, tmp_path):
    result = longshort("experiment", "sequence-sum", "--epochs", "2", "--run", str(tmp_path / "new"))

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Epoch [1/2] Loss: ")
    assert (tmp_path / "new" / "metrics.json").is_file()


def test_json_on_stdout_and_the_lines_on_stderr(longshort):
    result = longshort("experiment", "sequence-sum", "--epochs", "1", "--json")
    outcome = json.loads(result.stdout)

    assert result.stderr.startswith("Epoch [1/1] Loss: ")
    assert outcome["options"] == {"epochs": 1}
    assert outcome["directory"] == "runs/experiments/sequence-sum"


def test_several_seeds_are_done_one_after_another_and_compared(longshort, tmp_path):
    place = tmp_path / "new"
    result = longshort(
        *(
            "experiment",
            "sequence-sum",
            "--epochs",
            "1",
            "--seed",
            "3",
            "--seed",
            "4",
            "--seed",
            "3",
            "--run",
            str(place),
        )
    )
    accuracy = {
        seed: json.loads((place / f"seed-{seed}" / "metrics.json").read_text())["test"]["accuracy"] for seed in (3, 4)
    }
    lines = [line.split() for line in result.stdout.splitlines()[-5:]]

    assert (result.exit_code, result.stderr) == (0, "Seed 3\nSeed 4\n")
    assert lines == [
        ["seed", "test", "accuracy"],
        *([str(seed), f"{value:.4f}"] for seed, value in accuracy.items()),
        ["lowest", f"{min(accuracy.values()):.4f}"],
        ["mean", f"{sum(accuracy.values()) / 2:.4f}"],
    ]


def test_memory_takes_several_of_each_and_compares_them_itself(longshort):
    chosen = ["--problem", "adding", "--length", "4", "--length", "3", "--seed", "1", "--seed", "0", "--network", "rnn"]
    result = longshort("experiment", "memory", *chosen, "--steps", "1", "--json")
    outcome = json.loads(result.stdout)

    assert result.exit_code == 0
    assert [(each["length"], each["seed"]) for each in outcome["attempts"]] == [(3, 1), (3, 0), (4, 1), (4, 0)]
    assert outcome["options"] == {
        "problem": ["adding"], "length": [4, 3], "network": ["rnn"], "seed": [1, 0], "steps": 1,
    }  # fmt: skip
    assert result.stderr.startswith("Adding: the sum of two marked numbers")
    assert outcome["directory"] == "runs/experiments/memory"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["memory", "--epochs", "3"], "The experiment memory has no option --epochs."),
        (["memory", "--problem", "ading"], "There is no memory problem 'ading'."),
        (["text", "--length", "3"], "The experiment text has no option --length."),
    ],
)
def test_what_an_experiment_does_not_take(longshort, line, message):
    result = longshort("experiment", *line)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}\n\nhint: ")


def test_a_misspelt_experiment_names_the_nearest(longshort):
    result = longshort("experiment", "sequence-some")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: There is no experiment 'sequence-some'.\n\nhint: Did you mean 'sequence-sum'?\n"
