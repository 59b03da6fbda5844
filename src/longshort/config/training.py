"""Settings of the training, whatever is learned."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from longshort.config.base import Bytes, Count, Rate, Section, Seed

__all__ = ["TrainingSettings"]


class TrainingSettings(Section):
    """The loop: how long, how fast, when to stop."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Times that the training split is gone through, at most; 4 to 60, chosen by its size, when not given."""
    pretraining_epochs: Annotated[int, Field(ge=0, le=1_000)] | None = None
    """Times that the training texts are first read as a language model, which needs no labels (Dai & Le 2015); 2 to 10,
    chosen by the size of the training split, when not given; 0 for none."""
    batch_tokens: Count | None = None
    """Tokens per batch, whose rows follow from their lengths; 1,024 to 8,192, chosen by the size of the training
    split, when not given."""
    learning_rate: Annotated[float, Field(gt=0.0, le=100.0)] = 3e-3
    """Step size of AdamW; the peak where the schedule is one-cycle."""
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    """Learning rate over time: up and then down to zero (Smith & Topin 2018), or constant."""
    embedding_rate: Annotated[float, Field(ge=0.0, le=10.0)] = 0.3
    """Step size of the embedding, as a share of the learning rate."""
    averaging: Rate = 0.998
    """Share of the past, at each step, in the running mean of the weights that is validated and kept (Polyak & Juditsky
    1992); 0 keeps the last weights themselves."""
    weight_decay: Annotated[float, Field(ge=0.0, le=10.0)] = 0.01
    """Decoupled weight decay of AdamW on weight matrices; biases and embeddings are spared."""
    gradient_clip: Annotated[float, Field(gt=0.0)] = 1.0
    """Largest norm of the gradient of all weights together."""
    patience: Count | None = None
    """Stop after this many epochs without a better validation loss; a third of the epochs when not given."""
    class_weights: Literal["balanced"] | None = None
    """Weigh the loss of each class by the inverse of its share, or not at all."""
    statistics: bool = True
    """Record how far the weights move, how large their gradients are and what the gates do, so that the verdict can say
    why a training went as it did; the training itself stays the same."""
    memory_limit: Bytes | None = None
    """Memory that the training may take, such as 2GB: where whole batches do not fit, parts of them go through the
    network and are learnt from together, and a text that alone does not fit is read in parts between which no gradients
    flow (truncated backpropagation); nine tenths of the computer's memory when not given."""
    seed: Seed = 0
    """Decides the split, the first weights, the order of the batches and the dropout."""
