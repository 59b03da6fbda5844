"""The workloads in torch, for any LSTM module and any arrangement of the batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from benchmarks.engine.epoch import RATE, Epoch
from benchmarks.engine.peer import Answer, Task
from benchmarks.engine.peers.arrangements import Arrange, Outputs
from benchmarks.engine.problem import Problem, Weights
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

__all__ = ["MakeLSTM", "TorchPeer", "torch_lstm"]

MakeLSTM = Callable[[int], nn.Module]
"""Makes a module with the parameter names of `torch.nn.LSTM` from the hidden size, which is also the input size."""


def torch_lstm(hidden: int) -> nn.Module:
    """Make torch's own LSTM."""
    return nn.LSTM(hidden, hidden)


@dataclass(frozen=True)
class TorchPeer:
    """A peer with one arrangement and one LSTM module."""

    arrange: Arrange
    make_lstm: MakeLSTM = torch_lstm
    tolerance: float = 1e-3

    def prepare(self, problem: Problem | Epoch) -> Task:
        """Make the task of the workload's mode."""
        lstm = _with_weights(self.make_lstm(problem.workload.hidden), problem.weights)
        if isinstance(problem, Epoch):
            return EpochTask(problem, lstm, self.arrange)
        if problem.workload.mode == "generate":
            return GenerateTask(problem, lstm)
        make = TrainTask if problem.workload.mode == "train" else ForwardTask
        return make(problem, lstm, self.arrange)


def _with_weights(lstm: nn.Module, weights: Weights) -> nn.Module:
    names = {"weight_ih_l0": "input", "weight_hh_l0": "hidden", "bias_ih_l0": "input_bias", "bias_hh_l0": "hidden_bias"}
    lstm.load_state_dict({name: torch.from_numpy(getattr(weights, field)) for name, field in names.items()})
    return lstm


class ForwardTask:
    """Outputs and final states, in inference mode."""

    note = ""

    def __init__(self, problem: Problem, lstm: nn.Module, arrange: Arrange) -> None:
        self._lstm, self._arrangement = lstm, arrange(problem.lengths)
        self._parts = self._arrangement.spread(torch.from_numpy(problem.inputs))
        self._table = torch.from_numpy(problem.table) if problem.workload.input == "token" else None

    def answer(self) -> Answer:
        outputs = self._forward()
        return _answer(outputs, self._arrangement.restore(outputs.parts))

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._forward()

    @torch.inference_mode()
    def _forward(self) -> Outputs:
        return self._arrangement.run(self._lstm, self._arrangement.embed(self._parts, self._table))


class TrainTask:
    """Outputs, and the gradients of inputs or table and of all weights."""

    note = ""

    def __init__(self, problem: Problem, lstm: nn.Module, arrange: Arrange) -> None:
        self._lstm, self._arrangement = lstm, arrange(problem.lengths)
        self._parts = self._arrangement.spread(torch.from_numpy(problem.inputs))
        self._direction = self._arrangement.spread(torch.from_numpy(problem.direction))
        self._table = None
        if problem.workload.input == "token":
            self._table = torch.from_numpy(problem.table).requires_grad_()
        else:
            self._parts = [part.requires_grad_() for part in self._parts]
        self._leaves = self._parts if self._table is None else [self._table]
        self._weights = dict(lstm.named_parameters())

    def answer(self) -> Answer:
        outputs, gradients = self._train()
        answer = _answer(outputs, self._arrangement.restore([part.detach() for part in outputs.parts]))
        places, weights = gradients[: len(self._leaves)], gradients[len(self._leaves) :]
        inputs = self._arrangement.restore(places) if self._table is None else places[0]
        answer["input_gradient" if self._table is None else "table_gradient"] = inputs.numpy()
        by_name = dict(zip(self._weights, weights, strict=True))
        answer["input_weight_gradient"] = by_name["weight_ih_l0"].numpy()
        answer["hidden_weight_gradient"] = by_name["weight_hh_l0"].numpy()
        answer["bias_gradient"] = by_name["bias_ih_l0"].numpy()
        return answer

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._train()

    def _train(self) -> tuple[Outputs, tuple[Tensor, ...]]:
        outputs = self._arrangement.run(self._lstm, self._arrangement.embed(self._parts, self._table))
        wanted = [*self._leaves, *self._weights.values()]
        return outputs, torch.autograd.grad(list(outputs.parts), wanted, self._direction)


class GenerateTask:
    """One sequence, a step per call, feeding the state back."""

    note = ""

    def __init__(self, problem: Problem, lstm: nn.Module) -> None:
        self._lstm = lstm
        self._steps = [step.view(1, 1, -1) for step in torch.from_numpy(problem.inputs)]

    def answer(self) -> Answer:
        outputs, state = self._generate()
        values = torch.cat(outputs).flatten(0, 1)
        return {"outputs": values.numpy(), "h": state[0][0].numpy(), "c": state[1][0].numpy()}

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._generate()

    @torch.inference_mode()
    def _generate(self) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        outputs, state = [], None
        for step in self._steps:
            output, state = self._lstm(step, state)
            outputs.append(output)
        assert state is not None
        return outputs, state


class EpochTask:
    """Trains a classifier, one batch per repetition."""

    note = ""

    def __init__(self, epoch: Epoch, lstm: nn.Module, arrange: Arrange) -> None:
        self._epoch, self._lstm, self._arrange = epoch, lstm, arrange
        self._table = nn.Parameter(torch.from_numpy(epoch.table.copy()))
        self._head = nn.Parameter(torch.from_numpy(epoch.head.copy()))
        self._bias = nn.Parameter(torch.zeros(()))
        self._parameters = [self._table, *lstm.parameters(), self._head, self._bias]
        self._optimizer = torch.optim.Adam(self._parameters, lr=RATE)
        self.ready(0)

    def answer(self) -> Answer:
        """Compute loss and gradients of the first batch with the initial weights, without an update."""
        self.ready(0)
        loss = self._loss()
        gradients = torch.autograd.grad(loss, self._parameters)
        names = ["table", *(name for name, _ in self._lstm.named_parameters()), "head", "bias"]
        answer = {f"{name} gradient": value.numpy() for name, value in zip(names, gradients, strict=True)}
        return {"loss": loss.detach().numpy(), **answer}

    def ready(self, index: int) -> None:
        batch = self._epoch.batch(index)
        self._arrangement = self._arrange(batch.lengths)
        self._parts = self._arrangement.spread(torch.from_numpy(batch.ids))
        self._labels = torch.from_numpy(batch.labels)[self._arrangement.rows]

    def run(self, index: int) -> None:
        self._optimizer.zero_grad()
        self._loss().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()

    def _loss(self) -> Tensor:
        outputs = self._arrangement.run(self._lstm, self._arrangement.embed(self._parts, self._table))
        logits = self._arrangement.mean(outputs.parts) @ self._head + self._bias
        return binary_cross_entropy_with_logits(logits, self._labels)


def _answer(outputs: Outputs, values: Tensor) -> Answer:
    answer = {"outputs": values.numpy()}
    if outputs.h is not None and outputs.c is not None:
        answer |= {"h": outputs.h.detach().numpy(), "c": outputs.c.detach().numpy()}
    return answer
