import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.small_runs import finished

from longshort.pages.report import comparison_html
from longshort.runs import RunDirectory

__all__ = ["finished"]


@pytest.fixture
def pair(finished, tmp_path):
    """A run and a copy of it that answers some texts in another way and was set in another way."""

    def make(*, flipped=(), dropped=(), **changes):
        copied = tmp_path / "other"
        shutil.copytree(finished.directory, copied)
        run = RunDirectory(copied)
        metrics = run.read_metrics() | {"name": "other"} | changes
        metrics["settings"]["training"]["learning_rate"] = 0.5
        run.write_metrics(metrics)
        rows = pq.read_table(run.predictions).to_pylist()
        for place in flipped:
            row = rows[place]
            row["answer"] = "neg" if row["answer"] == "pos" else "pos"
            row["p(neg)"], row["p(pos)"] = row["p(pos)"], row["p(neg)"]
        kept = [at for at in range(len(rows)) if at not in dropped]
        pq.write_table(pa.Table.from_pylist(rows).take(pa.array(kept, pa.int64())), run.predictions)
        return RunDirectory(finished.directory), run

    return make


def test_what_differs_is_shown_side_by_side(pair):
    page, failures = comparison_html(*pair(flipped=[0, 1]))

    assert failures == []
    assert "<h1><bdi>run</bdi> against <bdi>other</bdi></h1>" in page
    assert "run does not differ significantly from other: accuracy" in page
    assert "on the same 6 texts (95 % interval" in page
    assert (
        '<tr><th scope="row"><code>learning_rate</code></th><td class="value"><bdi>0.003</bdi></td>'
        '<td class="value"><bdi>0.5</bdi></td></tr>'
    ) in page
    assert page.count("<code>") == 1
    assert page.count('class="plot"') == 3
    assert "They answer 2 of 6 texts differently." in page


def test_the_same_answers_have_no_disagreement(pair):
    page, _ = comparison_html(*pair())

    assert "They give the same answer to each of 6 texts." in page
    assert "accuracy +0.0 points" in page


def test_only_texts_that_both_were_judged_on_are_compared(pair):
    page, _ = comparison_html(*pair(dropped=[0, 1]))

    assert "on the same 4 texts" in page


def test_no_text_in_common_is_said(pair):
    page, failures = comparison_html(*pair(dropped=range(6)))

    assert failures == []
    assert page.count("No text was held out from both of them") == 4  # the title, the headline and two sections


def test_other_data_is_said_and_the_curves_are_shown_all_the_same(pair, finished):
    data = json.loads(json.dumps(finished.metrics["data"]))
    data["parts"]["test"] |= {"fingerprint": "0" * 64, "source": "other.csv"}
    page, failures = comparison_html(*pair(data=data))

    assert failures == []
    assert "They were judged on different data" in page
    assert "<bdi>other.csv</bdi>" in page
    assert page.count('class="plot"') == 3


def test_two_runs_of_one_name_have_letters(finished):
    run = RunDirectory(finished.directory)
    page, _ = comparison_html(run, RunDirectory(finished.directory))

    assert "<h1><bdi>run (A)</bdi> against <bdi>run (B)</bdi></h1>" in page
    assert "They have the same settings and the same data." in page
