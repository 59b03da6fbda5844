"""A stream answers as the whole sequence at once does, however it is cut."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort.config import SequenceModelSettings
from longshort.data.sequences import SequenceEncoding, Sequences
from longshort.errors import DataError, SettingError
from longshort.kinds.sequences.streaming import Stream
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.networks import SequenceNetwork, predict_logits
from longshort.ragged import Pooling

Task = SequenceClassification | SequenceRegression
DRAW = np.random.default_rng(0)
SEQUENCES = [DRAW.normal(5, 3, (length, 2)) for length in (9, 14, 30)]
GAPS = [np.where(DRAW.random(each.shape) < 0.3, np.nan, each) for each in SEQUENCES]
NAMES = ["up", "down", "up"]


def sequences_of(sequences: list[np.ndarray], targets: list[Any] | None = None) -> Sequences:
    numbers = targets is not None and isinstance(targets[0], float)
    return Sequences(
        values=np.concatenate(sequences),
        lengths=np.array([len(each) for each in sequences]),
        channels=tuple("abc"[: sequences[0].shape[1]]),
        origins=tuple(f"index {i}" for i in range(len(sequences))),
        targets=None if targets is None else np.array(targets) if numbers else tuple(targets),
    )


def build(sequences: list[np.ndarray], targets: list[Any], **changes: object) -> tuple[Task, SequenceNetwork]:
    """A network whose normalisation has met the sequences, as after a training."""
    encoding = SequenceEncoding.fit(sequences_of(sequences, targets))
    kind = SequenceRegression if encoding.kind == "regression" else SequenceClassification
    task = kind(encoding, SequenceModelSettings(filters=4, hidden_size=5, bidirectional=False).replace(**changes))
    torch.manual_seed(0)
    network = task.build()
    network(encoding.encode(sequences_of(sequences, targets)).batch(np.arange(len(sequences))).inputs)
    return task, network.eval()


def at_once(task: Task, network: SequenceNetwork, sequence: np.ndarray) -> Any:
    outputs = predict_logits(network, task.encoding.encode(sequences_of([sequence]))).double()
    if isinstance(task, SequenceRegression):
        return float(task.objective.answers(outputs)[0])
    return task.objective.probabilities(outputs)[0].numpy()


@pytest.mark.parametrize("pooling", get_args(Pooling))
@pytest.mark.parametrize("front", ["conv", "none"])
@pytest.mark.parametrize("sequences", [SEQUENCES, GAPS], ids=["whole", "gaps"])
def test_value_by_value_it_answers_as_at_once(pooling: str, front: str, sequences: list[np.ndarray]) -> None:
    task, network = build(sequences, NAMES, pooling=pooling, front=front, num_layers=2)
    stream = Stream(task, network)
    for step, values in enumerate(sequences[1], start=1):
        assert stream.feed(values) == pytest.approx(at_once(task, network, sequences[1][:step]), abs=1e-6)
    assert stream.steps == 14


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 30), max_size=6), gaps=st.booleans())
def test_in_any_chunks_it_answers_as_at_once(cuts: list[int], gaps: bool) -> None:
    sequences = GAPS if gaps else SEQUENCES
    task, network = build(sequences, NAMES)
    stream = Stream(task, network)
    answers = [stream.feed(chunk) for chunk in np.split(sequences[2], sorted(cuts)) if len(chunk)]
    assert answers[-1] == pytest.approx(at_once(task, network, sequences[2]), abs=1e-6)


@pytest.mark.parametrize("targets", [NAMES, [900.0, 1000.0, 1100.0]], ids=["classes", "numbers"])
def test_several_networks_answer_together(targets: list[Any]) -> None:
    task, network = build(SEQUENCES, targets, members=3)
    stream = Stream(task, network)
    for start, end in ((0, 1), (1, 9), (9, 14)):
        answer = stream.feed(SEQUENCES[1][start:end])
        assert answer == pytest.approx(at_once(task, network, SEQUENCES[1][:end]), rel=1e-6, abs=1e-6)


def test_a_regression_is_answered_in_the_unit_of_its_targets() -> None:
    task, network = build(SEQUENCES, [900.0, 1000.0, 1100.0])
    answer = Stream(task, network).feed(SEQUENCES[0])
    assert isinstance(answer, float)
    assert answer == pytest.approx(at_once(task, network, SEQUENCES[0]), rel=1e-6)
    assert 500 < answer < 1500


def test_one_channel_takes_plain_numbers() -> None:
    task, network = build([each[:, :1] for each in SEQUENCES], NAMES)
    one, many = Stream(task, network), Stream(task, network)
    for value in SEQUENCES[0][:, 0]:
        answer = one.feed(float(value))
    assert many.feed(SEQUENCES[0][:, 0]) == pytest.approx(answer, abs=1e-6)


def test_it_starts_anew_and_two_streams_do_not_meet() -> None:
    task, network = build(SEQUENCES, NAMES)
    stream, other = Stream(task, network), Stream(task, network)
    first = stream.feed(SEQUENCES[0])
    other.feed(SEQUENCES[1])
    stream.restart()
    assert stream.steps == 0
    assert stream.feed(SEQUENCES[0]).tolist() == first.tolist()


def test_a_chunk_without_steps_changes_nothing() -> None:
    stream = Stream(*build(SEQUENCES, NAMES))
    before = stream.feed(SEQUENCES[0])
    assert stream.feed(np.empty((0, 2))).tolist() == before.tolist()


def test_dropout_is_off_even_for_a_network_in_training() -> None:
    task, network = build(SEQUENCES, NAMES)
    expected = at_once(task, network, SEQUENCES[0])
    assert Stream(task, network.train()).feed(SEQUENCES[0]) == pytest.approx(expected, abs=1e-6)


def test_a_network_that_looks_ahead_is_refused() -> None:
    with pytest.raises(SettingError) as caught:
        Stream(*build(SEQUENCES, NAMES, bidirectional=True))
    assert str(caught.value) == (
        "A stream needs a model that reads forward only. This one also reads each sequence from its end "
        "(bidirectional), and its convolutions look ahead.\n\n"
        "hint: Train it with bidirectional=False; then nothing in it looks ahead."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.0, 3.0], "takes (steps, 2) or one step (2,), as it was trained on 2 channels. Got shape (3,)."),
        (1.0, "Got shape ()."),
        (np.zeros((2, 2, 2)), "Got shape (2, 2, 2)."),
        ([["a", "b"]], "The values of a stream are numbers. Got [['a', 'b']]."),
        ([[1.0, 2.0], [np.inf, 2.0]], "The values of a stream are finite. Got inf at step 2, channel"),
        (np.empty((0, 2)), "A sequence has at least one step. Got none so far."),
    ],
)
def test_what_does_not_fit_is_said(values: Any, message: str) -> None:
    stream = Stream(*build(SEQUENCES, NAMES))
    with pytest.raises(DataError) as caught:
        stream.feed(values)
    assert message in str(caught.value)
    assert stream.steps == 0
