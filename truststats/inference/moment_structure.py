"""A model as derivatives of the moments: what weighted estimates and their tests are made of.

Per group a weight V and the derivatives D of the moments; over groups with shares a_g the
information sum_g a_g D_g' V_g D_g and its inverse E along the directions that constraints leave
open. For tests of fit U = V - V D E D' V (Satorra & Bentler 1994).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from truststats.arrays import Array
from truststats.estimation.weighted import weigh
from truststats.inference.vcov import inverse

__all__ = ["Pieces", "bread", "filling", "own_traces", "quadratic", "traces"]

_BLOCK = 512


@dataclass(frozen=True)
class Pieces:
    """Derivatives (k, q), weight, fourth moments (k, k) or None, and share of a group.

    The weight is a (k, k) matrix, or its diagonal (k,).
    """

    slopes: Array
    weight: Array
    gamma: Array | None
    share: float

    @cached_property
    def weighted(self) -> Array:
        """V D, (k, q)."""
        return weigh(self.weight, self.slopes)

    @cached_property
    def moved(self) -> Array:
        """Gamma V D, (k, q); by far the largest product, so made once."""
        assert self.gamma is not None
        return self.gamma @ self.weighted


def bread(pieces: Sequence[Pieces], null: Array | None) -> tuple[Array, bool]:
    """Return E, the inverse of sum_g a_g D' V D, and whether that was regular."""
    total = sum(part.share * (part.slopes.T @ part.weighted) for part in pieces)
    return inverse(np.asarray(total), null)


def filling(pieces: Sequence[Pieces]) -> Array:
    """Return sum_g a_g D' V Gamma V D, the middle of the sandwich."""
    total = np.zeros((pieces[0].slopes.shape[1],) * 2)
    for part in pieces:
        total += part.share * (part.weighted.T @ part.moved)
    return total


def traces(pieces: Sequence[Pieces], e: Array) -> tuple[float, float]:
    """Return tr(U Gamma) and tr(U Gamma U Gamma) over all groups, with E given."""
    one = two = 0.0
    middle, double = filling(pieces), np.zeros_like(e)
    for part in pieces:
        assert part.gamma is not None
        own = own_traces(part.weight, part.gamma)
        one += own[0]
        two += own[1]
        double += part.share * (part.moved.T @ weigh(part.weight, part.moved))
    inside = e @ middle
    one -= float(np.trace(inside))
    two += float(np.sum(inside * inside.T)) - 2.0 * float(np.sum(e * double))
    return one, two


def own_traces(weight: Array, gamma: Array) -> tuple[float, float]:
    """Return tr(V Gamma) and tr(V Gamma V Gamma); by blocks of rows if V is diagonal."""
    if weight.ndim == 2:
        product = weight @ gamma
        return float(np.trace(product)), float(np.sum(product * product.T))
    two = 0.0
    for k in range(0, len(weight), _BLOCK):
        at = slice(k, k + _BLOCK)
        two += float(weight[at] @ (gamma[at] ** 2 @ weight))
    return float(weight @ np.diag(gamma)), two


def quadratic(pieces: Sequence[Pieces], gaps: Sequence[Array], null: Array | None) -> float:
    """Return sum_g a_g r'Vr - g'E g with g = sum_g a_g D'V r, for residuals r of each group."""
    e, _ = bread(pieces, null)
    total, slope = 0.0, np.zeros(len(e))
    for part, gap in zip(pieces, gaps, strict=True):
        weighted = weigh(part.weight, gap)
        total += part.share * float(gap @ weighted)
        slope += part.share * (part.slopes.T @ weighted)
    return total - float(slope @ e @ slope)
