"""Velicer's minimum average partial correlation: how many components leave least in common."""

from __future__ import annotations

import numpy as np

from truststats.arrays import Array

__all__ = ["average_partials", "kaiser_count"]


def average_partials(corr: Array, power: int = 2) -> Array:
    """Return the average partial correlation after each number of components, (p - 1,).

    Element m is the mean of |r_ij.m|^power over pairs of variables, with the first m principal
    components partialled out; the number of components is where it is smallest.

    Parameters
    ----------
    corr : (p, p) array
    power : {2, 4}
        Squares (Velicer 1976, doi:10.1007/BF02293557), or fourth powers (Velicer, Eaton & Fava
        2000).
    """
    p = len(corr)
    values, vectors = np.linalg.eigh(corr)
    loadings = vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0.0))
    out = np.full(p - 1, np.nan)
    for m in range(p - 1):
        left = corr - loadings[:, :m] @ loadings[:, :m].T
        variance = np.diag(left)
        if variance.min() <= 1e-12:
            break
        partial = left / np.sqrt(np.outer(variance, variance))
        out[m] = (np.abs(partial) ** power).sum() - p
    return out / (p * (p - 1))


def kaiser_count(eigenvalues: Array) -> int:
    """Return how many eigenvalues of a correlation matrix exceed one.

    It is shown as a warning: the count grows with the number of items whatever they measure
    (Zwick & Velicer 1986, doi:10.1037/0033-2909.99.3.432).
    """
    return int((eigenvalues > 1.0).sum())
