"""Models built by hand, of which it is known what each unit does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from longshort.config import TextModelSettings, TokenizerSettings
from longshort.data import TextEncoding
from longshort.kinds.text.task import TextClassification
from longshort.networks import TextClassifierNetwork

WORDS = ["film", "story", "scene", "actor", "awful", "not", '"', ".", "7"]

FIRES, DECIDES, LATCH, UNREAD = range(4)
"""Units of `wired_model`: fires on "awful" alone; on "awful" too, and all of the answer hangs on it; is on from one
quotation mark to the next; counts up, and nothing reads it."""

SURE = 20.0
"""As an input of a gate: open or shut for good."""


def encoding(kind: str = "word", texts: list[str] | None = None, labels: tuple[str, ...] = ("bad", "good")) -> Any:
    settings = TokenizerSettings(tokenizer=kind, minimum_count=1)
    return TextEncoding.fit(texts or [" ".join(WORDS)] * 2, settings, labels=labels)


def random_model(seed: int = 0, **changes: Any) -> Any:
    """A model as `longshort.load` holds it, with random weights that matter."""
    known = encoding()
    settings = TextModelSettings(**{"embedding_size": 5, "hidden_size": 4, **changes})
    task = TextClassification(known, settings)
    torch.manual_seed(seed)
    network = task.build().eval()
    with torch.no_grad():
        network.embedding.weight.normal_()
        for weight in network.lstm.parameters():
            weight.normal_(std=0.7)
    return SimpleNamespace(task=task, network=network)


def wired_model() -> Any:
    """One layer, forward, mean pooling; see `FIRES`, `DECIDES`, `LATCH` and `UNREAD`.

    Inputs are one number per word: the embedding is the identity.
    """
    known = encoding()
    size = known.vocabulary_size
    settings = TextModelSettings(embedding_size=size, hidden_size=4, bidirectional=False, pooling="mean")
    task = TextClassification(known, settings)
    network: TextClassifierNetwork = task.build().eval()
    number = {word: int(known.encode([word])[0][0]) for word in WORDS}
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.embedding.weight.copy_(torch.eye(size))
        lstm = network.lstm
        # (gates, units, ...): each gate's own rows, which are views of the weights.
        read = dict(zip("ifgo", lstm.weight_ih_l0.view(4, 4, size), strict=True))
        bias = dict(zip("ifgo", lstm.bias_ih_l0.view(4, 4), strict=True))
        again = dict(zip("ifgo", lstm.weight_hh_l0.view(4, 4, 4), strict=True))
        for unit in (FIRES, DECIDES):  # nothing is kept; "awful" is all that enters
            bias["i"][unit], bias["f"][unit], bias["o"][unit] = SURE, -SURE, SURE
            read["g"][unit, number["awful"]] = SURE
        # A quotation mark turns the latch round: where it was on (0.76), the cell is emptied, else it is filled.
        bias["o"][LATCH] = SURE
        bias["f"][LATCH], read["f"][LATCH, number['"']] = SURE, -2 * SURE
        bias["i"][LATCH], read["i"][LATCH, number['"']], again["i"][LATCH, LATCH] = -SURE, 2 * SURE, -3 * SURE
        read["g"][LATCH, number['"']] = SURE
        bias["f"][UNREAD], bias["o"][UNREAD], bias["g"][UNREAD] = SURE, SURE, 0.01
        network.linear.weight[0, DECIDES], network.linear.bias[0] = -100.0, 1.0
    return SimpleNamespace(task=task, network=network)


def reviews(count: int = 120) -> tuple[list[str], list[str]]:
    """Texts of which "awful" makes the bad ones; every third one holds a quotation."""
    generator = torch.Generator().manual_seed(1)
    texts, labels = [], []
    for row in range(count):
        length = 4 + int(torch.randint(8, (1,), generator=generator))
        words = [WORDS[i] for i in torch.randint(4, (length,), generator=generator).tolist()]
        if row % 2:
            words.insert(int(torch.randint(length, (1,), generator=generator)), "awful")
        if row % 3 == 0:
            start = int(torch.randint(length - 2, (1,), generator=generator))
            words[start:start] = ['"']
            words[start + 3 : start + 3] = ['"']
        texts.append(" ".join(words))
        labels.append("bad" if row % 2 else "good")
    return texts, labels
