"""Wald tests of equations between parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from truststats.arrays import Array
from truststats.errors import DataError, OptionError
from truststats.inference.tests import chisq_pvalue

__all__ = ["WaldStatistic", "wald"]

#: Share of the largest singular value below which an equation follows from the others.
_REDUNDANT = 1e-10


@dataclass(frozen=True)
class WaldStatistic:
    """A Wald test.

    Attributes
    ----------
    chisq : float
    df : int
        Number of independent equations.
    pvalue : float
        From the chi-square distribution.
    f : float or None
        ``chisq / df``, with clusters.
    df_denominator : int or None
        Number of clusters minus one.
    pvalue_f : float or None
        From the F distribution with `df` and `df_denominator` degrees of freedom.
    """

    chisq: float
    df: int
    pvalue: float
    f: float | None = None
    df_denominator: int | None = None
    pvalue_f: float | None = None


def wald(gaps: Array, jacobian: Array, vcov: Array, n_clusters: int | None = None) -> WaldStatistic:
    """Return the Wald test that gaps are zero, W = h' (H V H')^-1 h.

    Parameters
    ----------
    gaps : (r,) array
        h, what should be zero.
    jacobian : (r, q) array
        H, its derivatives.
    vcov : (q, q) array
        V, the covariance matrix of the estimates.
    n_clusters : int, optional
        Adds the F version W / df on (df, G - 1) degrees of freedom, which is less liberal when
        clusters are few (Cameron & Miller 2015, doi:10.3368/jhr.50.2.317, section VI).

    Raises
    ------
    OptionError
        If the equations contradict each other or concern nothing that was estimated.
    DataError
        If the covariance matrix is singular in their direction.

    Notes
    -----
    Source: Wald (1943), doi:10.2307/1990256; the delta method for nonlinear equations.
    """
    size = np.sqrt((jacobian**2).sum(axis=1))
    if not (size > 0).all():
        raise OptionError(
            "An equation of the Wald test does not depend on any estimated parameter.",
            why="its value has no standard error",
            fix="write equations between labels of free parameters",
        )
    left, values, right = np.linalg.svd(jacobian / size[:, None], full_matrices=False)
    use = values > _REDUNDANT * values.max()
    h: Array = gaps / size
    apart = h - left[:, use] @ (left[:, use].T @ h)
    if (np.abs(apart) > 1e-6 * max(1.0, float(np.abs(h).max()))).any():
        raise OptionError(
            "The equations of the Wald test contradict each other.",
            why="no values of the parameters satisfy all of them",
            fix="leave one of them out",
        )
    slopes = right[use]
    spread = slopes @ vcov @ slopes.T
    scale = np.sqrt(np.maximum(np.diag(spread), 1e-300))
    spread = spread / scale[:, None] / scale
    if np.linalg.eigvalsh(spread).min() < _REDUNDANT:
        raise DataError(
            f"The covariance matrix of the estimates cannot carry {len(slopes)} equations.",
            why="it is singular in their direction, as with no more clusters than equations",
            fix="test fewer equations at a time",
        )
    z = left[:, use].T @ h / values[use] / scale
    chisq, df = float(z @ np.linalg.solve(spread, z)), int(use.sum())
    pvalue = chisq_pvalue(chisq, df)
    if n_clusters is None:
        return WaldStatistic(chisq, df, pvalue)
    below = n_clusters - 1
    tail = float(fdtrc(df, below, chisq / df)) if below > 0 else float("nan")
    return WaldStatistic(chisq, df, pvalue, chisq / df, below, tail)
