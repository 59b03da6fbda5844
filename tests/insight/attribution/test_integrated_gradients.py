import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.attribution.straight import Additive, target
from tests.insight.units.wired import random_model

from longshort.insight.attribution import integrated_gradients as module
from longshort.insight.attribution.integrated_gradients import integrate
from longshort.insight.attribution.target import target_of
from longshort.insight.subject import evaluating
from longshort.ragged import Ragged

IDS = torch.tensor([1, 2, 3, 1])


def of_model(model, label="good"):
    return target_of(model.network, model.task, label)


def ids_of(model, length, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(0, model.task.encoding.vocabulary_size, (length,), generator=draw)


def test_of_a_linear_score_they_are_the_weight_times_the_input():
    network = Additive()
    found = integrate(target(network), network.embedding(IDS), torch.tensor([0.5, 0.5]), 0.01)
    worth = (network.embedding(IDS) - 0.5) @ network.weight.detach()

    np.testing.assert_allclose(found.values, worth.numpy(), rtol=1e-6)
    assert found.score - found.baseline_score == pytest.approx(float(worth.sum()), rel=1e-5)
    assert found.points == 16 * 4 + 17  # nothing was off, so nothing was halved
    assert found.jumps == 0
    assert network.weight.requires_grad
    assert network.weight.grad is None


def test_a_bent_score_is_shared_out_as_the_tokens_are_to_each_other():
    network = Additive(lambda total: total**3 - 4 * total)
    found = integrate(target(network), network.embedding(IDS), torch.zeros(2), 1e-4)
    worth = network.worth(IDS).double().numpy()
    total = worth.sum()

    np.testing.assert_allclose(found.values, worth / total * (total**3 - 4 * total), rtol=1e-4)


def test_kinks_are_halved_until_the_sum_is_within_the_tolerance():
    network = Additive(lambda total: (total - 1.2345).relu() - 3 * (total - 2.718).relu())
    rough, fine = (integrate(target(network), network.embedding(IDS), torch.zeros(2), each) for each in (0.05, 1e-4))

    for found, tolerance in ((rough, 0.05), (fine, 1e-4)):
        difference = found.score - found.baseline_score
        assert abs(found.values.sum() - difference) <= tolerance * abs(difference)
    assert rough.points < fine.points < 400


def test_a_jump_is_shared_out_and_said():
    network = Additive(lambda total: total + 5 * torch.tanh(1e5 * (total - 1.2345)))
    found = integrate(target(network), network.embedding(IDS), torch.zeros(2), 0.01)
    worth = network.worth(IDS).double().numpy()

    assert found.jumps == pytest.approx(10, rel=0.01)
    np.testing.assert_allclose(found.values, worth / worth.sum() * (worth.sum() + 10), rtol=0.01)
    assert found.points < module.MOST_POINTS


def test_a_score_that_never_settles_ends_and_does_not_pass_for_complete():
    network = Additive(lambda total: torch.sin(1e4 * total))
    found = integrate(target(network), network.embedding(IDS), torch.zeros(2), 1e-6)

    assert found.points < 3 * module.MOST_POINTS


@settings(max_examples=12)
@given(
    pooling=st.sampled_from(["last", "mean", "max", "mean+max"]),
    bidirectional=st.booleans(),
    num_layers=st.integers(1, 2),
    length=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_they_sum_to_the_difference_on_any_network(pooling, bidirectional, num_layers, length, seed):
    model = random_model(seed, pooling=pooling, bidirectional=bidirectional, num_layers=num_layers)
    vectors = model.network.embedding(ids_of(model, length, seed)).detach()
    found = integrate(of_model(model), vectors, torch.zeros(vectors.shape[1]), 0.01)
    scores = of_model(model).of_vectors(Ragged.from_rows(torch.stack([vectors, 0 * vectors]))).tolist()

    assert [found.score, found.baseline_score] == pytest.approx(scores, abs=1e-5)
    assert abs(found.values.sum() - (scores[0] - scores[1])) <= max(0.01 * abs(scores[0] - scores[1]), 1e-4)


def test_the_slopes_are_those_of_finite_differences():
    model = random_model(3, num_layers=2)
    model.network.double()
    vectors = model.network.embedding(ids_of(model, 7)).detach()
    score = of_model(model)
    slopes = module._Way(score, vectors, torch.zeros(5).double()).look(np.array([0.3, 1.0]))[1]
    h = 1e-6
    for point, row in zip((0.3, 1.0), slopes, strict=True):
        for place in range(7):
            nudge = torch.zeros(7, 1).double()
            nudge[place] = h
            up, down = (of_way(score, vectors, point + sign * nudge) for sign in (1, -1))
            assert row[place] == pytest.approx((up - down) / (2 * h), abs=1e-7)


def of_way(score, vectors, share):
    with torch.no_grad():
        return float(score.of_vectors(Ragged.from_rows((share * vectors)[None])))


def test_no_batch_changes_them(monkeypatch):
    model = random_model(1)
    vectors = model.network.embedding(ids_of(model, 9)).detach()
    whole = integrate(of_model(model), vectors, torch.zeros(5), 0.01)
    monkeypatch.setattr(module, "BATCH_TOKENS", 20)
    parts = integrate(of_model(model), vectors, torch.zeros(5), 0.01)

    np.testing.assert_allclose(parts.values, whole.values, atol=1e-6)


def test_they_are_those_of_captum():
    captum = pytest.importorskip("captum.attr", reason="captum judges integrated gradients from outside")
    model = random_model(5, pooling="mean", num_layers=2)
    score = of_model(model)
    with evaluating(model.network):
        vectors = model.network.embedding(ids_of(model, 12))
        found = integrate(score, vectors, torch.zeros(5), 1e-5)
    judge = captum.IntegratedGradients(lambda rows: score.of_vectors(Ragged.from_rows(rows)))
    theirs = judge.attribute(vectors[None], torch.zeros_like(vectors)[None], n_steps=200)

    np.testing.assert_allclose(found.values, theirs[0].sum(dim=-1).detach().numpy(), atol=1e-5)
