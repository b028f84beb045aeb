"""Ordered answers given the factors: probabilities of categories, and their slopes.

An item's normal response y* is, given the factors eta, normal with the mean
mu + C Phi^-1 (eta - E eta) and the covariance matrix S - C Phi^-1 C', where S, C and Phi are the
implied covariances of responses, of responses with factors, and of factors. Where that matrix is
diagonal, answers are independent given the factors, and a category's probability is the normal
probability between its two thresholds (Samejima 1969, doi:10.1007/BF03372160; Takane & de Leeuw
1987, doi:10.1007/BF02294363).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.bivariate import FAR
from truststats.estimation.ordinal import OrdinalEstimate

__all__ = [
    "ItemResponse",
    "category_probabilities",
    "conditional_moments",
    "interval_probability",
    "item_response",
    "padded_cuts",
    "slopes_and_bends",
]

#: A share of the product of two standard deviations that is rounding.
_NOTHING = 1e-7
_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class ItemResponse:
    """Answers to p items given r independent standard normal coordinates z of f factors.

    Attributes
    ----------
    slopes : (p, r) array
        Of the responses on z, each in units of its standard deviation given z.
    cuts : (p, L + 1) array
        Limits of the categories in the same units, from -FAR to FAR; FAR beyond the last.
    mean : (f,) array
        Of the factors.
    turn : (f, r) array
        Factors are mean + turn z.
    """

    slopes: Array
    cuts: Array
    mean: Array
    turn: Array

    def limits(self, codes: IntArray) -> tuple[Array, Array]:
        """Return the (J, p) limits of J patterns of categories from 0; -1 is a missing answer."""
        item = np.arange(len(self.cuts))
        low = np.where(codes < 0, -FAR, self.cuts[item, np.maximum(codes, 0)])
        high = np.where(codes < 0, FAR, self.cuts[item, np.maximum(codes, 0) + 1])
        return low, high


def padded_cuts(group: OrdinalEstimate) -> Array:
    """Return the (p, L + 1) limits of the categories on the scale of the responses y*."""
    (cuts,) = group.cuts
    tau = cuts.values(group.theta[None])[0]
    count = np.bincount(cuts.item, minlength=group.p)
    out = np.full((group.p, int(count.max()) + 2), FAR)
    out[:, 0] = -FAR
    place = np.arange(len(tau)) - np.repeat(np.cumsum(count) - count, count)
    out[cuts.item, place + 1] = tau
    return out


def _scaled(limits: Array, centre: Array, sd: Array) -> Array:
    """Return limits less a centre, over a standard deviation; beyond the ends they stay."""
    ends = np.abs(limits) >= FAR
    return np.where(ends, limits, np.clip((limits - centre) / sd, -FAR, FAR))


def item_response(group: OrdinalEstimate, names: tuple[str, ...]) -> ItemResponse:
    """Return the answers of one group as functions of its factors.

    Parameters
    ----------
    group : OrdinalEstimate
        Of one group.
    names : (p,) tuple of str
        The items.

    Raises
    ------
    NotSupportedError
        Where answers are not independent given the factors, or a variance is negative.
    """
    state, p = group.state, group.p
    e, sigma = state.e[0], state.sigma[0]
    value, vector = np.linalg.eigh(e[p:, p:])
    if value[0] < -_NOTHING * value[-1]:
        raise NotSupportedError(
            "The covariance matrix of the factors is not positive definite.",
            why="no factor has such a distribution, so there is nothing to score",
            fix="look at fit.problems first",
        )
    keep = value > _NOTHING * value[-1]
    turn = vector[:, keep] * np.sqrt(value[keep])
    load = e[:p, p:] @ (vector[:, keep] / np.sqrt(value[keep]))
    left = sigma - load @ load.T
    spread = np.diag(left)
    if (spread <= _NOTHING * np.diag(sigma)).any():
        raise NotSupportedError(
            "Items with a residual variance of zero or below have no probabilities: "
            f"{', '.join(np.array(names)[spread <= _NOTHING * np.diag(sigma)])}.",
            fix="look at fit.problems first",
        )
    _refuse_dependence(left, sigma, names)
    sd = np.sqrt(spread)
    cuts = _scaled(padded_cuts(group), state.mu[0][:, None], sd[:, None])
    return ItemResponse(load / sd[:, None], cuts, state.nu[0][p:], turn)


def _refuse_dependence(left: Array, sigma: Array, names: tuple[str, ...]) -> None:
    scale = np.sqrt(np.diag(sigma))
    row, col = np.nonzero(np.tril(np.abs(left / np.outer(scale, scale)) > _NOTHING, -1))
    if len(row):
        pairs = [f"{names[j]} and {names[i]}" for i, j in zip(row, col, strict=True)]
        raise NotSupportedError(
            "Scores are not available where answers depend on each other beyond the factors: "
            f"{', '.join(pairs[:5])}{' ...' if len(pairs) > 5 else ''}.",
            why="their joint probability given the factors is then no product over items",
            fix="leave the residual covariances and paths between items out of the scoring model, "
            "or fit with estimator='MLR' for scores of items taken as continuous",
        )


def interval_probability(low: Array, high: Array) -> Array:
    """Return normal probabilities between limits, exact in both tails."""
    flip = low + high > 0.0
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    return ndtr(b) - ndtr(a)


def slopes_and_bends(low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Return log probabilities between limits with two derivatives by what moves the centre up."""
    chance = np.maximum(interval_probability(low, high), 1e-300)
    at_low = np.exp(-0.5 * low**2) / _SQRT_2PI
    at_high = np.exp(-0.5 * high**2) / _SQRT_2PI
    slope = (at_low - at_high) / chance
    bend = (low * at_low - high * at_high) / chance - slope**2
    return np.log(chance), slope, bend


def category_probabilities(cuts: Array, centre: Array, sd: Array) -> Array:
    """Return the probabilities of an item's categories, (..., L), zero beyond its last.

    Parameters
    ----------
    cuts : (..., L + 1) array
        Limits from -FAR to FAR.
    centre, sd : (...) arrays
        Mean and standard deviation of the response.
    """
    limits = _scaled(cuts, centre[..., None], sd[..., None])
    return interval_probability(limits[..., :-1], limits[..., 1:])


def conditional_moments(
    group: OrdinalEstimate, factor: int, values: Array
) -> tuple[Array, Array, BoolArray]:
    """Return responses' means (V, p) and standard deviations (p,) at values of one factor.

    The other factors are averaged over. The last array tells which items measure the factor, or
    for a second-order factor which ones it moves.
    """
    state, p = group.state, group.p
    e, node = state.e[0], group.p + factor
    with_factor = e[:p, node]
    slope = with_factor / e[node, node]
    mean = state.mu[0] + np.outer(values - state.nu[0][node], slope)
    variance = np.diag(state.sigma[0]) - slope * with_factor
    measured = state.b[0][:p, node] != 0.0
    if not measured.any():
        measured = state.a[0][:p, node] != 0.0
    with np.errstate(invalid="ignore"):
        return mean, np.sqrt(variance), cast(BoolArray, measured)
