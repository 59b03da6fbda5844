import shutil

import pytest
from tests.runs.small import finished

__all__ = ["finished"]


@pytest.fixture
def run(finished, tmp_path):
    shutil.copytree(finished.directory, tmp_path / "run")
    return tmp_path / "run"


def test_a_report_is_made_anew(longshort, run):
    (run / "report.html").unlink()
    result = longshort("report", str(run))

    assert (result.exit_code, result.stdout) == (0, f"{run}/report.html\n")
    assert result.stderr == f"Looking into {run}\n"
    assert "Three texts, looked into" in (run / "report.html").read_text(encoding="utf-8")


def test_two_runs_in_one_page(longshort, run, finished, tmp_path):
    result = longshort("report", str(run), "--against", str(finished.directory), "--output", str(tmp_path / "two.html"))
    other = longshort("report", str(run), "--against", str(finished.directory))

    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/two.html\n")
    assert "Where they disagree" in (tmp_path / "two.html").read_text(encoding="utf-8")
    assert other.stdout == f"{run}/against-run.html\n"


def test_what_is_no_run_is_said(longshort, tmp_path):
    result = longshort("report", str(tmp_path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: A run directory holds metrics.json. Got {tmp_path}, which does not.\n\n"
        "hint: `longshort runs` lists the finished runs.\n"
    )


def test_a_file_that_cannot_be_written_is_said(longshort, run, finished, tmp_path):
    result = longshort(
        "report", str(run), "--against", str(finished.directory), "--output", str(tmp_path / "nosuch" / "r.html")
    )

    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {tmp_path}/nosuch/r.html could not be written: No such file or directory.")
    assert "hint: Name a file in a folder that is there with --output." in result.stderr
