"""Coefficients of reliability: shares of the variance of a sum of items, from plain matrices.

A composite is the sum of items with signs w, of which reversed items have -1. Its variance is
w'Vw, and the part of it that a factor causes is w'Tw; most coefficients are ratios of two such
numbers. All functions take a leading batch axis, and real or complex values.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from truststats.arrays import Array

__all__ = [
    "alpha",
    "alpha_slope",
    "explained_share",
    "maximal_reliability",
    "omega",
    "share",
    "total_of",
]


def total_of(matrix: Array, signs: Array | None = None) -> Array:
    """Return w'Mw of (..., k, k) matrices, w all ones by default."""
    if signs is None:
        return cast(Array, matrix.sum(axis=(-2, -1)))
    return np.einsum("...ij,i,j->...", matrix, signs, signs)


def alpha(cov: Array, signs: Array | None = None) -> Array:
    """Return coefficient alpha of a sum of items (Cronbach 1951, doi:10.1007/BF02310555).

    k / (k - 1) (1 - trace / sum) of the covariance matrix of k items; NaN for one item and for a
    sum that does not vary.

    Parameters
    ----------
    cov : (..., k, k) array
    signs : (k,) array, optional
        -1 for items that are asked the other way round.
    """
    k = cov.shape[-1]
    total = total_of(cov, signs)
    if k < 2:
        return np.full(np.shape(total), np.nan)
    trace = np.einsum("...ii->...", cov)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = k / (k - 1) * (1.0 - trace / total)
    return np.where(np.real(total) > 0, value, np.nan)


def alpha_slope(cov: Array, signs: Array) -> Array:
    """Return the derivatives (k, k) of alpha by the cells of a covariance matrix (k, k).

    With c = k / (k - 1), sum s and trace t: c t / s^2 w w' less c / s on the diagonal.
    """
    k = len(cov)
    total, factor = float(total_of(cov, signs)), k / (k - 1)
    apart: Array = np.outer(signs, signs) * (factor * np.trace(cov) / total**2)
    return apart - np.eye(k) * (factor / total)


def omega(loadings: Array, variance: float, residual: Array) -> float:
    """Return omega of a sum of items (McDonald 1999).

    (sum of loadings)^2 psi / [(sum of loadings)^2 psi + sum of residual (co)variances].

    Parameters
    ----------
    loadings : (k,) array
    variance : float
        Variance of the factor.
    residual : (k, k) array
        Residual covariance matrix of the items.
    """
    true = float(loadings.sum()) ** 2 * variance
    return true / (true + float(residual.sum()))


def share(true: Array, total: Array, signs: Array) -> Array:
    """Return w'Tw / w'Vw: the share of a sum's variance that a part of the covariances makes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return total_of(true, signs) / total_of(total, signs)


def maximal_reliability(loadings: Array, variance: Array, total: Array) -> Array:
    """Return the reliability of the sum with the best weights.

    psi l' V^-1 l with loadings l, factor variance psi and the items' covariance matrix V. Without
    residual covariances it is coefficient H (Hancock & Mueller 2001).
    Source: Li (1997), doi:10.1007/BF02295278; Bentler (2007).

    Parameters
    ----------
    loadings : (B, k) array
    variance : (B,) array
    total : (B, k, k) array
    """
    solved = np.linalg.solve(total, loadings[:, :, None])[:, :, 0]
    return variance * (loadings * solved).sum(axis=1)


def explained_share(true: Array, total: Array) -> Array:
    """Return tr T / tr V: the average variance extracted, if T is what one factor explains.

    Source: Fornell & Larcker (1981), doi:10.1177/002224378101800104.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.einsum("...ii->...", true) / np.einsum("...ii->...", total)
