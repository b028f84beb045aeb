"""Units' means, drawn towards the overall mean as far as they are uncertain, and their ranks.

The empirical Bayes estimate of unit j is lambda_j m_j + (1 - lambda_j) mu with lambda_j =
n_j theta / (1 + n_j theta), the reliability of its mean m_j (Efron & Morris 1975). Comparison
intervals (Goldstein & Healy 1995) are estimate plus and minus c times its standard error, with one
c for all, chosen so that over all pairs of units two intervals fail to overlap by chance with
the stated probability on average. Ranks are those of draws from the joint posterior (Goldstein &
Spiegelhalter 1996), with a flat prior on mean, log sigma and tau / sigma (Gelman 2006,
doi:10.1214/06-BA117A), so that they also carry what is not known of the variances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr, ndtri

from truststats.arrays import Array
from truststats.psychometrics.intraclass import OneWay, log_likelihood, reml

__all__ = [
    "Ranks",
    "Shrunken",
    "apart",
    "comparison_factor",
    "posterior",
    "ranks",
    "shrink",
]

_GRID = 2000
_HALVINGS = 60
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Empirical Bayes estimates of G units on one scale.

    Attributes
    ----------
    mean, mean_se : float
        The overall mean (generalised least squares) and its standard error.
    between, within : float
        Variances of the units' means and of people within units, by REML.
    estimates : (G,) array
    cov : (G, G) array
        Their posterior covariance given the variances; the overall mean's share makes units
        depend on each other.
    reliability : (G,) array
        lambda_j.
    """

    mean: float
    mean_se: float
    between: float
    within: float
    estimates: Array
    cov: Array
    reliability: Array

    @property
    def se(self) -> Array:
        """The (G,) posterior standard deviations."""
        return np.sqrt(np.diag(self.cov))


def _one_scale(data: OneWay) -> None:
    if len(data.counts) != 1 or not (data.counts > 0).all():
        raise ValueError("one scale at a time, and every unit with answers")


def shrink(data: OneWay) -> Shrunken:
    """Return the empirical Bayes estimates of units on one scale.

    The covariance is tau^2 (1 - lambda_j) on the diagonal plus
    (1 - lambda_i) (1 - lambda_j) var(mu).

    Parameters
    ----------
    data : OneWay
        One scale; every unit has answers.
    """
    _one_scale(data)
    found = reml(data)
    grown = data.counts[0] * found.theta[0]
    pulled = 1.0 / (1.0 + grown)
    mean, variance = float(found.mean[0]), float(found.mean_variance[0])
    tau = float(found.between[0])
    return Shrunken(
        mean,
        float(np.sqrt(variance)),
        tau,
        float(found.within[0]),
        (1.0 - pulled) * data.means[0] + pulled * mean,
        np.diag(tau * pulled) + variance * np.outer(pulled, pulled),
        1.0 - pulled,
    )


def _pairs(cov: Array) -> tuple[Array, Array]:
    """Return for all pairs the sum of standard errors and the standard error of the difference."""
    se = np.sqrt(np.diag(cov))
    i, j = np.triu_indices(len(se), 1)
    both = se[i] ** 2 + se[j] ** 2
    gap = both - 2.0 * cov[i, j]
    return se[i] + se[j], np.sqrt(np.where(gap > _ROUNDING * both, gap, 0.0))


def comparison_factor(cov: Array, level: float = 0.95) -> float:
    """Return c of intervals estimate +- c se whose overlap compares two units (Goldstein & Healy).

    Over all pairs the mean of 2 [1 - Phi(c (se_i + se_j) / se_ij)] is 1 - level; with equal and
    independent standard errors c is z / sqrt(2), 1.39 at .95. The error holds for a pair on
    average, not for all pairs together.

    Parameters
    ----------
    cov : (G, G) array
        Covariance matrix of the estimates.
    level : float

    Returns
    -------
    float
        NaN where no two units differ.
    """
    total, gap = _pairs(cov)
    if not (gap > 0).any():
        return float("nan")
    steps = total[gap > 0] / gap[gap > 0]
    low, high = 0.0, float(ndtri(0.5 + 0.5 * level) / steps.min())
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        wrong = 2.0 * float(np.mean(ndtr(-middle * steps)))
        low, high = (middle, high) if wrong > 1.0 - level else (low, middle)
    return 0.5 * (low + high)


def apart(lower: Array, upper: Array) -> float:
    """Return the share of pairs of units whose intervals do not overlap."""
    i, j = np.triu_indices(len(lower), 1)
    return float(((lower[i] > upper[j]) | (lower[j] > upper[i])).mean())


def posterior(data: OneWay, draws: int, rng: np.random.Generator) -> Array:
    """Return draws of the units' means from their joint posterior, (B, G).

    tau / sigma is drawn from its restricted likelihood on a grid, then sigma^2 given it, the
    overall mean given both, and the units given all.

    Parameters
    ----------
    data : OneWay
        One scale; every unit has answers.
    draws : int
    rng : numpy.random.Generator
    """
    _one_scale(data)
    theta = _draw_theta(data, draws, rng)
    counts, means = data.counts[0], data.means[0]
    w = counts / (1.0 + counts * theta[:, None])
    centre = (w * means).sum(axis=1) / w.sum(axis=1)
    spread = (w * (means - centre[:, None]) ** 2).sum(axis=1)
    q = data.within[0].sum() + spread
    sigma = q / rng.chisquare(data.n[0] - 1.0, size=draws)
    mu = centre + np.sqrt(sigma / w.sum(axis=1)) * rng.normal(size=draws)
    pulled = 1.0 / (1.0 + counts * theta[:, None])
    middle = (1.0 - pulled) * means + pulled * mu[:, None]
    noise = rng.normal(size=middle.shape)
    return cast(Array, middle + np.sqrt((sigma * theta)[:, None] * pulled) * noise)


def _draw_theta(data: OneWay, draws: int, rng: np.random.Generator) -> Array:
    """Return draws of tau^2 / sigma^2, (B,): the restricted likelihood, flat in its root."""
    share = (np.arange(_GRID) + 0.5) / _GRID
    edges = np.arange(_GRID + 1) / _GRID
    edges[-1] = 1.0 - 0.1 / _GRID
    root = np.sqrt(edges / (1.0 - edges))
    grid = share / (1.0 - share)
    logs = np.array([float(log_likelihood(data, np.array([one]))[0]) for one in grid])
    weight = np.exp(logs - logs.max()) * np.diff(root)
    ends = np.append(0.0, np.cumsum(weight) / weight.sum())
    return np.interp(rng.random(draws), ends, root) ** 2


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of G units, 1 for the highest: medians of draws and limits, (G,) each."""

    rank: Array
    lower: Array
    upper: Array


def ranks(drawn: Array, level: float = 0.95) -> Ranks:
    """Return the ranks of units over draws of their means.

    Parameters
    ----------
    drawn : (B, G) array
    level : float
    """
    order = np.argsort(np.argsort(-drawn, axis=1), axis=1) + 1
    tail = 0.5 * (1.0 - level)
    found = np.quantile(order, [0.5, tail, 1.0 - tail], axis=0, method="inverted_cdf")
    return Ranks(*found.astype(int))
