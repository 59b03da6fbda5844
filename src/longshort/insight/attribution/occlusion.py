"""Occlusion: what the score loses when tokens are left out (Zeiler & Fergus 2014; Li, Monroe & Jurafsky 2016).

The tokens are really taken out of the sequence, and those around them move together; nothing stands in their place.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from longshort.insight.attribution.target import BATCH_TOKENS, Target

__all__ = ["occlude", "windows"]


def occlude(target: Target, ids: Tensor, masks: Tensor) -> Tensor:
    """What the score loses without some tokens, `(masks,)` float64.

    Args:
        target: the score.
        ids: `(tokens,)` int64: the text.
        masks: `(masks, tokens)` bool: those that are left out.
    """
    whole = target.of_texts([ids]).double()
    # No more texts at once than are answered at once: there are as many texts as tokens, of almost that length.
    at_once = max(BATCH_TOKENS // max(len(ids), 1), 1)
    parts = torch.split(masks, at_once)
    return whole - torch.cat([target.of_texts([ids[~mask] for mask in part]).double() for part in parts])


def windows(tokens: int, size: int) -> Iterator[tuple[int, int]]:
    """Every `size` tokens that stand together, as the first one and the one after the last; all where there are fewer.

    A window of 1 is a token.
    """
    size = min(size, tokens)
    return ((start, start + size) for start in range(tokens - size + 1))
