"""`torch.nn.LSTM`: packed, padded, and padded after sorting and bucketing."""

from __future__ import annotations

from functools import partial

import torch
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Peer, Refusal, Task
from benchmarks.engine.peers.arrangements import Packed, Padded, buckets
from benchmarks.engine.peers.choosing import fastest
from benchmarks.engine.peers.torch_tasks import TorchPeer
from benchmarks.engine.problem import Problem

__all__ = ["bucketed", "packed", "padded"]

BUCKETS = (2, 4, 8, 16)


def packed(threads: int) -> Peer:
    """A packed sequence, packed before the clock starts."""
    torch.set_num_threads(threads)
    return _NotForOneSequence(TorchPeer(Packed))


def padded(threads: int) -> Peer:
    """One block, padded to the longest; also used for single steps."""
    torch.set_num_threads(threads)
    return TorchPeer(Padded)


def bucketed(threads: int) -> Peer:
    """Rows sorted by length and split into buckets, each padded to its longest."""
    torch.set_num_threads(threads)
    return _NotForOneSequence(_Bucketed())


class _NotForOneSequence:
    """Refuses workloads of a single sequence: there is nothing to pad, pack or sort."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.tolerance = peer.tolerance

    def prepare(self, problem: Problem | Epoch) -> Task:
        if problem.workload.mode == "generate" or problem.workload.batch == 1:
            raise Refusal("one sequence is the same as padded")
        return self._peer.prepare(problem)


class _Bucketed:
    """Measures several numbers of buckets and keeps the fastest."""

    tolerance = 1e-3

    def prepare(self, problem: Problem | Epoch) -> Task:
        counts = [count for count in BUCKETS if count <= problem.workload.batch]
        return fastest({f"{n} buckets": partial(TorchPeer(buckets(n)).prepare, problem) for n in counts})
