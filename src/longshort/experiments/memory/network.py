"""The two networks that are set side by side: an LSTM, and a plain recurrent one of as many hidden units."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from longshort.experiments.memory.problem import Problem
from longshort.lstm import LSTM, initialise
from longshort.lstm.parameters import GATES, layer_weights
from longshort.ragged import Ragged

__all__ = ["NETWORKS", "MemoryNetwork", "NetworkName", "remember_for"]

NetworkName = Literal["lstm", "rnn"]

NETWORKS: tuple[NetworkName, ...] = get_args(NetworkName)


class MemoryNetwork(nn.Module):
    """One recurrent layer and a linear one on its hidden states, for sequences of one length.

    The LSTM starts with forget gates that keep for as long as the sequences are (`remember_for`). The plain network,
    h' = tanh(W x + U h + b), starts with U orthogonal: the gradient lasts longer so than with torch's own first values.

    Args:
        kind: "lstm" or "rnn".
        problem: says how many numbers go in and out, and when it is answered.
        length: of the sequences.
        hidden_size: hidden units.
    """

    def __init__(self, kind: NetworkName, problem: Problem, length: int, hidden_size: int) -> None:
        super().__init__()
        self._steps, self._answers = problem.steps(length), problem.answers(length)
        self.recurrent: LSTM | nn.RNN
        if kind == "lstm":
            self.recurrent = LSTM(problem.inputs, hidden_size)
            initialise(self.recurrent, self.recurrent.spec)
            remember_for(length, self.recurrent)
        else:
            self.recurrent = nn.RNN(problem.inputs, hidden_size, batch_first=True)
            _start_plain(self.recurrent)
        self.linear = nn.Linear(hidden_size, problem.outputs)

    def forward(self, inputs: Ragged) -> Tensor:
        """Answers `(batch, answers, outputs)` float32 for sequences with values `(tokens, inputs)` float32."""
        if isinstance(self.recurrent, LSTM):
            states = self.recurrent(inputs)[0].values
        else:
            states = self.recurrent(inputs.values.view(len(inputs), self._steps, -1))[0]
        answers: Tensor = self.linear(states.view(len(inputs), self._steps, -1)[:, -self._answers :])
        return answers


@torch.no_grad()
def remember_for(steps: int, lstm: LSTM) -> None:
    """Chrono initialisation (Tallec & Ollivier 2018): first biases by which units keep what they hold for 1 to `steps`.

    The bias of each forget gate is ln u with u uniform from 1 to steps - 1, so that at rest the gate is u / (1 + u) and
    a cell decays over 1 + u steps; the bias of the input gate is -ln u, so that the cell does not overflow meanwhile.
    """
    times = torch.empty(lstm.hidden_size).uniform_(1, max(steps - 1, 1))
    for weights in layer_weights(lstm, lstm.spec):
        if weights.input_bias is not None:
            gates = dict(zip(GATES, weights.input_bias.chunk(len(GATES)), strict=True))
            gates["input"].copy_(-times.log())
            gates["forget"].copy_(times.log())


def _start_plain(rnn: nn.RNN) -> None:
    for name, weight in rnn.named_parameters():
        if name.startswith("bias"):
            nn.init.zeros_(weight)
        elif name.startswith("weight_ih"):
            nn.init.xavier_uniform_(weight)
        else:
            nn.init.orthogonal_(weight)
