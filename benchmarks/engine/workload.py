"""`Workload`: what is run, and how many useful operations are in it."""

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
            output * fixed random numbers to the inputs (or the embedding table) and all weights; "generate": one
            sequence, a step per call, without gradients; "epoch": a whole classifier over documents with Adam.
        longest: lengths are clipped to this; steps of the one sequence where the mode is "generate".
        batch: sequences.
        hidden: units and input features.
        threads: of each peer.
        input: "float" vectors, or "token" ids that go through an embedding.
        corpus: the file that holds the documents of an epoch.
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
        """For tables and for --only."""
        parts = [self.mode, f"T<={self.longest}", f"batch {self.batch}", f"hidden {self.hidden}", self.input]
        if self.mode == "generate":
            parts = [self.mode, f"{self.longest} tokens", f"hidden {self.hidden}"]
        if self.mode == "epoch":
            parts = ["epoch over documents", f"batch {self.batch}", f"hidden {self.hidden}"]
        return ", ".join([*parts, f"{self.threads} thread{'s' if self.threads > 1 else ''}"])

    def replace(self, **changes: object) -> Workload:
        """The same with some changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def useful_operations(workload: Workload, tokens: int, distinct: int) -> int:
    """Floating-point operations (a multiplication and an addition are two) that no way of computing can leave out.

    Products alone, the gates' functions are not counted. Forward, a token needs 8 * hidden * features for its input and
    8 * hidden * hidden for the state before it. Training needs three times that: both operands of each product have a
    gradient. Where inputs are token ids, the product of the input is counted once for each distinct token of the batch.

    Args:
        workload: one layer in one direction.
        tokens: real tokens in it.
        distinct: different tokens in it; as many as `tokens` where the inputs are vectors.
    """
    each = 8 * workload.hidden * workload.hidden
    return each * (tokens + distinct) * (3 if workload.mode in ("train", "epoch") else 1)
