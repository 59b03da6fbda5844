"""Integrated gradients (Sundararajan, Taly & Yan 2017), with as many steps as it takes.

A token's contribution is the slope of the score along its embedding, summed over the straight way from a baseline to
the text. The contributions add up to the difference of the score at both ends exactly, if the sum over the way is
exact. Here the way is cut into pieces; the score at both ends of a piece says how far its own sum is off, and the
pieces that are off most are halved until all of them together are within the tolerance.

An LSTM that latches has places on the way where the score jumps: a little more of every word, and a unit switches over
for good. No step is small enough for the slope there. What is a jump at the narrowest step is shared out as the slopes
around it are to each other, in the limit the direction in which the jump is crossed, and reported as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from longshort.insight.attribution.target import BATCH_TOKENS
from longshort.ragged import Ragged

__all__ = ["Integral", "Score", "integrate"]

Array = npt.NDArray[np.float64]

FIRST = 16
"""Pieces at the start; with fewer, a rise and a fall that make up for each other may be missed together."""

FOREMOST = 4
"""Only pieces that are off by more than this part of the worst one are halved at once: the others may be good enough
when that is mended."""

MOST_POINTS = 2_000
"""Most points of the path at which the score is computed."""

NARROWEST = 2.0**-10
"""Length of the way over which a rise of the score that the slopes do not account for is taken for a jump."""

SMALLEST = 1e-4
"""A difference of scores below this counts as zero: float32 rounds there."""

_NODES, _WEIGHTS = (each / 2 for each in np.polynomial.legendre.leggauss(4))
"""Gauss-Legendre nodes and weights on a piece of length 1 around 0: exact for polynomials up to degree 7."""


class Score(Protocol):
    """One number that a network gives a sequence of vectors."""

    @property
    def network(self) -> nn.Module:
        """What computes it."""
        ...

    def of_vectors(self, vectors: Ragged) -> Tensor:
        """`(batch,)` scores of sequences `(tokens, features)`; differentiable."""
        ...


@final
@dataclass(frozen=True, eq=False)
class Integral:
    """What came out.

    Args:
        values: `(tokens,)`: the contribution of each token; `(tokens, features)` if features are kept apart.
        score: of the text.
        baseline_score: of the baseline.
        points: number of points of the path that were evaluated.
        jumps: the sum of the sizes of all jumps.
    """

    values: Array
    score: float
    baseline_score: float
    points: int
    jumps: float


@dataclass(frozen=True, eq=False)
class _Piece:
    """A piece of the way, from `low` to `high`, with the score at both, and what each token contributes on it."""

    low: float
    high: float
    start: float
    end: float
    shares: Array
    is_jump: bool = False

    @property
    def rise(self) -> float:
        return self.end - self.start

    @property
    def error(self) -> float:
        return float(self.shares.sum()) - self.rise

    @property
    def divisible(self) -> bool:
        return self.high - self.low > NARROWEST


def integrate(
    target: Score, vectors: Tensor, baseline: Tensor, tolerance: float, *, by_feature: bool = False
) -> Integral:
    """The contribution of each token to the score.

    Args:
        target: the score.
        vectors: `(tokens, embedding_size)`: the embedded text, one token at least.
        baseline: `(embedding_size,)`: where the way of every token starts.
        tolerance: over 0: the share of the difference by which the contributions may miss it; and the share of all the
            ups and downs of the score by which the pieces may miss theirs, whatever their errors make up for.
        by_feature: whether the features of a token are kept apart.
    """
    way = _Way(target, vectors, baseline, by_feature=by_feature)
    edges = np.linspace(0, 1, FIRST + 1)
    scores = way.look(edges)[0].tolist()
    pieces = way.pieces(list(zip(edges[:-1], edges[1:], scores[:-1], scores[1:], strict=True)))
    while way.points < MOST_POINTS and (allowed := _allowed(pieces, tolerance)) is not None:
        off = _foremost([each for each in pieces if each.divisible], allowed / len(pieces))
        if not off:
            break
        pieces = [each for each in pieces if each not in off] + [_settled(each, allowed) for each in way.halves(off)]
    jumps = float(sum(abs(each.rise) for each in pieces if each.is_jump))
    values = np.sum([each.shares for each in pieces], axis=0)
    return Integral(values.reshape(vectors.shape) if by_feature else values, scores[-1], scores[0], way.points, jumps)


def _allowed(pieces: Sequence[_Piece], tolerance: float) -> float | None:
    """The error that all pieces together may have; None if they have less."""
    errors = np.array([each.error for each in pieces])
    rises = np.array([each.rise for each in pieces])
    whole = tolerance * max(abs(float(rises.sum())), SMALLEST)
    if abs(errors.sum()) > whole:
        return whole
    apart = tolerance * max(float(np.abs(rises).sum()), SMALLEST)
    return apart if np.abs(errors).sum() > apart else None


def _foremost(pieces: Sequence[_Piece], least: float) -> list[_Piece]:
    """Those that are off by more than `least`, and not by much less than the worst one."""
    worst = max((abs(each.error) for each in pieces), default=0.0)
    return [each for each in pieces if abs(each.error) > max(least, worst / FOREMOST)]


def _settled(piece: _Piece, allowed: float) -> _Piece:
    """The piece, as a jump if it is too narrow to be halved and off all the same.

    A jump has shares that sum to its rise, in the proportions of the slopes; where these point the other way, they say
    nothing of it.
    """
    total = float(piece.shares.sum())
    if piece.divisible or abs(piece.error) <= allowed * NARROWEST or total * piece.rise <= 0:
        return piece
    return replace(piece, shares=piece.shares * (piece.rise / total), is_jump=True)


class _Way:
    """The straight way from the baseline to the text."""

    def __init__(self, target: Score, vectors: Tensor, baseline: Tensor, *, by_feature: bool = False) -> None:
        self.target, self.baseline, self.step = target, baseline, vectors - baseline
        self.by_feature, self.points = by_feature, 0

    def pieces(self, ends: Sequence[tuple[float, float, float, float]]) -> list[_Piece]:
        """Pieces of these ends and of these scores there."""
        low, high = (np.array([each[side] for each in ends]) for side in (0, 1))
        nodes = (low + high)[:, None] / 2 + (high - low)[:, None] * _NODES
        slopes = self.look(nodes.ravel())[1].reshape(*nodes.shape, -1)
        shares = (high - low)[:, None] * np.einsum("n,pnt->pt", _WEIGHTS, slopes)
        return [_Piece(*each, share) for each, share in zip(ends, shares, strict=True)]

    def halves(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """Two pieces in the place of each."""
        middles = [(each.low + each.high) / 2 for each in pieces]
        scores = self.look(np.array(middles))[0].tolist()
        ends = []
        for each, middle, score in zip(pieces, middles, scores, strict=True):
            ends += [(each.low, middle, each.start, score), (middle, each.high, score, each.end)]
        return self.pieces(ends)

    def look(self, points: Array) -> tuple[Array, Array]:
        """The scores at some points of the way, `(points,)`, and the slope of each token there, `(points, tokens)`."""
        self.points += len(points)
        at_once = max(BATCH_TOKENS // len(self.step), 1)
        seen = [self._look(points[first : first + at_once]) for first in range(0, len(points), at_once)]
        scores, slopes = zip(*seen, strict=True)
        return np.concatenate(scores), np.concatenate(slopes)

    def _look(self, points: Array) -> tuple[Array, Array]:
        share = torch.as_tensor(points).to(self.step)[:, None, None]
        with torch.enable_grad(), _constant(self.target.network):
            vectors = (self.baseline + share * self.step).detach().requires_grad_()
            scores = self.target.of_vectors(Ragged.from_rows(vectors))
            (slopes,) = torch.autograd.grad(scores.sum(), vectors)
        each = slopes.double() * self.step.double()
        along = each.flatten(1) if self.by_feature else each.sum(dim=-1)
        return scores.detach().double().cpu().numpy(), along.cpu().numpy()


@contextmanager
def _constant(module: nn.Module) -> Iterator[None]:
    """The gradients of weights are not asked for, and so not computed."""
    learnt: list[Any] = [weight for weight in module.parameters() if weight.requires_grad]
    for weight in learnt:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in learnt:
            weight.requires_grad_(True)
