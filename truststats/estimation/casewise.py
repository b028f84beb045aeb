"""Scores of single answers: one variable, and pairs of ordered and continuous ones.

A variable has a linear predictor x'b. An ordered one with category c has y* between the edges
tau_c-1 - x'b and tau_c - x'b; a continuous one the residual z = (y - mu - x'b) / sigma. A `Margin`
holds these; pair scores are given for its two `edges`, (upper, lower) or (mean, variance), and
`spread` turns those into scores of its parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.bivariate import FAR, Rectangles, interval

__all__ = ["Margin", "PairScores", "pair_scores", "rectangles", "rho_score", "take"]

_TINY = 1e-16
_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class Margin:
    """One variable at its estimates, case by case.

    Attributes
    ----------
    upper, lower : (n,) arrays
        Edges of y*; of a continuous variable both hold z.
    codes : (n,) int array or None
        Category of each case; None for a continuous variable.
    cuts : int
        Number of thresholds; 1, for the mean, of a continuous variable.
    sigma : float
        Residual standard deviation; 1 for an ordered variable.
    x : (n, q) array
        Exogenous variables.
    seen : (n,) bool array
        Cases with an answer; those without hold arbitrary numbers.
    """

    upper: Array
    lower: Array
    codes: IntArray | None
    cuts: int
    sigma: float
    x: Array
    seen: BoolArray

    @property
    def ordered(self) -> bool:
        """Whether the variable has ordered categories."""
        return self.codes is not None

    def own_edges(self) -> tuple[Array, Array]:
        """Return the scores of the edges of this variable alone."""
        if not self.ordered:
            z = self.upper
            return z / self.sigma, (z * z - 1.0) / (2.0 * self.sigma**2)
        share = np.maximum(interval(self.lower, self.upper), _TINY)
        return _phi(self.upper) / share, -_phi(self.lower) / share

    def spread(self, edges: tuple[Array, Array]) -> Array:
        """Return scores (n, m) of the thresholds (or mean), the slopes (and the variance)."""
        first, second = edges
        n, q = self.x.shape
        if self.codes is None:
            return np.column_stack([first, self.x * first[:, None], second])
        out = np.zeros((n, self.cuts + 2 + q))
        place: IntArray = np.arange(n, dtype=np.intp)
        out[place, self.codes + 1] = first
        out[place, self.codes] = second
        out[:, self.cuts + 2 :] = -self.x * (first + second)[:, None]
        # the outermost edges are no thresholds
        return np.delete(out, [0, self.cuts + 1], axis=1)

    def products(self, edges: tuple[Array, Array], by: Array) -> Array:
        """Return sums over cases of `spread(edges)` times numbers, (m,)."""
        first, second = edges[0] * by, edges[1] * by
        if self.codes is None:
            return np.concatenate([[first.sum()], self.x.T @ first, [second.sum()]])
        size = self.cuts + 1
        high = np.bincount(self.codes, first, minlength=size)[:-1]
        low = np.bincount(self.codes, second, minlength=size)[1:]
        return np.concatenate([high + low, -self.x.T @ (first + second)])


def take(margin: Margin, cases: BoolArray) -> Margin:
    """Return a variable of some cases only."""
    codes = None if margin.codes is None else margin.codes[cases]
    return Margin(
        margin.upper[cases], margin.lower[cases], codes, margin.cuts, margin.sigma,
        margin.x[cases], margin.seen[cases],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class PairScores:
    """Scores of a pair, case by case: of rho, and of the edges of both variables."""

    rho: Array
    first: tuple[Array, Array]
    second: tuple[Array, Array]


def _phi(x: Array) -> Array:
    return cast(Array, np.exp(-0.5 * x * x) / _SQRT_2PI * (np.abs(x) < FAR))


def rectangles(one: Margin, two: Margin) -> Rectangles | None:
    """Return the rectangles of cases of two ordered variables; None for other pairs."""
    if not (one.ordered and two.ordered):
        return None
    return Rectangles(one.upper, one.lower, two.upper, two.lower)


def rho_score(one: Margin, two: Margin, rho: float, cells: Rectangles | None) -> Array:
    """Return the score of rho alone, (n,); `cells` as `rectangles` gives them."""
    if cells is None:
        return pair_scores(one, two, rho).rho
    return cells.slope(rho) / np.maximum(cells.probability(rho), _TINY)


def pair_scores(
    one: Margin, two: Margin, rho: float, cells: Rectangles | None = None
) -> PairScores:
    """Return the scores of a pair of variables with correlation rho.

    Source: Olsson (1979), doi:10.1007/BF02296207, for two ordered variables; Olsson, Drasgow &
    Dorans (1982), doi:10.1007/BF02294164, for one; the bivariate normal density for none.
    """
    if one.ordered and two.ordered:
        return _both_ordered(
            one, two, rho, cells or Rectangles(one.upper, one.lower, two.upper, two.lower)
        )
    if one.ordered:
        turned = _one_ordered(two, one, rho)
        return PairScores(turned.rho, turned.second, turned.first)
    return _one_ordered(one, two, rho) if two.ordered else _none_ordered(one, two, rho)


def _both_ordered(one: Margin, two: Margin, rho: float, cells: Rectangles) -> PairScores:
    share = np.maximum(cells.probability(rho), _TINY)
    root = float(np.sqrt(1.0 - rho * rho))

    def slope(edge: Array, other: Margin) -> Array:
        inside = ndtr((other.upper - rho * edge) / root) - ndtr((other.lower - rho * edge) / root)
        return _phi(edge) * inside / share

    return PairScores(
        cells.slope(rho) / share,
        (slope(one.upper, two), -slope(one.lower, two)),
        (slope(two.upper, one), -slope(two.lower, one)),
    )


def _one_ordered(one: Margin, two: Margin, rho: float) -> PairScores:
    """Return the scores of a continuous and an ordered variable."""
    z, rest = one.upper, 1.0 - rho * rho
    root = np.sqrt(rest)
    high = np.clip((two.upper - rho * z) / root, -FAR, FAR)
    low = np.clip((two.lower - rho * z) / root, -FAR, FAR)
    share = np.maximum(interval(low, high), _TINY)
    at_high, at_low = _phi(high) / share, _phi(low) / share
    score = (at_high * (two.upper * rho - z) - at_low * (two.lower * rho - z)) / rest**1.5
    by_z = -z - (at_high - at_low) * rho / root
    return PairScores(score, _from_z(one, by_z), (at_high / root, -at_low / root))


def _none_ordered(one: Margin, two: Margin, rho: float) -> PairScores:
    a, b, rest = one.upper, two.upper, 1.0 - rho * rho
    score = (rho * rest + a * b * (1.0 + rho * rho) - rho * (a * a + b * b)) / rest**2
    return PairScores(
        score, _from_z(one, -(a - rho * b) / rest), _from_z(two, -(b - rho * a) / rest)
    )


def _from_z(margin: Margin, by_z: Array) -> tuple[Array, Array]:
    """Return scores of mean and variance from the derivative of the log-density by z."""
    variance = margin.sigma**2
    return -by_z / margin.sigma, -(1.0 + by_z * margin.upper) / (2.0 * variance)
