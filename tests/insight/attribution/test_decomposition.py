import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.attribution.paper import decomposed
from tests.insight.units.wired import random_model

from longshort.errors import BackendError
from longshort.insight.attribution import decomposition
from longshort.insight.attribution.decomposition import decompose, relevant_logits
from longshort.insight.attribution.target import target_of
from longshort.ragged import Ragged


@settings(max_examples=20)
@given(
    pooling=st.sampled_from(["last", "mean", "max", "mean+max"]),
    bidirectional=st.booleans(),
    num_layers=st.integers(1, 3),
    length=st.integers(1, 8),
    seed=st.integers(0, 999),
)
def test_it_is_what_the_paper_says_and_its_parts_sum_to_the_score(pooling, bidirectional, num_layers, length, seed):
    model = random_model(seed, pooling=pooling, bidirectional=bidirectional, num_layers=num_layers)
    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, model.task.encoding.vocabulary_size, (length,), generator=draw)
    masks = torch.rand(4, length, generator=draw) < torch.tensor([[0.2], [0.5], [0.0], [1.0]])
    relevant = relevant_logits(model.network, ids, masks).numpy()
    logits = model.network(Ragged.from_list([ids])).detach().numpy()[0]

    for row, mask in zip(relevant, masks.numpy(), strict=True):
        beta, gamma = decomposed(model.network, ids.numpy(), mask)
        np.testing.assert_allclose(row, beta, atol=1e-5)
        np.testing.assert_allclose(row + gamma, logits, atol=1e-5)
    np.testing.assert_allclose(relevant[2], 0, atol=1e-6)  # no phrase, no contribution


def test_a_linear_network_adds_up():
    """Small numbers only meet the straight part of every function: then a phrase is the sum of its words."""
    model = random_model(1, pooling="mean")
    with torch.no_grad():
        model.network.embedding.weight *= 1e-3
    ids = torch.tensor([1, 5, 2, 3])
    masks = torch.cat([torch.ones(1, 4), torch.eye(4)]).bool()
    whole, *words = decompose(target_of(model.network, model.task, "good"), ids, masks).tolist()

    assert sum(words) == pytest.approx(whole, rel=1e-2)


def test_no_batch_of_phrases_changes_them(monkeypatch):
    model = random_model(6, num_layers=2)
    ids = torch.tensor([1, 5, 2, 3, 3])
    masks = torch.eye(5).bool()
    whole = relevant_logits(model.network, ids, masks)
    monkeypatch.setattr(decomposition, "AT_ONCE", 90)

    torch.testing.assert_close(relevant_logits(model.network, ids, masks), whole, atol=1e-6, rtol=0)
    assert relevant_logits(model.network, ids, masks[:0]).shape == (0, 1)


def test_other_precisions_are_refused():
    model = random_model(0)
    model.network.lstm.precision = "bf16"
    with pytest.raises(BackendError, match="follows the equations of the LSTM, and only the compiled kernel"):
        relevant_logits(model.network, torch.tensor([1]), torch.ones(1, 1).bool())
