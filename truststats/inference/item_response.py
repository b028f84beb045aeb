"""Ordered answers given the factors: probabilities of categories, and their slopes.

An item's normal response y* is, given the factors eta, normal with the mean
mu + C Phi^-1 (eta - E eta) and the covariance matrix S - C Phi^-1 C', where S, C and Phi are the
implied covariances of responses, of responses with factors, and of factors. Where that matrix is
diagonal, answers are independent given the factors, and a category's probability is the normal
probability between its two thresholds (Samejima 1969, doi:10.1007/BF03372160; Takane & de Leeuw
1987, doi:10.1007/BF02294363). All of these are given exogenous variables and, of a row that is
scored, given its answers to continuous ones: a normal distribution stays one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.bivariate import FAR
from truststats.estimation.implied import evaluate
from truststats.estimation.implied_items import modelled, without_x
from truststats.estimation.ordinal import OrdinalEstimate

__all__ = [
    "ItemResponse",
    "Known",
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
class Known:
    """How d exogenous and continuous variables move what is expected of a row.

    Attributes
    ----------
    responses : (p, d) array
        Effects on the responses, each in units of its standard deviation given z.
    factors : (f, d) array
        Effects on the factors' means.
    before, by_x : (f,) and (f, d) arrays
        The factors' means given the exogenous variables alone: where these are zero, and effects.
    spread : (f, f) array
        Their covariance matrix then.
    informs : bool
        Whether continuous variables are among the d.
    """

    responses: Array
    factors: Array
    before: Array
    by_x: Array
    spread: Array
    informs: bool


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
    known : Known or None
        What moves means and limits, both given where its variables are zero.
    """

    slopes: Array
    cuts: Array
    mean: Array
    turn: Array
    known: Known | None = None

    def limits(self, codes: IntArray, values: Array | None = None) -> tuple[Array, Array]:
        """Return the (J, p) limits of J patterns of categories from 0; -1 is a missing answer.

        `values` (J, d) are those of the exogenous and continuous variables, if there are any.
        """
        item = np.arange(len(self.cuts))
        low = np.where(codes < 0, -FAR, self.cuts[item, np.maximum(codes, 0)])
        high = np.where(codes < 0, FAR, self.cuts[item, np.maximum(codes, 0) + 1])
        if self.known is None or values is None:
            return low, high
        centre, one = values @ self.known.responses.T, np.ones(1)
        return _scaled(low, centre, one), _scaled(high, centre, one)


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


def item_response(
    group: OrdinalEstimate, names: tuple[str, ...], seen: BoolArray | None = None
) -> ItemResponse:
    """Return the ordered answers of one group as functions of its factors.

    Continuous variables are conditioned on, like the exogenous ones: what they say about a row's
    factors is in the mean and the spread of these.

    Parameters
    ----------
    group : OrdinalEstimate
        Of one group.
    names : (p,) tuple of str
        The observed variables.
    seen : bool array, optional
        Which of the continuous variables have an answer; default all.

    Raises
    ------
    NotSupportedError
        Where answers are not independent given the factors, or a variance is negative.
    """
    (cuts,), layout, p = group.cuts, without_x(group.layout), group.p
    state = evaluate(layout, group.theta[None])
    e, nu, total = state.e[0], state.nu[0], state.a[0]
    y, x = modelled(layout)
    items, smooth = y[cuts.ordered[y]], y[~cuts.ordered[y]]
    smooth = smooth if seen is None else smooth[seen]
    at = np.r_[items, np.arange(p, layout.m)]
    _refuse_improper(e[p:, p:])
    pull = cast(Array, np.linalg.solve(e[np.ix_(smooth, smooth)], e[np.ix_(smooth, at)])).T
    cov = e[np.ix_(at, at)] - pull @ e[np.ix_(smooth, at)]
    size, label = len(items), np.array(names)
    value, vector = np.linalg.eigh(cov[size:, size:])
    keep = value > _NOTHING * value[-1]
    turn = vector[:, keep] * np.sqrt(value[keep])
    load = cov[:size, size:] @ (vector[:, keep] / np.sqrt(value[keep]))
    left, sigma = cov[:size, :size] - load @ load.T, e[np.ix_(items, items)]
    spread = np.diag(left)
    _refuse_certain(_given_factors(e, smooth, p), np.diag(e)[smooth], label[smooth])
    _refuse_certain(spread, np.diag(sigma), label[items])
    _refuse_dependence(left, sigma, tuple(label[items]))
    sd = np.sqrt(spread)
    mean = nu[at] - pull @ nu[smooth]
    moved = np.c_[total[np.ix_(at, x)] - pull @ total[np.ix_(smooth, x)], pull]
    known = None
    if len(x) or len(smooth):
        before = np.c_[total[p:, x], np.zeros((layout.m - p, len(smooth)))]
        known = Known(
            moved[:size] / sd[:, None], moved[size:], nu[p:], before, e[p:, p:], len(smooth) > 0
        )
    limits = _scaled(padded_cuts(group)[items], mean[:size, None], sd[:, None])
    return ItemResponse(load / sd[:, None], limits, mean[size:], turn, known)


def _given_factors(e: Array, nodes: IntArray, p: int) -> Array:
    """Return the variances of some variables given the factors."""
    shared = e[np.ix_(nodes, np.arange(p, len(e)))]
    inverse = cast(Array, np.linalg.pinv(e[p:, p:], hermitian=True))
    return np.diag(e)[nodes] - np.einsum("if,fg,ig->i", shared, inverse, shared)


def _refuse_improper(phi: Array) -> None:
    value = np.linalg.eigvalsh(phi)
    if value[0] < -_NOTHING * value[-1]:
        raise NotSupportedError(
            "The covariance matrix of the factors is not positive definite.",
            why="no factor has such a distribution, so there is nothing to score",
            fix="look at fit.problems first",
        )


def _refuse_certain(spread: Array, variance: Array, names: Array) -> None:
    certain = spread <= _NOTHING * variance
    if certain.any():
        raise NotSupportedError(
            "Items with a residual variance of zero or below have no probabilities: "
            f"{', '.join(names[certain])}.",
            fix="look at fit.problems first",
        )


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
    group: OrdinalEstimate, factor: int, values: Array, x: Array
) -> tuple[Array, Array, BoolArray]:
    """Return responses' means (R, V, p) and standard deviations (p,) at values of one factor.

    The other factors are averaged over. The last array tells which items measure the factor, or
    for a second-order factor which ones it moves.

    Parameters
    ----------
    group : OrdinalEstimate
    factor : int
    values : (V,) array
    x : (R, q) array
        Values of the exogenous variables.
    """
    layout, p = without_x(group.layout), group.p
    state, node = evaluate(layout, group.theta[None]), p + factor
    e, total = state.e[0], state.a[0][:, modelled(layout)[1]]
    with_factor = e[:p, node]
    slope = with_factor / e[node, node]
    own = values - (state.nu[0][node] + x @ total[node])[:, None]
    mean = (state.mu[0] + x @ total[:p].T)[:, None] + own[:, :, None] * slope
    variance = np.diag(state.sigma[0]) - slope * with_factor
    measured = state.b[0][:p, node] != 0.0
    if not measured.any():
        measured = state.a[0][:p, node] != 0.0
    with np.errstate(invalid="ignore"):
        return mean, np.sqrt(variance), cast(BoolArray, measured & group.cuts[0].ordered)
