"""The classifier network: independence of neighbours, pooling, dropout."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from longshort.config import TextModelSettings
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Pooling, Ragged

SETTINGS = TextModelSettings(embedding_size=8, hidden_size=6)


def batch(*lengths: int) -> Ragged:
    return Ragged(torch.randint(0, 50, (sum(lengths),)), torch.tensor(lengths))


def network(**changes: object) -> TextClassifierNetwork:
    torch.manual_seed(0)
    return TextClassifierNetwork(50, 3, SETTINGS.replace(**changes)).eval()


@pytest.mark.parametrize("pooling", get_args(Pooling))
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_a_text_is_answered_alike_alone_and_among_others(pooling: str, bidirectional: bool, num_layers: int) -> None:
    net = network(pooling=pooling, bidirectional=bidirectional, num_layers=num_layers)
    texts = batch(3, 0, 17, 1, 40, *range(1, 60))
    together = net(texts)
    alone = torch.cat([net(texts[i : i + 1]) for i in range(len(texts))])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def test_last_pooling_reads_each_direction_to_its_own_end() -> None:
    net = network(pooling="last")
    tokens = torch.randint(0, 50, (9,))
    _, (h_n, _) = net.lstm(net.embedding(tokens)[:, None])
    torch.testing.assert_close(net(Ragged(tokens, torch.tensor([9]))), net.linear(h_n[:, 0].reshape(1, -1)))


def test_the_forget_gate_starts_open() -> None:
    lstm = network().lstm
    biases = lstm.bias_ih_l0 + lstm.bias_hh_l0
    assert biases[6:12].tolist() == [1.0] * 6
    assert biases[:6].tolist() == [0.0] * 6


def test_word_dropout_drops_whole_words() -> None:
    net = network().train()
    tokens = Ragged(torch.arange(50).repeat(4), torch.tensor([100, 100]))
    kept = (net.embed(tokens, word_dropout=0.5).ragged().values != 0).all(1).view(4, 50)
    assert (kept == kept[0]).all()
    assert 10 < int(kept[0].sum()) < 40


def test_embedding_dropout_drops_features_of_a_whole_sequence() -> None:
    net = network(embedding_dropout=0.5).train()
    first, second = ((sequence != 0) for sequence in net.embed(batch(30, 30), word_dropout=0.0))
    assert (first == first[0]).all()
    assert (second == second[0]).all()
    assert not (first[0] == second[0]).all() or bool(first[0].any())


def test_nothing_is_dropped_in_evaluation() -> None:
    net = network(word_dropout=0.9, embedding_dropout=0.9, output_dropout=0.9)
    texts = batch(5, 6)
    torch.testing.assert_close(net(texts), net(texts))
    torch.testing.assert_close(net.embed(texts, word_dropout=0.9).ragged().values, net.embedding(texts.values))
