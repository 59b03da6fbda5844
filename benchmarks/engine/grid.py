"""The workloads of a run."""

from __future__ import annotations

from itertools import product

from benchmarks.engine.workload import Workload

__all__ = ["CENTRE", "chosen", "epochs", "full", "quick"]

CENTRE = Workload("train", longest=400, batch=64, hidden=128, threads=2, input="float")

LENGTHS = (50, 400, 1000, 2400)
BATCHES = (1, 16, 64, 256)
SIZES = (32, 128, 256, 512)
THREADS = (2, 1)
STEPS = 200


def chosen(threads: int) -> list[Workload]:
    """Return the workloads with targets, then one factor at a time around the centre.

    Args:
        threads: threads of all workloads except the single-threaded one.
    """
    centre = CENTRE.replace(threads=threads)
    forward = centre.replace(mode="forward")
    targets = [
        centre,
        centre.replace(longest=1000),
        centre.replace(hidden=256),
        centre.replace(hidden=512),
        forward,
        forward.replace(hidden=256),
        forward.replace(hidden=512),
        forward.replace(input="token"),
        *_generations(threads),
    ]
    around = [
        centre.replace(input="token"),
        centre.replace(threads=1),
        *(centre.replace(longest=longest) for longest in (50, 2400)),
        *(centre.replace(batch=batch) for batch in (1, 16, 256)),
        centre.replace(hidden=32),
    ]
    return list(dict.fromkeys([*targets, *around]))


def full() -> list[Workload]:
    """Return every combination."""
    layers = [
        Workload("train" if train else "forward", longest, batch, hidden, threads, "token" if by_token else "float")
        for threads, train, by_token, longest, batch, hidden in product(
            THREADS, (True, False), (False, True), LENGTHS, BATCHES, SIZES
        )
    ]
    return [*layers, *(each for threads in THREADS for each in _generations(threads))]


def quick(threads: int) -> list[Workload]:
    """Return small workloads that cover every mode once."""
    small = Workload("train", longest=200, batch=8, hidden=32, threads=threads)
    return [
        small,
        small.replace(mode="forward", input="token"),
        Workload("generate", longest=20, batch=1, hidden=32, threads=threads),
    ]


def epochs(corpus: str, threads: int, *, small: bool) -> Workload:
    """Return an epoch over a stored corpus."""
    return Workload("epoch", 0, batch=64, hidden=32 if small else 128, threads=threads, input="token", corpus=corpus)


def _generations(threads: int) -> list[Workload]:
    return [Workload("generate", STEPS, 1, hidden, threads) for hidden in (512, 128)]
