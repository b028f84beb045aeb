"""The bivariate standard normal distribution, and the cells that thresholds cut out of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import cast

import numpy as np
from scipy.special import ndtr, owens_t

from truststats.arrays import Array, IntArray

__all__ = [
    "FAR",
    "Rectangles",
    "cell_probabilities",
    "cell_slopes",
    "interval",
    "normal_cdf",
    "normal_density",
    "pad",
]

#: A threshold beyond which nothing lies in double precision; it stands for infinity.
FAR = 38.0

_TINY = 1e-200
_STEEP = 0.925
_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


def normal_density(x: Array, y: Array, rho: Array) -> Array:
    """Return the density of the bivariate standard normal distribution with correlation rho."""
    rest = 1.0 - rho * rho
    return np.exp(-0.5 * (x * x - 2.0 * rho * x * y + y * y) / rest) / (2.0 * np.pi * np.sqrt(rest))


def interval(low: Array, high: Array) -> Array:
    """Return the probability between two edges, without cancellation in the upper tail."""
    turn = low > 0.0
    return ndtr(np.where(turn, -low, high)) - ndtr(np.where(turn, -high, low))


def normal_cdf(x: Array, y: Array, rho: Array) -> Array:
    """Return P(X <= x, Y <= y) of standard normal X and Y with correlation rho, |rho| < 1.

    The arguments are broadcast; infinite limits must be given as `FAR` or -`FAR`. With
    T Owen's function, a_x = (y / x - rho) / sqrt(1 - rho^2) and a_y likewise, it is
    [Phi(x) + Phi(y)] / 2 - T(x, a_x) - T(y, a_y), less 1/2 where x and y have opposite signs;
    correct to about 1e-15 for every rho.
    Source: Owen (1956), doi:10.1214/aoms/1177728074; Patefield & Tandy (2000),
    doi:10.18637/jss.v005.i05, for T.
    """
    x = np.where(x == 0.0, _TINY, x)
    y = np.where(y == 0.0, _TINY, y)
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    half = np.where((x > 0.0) == (y > 0.0), 0.0, 0.5)
    with np.errstate(over="ignore"):
        t = owens_t(x, (y / x - rho) / root) + owens_t(y, (x / y - rho) / root)
    return cast(Array, 0.5 * (ndtr(x) + ndtr(y)) - t - half)


@lru_cache(maxsize=4)
def _nodes(count: int) -> tuple[Array, Array]:
    node, weight = np.polynomial.legendre.leggauss(count)
    return cast(Array, node), cast(Array, weight)


@dataclass(frozen=True, eq=False)
class Rectangles:
    """Rectangles in the plane of two standard normal variables, (n,) arrays of edges.

    Attributes
    ----------
    upper, lower : (n,) arrays
        Edges of the first variable.
    above, below : (n,) arrays
        Edges of the second one.
    """

    upper: Array
    lower: Array
    above: Array
    below: Array

    @cached_property
    def _corners(self) -> tuple[IntArray, Array, Array, Array]:
        """Case, half the squared distance, product and sign of every corner that is not far off."""
        x = np.concatenate([self.upper, self.upper, self.lower, self.lower])
        y = np.concatenate([self.above, self.below, self.above, self.below])
        near = np.flatnonzero((np.abs(x) < FAR) & (np.abs(y) < FAR))
        n = len(self.upper)
        sign = np.repeat([1.0, -1.0, -1.0, 1.0], n)[near]
        x, y = x[near], y[near]
        return near % n, 0.5 * (x * x + y * y), x * y, sign

    def _summed(self, values: Array) -> Array:
        """Return signed sums of corners by case, (n,)."""
        case, _, _, sign = self._corners
        return np.bincount(case, sign * values, minlength=len(self.upper))

    @cached_property
    def _independent(self) -> Array:
        """Probabilities at a correlation of zero."""
        return (ndtr(self.upper) - ndtr(self.lower)) * (ndtr(self.above) - ndtr(self.below))

    def slope(self, rho: float) -> Array:
        """Return the derivatives of the probabilities by rho, (n,)."""
        rest = 1.0 - rho * rho
        _, half, cross, _ = self._corners
        density = np.exp((rho * cross - half) / rest)
        return self._summed(density) / (2.0 * np.pi * np.sqrt(rest))

    def probability(self, rho: float) -> Array:
        """Return the probabilities, (n,), to about 1e-15.

        Up to |rho| = 0.925 the derivative is integrated over arcsin rho by 6, 12 or 20 Gauss-
        Legendre nodes, beyond it Owen's function is used.
        Source: Drezner & Wesolowsky (1990), doi:10.1080/00949659008811236; Genz (2004),
        doi:10.1023/B:STCO.0000035304.20635.31, for the number of nodes.
        """
        if abs(rho) > _STEEP:
            r = np.array(rho)
            return (
                normal_cdf(self.upper, self.above, r)
                - normal_cdf(self.upper, self.below, r)
                - normal_cdf(self.lower, self.above, r)
                + normal_cdf(self.lower, self.below, r)
            )
        _, half, cross, _ = self._corners
        angle = 0.5 * float(np.arcsin(rho))
        node, weight = _nodes(6 if abs(rho) < 0.3 else 12 if abs(rho) < 0.75 else 20)
        total = np.zeros(half.shape)
        for at, share in zip(np.sin(angle * (1.0 + node)), weight, strict=True):
            total += share * np.exp((at * cross - half) / (1.0 - at * at))
        return self._independent + self._summed(total) * (angle / (2.0 * np.pi))


def pad(thresholds: list[Array]) -> Array:
    """Return lists of thresholds as one (p, most) array, `FAR` where a variable has fewer."""
    most = max(len(own) for own in thresholds)
    out = np.full((len(thresholds), most), FAR)
    for k, own in enumerate(thresholds):
        out[k, : len(own)] = own
    return out


def _corners(values: Array, row_edge: Array, column_edge: Array, corner: float) -> Array:
    """Return (P, L-1, L-1) values at inner corners framed to (P, L+1, L+1); lower edges are 0."""
    count, inner = values.shape[0], values.shape[1]
    out = np.zeros((count, inner + 2, inner + 2))
    out[:, 1:-1, 1:-1] = values
    out[:, 1:-1, -1] = row_edge
    out[:, -1, 1:-1] = column_edge
    out[:, -1, -1] = corner
    return out


def _cells(corners: Array) -> Array:
    return np.diff(np.diff(corners, axis=1), axis=2)


def cell_probabilities(rows: Array, columns: Array, rho: Array) -> tuple[Array, Array]:
    """Return the probabilities of all cells of P tables, and their derivatives by rho.

    Parameters
    ----------
    rows, columns : (P, L - 1) arrays
        Thresholds of the row and the column variable of each table, padded with `FAR`.
    rho : (P,) array
        Correlations.

    Returns
    -------
    two (P, L, L) arrays
        A padded category has probability 0. The derivative of a corner's probability by rho is
        the density there (Plackett 1954, doi:10.1093/biomet/41.3-4.351).
    """
    x, y, r = rows[:, :, None], columns[:, None, :], rho[:, None, None]
    cdf = _corners(normal_cdf(x, y, r), ndtr(rows), ndtr(columns), 1.0)
    slope = _corners(normal_density(x, y, r), np.zeros_like(rows), np.zeros_like(columns), 0.0)
    return np.maximum(_cells(cdf), 0.0), _cells(slope)


def cell_slopes(own: Array, other: Array, rho: Array) -> Array:
    """Return how each threshold of one variable moves its row of cells, (P, L - 1, L).

    Entry (t, b) is the derivative by threshold t of the probability of cell (t, b), and minus
    that of cell (t + 1, b): phi(tau_t) [Phi((tau_b - rho tau_t) / s) - Phi((tau_b-1 - rho tau_t)
    / s)] with s = sqrt(1 - rho^2); `other` holds the thresholds of the variable with cells b.
    Source: Olsson (1979), doi:10.1007/BF02296207, equations 13 to 15.
    """
    root = np.sqrt(1.0 - rho * rho)[:, None, None]
    given = ndtr((other[:, None, :] - rho[:, None, None] * own[:, :, None]) / root)
    full = np.zeros((*given.shape[:2], given.shape[2] + 2))
    full[:, :, 1:-1] = given
    full[:, :, -1] = 1.0
    density = np.exp(-0.5 * own * own) / _SQRT_2PI
    return density[:, :, None] * np.diff(full, axis=2)
