"""What a trained model is set beside: itself at its start, and plain recurrent networks of the same size."""

from __future__ import annotations

import copy
from typing import final

import torch
from torch import Tensor, nn

from longshort.config import RunSettings
from longshort.insight.jacobians import PlainWeights
from longshort.insight.subject import Subject, subject_of
from longshort.lstm.parameters import Spec
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Ragged

__all__ = ["PlainStack", "start_of", "training_seed"]


def training_seed(model: object) -> int | None:
    """The seed with which a model was trained; None if it does not hold its settings."""
    settings = getattr(getattr(model, "bundle_", model), "settings", None)
    return settings.flat().get("seed") if isinstance(settings, RunSettings) else None


def start_of(subject: Subject, seed: int) -> Subject:
    """The same model with the first weights that this seed gives it.

    A classifier's network is rebuilt as its training built it; its first word vectors are random ones, whatever the
    training put in their place. An LSTM on its own, and an `EmbeddingLSTM`, get torch's own first weights.
    """
    network = subject.network
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if network is not None:
            sizes = network.embedding.num_embeddings, network.linear.out_features
            return subject_of(TextClassifierNetwork(*sizes, network.settings).eval())
        module = copy.deepcopy(subject.module).eval()
        for part in module.modules():
            if isinstance(part, nn.Embedding | nn.LSTM):
                part.reset_parameters()
    return subject_of(module)


@final
class PlainStack:
    """Plain recurrent layers with tanh, h' = tanh(W x + U h + b): as many, as wide, in as many directions as an LSTM's.

    Args:
        spec: of the LSTM; with a projection, a plain layer has as many units as the projection.
        seed: of the first weights.
        orthogonal: W Xavier uniform, U orthogonal and b zero, as the gates of longshort's classifiers start; otherwise
            torch's own first weights, uniform between -1 / sqrt(units) and 1 / sqrt(units).
    """

    def __init__(self, spec: Spec, seed: int, *, orthogonal: bool) -> None:
        self.directions = spec.directions
        sizes = [spec.input_size, *[spec.output_size * spec.directions] * (spec.num_layers - 1)]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._layers = [
                nn.RNN(size, spec.output_size, bias=spec.bias, bidirectional=spec.bidirectional, dtype=torch.float64)
                for size in sizes
            ]
            for layer in self._layers if orthogonal else []:
                for name, weight in layer.named_parameters():
                    start = nn.init.xavier_uniform_ if name.startswith("weight_ih") else nn.init.orthogonal_
                    start(weight) if weight.dim() > 1 else nn.init.zeros_(weight)

    @torch.no_grad()
    def states(self, inputs: Ragged) -> list[tuple[Ragged, PlainWeights]]:
        """The hidden states `(tokens, units)` and the weights of each layer and direction, forward before reverse.

        Args:
            inputs: `(tokens, features)` float64, without empty sequences.
        """
        found = []
        for layer in self._layers:
            inputs = Ragged.from_packed(layer(inputs.to_packed())[0])
            parts = inputs.values.chunk(self.directions, dim=1)
            for part, suffix in zip(parts, ("l0", "l0_reverse"), strict=False):
                found.append((inputs.with_values(part), _weights(layer, suffix)))
        return found


def _weights(layer: nn.RNN, suffix: str) -> PlainWeights:
    held: dict[str, Tensor] = dict(layer.named_parameters())
    return PlainWeights(held[f"weight_ih_{suffix}"], held[f"weight_hh_{suffix}"])
