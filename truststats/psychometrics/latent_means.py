"""Means of factors in groups that measure alike: differences, and Cohen's d of the factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtri

from truststats.arrays import Array, IntArray
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import Layout
from truststats.inference.standardize import delta_covariance

__all__ = ["LatentMeans", "latent_means"]


@dataclass(frozen=True)
class LatentMeans:
    """Factors in G groups; differences are to the first group.

    Attributes
    ----------
    mean, variance : (G, k) arrays
    difference, se : (G, k) arrays
        Zero and NaN in the first group.
    d, d_se : (G, k) arrays
        The difference divided by the pooled standard deviation of the factor.
    half : float
        What standard errors are multiplied by for the limits of the intervals.
    """

    mean: Array
    variance: Array
    difference: Array
    se: Array
    d: Array
    d_se: Array
    half: float


def latent_means(
    layouts: Sequence[Layout], factors: IntArray, theta: Array, vcov: Array, n: Array,
    level: float = 0.95,
) -> LatentMeans:  # fmt: skip
    """Return the means of factors by group, with delta-method standard errors.

    Parameters
    ----------
    layouts : sequence of Layout
        The groups of a model with equal loadings and intercepts (of enough items).
    factors : (k,) or (G, k) int array
        The factors among the nodes, of each group where waves have factors of their own.
    theta, vcov : (q,) and (q, q) arrays
    n : (G,) array
        People by group.
    level : float
        Of the intervals.

    Notes
    -----
    d = (m_g - m_1) / sqrt([(n_1 - 1) v_1 + (n_g - 1) v_g] / (n_1 + n_g - 2)).
    """
    places = np.broadcast_to(factors, (len(layouts), factors.shape[-1]))
    groups, k = places.shape
    weight = (n - 1.0) / (n + n[0] - 2.0)

    def both(t: Array) -> Array:
        states = [evaluate(layout, t) for layout in layouts]
        m = np.stack([x.nu[:, at] for x, at in zip(states, places, strict=True)], axis=1)
        v = np.stack([x.variances[:, at] for x, at in zip(states, places, strict=True)], axis=1)
        pooled = (1.0 - weight)[:, None] * v[:, :1] + weight[:, None] * v
        gap = m - m[:, :1]
        return np.concatenate([gap, gap / np.sqrt(pooled)], axis=1).reshape(len(t), -1)

    states = [evaluate(layout, theta[None]) for layout in layouts]
    found = both(theta[None])[0].reshape(2, groups, k)
    spread = np.diag(delta_covariance(both, theta, vcov)).reshape(2, groups, k)
    se = np.where(np.arange(groups)[:, None] > 0, np.sqrt(np.maximum(spread, 0.0)), np.nan)
    return LatentMeans(
        mean=np.stack([x.nu[0, at] for x, at in zip(states, places, strict=True)]),
        variance=np.stack([x.variances[0, at] for x, at in zip(states, places, strict=True)]),
        difference=found[0],
        se=se[0],
        d=found[1],
        d_se=se[1],
        half=float(cast(float, ndtri(0.5 + level / 2.0))),
    )
