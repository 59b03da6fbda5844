"""`EmbeddingLSTM` equals an embedding followed by an LSTM."""

from __future__ import annotations

import pytest
import torch

from longshort import EmbeddingLSTM, Ragged
from longshort.errors import DataError

TOKENS = [torch.tensor([1, 2, 1, 1]), torch.tensor([2]), torch.tensor([0, 1])]


def model(**options: object) -> EmbeddingLSTM:
    made = EmbeddingLSTM(5, 3, 4)
    made.embedding = torch.nn.Embedding(5, 3, **options)
    return made


@pytest.mark.parametrize("options", [{}, {"scale_grad_by_freq": True}, {"padding_idx": 1}, {"max_norm": 0.5}], ids=str)
def test_results_and_gradients_match_embedding_then_lstm(options: dict[str, object]) -> None:
    both, tokens = model(**options), Ragged.from_list(TOKENS)
    found, _ = both(tokens)
    expected, _ = both.lstm(tokens.with_values(both.embedding(tokens.values)))
    torch.testing.assert_close(found.values, expected.values)
    share = torch.randn_like(found.values)
    weights = list(both.parameters())
    for one, other in zip(
        torch.autograd.grad((found.values * share).sum(), weights),
        torch.autograd.grad((expected.values * share).sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("tokens", [torch.tensor([[5]]), torch.tensor([-1, 2]), Ragged.from_list([torch.tensor([5])])])
def test_out_of_range_tokens_are_rejected(tokens: torch.Tensor | Ragged) -> None:
    with pytest.raises(DataError, match=r"Token ids must be from 0 to 4; got (5|-1)\."):
        model()(tokens)
