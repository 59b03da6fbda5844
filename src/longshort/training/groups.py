"""Groups of weights, and the norms of weights, gradients and updates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from longshort.lstm.parameters import GATES
from longshort.networks import name_in_member
from longshort.training.records import Kind

__all__ = ["Block", "find_blocks", "norms"]

_NAME = re.compile(r"(?:weight|bias)_(ih|hh|hr)_(l\d+(?:_reverse)?)")


@dataclass(frozen=True)
class Block:
    """Parameters that form one group of weights, or the four gates of a layer and direction.

    Args:
        names: names of the groups: "embedding", "linear", or "lstm.l0.input" to "lstm.l0.output".
        kind: kind of all the groups.
        parameters: each holds the groups along its first axis, in equal parts.
    """

    names: tuple[str, ...]
    kind: Kind
    parameters: tuple[nn.Parameter, ...]

    def gradients(self) -> list[Tensor]:
        """Return the gradients of the last backward pass, without parameters that have none."""
        return [each.grad for each in self.parameters if each.grad is not None]


def find_blocks(network: nn.Module) -> list[Block]:
    """Assign every parameter of a network to one block: by module, and in an LSTM by layer, direction and gate.

    Args:
        network: any. A parameter shared by two modules belongs to the first of them; parameters of the same name in
            the members of an ensemble share a block.
    """
    known: set[int] = set()
    blocks: dict[tuple[str, ...], Block] = {}
    for name, module in network.named_modules():
        own = {key: each for key, each in module.named_parameters(recurse=False) if id(each) not in known}
        known.update(map(id, own.values()))
        name = name_in_member(name)
        for block in _of_lstm(name, own) if isinstance(module, nn.LSTM) else _of_other(name, module, own):
            held = blocks[block.names].parameters if block.names in blocks else ()
            blocks[block.names] = replace(block, parameters=held + block.parameters)
    return list(blocks.values())


def norms(tensors: Sequence[Tensor], pieces: int) -> Tensor:
    """Return `(pieces,)` float64: the Euclidean norm of each equal part of the first axes, over all tensors.

    Args:
        tensors: any shapes with first axes that `pieces` divides.
        pieces: 1 for a single norm.
    """
    squares = torch.zeros(pieces, dtype=torch.float64)
    for tensor in tensors:
        squares += _row_norms(tensor.detach().reshape(pieces, -1)).cpu().square()
    return squares.sqrt()


def _row_norms(rows: Tensor) -> Tensor:
    found: Tensor = torch.linalg.vector_norm(rows, dim=1)
    if not bool(found.isfinite().all()):
        # In float32 the square of a number above 1e19 overflows.
        found = torch.linalg.vector_norm(rows.double(), dim=1)
    return found.double()


def _of_lstm(name: str, own: dict[str, nn.Parameter]) -> Iterator[Block]:
    gates: dict[str, list[nn.Parameter]] = {}
    projections: dict[str, list[nn.Parameter]] = {}
    for key, parameter in own.items():
        if found := _NAME.fullmatch(key):
            part, place = found.groups()
            (projections if part == "hr" else gates).setdefault(place, []).append(parameter)
    stem = f"{name}." if name else ""
    for place, parameters in gates.items():
        yield Block(tuple(f"{stem}{place}.{gate}" for gate in GATES), "gate", tuple(parameters))
        if place in projections:
            yield Block((f"{stem}{place}.projection",), "projection", tuple(projections[place]))


def _of_other(name: str, module: nn.Module, own: dict[str, nn.Parameter]) -> list[Block]:
    kind: Kind = "embedding" if isinstance(module, nn.Embedding) else "other"
    return [Block((name or type(module).__name__,), kind, tuple(own.values()))] if own else []
