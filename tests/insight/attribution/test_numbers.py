"""Which steps and channels of a sequence made the answer what it is."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
import torch

import longshort
from longshort.artifacts.bundle import Bundle
from longshort.config import SequenceModelSettings, SequenceRunSettings
from longshort.data.sequences import SequenceEncoding, from_arrays
from longshort.errors import DataError, SettingError
from longshort.insight.attribution import StepContributions, explain_numbers
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression


@cache
def bundle(classes: int = 2, *, gaps: bool = False, front: str = "conv", members: int = 1) -> Bundle:
    """A network with its first weights; `classes` of 0 is a regression."""
    generator = np.random.default_rng(0)
    values = [generator.normal([1.0, -2.0, 0.0], [1.0, 3.0, 2.0], (9, 3)) for _ in range(12)]
    if gaps:
        values[0][2, 1] = np.nan
    targets = np.arange(12.0) if not classes else [f"c{number % classes}" for number in range(12)]
    encoding = SequenceEncoding.fit(from_arrays(values, targets))
    settings = SequenceModelSettings.parse({"hidden_size": 5, "filters": 4, "front": front, "members": members})
    task = (SequenceClassification if classes else SequenceRegression)(encoding, settings)
    torch.manual_seed(1)
    return Bundle(task, task.build().eval(), SequenceRunSettings(model=settings))


SEQUENCE = np.random.default_rng(3).normal(0.0, 3.0, (7, 3))


@pytest.mark.parametrize(("front", "members"), [("conv", 1), ("conv", 3), ("none", 1)])
@pytest.mark.parametrize("classes", [0, 2, 4])
@pytest.mark.parametrize("gaps", [False, True])
def test_the_contributions_sum_to_the_difference_of_the_scores(
    classes: int, front: str, gaps: bool, members: int
) -> None:
    model = bundle(classes, gaps=gaps, front=front, members=members)
    found = longshort.explain(model, SEQUENCE, tolerance=1e-3)
    network, encoding = model.network, model.task.encoding
    encoded = encoding.encode(from_arrays([SEQUENCE])).batch(np.array([0])).inputs
    with torch.no_grad():
        logits = [network(each)[0].double().numpy() for each in (encoded, encoded.with_values(0 * encoded.values))]
    if classes == 0:
        wanted = [float(each[0]) * encoding.target_scale + encoding.target_mean for each in logits]
    elif classes == 2:
        wanted = [float(each[0]) * (1 if found.label == "c1" else -1) for each in logits]
    else:
        place = encoding.labels.index(found.label)
        wanted = [float(each[place] - np.delete(each, place).mean()) for each in logits]

    assert isinstance(found, StepContributions)
    assert found.values.shape == (7, 3)
    assert [found.score, found.baseline_score] == pytest.approx(wanted, abs=1e-4)
    assert found.values.sum() == pytest.approx(wanted[0] - wanted[1], rel=2e-3, abs=1e-4)
    assert found.steps.sum() == pytest.approx(sum(found.by_channel.values()))


def test_what_is_at_its_mean_contributes_nothing() -> None:
    model = bundle()
    flat = SEQUENCE.copy()
    flat[:, 1] = model.task.encoding.means[1]
    found = longshort.explain(model, flat)

    assert found.by_channel["channel 1"] == pytest.approx(0, abs=1e-6)
    step, channel = found.strongest(1)[0]
    assert abs(found.values[step, channel]) == abs(found.values).max()


def test_a_class_is_asked_for_and_batches_are_lists() -> None:
    model = bundle(4)
    one, two = longshort.explain(model, [SEQUENCE, SEQUENCE[:4]], label="c2")

    assert (one.label, one.scale) == ("c2", "logit of c2 above the mean of the others")
    assert two.values.shape == (4, 3)
    assert json.loads(one.to_json())["completeness_error"] < 0.01
    assert sum(one.probabilities.values()) == pytest.approx(1)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(SettingError, match="The class must be one that the model knows: c0, c1"):
        longshort.explain(bundle(), SEQUENCE, label="c9")
    with pytest.raises(SettingError, match="is explained by integrated-gradients"):
        longshort.explain(bundle(), SEQUENCE, method="occlusion")
    with pytest.raises(SettingError, match="must be one of sequences of numbers"):
        explain_numbers(torch.nn.LSTM(3, 4), SEQUENCE)
    with pytest.raises(DataError, match="channel"):
        longshort.explain(bundle(), SEQUENCE[:, :2])


def test_a_trace_of_numbers_is_that_of_the_lstm_behind_the_front() -> None:
    model = bundle()
    seen = longshort.trace(model, SEQUENCE)
    encoded = model.task.encoding.encode(from_arrays([SEQUENCE])).batch(np.array([0])).inputs
    with torch.no_grad():
        hidden = model.network.lstm(model.network.front(encoded))[0].values

    assert (len(seen), seen.tokens) == (7, None)
    both = np.concatenate([seen.hidden[0, 0], seen.hidden[0, 1]], axis=1)
    np.testing.assert_allclose(both, hidden, atol=1e-6)
    assert set(seen.scores) == {"c0", "c1"}


def test_of_several_networks_the_first_is_traced_and_all_answer() -> None:
    model = bundle(members=3)
    seen, first = longshort.trace(model, SEQUENCE), model.network.members[0]
    encoded = model.task.encoding.encode(from_arrays([SEQUENCE])).batch(np.array([0])).inputs
    with torch.no_grad():
        hidden = first.lstm(first.front(encoded))[0].values
        probabilities = model.task.objective.probabilities(model.network(encoded).double())[0]

    np.testing.assert_allclose(np.concatenate([seen.hidden[0, 0], seen.hidden[0, 1]], axis=1), hidden, atol=1e-6)
    assert list(seen.scores.values()) == pytest.approx(probabilities.tolist())
