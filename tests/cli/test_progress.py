import io

import pytest
from rich.console import Console

from longshort.cli.progress import ConsoleListener
from longshort.training.records import EpochRecord


def record(epoch: int, **changes: object) -> EpochRecord:
    return {
        "epoch": epoch,
        "train_loss": 0.5117,
        "train_accuracy": 0.751,
        "validation_loss": 0.4021,
        "validation_accuracy": 0.8229,
        "learning_rate": 1e-3,
        "gradient_norm": 1.0,
        "seconds": 31.2,
        **changes,
    }


def tell(listener: ConsoleListener) -> None:
    """A run of two epochs with two steps each."""
    with listener:
        listener.stage("Reading [b]movies[/b].csv")
        listener.note("A row is empty.")
        listener.stage("Training")
        for epoch in (1, 2):
            listener.epoch_started(epoch, 2, 2)
            listener.step(1, 0.6)
            listener.step(2, 0.5)
            listener.epoch_ended(record(epoch))


def test_elsewhere_than_on_a_terminal_a_run_is_plain_lines_on_stderr(capsys):
    tell(ConsoleListener())
    out, err = capsys.readouterr()

    assert out == ""
    assert err.splitlines() == [
        "Reading [b]movies[/b].csv",
        "  A row is empty.",
        "Training",
        "  epoch 1/2  train loss 0.512  validation loss 0.402  accuracy 0.823  31 s",
        "  epoch 2/2  train loss 0.512  validation loss 0.402  accuracy 0.823  31 s",
    ]


def test_without_a_validation_split_the_training_accuracy_is_shown(capsys):
    listener = ConsoleListener()
    listener.epoch_started(1, 1, 1)
    listener.epoch_ended(record(1, validation_loss=None, validation_accuracy=None))

    assert capsys.readouterr().err == "  epoch 1/1  train loss 0.512  train accuracy 0.751  31 s\n"


def test_long_lines_are_not_broken(capsys):
    ConsoleListener().note("word " * 100)

    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None, legacy_windows=False)


def test_on_a_terminal_a_bar_shows_the_epoch_and_then_goes(terminal):
    tell(ConsoleListener(terminal))
    text = terminal.file.getvalue()

    assert "epoch 2/2 \N{BOX DRAWINGS HEAVY HORIZONTAL}" in text
    assert "train loss 0.512" in text
    assert text.endswith("\x1b[2K")  # the line of the bar is erased


def test_the_bar_stands_for_all_epochs_together(terminal):
    listener = ConsoleListener(terminal)
    with listener:
        listener.epoch_started(2, 4, 10)
        listener.step(1, 0.5)
        (task,) = listener._progress.tasks

        assert (task.description, task.completed, task.total) == ("epoch 2/4", 11, 40)


def test_the_bar_of_the_language_model_is_not_that_of_the_classifier(terminal):
    listener = ConsoleListener(terminal)
    with listener:
        listener.stage("Pretraining as a language model on the training texts, 10 epochs")
        for epoch in (1, 10):
            listener.epoch_started(epoch, 10, 5)
            listener.step(1, 6.5)
            listener.note(f"language model {epoch}/10  loss 6.500 nats per word  1 s")
        (task,) = listener._progress.tasks
        assert (task.description, task.completed, task.total) == ("epoch 10/10", 46, 50)

        listener.stage("Training the classifier")
        (task,) = listener._progress.tasks
        assert (task.description, task.completed, task.total) == ("", 0, None)

        listener.epoch_started(1, 4, 20)
        listener.step(1, 0.6)
        (task,) = listener._progress.tasks
        assert (task.description, task.completed, task.total) == ("epoch 1/4", 1, 80)
        listener.epoch_ended(record(1))

    text = terminal.file.getvalue()
    assert "  language model 10/10  loss 6.500 nats per word  1 s" in text
    assert "  epoch 1/4  train loss 0.512" in text


def test_the_bar_goes_when_the_run_fails(terminal):
    listener = ConsoleListener(terminal)
    with pytest.raises(KeyboardInterrupt), listener:
        raise KeyboardInterrupt

    assert not listener._progress.live.is_started
    assert "\x1b[?25h" in terminal.file.getvalue()  # the cursor is shown again


def test_of_many_short_epochs_some_are_told_and_of_long_ones_all():
    def told(epochs: int, seconds: float) -> list[int]:
        stream = io.StringIO()
        with ConsoleListener(Console(file=stream, width=200)) as listener:
            for epoch in range(1, epochs + 1):
                listener.epoch_started(epoch, epochs, 1)
                listener.epoch_ended(record(epoch, seconds=seconds))
        return [int(line.split()[1].split("/")[0]) for line in stream.getvalue().splitlines()]

    assert told(25, 0.1) == list(range(1, 26))
    assert told(150, 0.1) == [1, *range(6, 151, 6)]
    assert told(150, 12.0) == list(range(1, 151))
