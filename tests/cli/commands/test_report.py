import shutil

import pytest
from tests.small_runs import finished

__all__ = ["finished"]


@pytest.fixture
def run(finished, tmp_path):
    shutil.copytree(finished.directory, tmp_path / "run")
    return tmp_path / "run"


def test_a_report_is_made_anew(longshort, run):
    (run / "report.html").unlink()
    result = longshort("report", str(run))

    assert (result.exit_code, result.stdout) == (0, f"{run}/report.html\n")
    assert result.stderr == f"Analysing {run}\n"
    assert "Three texts, looked into" in (run / "report.html").read_text(encoding="utf-8")


def test_two_runs_in_one_page(longshort, run, finished, tmp_path):
    result = longshort("report", str(run), "--against", str(finished.directory), "--output", str(tmp_path / "two.html"))
    other = longshort("report", str(run), "--against", str(finished.directory))

    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/two.html\n")
    assert "Where they disagree" in (tmp_path / "two.html").read_text(encoding="utf-8")
    assert other.stdout == f"{run}/against-run.html\n"


def test_what_is_no_run_is_said(longshort, tmp_path):
    place = tmp_path / "nothing"
    place.mkdir()
    result = longshort("report", str(place))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: A run directory holds metrics.json. Got {place}, which does not.\n\n"
        "hint: `longshort runs` lists the finished runs.\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("history.jsonl", '{"epoch": 1, "tra', "history.jsonl must hold a JSON object a line: Unterminated string"),
        ("history.jsonl", "7", "history.jsonl must hold a JSON object a line. It holds something else."),
        ("history.jsonl", None, "history.jsonl must hold a JSON object a line: No such file or directory."),
        ("metrics.json", "{", "metrics.json must hold JSON: "),
        (
            "metrics.json",
            '{"task": "text-classification"}',
            "metrics.json must hold what a report is made of. KeyError",
        ),
        ("metrics.json", "[]", "metrics.json must hold what a report is made of. TypeError"),
    ],
)
def test_a_run_that_is_damaged_is_said(longshort, run, finished, tmp_path, name, content, message):
    place = shutil.copytree(run, tmp_path / "damaged")
    (place / name).unlink()
    if content is not None:
        (place / name).write_text(content)
    for command in (["report", str(place)], ["report", str(finished.directory), "--against", str(place)]):
        result = longshort(*command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
        assert "\n\nhint: " in result.stderr


def test_a_file_that_cannot_be_written_is_said(longshort, run, finished, tmp_path):
    result = longshort(
        "report", str(run), "--against", str(finished.directory), "--output", str(tmp_path / "nosuch" / "r.html")
    )

    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {tmp_path}/nosuch/r.html could not be written: No such file or directory.")
    assert "hint: Name a file in a folder that is there with --output." in result.stderr
