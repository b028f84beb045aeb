"""How much of the answers lies between units: intraclass correlations of a one-way layout.

The model is y_ij = mu + u_j + e_ij with variances tau^2 of the units u and sigma^2 within them,
theta = tau^2 / sigma^2. ICC(1) = theta / (1 + theta) is the share of one answer's variance that
lies between units, ICC(2) the reliability of a unit's mean. Everything is computed from counts,
means and sums of squares of the units, for K scales at once. With w_j = n_j / (1 + n_j theta) and
m_w the mean of the units' means m_j weighted by w_j, the quadratic form
Q(theta) = SSW + sum w_j (m_j - m_w)^2 is all that likelihood and exact interval need.
Sources: Searle, Casella & McCulloch (1992, ch. 3), Variance Components, for the analysis of
variance and REML; Wald (1940), Annals of Mathematical Statistics 11, 96-100, for the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import fdtrc, fdtri

from truststats.arrays import Array, IntArray
from truststats.estimation.clusters import cluster_sums

__all__ = [
    "SIZES",
    "Anova",
    "Limits",
    "OneWay",
    "Reml",
    "anova",
    "bootstrap_limits",
    "design_effect",
    "exact_limits",
    "log_likelihood",
    "mean_reliability",
    "one_way",
    "reml",
    "unit_draws",
]

#: What stands for the units' size in ICC(1): n0, which makes the variance components unbiased, or
#: the plain mean, as older software has it.
SIZES = ("adjusted", "mean")
_GRID = 400
_BISECTIONS = 80
_WIDE = 40.0


@dataclass(frozen=True, eq=False)
class OneWay:
    """Answers to K scales in G units.

    Attributes
    ----------
    counts : (K, G) array
        Answers; zero for units that are left out.
    means : (K, G) array
        Zero for units that are left out.
    within : (K, G) array
        Sums of squares about the units' means.
    """

    counts: Array
    means: Array
    within: Array

    @property
    def n(self) -> Array:
        """Answers in all, (K,)."""
        return cast(Array, self.counts.sum(axis=1))

    @property
    def units(self) -> Array:
        """Units with answers, (K,)."""
        return cast(Array, (self.counts > 0).sum(axis=1).astype(float))

    @property
    def variances(self) -> Array:
        """Variances within the units, with divisor n - 1, (K, G); NaN below two answers."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.counts > 1, self.within / (self.counts - 1.0), np.nan)


def one_way(values: Array, units: IntArray, min_n: int = 1) -> OneWay:
    """Return counts, means and sums of squares of units with enough answers.

    Parameters
    ----------
    values : (n, K) array
        NaN where there is no answer.
    units : (n,) int array
        The unit of each row, 0 to G - 1, each with a row.
    min_n : int
        Units with fewer answers to a scale are left out of that scale.
    """
    there = ~np.isnan(values)
    counts = cluster_sums(there.astype(float), units)
    sums = cluster_sums(np.where(there, values, 0.0), units)
    means = sums / np.maximum(counts, 1.0)
    gaps = np.where(there, values - means[units], 0.0)
    within = cluster_sums(gaps**2, units)
    use = counts >= max(min_n, 1)
    return OneWay(*(np.where(use, part, 0.0).T for part in (counts, means, within)))


@dataclass(frozen=True, eq=False)
class Anova:
    """One-way analyses of variance of K scales; all arrays are (K,).

    Attributes
    ----------
    between, within : arrays
        Mean squares.
    f, pvalue : arrays
        The F test of no difference between units.
    n0 : array
        (N - sum n_j^2 / N) / (G - 1), or N / G.
    icc1 : array
        (MSB - MSW) / (MSB + (n0 - 1) MSW); can be negative.
    icc2 : array
        (MSB - MSW) / MSB.
    """

    between: Array
    within: Array
    f: Array
    pvalue: Array
    n0: Array
    icc1: Array
    icc2: Array


def anova(data: OneWay, size: str = "adjusted") -> Anova:
    """Return ICC(1) and ICC(2) by the analysis of variance (Bliese 2000; Searle et al. 1992).

    Parameters
    ----------
    data : OneWay
    size : {"adjusted", "mean"}
        The size of units in ICC(1): n0 = (N - sum n_j^2 / N) / (G - 1), or N / G.
    """
    n, units = data.n, data.units
    grand = (data.counts * data.means).sum(axis=1) / n
    ssb = (data.counts * (data.means - grand[:, None]) ** 2).sum(axis=1)
    ssw = data.within.sum(axis=1)
    squares = (data.counts**2).sum(axis=1)
    return _anova(n, units, ssb, ssw, squares, size)


def _anova(n: Array, units: Array, ssb: Array, ssw: Array, squares: Array, size: str) -> Anova:
    with np.errstate(divide="ignore", invalid="ignore"):
        msb, msw = ssb / (units - 1.0), ssw / (n - units)
        n0 = (n - squares / n) / (units - 1.0) if size == "adjusted" else n / units
        f = msb / msw
        pvalue = fdtrc(units - 1.0, n - units, f)
        icc1 = (msb - msw) / (msb + (n0 - 1.0) * msw)
        return Anova(msb, msw, f, pvalue, n0, icc1, (msb - msw) / msb)


def _weights(data: OneWay, theta: Array) -> tuple[Array, Array, Array]:
    """Return w (K, G), the weighted mean and sum w (m - m_w)^2, (K,) each."""
    w = data.counts / (1.0 + data.counts * theta[:, None])
    mean = (w * data.means).sum(axis=1) / w.sum(axis=1)
    return w, mean, (w * (data.means - mean[:, None]) ** 2).sum(axis=1)


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits of ICC(1) and ICC(2), (K,) each."""

    icc1_lower: Array
    icc1_upper: Array
    icc2_lower: Array
    icc2_upper: Array


def exact_limits(data: OneWay, n0: Array, level: float = 0.95) -> Limits:
    """Return exact limits of ICC(1) and ICC(2) under normality, balanced or not (Wald 1940).

    H(theta) = sum w_j (m_j - m_w)^2 / [(G - 1) MSW] has the F distribution with G - 1 and N - G
    degrees of freedom at the true theta and falls in theta; the limits are where it meets that
    distribution's quantiles. With units of one size they are (F_L - 1) / (F_L + n - 1) and
    1 - 1 / F_L (Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420).

    Parameters
    ----------
    data : OneWay
    n0 : (K,) array
        Size at which ICC(2) = n0 theta / (1 + n0 theta) is taken.
    level : float
    """
    df1, df2 = data.units - 1.0, data.n - data.units
    msw = data.within.sum(axis=1) / df2
    lowest = -1.0 / data.counts.max(axis=1)

    def meets(alpha: float) -> Array:
        goal = fdtri(df1, df2, alpha)
        return lowest + np.exp(
            _bisect(
                lambda u: _weights(data, lowest + np.exp(u))[2] / (df1 * msw) - goal,
                np.full(len(msw), -_WIDE),
                np.full(len(msw), _WIDE),
            )
        )

    tail = 0.5 * (1.0 - level)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = [np.where(msw > 0, meets(alpha), np.nan) for alpha in (1.0 - tail, tail)]
        one = [theta / (1.0 + theta) for theta in found]
        two = [n0 * theta / (1.0 + n0 * theta) for theta in found]
    return Limits(*one, *two)


def _bisect(falling: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Return where functions that fall from plus to minus are zero, (K,)."""
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        above = falling(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


@dataclass(frozen=True, eq=False)
class Reml:
    """Restricted maximum likelihood estimates of K one-way layouts; all arrays are (K,).

    Attributes
    ----------
    theta : array
        tau^2 / sigma^2, at least zero.
    within, between : arrays
        sigma^2 and tau^2.
    mean, mean_variance : arrays
        The generalised least squares mean, and its variance sigma^2 / sum w_j.
    icc1 : array
    icc2 : array
        Mean over the units of n_j theta / (1 + n_j theta).
    """

    theta: Array
    within: Array
    between: Array
    mean: Array
    mean_variance: Array
    icc1: Array
    icc2: Array


def log_likelihood(data: OneWay, theta: Array) -> Array:
    """Return the restricted log-likelihood of theta without constants, sigma^2 profiled out, (K,).

    -[(N - 1) log Q + sum log(1 + n_j theta) + log sum w_j] / 2.
    """
    w, _, spread = _weights(data, theta)
    q = data.within.sum(axis=1) + spread
    logs = np.log1p(data.counts * theta[:, None]).sum(axis=1)
    with np.errstate(divide="ignore"):
        return -0.5 * ((data.n - 1.0) * np.log(q) + logs + np.log(w.sum(axis=1)))


def _slope(data: OneWay, theta: Array) -> Array:
    """Return the derivative of `log_likelihood` in theta, (K,)."""
    w, mean, spread = _weights(data, theta)
    q = data.within.sum(axis=1) + spread
    moved = (w**2 * (data.means - mean[:, None]) ** 2).sum(axis=1)
    total, square = w.sum(axis=1), (w**2).sum(axis=1)
    return 0.5 * ((data.n - 1.0) * moved / q - total + square / total)


def reml(data: OneWay) -> Reml:
    """Return the REML estimates: the best of a grid of ICC(1), then the root of the slope there."""
    at = np.linspace(0.0, 1.0, _GRID, endpoint=False)
    grid = at / (1.0 - at)
    values = np.stack([log_likelihood(data, np.full(len(data.n), one)) for one in grid])
    best = np.argmax(values, axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]
    theta = _bisect(lambda t: _slope(data, t), low, high)
    theta = np.where((best == 0) & (_slope(data, 0.0 * theta) <= 0), 0.0, theta)
    w, mean, spread = _weights(data, theta)
    sigma = (data.within.sum(axis=1) + spread) / (data.n - 1.0)
    icc2 = mean_reliability(data, theta)
    return Reml(
        theta, sigma, theta * sigma, mean, sigma / w.sum(axis=1), theta / (1.0 + theta), icc2
    )


def mean_reliability(data: OneWay, theta: Array) -> Array:
    """Return the mean over the units of n_j theta / (1 + n_j theta), (K,)."""
    shrunk = data.counts * theta[:, None]
    return cast(Array, (shrunk / (1.0 + shrunk)).sum(axis=1) / data.units)


def design_effect(data: OneWay, icc1: Array) -> Array:
    """Return 1 + (sum n_j^2 / N - 1) ICC(1), a negative ICC(1) taken as zero (Kish 1965), (K,).

    How many times larger the variance of the mean of all answers is than with independent rows.
    """
    typical = (data.counts**2).sum(axis=1) / data.n
    return 1.0 + (typical - 1.0) * np.maximum(icc1, 0.0)


def unit_draws(units: int, draws: int, rng: np.random.Generator) -> Array:
    """Return how often each unit is in each resample of whole units, (B, G)."""
    return rng.multinomial(units, np.full(units, 1.0 / units), size=draws).astype(float)


def bootstrap_limits(
    data: OneWay, drawn: Array, size: str = "adjusted", level: float = 0.95
) -> Limits:
    """Return percentile limits of the ANOVA estimates over resamples of whole units.

    Parameters
    ----------
    data : OneWay
    drawn : (B, G) array
        How often each unit is in each resample.
    size : {"adjusted", "mean"}
    level : float
    """
    grand = (data.counts * data.means).sum(axis=1, keepdims=True) / data.n[:, None]
    gaps = np.where(data.counts > 0, data.means - grand, 0.0)
    parts = (
        data.counts, (data.counts > 0).astype(float), data.counts * gaps, data.counts * gaps**2,
        data.within, data.counts**2,
    )  # fmt: skip
    n, units, first, second, ssw, squares = (drawn @ part.T for part in parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _anova(n, units, second - first**2 / n, ssw, squares, size)
    tail = 0.5 * (1.0 - level)
    limits: list[Array] = []
    for value in (found.icc1, found.icc2):
        finite = np.where(np.isfinite(value), value, np.nan)
        limits += list(np.nanquantile(finite, [tail, 1.0 - tail], axis=0))
    return Limits(*limits)
