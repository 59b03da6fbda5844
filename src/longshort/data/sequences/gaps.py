"""What is said about missing values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longshort.data.sequences.sequences import Floats

__all__ = ["gaps_in_prediction", "gaps_in_training"]

_FILLED = "The last value of the channel stands for each; before the first one, the channel's mean in training"


def gaps_in_training(channels: Sequence[str], missing: Sequence[float] | Floats) -> tuple[str, ...]:
    """Which values are missing in the training split, and what the network is given.

    Args:
        channels: names.
        missing: the share of each channel.
    """
    if not np.any(missing):
        return ()
    return (
        f"Values are missing in the training part: {_shares(channels, missing)}. {_FILLED}; and a further channel for "
        "each says where values were missing.",
    )


def gaps_in_prediction(channels: Sequence[str], missing: Sequence[float] | Floats) -> tuple[str, ...]:
    """The same of data to be answered by a model that was trained without gaps."""
    if not np.any(missing):
        return ()
    return (
        f"Values are missing, though none were in training: {_shares(channels, missing)}. {_FILLED}. The model has not "
        "learnt what a gap means.",
    )


def _shares(channels: Sequence[str], missing: Sequence[float] | Floats) -> str:
    """The shares of the channels that have gaps, the largest first."""
    order = [int(i) for i in np.argsort(-np.asarray(missing), kind="stable") if missing[i] > 0]
    shown = ", ".join(f"{_percent(missing[i])} of {channels[i]!r}" for i in order[:10])
    return shown + (f", and some of {len(order) - 10} channels more" if len(order) > 10 else "")


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.0005 else "less than 0.1%"
