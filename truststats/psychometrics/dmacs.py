"""How far apart an item's answers are in two groups at the same standing on the factor: dMACS.

Source: Nye & Drasgow (2011), doi:10.1037/a0022955. The difference of the expected answers is
averaged over the focal group's factor scores and divided by the pooled standard deviation of the
item: squared under a root it is dMACS, as it stands the signed version (Nye, Bradburn, Olenick,
Bialko & Drasgow 2019, doi:10.1177/1094428118761122), in which differences of both signs cancel.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import ndtr

from truststats.arrays import Array

__all__ = ["dmacs", "dmacs_ordinal", "pooled_sd"]

#: Points of the Gauss-Hermite rule over the focal group's factor.
_POINTS = 61


def pooled_sd(sd: Array, n: Array) -> Array:
    """Return the pooled standard deviations [(n1 - 1) sd1 + (n2 - 1) sd2] / (n1 + n2 - 2).

    Parameters
    ----------
    sd : (2, ...) array
        Standard deviations of the reference and the focal group.
    n : (2,) array
        Their sizes.
    """
    weight = (n - 1.0) / (n.sum() - 2.0)
    return np.tensordot(weight, sd, axes=1)


def dmacs(
    loadings: Array, intercepts: Array, mean: Array, cov: Array, sd: Array
) -> tuple[Array, Array]:
    """Return dMACS and its signed version of continuous items.

    The expected answers differ by a + b'xi, so that the average of their square over xi with mean
    m and covariance V is (a + b'm)^2 + b'V b.

    Parameters
    ----------
    loadings : (2, i, m) array
        Of the reference and the focal group, on a common scale of the factors.
    intercepts : (2, i) array
    mean, cov : (m,) and (m, m) arrays
        Of the focal group's factors.
    sd : (i,) array
        Pooled standard deviations of the items.

    Returns
    -------
    tuple of (i,) arrays
        dMACS, and the signed version: positive where the focal group answers higher.
    """
    a, b = intercepts[1] - intercepts[0], loadings[1] - loadings[0]
    centre = a + b @ mean
    spread = np.einsum("ij,jk,ik->i", b, cov, b)
    return np.sqrt(centre**2 + spread) / sd, centre / sd


def _expected(thresholds: Array, loading: Array, intercept: Array, unit: Array, xi: Array) -> Array:
    """Return the expected category, from 0, at the points xi (..., k)."""
    z = (intercept + loading * xi)[..., None] - thresholds[..., None, :]
    return ndtr(z / unit[..., None]).sum(axis=-1)


def dmacs_ordinal(
    thresholds: Array, loadings: Array, intercepts: Array, units: Array, mean: Array,
    variance: Array, sd: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """Return the expected-score versions of dMACS and signed dMACS of ordinal items.

    The expected answer given xi is the sum over thresholds of P(y* > threshold | xi), with scores
    0, 1, 2, ... for the categories.

    Parameters
    ----------
    thresholds : (2, ..., t) array
        Of the reference and the focal group; infinite where an item has fewer.
    loadings, intercepts, units : (2, ...) arrays
        Of y*; units are residual standard deviations.
    mean, variance, sd : (...) arrays
        As in `dmacs`.
    """
    points, weights = hermegauss(_POINTS)
    weights = weights / weights.sum()
    xi = mean[..., None] + np.sqrt(variance)[..., None] * points
    first, second = (
        _expected(
            thresholds[g], loadings[g][..., None], intercepts[g][..., None], units[g][..., None], xi
        )
        for g in (0, 1)
    )
    gap = second - first
    return np.sqrt(gap**2 @ weights) / sd, gap @ weights / sd
