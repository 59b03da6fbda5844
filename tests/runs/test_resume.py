"""A run that is killed, at whatever file operation, and gone on with leaves the same bits as one that was left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.faults.cases import Case, Faults, outcome, processes, start, write_data
from tests.small_runs import FLAT, SETTINGS, labels, table, texts

from longshort.artifacts import atomic
from longshort.config import TextRunSettings
from longshort.errors import DataError, Interrupted, NonFiniteError, RunError, StorageError, UserError
from longshort.runs import RunDirectory, compare, load_bundle, train
from longshort.runs import job as job_module
from longshort.training import Listener, Training, checkpoint, gradients

pytestmark = pytest.mark.usefixtures("without_report")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run leaves that nobody stopped."""
    folder = tmp_path_factory.mktemp("alone")
    train(str(table(folder / "small.csv")), settings=SETTINGS, directory=folder / "run")
    return files(folder / "run")


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SHARE", np.inf)
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)


@pytest.fixture(scope="module")
def fresh() -> ForkServerContext:
    return processes()


# --- SIGKILL ---


CASES = [
    pytest.param(Case("text-classification", "native"), marks=pytest.mark.slow),
    Case("text-classification", "torch"),
    Case("sequence-classification", "native"),
    Case("forecast", "torch"),
]
KILLS = 3


@pytest.mark.parametrize("case", CASES, ids=str)
def test_killed_again_and_again_it_leaves_the_same_bits(fresh: ForkServerContext, case: Case, tmp_path: Path) -> None:
    def code(folder: Path, faults: Faults | None = None) -> int | None:
        process = start(fresh, case, folder, faults)
        process.join()
        return process.exitcode

    alone, killed = tmp_path / "alone", tmp_path / "killed"
    for folder in (alone, killed):
        folder.mkdir()
        write_data(case.task, folder)
    assert code(alone) == 0
    draw = random.Random(str(case))
    for kill in range(KILLS):
        assert code(killed, Faults(die_at=draw.randint(15, 60))) == -signal.SIGKILL, f"kill {kill}"
    assert code(killed) == 0, (killed / "stderr").read_text(encoding="utf-8")
    assert outcome(killed) == outcome(alone)


# --- what stays, what is refused ---


class Presses(Listener):
    """Ctrl-C, or another signal, or an error, at a stage or in a step of the first training."""

    def __init__(self, at: str | int, what: int | Exception = signal.SIGINT) -> None:
        self.at, self.what, self.steps = at, what, 0
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def stage(self, text: str) -> None:
        if isinstance(self.at, str) and text.startswith(self.at):
            self.now()

    def step(self, batch: int, loss: float) -> None:
        self.steps += 1
        if self.steps == self.at:
            self.now()

    def now(self) -> None:
        if isinstance(self.what, Exception):
            raise self.what
        os.kill(os.getpid(), self.what)


class Ear(Listener):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps = 0

    def note(self, text: str) -> None:
        self.notes.append(text)

    def step(self, batch: int, loss: float) -> None:
        self.steps += 1


@pytest.fixture
def signals_work() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which ignores SIGINT there."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def stopped(at: str | int = 3, what: int | Exception = signal.SIGINT, **changes: Any) -> Interrupted:
    table(Path("small.csv"))
    with pytest.raises(Interrupted) as caught:
        train("small.csv", settings=TextRunSettings.from_flat(FLAT | changes), name="x", listener=Presses(at, what))
    return caught.value


def files(run: Path) -> dict[str, bytes]:
    kept = ("predictions.parquet", "model/weights.safetensors", "model/config.json", "model/tokenizer.json")
    return {name: (run / name).read_bytes() for name in kept}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("at", [1, 6, "Fitting the baselines"])
def test_stopped_by_a_signal_it_goes_on_without_data_and_options(
    signals_work: None, alone: dict[str, bytes], at: str | int, number: int, code: int
) -> None:
    error = stopped(at, number)
    assert error.exit_code == code
    assert error.hint == "Resume with: longshort train --resume runs/x"
    run = train(resume="runs/x")
    assert files(run.directory) == alone
    assert not (run.directory / "checkpoints").exists()
    assert not (run.directory / ".encoded").exists()


def test_a_run_that_was_killed_while_judging_is_only_judged(signals_work: None) -> None:
    stopped("Evaluating")
    ear = Ear()
    train(resume="runs/x", listener=ear)
    assert ear.steps == 0
    assert ear.notes[:2] == ["Resuming runs/x.", "Found a checkpoint: training had already ended."]


def test_a_finished_run_is_said_to_be_so() -> None:
    train((texts(), labels()), settings=SETTINGS, name="x")
    with pytest.raises(RunError) as caught:
        train(resume="runs/x")
    assert caught.value.exit_code == 2
    assert caught.value.message == "The run runs/x is finished; there is nothing to resume."


def test_a_signal_after_the_work_was_done_leaves_a_whole_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(run: RunDirectory, content: Any) -> None:
        atomic.write_json(run.metrics, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(RunDirectory, "write_metrics", write)
    with pytest.raises(Interrupted) as caught:
        train((texts(), labels()), settings=SETTINGS, name="x")
    assert caught.value.message == "Stopped after the work was done; the run in runs/x is whole."
    assert not {".encoded", "checkpoints"} & {path.name for path in Path("runs/x").iterdir()}


def test_what_a_kill_leaves_of_a_finished_run_is_cleared() -> None:
    train((texts(), labels()), settings=SETTINGS, name="x")
    for folder in (".encoded", "checkpoints"):
        (Path("runs/x") / folder).mkdir()
    with pytest.raises(RunError, match="is finished"):
        train(resume="runs/x")
    assert not {".encoded", "checkpoints"} & {path.name for path in Path("runs/x").iterdir()}


def test_force_that_comes_to_nothing_changes_nothing(signals_work: None, alone: dict[str, bytes]) -> None:
    stopped()
    before = Path("runs/x/run.json").read_bytes()
    with pytest.raises(UserError, match="belongs to another network"):
        train(settings=TextRunSettings.from_flat(FLAT | {"hidden_size": 8}), resume="runs/x", force=True)
    assert Path("runs/x/run.json").read_bytes() == before
    train(resume="runs/x")
    assert files(Path("runs/x")) == alone


def test_the_name_of_an_unfinished_run_may_be_written_short_or_wrong(signals_work: None) -> None:
    stopped()
    Path("runs/x").rename("runs/films-1")
    for named in ("films-1", "runs/films-2"):
        with pytest.raises(RunError) as caught:
            train(resume=named)
        assert caught.value.hint == "Did you mean 'runs/films-1'?"


@pytest.mark.parametrize("what", ["data", "directory", "name", "folder"])
def test_names_that_are_no_text_are_refused_before_anything_is_done(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Path(os.fsdecode(b"\xf6"))
    given: dict[str, Any] = {"data": odd, "directory": odd, "name": str(odd)}
    if what == "folder":
        odd.mkdir()
        monkeypatch.chdir(odd)
    with pytest.raises(RunError, match=r"^The names of a run's files and folders must be UTF-8"):
        train(
            **{"data": str(table(Path("small.csv"))), "settings": SETTINGS}
            | ({what: given[what]} if what in given else {})
        )
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "A run that can be resumed must have run.json. Got runs/x: No such file or directory."),
        ("{", "runs/x/run.json does not say what was started: as a whole: Invalid JSON"),
        ("{}", "runs/x/run.json does not say what was started: task: Field required."),
        ('{"format": 2}', "runs/x/run.json does not say what was started: format: Input should be 1."),
    ],
)
def test_a_folder_that_is_no_run(content: str | None, message: str) -> None:
    Path("runs/x").mkdir(parents=True)
    if content is not None:
        Path("runs/x/run.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunError) as caught:
        train(resume="runs/x")
    assert caught.value.message.startswith(message)


def edit(**changes: Any) -> None:
    path = Path("runs/x/run.json")
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_size": 8, "epochs": 3}, "--hidden-size was 4. Got 8."),
        ({"learning_rate": 0.5}, "--learning-rate was 0.003. Got 0.5."),
        ({"seed": 1}, "--seed was 0. Got 1."),
    ],
)
def test_other_settings_are_refused(signals_work: None, changes: dict[str, Any], message: str) -> None:
    stopped()
    with pytest.raises(RunError) as caught:
        train(settings=TextRunSettings.from_flat(FLAT | changes), resume="runs/x")
    assert caught.value.message == f"A run resumes with what it was started with: {message}"


def test_other_data_are_refused_and_the_same_data_elsewhere_are_not(signals_work: None) -> None:
    stopped()
    whole = Path("small.csv").read_text(encoding="utf-8")
    Path("small.csv").write_text(whole.replace("good 1", "good 2"), encoding="utf-8")
    with pytest.raises(
        RunError, match=r"^A run resumes .*: the data of the train part was [0-9a-f]{12}\. Got [0-9a-f]"
    ):
        train(resume="runs/x")
    Path("small.csv").unlink()
    with pytest.raises(DataError, match="there is no file"):
        train(resume="runs/x")
    Path("moved.csv").write_text(whole, encoding="utf-8")
    assert train("moved.csv", settings=SETTINGS, resume="runs/x").metrics["training"]["epochs"] == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("threads", 77, "the number of threads (OMP_NUM_THREADS) was 77"),
        ("backend", "another", "the backend of the LSTM was another"),
        ("torch", "0.1", "the version of torch was 0.1"),
        ("longshort", "9.0", "the version of longshort was 9.0"),
        ("processor", "abacus", "the processor was abacus"),
    ],
)
def test_other_surroundings_are_refused_and_can_be_forced(
    signals_work: None, name: str, value: Any, words: str
) -> None:
    stopped()
    edit(**{name: value})
    with pytest.raises(RunError) as caught:
        train(resume="runs/x")
    assert words in caught.value.message
    assert caught.value.hint.startswith("--force resumes anyway")
    ear = Presses("Training")  # not to the end: that it goes on is enough
    with pytest.raises(Interrupted):
        train(resume="runs/x", force=True, listener=ear)
    assert any(note.startswith(f"Forced: {words} and is ") for note in ear.notes)
    assert json.loads(Path("runs/x/run.json").read_bytes())[name] == value  # nothing has come of it yet


def test_a_run_on_data_in_memory_needs_them_again(signals_work: None, alone: dict[str, bytes]) -> None:
    data = (texts(), labels())
    with pytest.raises(Interrupted) as caught:
        train(data, settings=SETTINGS, name="x", listener=Presses(3))
    assert caught.value.hint == "Resume with longshort.runs.train(DATA, resume='runs/x')."
    with pytest.raises(RunError, match=r"^The run was started with its data in memory\. Got none\."):
        train(resume="runs/x")
    assert files(train(data, resume="runs/x").directory) == alone


def test_from_another_folder(signals_work: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped()
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert train(resume="../runs/x").metrics["training"]["epochs"] == 2


def test_two_processes_do_not_train_in_one_directory(signals_work: None) -> None:
    stopped()
    with RunDirectory(Path("runs/x")).locked(), pytest.raises(RunError) as caught:
        train(resume="runs/x")
    assert caught.value.message == "One process trains in a run directory. Another one does in runs/x."


def test_an_unfinished_run_is_listed_as_such(signals_work: None) -> None:
    stopped()
    assert compare(Path("runs")).skipped == ["runs/x is not finished; to resume it: longshort train --resume runs/x."]
    with RunDirectory(Path("runs/x")).locked():
        assert compare(Path("runs")).skipped == ["runs/x is being trained."]


def test_what_a_kill_left_half_written_is_cleared(signals_work: None) -> None:
    stopped(6)
    run = Path("runs/x")
    half = [run / ".report.html.abcd_123", run / "model/.weights.safetensors.zzzzzzz9"]
    for path in half:
        path.write_bytes(b"half")
    (run / "figures").mkdir()
    (run / "figures/curves.png").write_bytes(b"half")
    (run / ".encoded").mkdir()
    (run / ".mine").touch()
    train(resume="runs/x")
    assert not any(path.exists() for path in half)
    assert (run / "figures/curves.png").read_bytes() == b"picture"
    assert (run / ".mine").exists()


# --- NaN, full disks, second signals ---


def test_a_loss_that_is_not_finite_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, every_step: None) -> None:
    """Of a rate that is too high in step 5."""
    check, step = gradients._check_finite, Training.step
    rates = []

    def fails(value: torch.Tensor, what: str, rows: Any, step: int) -> None:
        check(value * np.nan if step == 5 and rates[-1] > 0.002 else value, what, rows, step)

    def noted(self: Training, indices: Any, rate: float) -> Any:
        rates.append(self.settings.learning_rate)
        return step(self, indices, rate)

    monkeypatch.setattr(gradients, "_check_finite", fails)
    monkeypatch.setattr(Training, "step", noted)
    table(Path("small.csv"))
    messages = []
    for arguments in ({"data": "small.csv", "settings": SETTINGS, "name": "x"}, {"resume": "runs/x"}):
        with pytest.raises(NonFiniteError, match=r"Got nan at step 5 \(rows \d+, ") as caught:
            train(**arguments)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert "Resuming unchanged reaches the same step again." in caught.value.hint
    assert caught.value.hint.endswith("longshort train --resume runs/x --force --learning-rate 0.001")
    ear = Ear()
    tame = TextRunSettings.from_flat(FLAT | {"learning_rate": 0.001})
    train(settings=tame, resume="runs/x", force=True, listener=ear)
    assert "Forced: --learning-rate was 0.003 and is 0.001 from here on." in ear.notes
    assert "Found a checkpoint: resuming in epoch 2, after step 4." in ear.notes


def test_a_full_disk_in_training_is_one_line_and_can_be_gone_on_from(
    monkeypatch: pytest.MonkeyPatch, every_step: None, alone: dict[str, bytes]
) -> None:
    table(Path("small.csv"))
    fsync, calls = os.fsync, 0

    def fail(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 30:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError) as caught:
        train("small.csv", settings=SETTINGS, name="x")
    assert "could not be written: No space left on device" in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint.endswith("Resume with: longshort train --resume runs/x")
    monkeypatch.setattr(os, "fsync", fsync)
    assert files(train(resume="runs/x").directory) == alone


def test_no_room_before_the_first_step_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "REPORT_BYTES", 10**18)
    with pytest.raises(StorageError, match=r"^About 1,000,000,000,000\.\d MB are needed on the disk of runs/x/checkp"):
        train((texts(), labels()), settings=SETTINGS, name="x")
    assert not Path("runs/x").exists()


def test_a_second_ctrl_c_while_a_checkpoint_is_written(
    signals_work: None, monkeypatch: pytest.MonkeyPatch, every_step: None, alone: dict[str, bytes]
) -> None:
    """At every fsync of the training there is a Ctrl-C; what is left can be gone on from."""
    table(Path("small.csv"))
    fsync, presses = os.fsync, 0

    def press(handle: int) -> None:
        nonlocal presses
        presses += 1
        if presses > 12:
            os.kill(os.getpid(), signal.SIGINT)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", press)
    with pytest.raises(Interrupted):
        train("small.csv", settings=SETTINGS, name="x")
    monkeypatch.setattr(os, "fsync", fsync)
    assert presses > 13
    assert files(train(resume="runs/x").directory) == alone
    assert load_bundle("runs/x").settings == SETTINGS


def test_outside_the_main_thread_it_trains_as_ever() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(train((texts(), labels()), settings=SETTINGS, name="x")))
    thread.start()
    thread.join()
    assert found[0].metrics["training"]["ended"] == "finished"


def test_a_project_that_was_moved(signals_work: None, alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("before").mkdir()
    monkeypatch.chdir("before")
    stopped()
    monkeypatch.chdir("..")
    Path("before").rename("after")
    monkeypatch.chdir("after")
    assert files(train(resume="runs/x").directory) == alone


def test_a_process_that_was_killed_before_it_began_leaves_its_place_free(alone: dict[str, bytes]) -> None:
    Path("runs/x").mkdir(parents=True)
    Path("runs/x/.run.json.abcd_123").touch()
    run = train(str(table(Path("small.csv"))), settings=SETTINGS, name="x")
    assert files(run.directory) == alone
    assert not Path("runs/x/.run.json.abcd_123").exists()
