"""`Workload`: sizes and mode of a measurement, and its number of useful operations."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

__all__ = ["VOCABULARY", "Workload", "useful_operations"]

VOCABULARY = 20_000

Mode = Literal["forward", "train", "generate", "epoch"]
Input = Literal["float", "token"]


@dataclass(frozen=True)
class Workload:
    """One layer in one direction; the input size is the hidden size.

    Args:
        mode: "forward": outputs and final states, no gradients; "train": also the gradients of the sum of
            output * fixed random numbers with respect to the inputs (or the embedding table) and all weights;
            "generate": one sequence, a step per call, no gradients; "epoch": a classifier over documents with Adam.
        longest: largest length; for "generate", the steps of the sequence.
        batch: number of sequences.
        hidden: units and input features.
        threads: threads of each peer.
        input: "float" vectors, or "token" ids for an embedding.
        corpus: file with the documents of an epoch.
    """

    mode: Mode
    longest: int = 400
    batch: int = 64
    hidden: int = 128
    threads: int = 2
    input: Input = "float"
    corpus: str = ""

    @property
    def name(self) -> str:
        """Name in tables and for --only."""
        parts = [self.mode, f"T<={self.longest}", f"batch {self.batch}", f"hidden {self.hidden}", self.input]
        if self.mode == "generate":
            parts = [self.mode, f"{self.longest} tokens", f"hidden {self.hidden}"]
        if self.mode == "epoch":
            parts = ["epoch over documents", f"batch {self.batch}", f"hidden {self.hidden}"]
        return ", ".join([*parts, f"{self.threads} thread{'s' if self.threads > 1 else ''}"])

    def replace(self, **changes: object) -> Workload:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def useful_operations(workload: Workload, tokens: int, distinct: int) -> int:
    """Count the floating-point operations that every method must compute; multiplication and addition count as two.

    Counts matrix products only, not activations. Forward, a token needs 8 * hidden * features for its input and
    8 * hidden * hidden for the previous state. Training needs three times that: both operands of each product have a
    gradient. With token ids, the product of the input counts once per distinct token of the batch.

    Args:
        workload: one layer in one direction.
        tokens: real tokens.
        distinct: distinct tokens; equal to `tokens` if the inputs are vectors.
    """
    each = 8 * workload.hidden * workload.hidden
    return each * (tokens + distinct) * (3 if workload.mode in ("train", "epoch") else 1)
