import re
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.small_runs import finished

from longshort.errors import RunError
from longshort.kinds.classes.predictions import Answers, answers_of
from longshort.kinds.text.sections import chosen_texts
from longshort.pages.evidence import Evidence
from longshort.pages.report import report_html, write_report
from longshort.pages.section import Missing
from longshort.runs import RunDirectory

__all__ = ["finished"]


@pytest.fixture
def run(finished, tmp_path):
    """A copy of a finished run, to be changed."""
    shutil.copytree(finished.directory, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


def evidence(run):
    return Evidence(run.read_metrics(), run.read_history(), run.figures, run)


def test_the_answers_of_a_run_are_read(run):
    answers = answers_of(evidence(run))

    assert len(answers) == 6
    assert answers.right.mean() == pytest.approx(run.read_metrics()["test"]["accuracy"])
    assert answers.probabilities.sum(axis=1) == pytest.approx(np.ones(6))


def test_several_labels_are_taken_apart(tmp_path):
    path = tmp_path / "predictions.parquet"
    rows = {"row": [3, 5], "text": ["a", "b"], "truth": ["war|sea", ""], "answer": ["sea|war", "sea"]}
    pq.write_table(pa.table(rows | {"p(sea)": [0.9, 0.8], "p(war)": [0.7, 0.1]}), path)
    answers = Answers.read(path, ["sea", "war"], multi_label=True)

    assert answers.truths == [("war", "sea"), ()]
    assert answers.right.tolist() == [True, False]


@pytest.mark.parametrize("content", [b"", b"no parquet"])
def test_a_damaged_file_is_refused(run, content):
    run.predictions.write_bytes(content)

    with pytest.raises(RunError, match=r"predictions\.parquet must hold the answers of the run"):
        _ = answers_of(evidence(run))


def test_the_three_texts_are_what_they_are_called(run):
    found = evidence(run)
    examples = {each.key: each for each in chosen_texts(found)}
    answers = answers_of(found)

    assert "undecided" in examples
    assert examples.keys() <= {"right", "wrong", "undecided"}
    for key, right in (("right", True), ("wrong", False)):
        if key in examples:
            assert answers.right[answers.texts.index(examples[key].text)] == right
    assert len({each.text for each in examples.values()}) == len(examples)
    assert chosen_texts(found)[0] is chosen_texts(found)[0]


def test_texts_as_long_as_books_are_not_traced(run):
    table = pq.read_table(run.predictions)
    longer = pa.array([text * 1_000 for text in table["text"].to_pylist()])
    pq.write_table(table.set_column(table.schema.get_field_index("text"), "text", longer), run.predictions)

    with pytest.raises(Missing, match="at most 6,000 characters"):
        chosen_texts(evidence(run))
    page, failures = report_html(run.read_metrics(), run.read_history(), run.figures, run)
    assert failures == []
    assert page.count("at most 6,000 characters") == 3


def test_without_model_and_texts_a_report_says_so(run):
    shutil.rmtree(run.model)
    run.predictions.unlink()
    path, failures = write_report(run)
    page = path.read_text(encoding="utf-8")

    assert failures == []
    assert page.count('<p class="missing">The texts that it was judged on are not kept beside this report.</p>') == 4


def test_a_damaged_model_takes_nothing_else_along(run):
    (run.model / "weights.safetensors").write_bytes(b"no weights")
    page, failures = report_html(run.read_metrics(), run.read_history(), run.figures, run)

    assert failures == []
    assert "must hold safetensors" in page
    assert 'id="plot-learning-loss"' in page


def test_a_finished_run_has_a_whole_report(finished):
    page = (finished.directory / "report.html").read_text(encoding="utf-8")
    titles = re.findall(r'<h2 id="[a-z]+-title">(.*?)</h2>', page)

    assert titles == [
        "Results", "Settings", "Data", "Learning", "Answers", "Calibration", "Worst errors", "Three texts, looked into",
        "How far back it remembers", "The units that matter most", "One step of the cell", "How the weights moved",
    ]  # fmt: skip
    assert 'class="missing"' not in page
    assert 4_800_000 < len(page.encode()) < 8_000_000
    assert page.count("The six equations with these numbers") == 1
