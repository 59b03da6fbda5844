"""The language model: what it guesses, from what, and what that costs; computed anew with torch's own LSTM."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.config import TextModelSettings
from longshort.errors import SettingError
from longshort.networks import LanguageModel, LanguageObjective, TextClassifierNetwork, can_pretrain, language
from longshort.ragged import Ragged

SETTINGS = TextModelSettings(embedding_size=8, hidden_size=6)
WORDS = 30
OBJECTIVE = LanguageObjective()
NO_TARGETS = torch.empty(0)


def model(**changes: Any) -> tuple[TextClassifierNetwork, LanguageModel]:
    """Weights large enough that every guess has a loss of its own."""
    torch.manual_seed(0)
    network = TextClassifierNetwork(WORDS, 3, SETTINGS.replace(**changes))
    reader = LanguageModel(network)
    with torch.no_grad():
        for weight in reader.parameters():
            weight.normal_(std=0.5)
    return network, reader


def batch(*lengths: int) -> Ragged:
    draw = torch.Generator().manual_seed(1)
    return Ragged(torch.randint(0, WORDS, (sum(lengths),), generator=draw), torch.tensor(lengths, dtype=torch.int64))


def by_torch(network: TextClassifierNetwork, reader: LanguageModel, texts: Ragged) -> list[Tensor]:
    """`(guesses, 2)` of each direction: text by text, word by word, with the LSTM of torch and its own arithmetic."""
    lstm = nn.LSTM(
        network.lstm.input_size,
        network.lstm.hidden_size,
        network.lstm.num_layers,
        bidirectional=network.lstm.bidirectional,
    )
    lstm.load_state_dict(network.lstm.state_dict())
    vectors, bias = network.embedding.weight, reader._bias
    found = []
    for direction in range(1 + network.lstm.bidirectional):
        asked = []  # the hidden state, and the word that it should know
        for words in texts:
            if not len(words):
                continue
            hidden = lstm(vectors[words])[0].chunk(1 + network.lstm.bidirectional, dim=1)[direction]
            for at, word in enumerate(words.tolist()):
                seen = at - 1 if direction == 0 else at + 1
                if 0 <= seen < len(words):
                    asked.append((hidden[seen], word))
        choices = sorted({word for _, word in asked})
        rows = []
        for hidden, word in asked:
            scores = torch.stack([2.0 * reader._project(hidden) @ vectors[w] + bias[w] for w in choices])
            right = choices[int(scores.argmax())] == word
            rows.append(torch.stack([scores.logsumexp(0) - scores[choices.index(word)], torch.tensor(float(right))]))
        found.append(torch.stack(rows))
    return found


def in_order(guesses: Tensor) -> Tensor:
    """By their loss: a batch is asked in an order of chance."""
    return guesses[guesses[:, 0].argsort()]


@pytest.mark.parametrize(
    "changes",
    [{}, {"bidirectional": False}, {"bidirectional": False, "num_layers": 2}, {"embedding_dropout": 0.5}],
    ids=str,
)
def test_each_guess_is_that_of_torch(changes: dict[str, Any]) -> None:
    """Forward the next word, in reverse the one before, of all words that are to be guessed; never across texts."""
    network, reader = model(**changes)
    reader.eval()
    texts = batch(5, 1, 0, 7, 2, 1, 12)
    expected = by_torch(network, reader, texts)
    guesses = reader(texts)
    assert guesses.shape == (sum(map(len, expected)), 2)
    for ours, theirs in zip(guesses.split(4 + 6 + 1 + 11), expected, strict=True):
        torch.testing.assert_close(in_order(ours), in_order(theirs), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("changes", [{}, {"bidirectional": False, "num_layers": 2}], ids=str)
def test_the_gradients_are_those_of_torch(changes: dict[str, Any]) -> None:
    texts = batch(5, 1, 0, 7, 2, 12)
    network, reader = model(**changes)
    reader.eval()
    weights = [network.embedding.weight, reader._project.weight, reader._bias]
    expected = torch.autograd.grad(torch.cat(by_torch(network, reader, texts))[:, 0].mean(), weights)
    OBJECTIVE.losses(reader(texts), NO_TARGETS).mean().backward()
    for weight, gradient in zip(weights, expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient, atol=1e-5, rtol=1e-5)
    assert all(bool(weight.grad.abs().sum() > 0) for weight in network.lstm.parameters())
    assert network.linear.weight.grad is None
    assert network.linear.bias.grad is None


def test_what_comes_after_is_not_known() -> None:
    """Whatever the last word is, the guesses before it, forward, are the same; and so the first word in reverse."""
    _, reader = model()
    reader.eval()
    # The candidates are the same for each: every word stands in the second text, inside.
    rest = [torch.arange(WORDS).repeat(2)]
    for end, direction in ((-1, 0), (0, 1)):
        seen = []
        for word in (3, 4):
            text = torch.arange(6)
            text[end] = word
            guesses = reader(Ragged.from_list([text, *rest]))
            losses = guesses.split(len(guesses) // 2)[direction][:, 0]
            seen.append([round(loss, 4) for loss in losses.tolist()])
        shared = set(seen[0]) & set(seen[1])
        assert len(set(seen[0]) - shared) == 1  # the guess of that word itself


@pytest.mark.parametrize("lengths", [(1, 1, 1), (1,), (0, 0), (0, 1), ()], ids=str)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_texts_of_one_word_give_no_guesses_and_a_loss_of_0(lengths: tuple[int, ...], bidirectional: bool) -> None:
    _, reader = model(bidirectional=bidirectional)
    guesses = reader(batch(*lengths))
    losses = OBJECTIVE.losses(guesses, NO_TARGETS)
    assert guesses.shape == (0, 2)
    assert losses.tolist() == [0.0]
    assert OBJECTIVE.correct(guesses, NO_TARGETS).sum() == 0
    losses.mean().backward()
    assert all(weight.grad is None or not weight.grad.any() for weight in reader.parameters())


def test_of_many_words_some_are_guessed_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "GUESSES", 5)
    _, reader = model()
    reader.eval()
    one, two = reader(batch(20, 30)), reader(batch(20, 30))
    assert one.shape == two.shape == (10, 2)
    assert not torch.equal(one, two)
    assert reader(batch(4)).shape == (6, 2)


def test_it_drops_words_at_a_rate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at the classifier's, which drops every second one."""
    _, reader = model(word_dropout=0.9, output_dropout=0.9)
    texts = batch(9, 12)
    plain, dropped = in_order(reader.eval()(texts)), in_order(reader.train()(texts))
    assert not torch.allclose(plain, dropped, atol=1e-3)
    torch.testing.assert_close(in_order(reader.eval()(texts)), plain)
    for rate in ("WORD_DROPOUT", "HEAD_DROPOUT"):
        monkeypatch.setattr(language, rate, 0.0)
    torch.testing.assert_close(in_order(reader.train()(texts)), plain)


# --- which networks can ---


@pytest.mark.parametrize(
    ("num_layers", "bidirectional", "can"), [(1, True, True), (1, False, True), (3, False, True), (2, True, False)]
)
def test_no_hidden_state_has_seen_its_word(num_layers: int, bidirectional: bool, can: bool) -> None:
    network = TextClassifierNetwork(9, 2, SETTINGS.replace(num_layers=num_layers, bidirectional=bidirectional))
    assert can_pretrain(network) is can


def test_several_layers_in_both_directions_are_refused() -> None:
    with pytest.raises(SettingError) as caught:
        LanguageModel(TextClassifierNetwork(9, 2, SETTINGS.replace(num_layers=2)))
    assert str(caught.value) == (
        "pretraining_epochs must be 0 where several layers read in both directions: they have seen the word that they "
        "are to guess. Got 2 layers.\n\nhint: Use one layer, or bidirectional=False."
    )


# --- what is learnt ---


def test_the_objective_reads_losses_and_answers() -> None:
    guesses = torch.tensor([[0.5, 1.0], [2.0, 0.0], [0.0, 1.0]])
    assert OBJECTIVE.losses(guesses, NO_TARGETS).tolist() == [0.5, 2.0, 0.0]
    assert OBJECTIVE.correct(guesses, NO_TARGETS).tolist() == [True, False, True]
    assert OBJECTIVE.balance(torch.tensor([0, 1, 1])).tolist() == [1.0]


def test_a_guess_at_the_start_is_near_chance() -> None:
    """Untrained, all candidates are about as likely: the logarithm of their number."""
    torch.manual_seed(0)
    reader = LanguageModel(TextClassifierNetwork(WORDS, 2, SETTINGS)).eval()
    texts = batch(100, 100)
    candidates = len(texts.values.unique())
    expected = F.cross_entropy(torch.zeros(1, candidates), torch.tensor([0]))
    assert float(reader(texts)[:, 0].mean().detach()) == pytest.approx(float(expected), abs=0.05)
