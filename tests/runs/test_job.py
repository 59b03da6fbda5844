"""A whole run: it leaves what is promised, tells the truth about it, and loses nothing when it is stopped."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, roc_auc_score
from tests.small_runs import FLAT, SETTINGS, finished, labels, table, texts

from longshort.config import TextRunSettings
from longshort.errors import DataError, Interrupted, NonFiniteError, SettingError
from longshort.runs import RunDirectory, RunResult, evaluate, load_bundle, train
from longshort.training import EpochRecord, Listener

__all__ = ["finished"]

pytestmark = pytest.mark.usefixtures("without_report")

FILES = [
    "README.md",
    "figures/calibration.png",
    "figures/confusion.png",
    "figures/curves.png",
    "figures/dynamics.png",
    "history.jsonl",
    "metrics.json",
    "model/config.json",
    "model/tokenizer.json",
    "model/weights.safetensors",
    "predictions.parquet",
    "report.html",
    "run.json",
    "train.log",
]
MODEL = [name for name in FILES if name.startswith("model/")]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(folder: Path) -> list[str]:
    """All but the checkpoints of an unfinished run."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return sorted(str(path) for path in found if path.parts[0] != "checkpoints")


def settings(**changes: Any) -> TextRunSettings:
    return TextRunSettings.from_flat(FLAT | changes)


class Ear(Listener):
    def __init__(self) -> None:
        self.heard: list[EpochRecord] = []

    def epoch_ended(self, record: EpochRecord) -> None:
        self.heard.append(record)


# --- what a run leaves ---


def test_exactly_the_files_that_are_promised(finished: RunResult) -> None:
    assert files(finished.directory) == FILES
    assert sorted(path.name for path in finished.directory.iterdir() if path.is_dir()) == ["figures", "model"]


def test_the_result_is_what_is_stored(finished: RunResult) -> None:
    run = RunDirectory.open(finished.directory)
    assert run.read_metrics() == finished.metrics
    assert finished.metrics["verdict"] == finished.verdict.to_dict()
    assert [record["epoch"] for record in run.read_history()] == [1, 2]
    parts = finished.metrics["data"]["parts"]
    assert {name: part["rows"] for name, part in parts.items()} == {"train": 48, "validation": 6, "test": 6}
    assert {name: part["class_counts"] for name, part in parts.items()} == {
        "train": [24, 24],
        "validation": [3, 3],
        "test": [3, 3],
    }
    assert TextRunSettings.model_validate(finished.metrics["settings"]) == SETTINGS


def test_metrics_agree_with_the_predictions(finished: RunResult) -> None:
    """Everything computed anew by scikit-learn from the Parquet file."""
    rows = pq.read_table(finished.directory / "predictions.parquet").to_pydict()
    metrics = finished.metrics["test"]
    truth, answer = rows["truth"], rows["answer"]
    probabilities = np.stack([rows["p(neg)"], rows["p(pos)"]], axis=1)
    assert answer == np.array(["neg", "pos"])[probabilities.argmax(axis=1)].tolist()
    assert metrics["accuracy"] == accuracy_score(truth, answer)
    assert metrics["macro_f1"] == pytest.approx(f1_score(truth, answer, average="macro", zero_division=0))
    assert metrics["loss"] == pytest.approx(log_loss(truth, probabilities))
    assert metrics["roc_auc"] == pytest.approx(roc_auc_score(np.array(truth) == "pos", probabilities[:, 1]))
    assert metrics["confusion"] == confusion_matrix(truth, answer).tolist()
    assert rows["text"] == [texts()[row] for row in rows["row"]]
    assert truth == [labels()[row] for row in rows["row"]]


def test_the_stored_model_gave_the_predictions(finished: RunResult) -> None:
    import longshort

    rows = pq.read_table(finished.directory / "predictions.parquet").to_pydict()
    again = longshort.load(finished.directory).predict_proba(rows["text"])
    assert again[:, 1].tolist() == pytest.approx(rows["p(pos)"], abs=1e-6)


def test_the_best_epoch_is_that_of_the_lowest_validation_loss(finished: RunResult) -> None:
    losses = [record["validation_loss"] for record in RunDirectory.open(finished.directory).read_history()]
    assert finished.metrics["training"]["best_epoch"] == 1 + int(np.argmin(losses))


def test_the_log_tells_the_story(finished: RunResult) -> None:
    lines = [line.split("] ", 1)[1] for line in (finished.directory / "train.log").read_text().splitlines()]
    assert lines[0].startswith("started ")
    assert [line.split(" ")[0] for line in lines[1:]] == [
        "Fitting",
        "Computing",
        "The",
        "Training",
        '{"epoch":',
        '{"epoch":',
        "Evaluating",
        "Fitting",
        "Analysing",
    ]


def test_the_history_holds_what_happened_to_the_weights_and_the_log_does_not(finished: RunResult) -> None:
    history = RunDirectory.open(finished.directory).read_history()
    steps = [moment["step"] for record in history for moment in record["dynamics"]["moments"]]
    assert steps == [1, sum(record["dynamics"]["steps"] for record in history)]
    assert list(history[0]["dynamics"]["moments"][0]["gates"]) == ["lstm.l0", "lstm.l0_reverse"]
    assert "dynamics" not in (finished.directory / "train.log").read_text(encoding="utf-8")


def test_without_statistics_nothing_is_recorded_and_the_model_is_the_same(finished: RunResult) -> None:
    run = train(str(table(Path("small.csv"))), settings=settings(statistics=False))
    assert files(run.directory) == [name for name in FILES if name != "figures/dynamics.png"]
    assert not any("dynamics" in record for record in RunDirectory.open(run.directory).read_history())
    weights = "model/weights.safetensors"
    assert (run.directory / weights).read_bytes() == (finished.directory / weights).read_bytes()


def test_the_pretraining_is_told_and_logged_but_is_no_history() -> None:
    ear = Ear()
    run = train((texts(), labels()), settings=settings(pretraining_epochs=2), listener=ear)
    log = (run.directory / "train.log").read_text(encoding="utf-8")
    told = [line.split("] ", 1)[1] for line in log.splitlines()]
    place = told.index("Pretraining as a language model on the training texts, 2 epochs")
    assert told[place + 1].startswith("note: language model 1/2  loss ")
    assert told[place + 2].startswith("note: language model 2/2  loss ")
    assert told[place + 3] == "Training the classifier"
    assert [record["epoch"] for record in RunDirectory.open(run.directory).read_history()] == [1, 2]
    assert [record["epoch"] for record in ear.heard] == [1, 2]
    assert run.metrics["training"]["epochs"] == 2
    assert run.metrics["settings"]["training"]["pretraining_epochs"] == 2
    assert files(run.directory) == FILES


def test_the_same_seed_gives_the_same_run() -> None:
    def plain(run: RunResult) -> Any:
        content = json.loads((run.directory / "metrics.json").read_text(encoding="utf-8"))
        for name in ("seconds", "created", "name"):
            del content[name]
        for baseline in content["baselines"].values():
            del baseline["seconds"]
        return content

    data = (texts(), labels())
    one, two = (train(data, settings=settings(seed=3, pretraining_epochs=1)) for _ in range(2))
    assert (one.directory, two.directory) == (Path("runs/the-data-1"), Path("runs/the-data-2"))
    for name in ("config.json", "tokenizer.json", "weights.safetensors"):
        assert (one.directory / "model" / name).read_bytes() == (two.directory / "model" / name).read_bytes()
    assert plain(one) == plain(two)
    assert pq.read_table(one.directory / "predictions.parquet") == pq.read_table(two.directory / "predictions.parquet")


def test_a_run_is_named_after_what_was_named() -> None:
    """Not after the part of the folder that the training rows stand in."""
    folder = Path("Meine Filme")
    folder.mkdir()
    table(folder / "train.csv")
    table(folder / "test.csv", rows=10, seed=2)
    assert train(str(folder), settings=settings(epochs=1)).directory == Path("runs/Meine-Filme-1")


# --- every kind of task, end to end ---


def test_three_classes() -> None:
    names = ("comedy", "drama", "war")
    run = train(str(table(Path("genres.csv"), rows=90, names=names)), settings=SETTINGS)
    rows = pq.read_table(run.directory / "predictions.parquet").to_pydict()
    probabilities = np.stack([rows[f"p({name})"] for name in names], axis=1)
    assert run.metrics["data"]["labels"] == list(names)
    assert run.metrics["test"]["accuracy"] == accuracy_score(rows["truth"], rows["answer"])
    assert probabilities.sum(axis=1).tolist() == pytest.approx([1.0] * 9)
    assert rows["answer"] == [names[i] for i in probabilities.argmax(axis=1)]
    assert files(run.directory) == FILES


def test_several_labels() -> None:
    path = Path("tags.csv")
    tags = ["", "bad", "good", "bad|good"]
    rows = (f"{text},{tags[i % 4]}\n" for i, text in enumerate(texts(80)))
    path.write_text("text,label\n" + "".join(rows), encoding="utf-8")
    run = train(str(path), settings=settings(label_separator="|"))
    stored = pq.read_table(run.directory / "predictions.parquet").to_pydict()
    assert run.metrics["data"]["labels"] == ["bad", "good"]
    assert run.metrics["data"]["multi_label"]
    assert stored["truth"] == [tags[row % 4] for row in stored["row"]]
    assert stored["answer"] == [
        "|".join(name for name in ("bad", "good") if stored[f"p({name})"][i] >= 0.5) for i in range(len(stored["row"]))
    ]
    assert run.metrics["test"]["accuracy"] == np.mean(
        [truth == answer for truth, answer in zip(stored["truth"], stored["answer"], strict=True)]
    )
    assert files(run.directory) == [name for name in FILES if name != "figures/confusion.png"]
    assert load_bundle(run.directory).task.encoding.multi_label


@pytest.mark.parametrize("kind", ["bpe", "unigram", "character"])
def test_every_kind_of_tokenizer(kind: str) -> None:
    data = (texts(), labels())
    run = train(data, settings=settings(tokenizer=kind, vocabulary_limit=300, epochs=1))
    again = evaluate(run.directory, data)
    assert run.metrics["settings"]["tokenizer"]["tokenizer"] == kind
    assert again.metrics["examples"] == 60


def test_without_a_test_part_the_validation_part_is_judged() -> None:
    run = train((texts(), labels()), settings=settings(test_share=0.0, epochs=1))
    assert run.metrics["judged_on"] == "validation"
    assert pq.read_table(run.directory / "predictions.parquet").num_rows == 6


# --- what a run that fails leaves ---


class Raises(Listener):
    """Fails, or presses Ctrl-C, at a stage or in an epoch."""

    def __init__(self, at: str | int, error: Exception | None = None) -> None:
        self.at, self.error, self.epoch = at, error, 0

    def stage(self, text: str) -> None:
        if isinstance(self.at, str) and text.startswith(self.at):
            self.now()

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        self.epoch = epoch

    def step(self, batch: int, loss: float) -> None:
        if self.epoch == self.at and batch == 1:
            self.now()

    def now(self) -> None:
        if self.error:
            raise self.error
        os.kill(os.getpid(), signal.SIGINT)


@contextlib.contextmanager
def ctrl_c_works() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which ignores SIGINT there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("data", "changes", "error"),
    [
        ("missing.csv", {}, DataError),
        ((texts(), ["same"] * 60), {}, DataError),
        ((texts(), labels()), {"validation_share": 0.0, "test_share": 0.0}, SettingError),
        ((texts(), labels()), {"tokenizer": "bpe", "vocabulary_limit": 100}, SettingError),
    ],
)
def test_what_cannot_be_trained_leaves_no_run(data: Any, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        train(data, settings=settings(**changes))
    assert files(Path()) == []
    assert not list(Path().glob("runs/*"))


def test_unknown_labels_of_the_test_file_leave_no_run() -> None:
    ours, other = table(Path("a.csv")), table(Path("b.csv"), names=("neg", "neutral"))
    ear = Raises("Fitting", AssertionError("too late"))
    with pytest.raises(DataError, match=r"^b\.csv: each label must be one of the training data: 'neg', 'pos'\."):
        train(str(ours), test=str(other), settings=SETTINGS, listener=ear)
    assert not Path("runs").exists()


def test_an_error_in_the_middle_keeps_the_model_and_nothing_temporary() -> None:
    with pytest.raises(ZeroDivisionError):
        train((texts(), labels()), settings=SETTINGS, name="x", listener=Raises(2, ZeroDivisionError()))
    assert files(Path("runs/x")) == [*MODEL, "run.json", "train.log"]
    assert load_bundle("runs/x").settings == SETTINGS


def test_an_error_before_there_is_a_model_leaves_nothing() -> None:
    Path("given").mkdir()
    for place in ("given", "new"):
        with pytest.raises(ZeroDivisionError):
            train(
                (texts(), labels()), settings=SETTINGS, directory=Path(place), listener=Raises(1, ZeroDivisionError())
            )
        assert not Path(place).exists()


def test_a_loss_that_is_not_finite_keeps_the_last_good_model() -> None:
    """A learning rate of 100 with a weight decay of 10 multiplies each weight by -999 a step."""
    wild = settings(epochs=20, learning_rate=100.0, weight_decay=10.0, schedule="constant")
    with pytest.raises(NonFiniteError, match=r"^The (loss|gradient) must be finite\."):
        train((texts(), labels()), settings=wild, name="wild")
    assert files(Path("runs/wild")) == [*MODEL, "run.json", "train.log"]
    lines = Path("runs/wild/train.log").read_text(encoding="utf-8").splitlines()
    losses = [json.loads(line.split("] ", 1)[1])["validation_loss"] for line in lines if '{"epoch"' in line]
    assert len(losses) > 1
    judged = evaluate("runs/wild", (texts(), labels()))
    assert np.isfinite(judged.metrics["loss"])


def test_a_pretraining_that_is_not_finite_leaves_nothing() -> None:
    wild = settings(pretraining_epochs=20, learning_rate=100.0, weight_decay=10.0, schedule="constant")
    with pytest.raises(NonFiniteError, match=r"^The (loss|gradient) must be finite\."):
        train((texts(), labels()), settings=wild, name="wild")
    assert not list(Path("runs").iterdir())


# --- Ctrl-C ---


@pytest.mark.parametrize("stage", ["Fitting the word tokenizer", "Training the classifier"])
def test_ctrl_c_before_the_training_leaves_nothing(stage: str) -> None:
    with ctrl_c_works(), pytest.raises(Interrupted) as caught:
        train((texts(), labels()), settings=SETTINGS, listener=Raises(stage))
    assert str(caught.value) == (
        "Stopped before the first epoch was done; there is no model yet.\n\nhint: Run it again."
    )
    assert not list(Path("runs").iterdir())


def test_ctrl_c_while_reading_is_pythons_own() -> None:
    with ctrl_c_works(), pytest.raises(KeyboardInterrupt):
        train((texts(), labels()), settings=SETTINGS, listener=Raises("Reading"))
    assert not Path("runs").exists()


@pytest.mark.parametrize("epoch", [1, 2])
def test_ctrl_c_in_the_pretraining_keeps_a_checkpoint(epoch: int) -> None:
    with ctrl_c_works(), pytest.raises(Interrupted) as caught:
        train((texts(), labels()), settings=settings(pretraining_epochs=3), name="x", listener=Raises(epoch))
    assert str(caught.value) == (
        "Stopped before the first epoch was done; there is no model yet.\n\n"
        "hint: Resume with longshort.runs.train(DATA, resume='runs/x')."
    )
    assert caught.value.exit_code == 130
    assert files(Path("runs/x")) == ["history.jsonl", "run.json", "train.log"]


def test_ctrl_c_in_the_first_epoch_keeps_a_checkpoint() -> None:
    with ctrl_c_works(), pytest.raises(Interrupted, match="there is no model yet"):
        train((texts(), labels()), settings=SETTINGS, name="x", listener=Raises(1))
    assert [path.parent.name for path in Path("runs/x/checkpoints").rglob("*.safetensors")] == ["training"]


def test_ctrl_c_in_a_later_epoch_keeps_the_best_model() -> None:
    with ctrl_c_works(), pytest.raises(Interrupted) as caught:
        train(str(table(Path("small.csv"))), settings=settings(epochs=5), name="my run", listener=Raises(2))
    assert str(caught.value) == (
        "Stopped in epoch 2; the best model so far, of epoch 1, is in runs/my run.\n\n"
        "hint: Resume with: longshort train --resume 'runs/my run'"
    )
    assert caught.value.exit_code == 130
    assert files(Path("runs/my run")) == [
        "history.jsonl",
        *MODEL,
        "run.json",
        "train.log",
    ]
    assert len(RunDirectory(Path("runs/my run")).read_history()) == 1
    assert evaluate("runs/my run", (texts(), labels())).metrics["examples"] == 60


@pytest.mark.parametrize("stage", ["Evaluating", "Fitting the baselines"])
def test_ctrl_c_while_judging_keeps_the_model(stage: str) -> None:
    with ctrl_c_works(), pytest.raises(Interrupted) as caught:
        train((texts(), labels()), settings=SETTINGS, name="x", listener=Raises(stage))
    assert caught.value.message == "Stopped before the work was done; the best model so far is in runs/x."
    assert files(Path("runs/x")) == [
        "history.jsonl",
        *MODEL,
        "run.json",
        "train.log",
    ]
    assert load_bundle("runs/x").settings == SETTINGS


@pytest.mark.parametrize("what", ["save", "pq.write_table", "model_card"])
def test_ctrl_c_while_writing_leaves_no_half_file_and_no_finished_run(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def half(*arguments: Any) -> None:
        if len(arguments) > 1:
            arguments[1].write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(f"longshort.runs.writing.{what}", half)
    with pytest.raises(Interrupted, match=r"^Stopped before the work was done; the best model so far is in runs/x"):
        train((texts(), labels()), settings=SETTINGS, name="x")
    kept = files(Path("runs/x"))
    assert set(kept) < set(FILES)
    assert "metrics.json" not in kept
    assert all(Path("runs/x", name).read_bytes() != b"half" for name in kept)


def start(*arguments: str) -> subprocess.Popen[str]:
    """The command line in a process of its own, with Ctrl-C as in a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "longshort", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def stop_at(process: subprocess.Popen[str], start_of_line: str) -> str:
    """Press Ctrl-C when a line that starts so is on stderr; what stands there afterwards."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(start_of_line):
            process.send_signal(signal.SIGINT)
            break
    return process.communicate(timeout=60)[1]


@pytest.mark.slow
def test_a_real_ctrl_c_in_training() -> None:
    table(Path("small.csv"))
    options = (
        "--embedding-size",
        "4",
        "--hidden-size",
        "4",
        "--epochs",
        "100000",
        "--patience",
        "100000",
        "--pretraining-epochs",
        "0",
    )
    with start("train", "small.csv", *options, "--run", "run") as process:
        rest = stop_at(process, "  epoch 1/")
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert files(Path("run")) == ["history.jsonl", *MODEL, "run.json", "train.log"]
    assert evaluate("run", "small.csv").metrics["examples"] == 60


@pytest.mark.slow
def test_a_real_ctrl_c_while_reading() -> None:
    row = "word " * 20 + ",neg\n"
    Path("large.csv").write_text("text,label\n" + row * 500_000, encoding="utf-8")
    with start("train", "large.csv") as process:
        rest = stop_at(process, "Reading large.csv")
    assert process.returncode == 130
    assert rest.strip().endswith("stopped: Interrupted before the work was done.")
    assert not Path("runs").exists()


def test_epoch_records_reach_the_listener_of_the_caller() -> None:
    ear = Ear()
    run = train((texts(), labels()), settings=SETTINGS, listener=ear)
    assert ear.heard == RunDirectory.open(run.directory).read_history()
