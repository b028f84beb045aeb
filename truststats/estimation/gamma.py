"""Products of the answers that covariances and means are made of, and their normal weight.

The moments stand in the order of `saturated_layout`: the lower triangle of the covariance matrix
row by row (`numpy.tril_indices`), then the means where they are modelled. Given fixed exogenous
variables x the moments of x do not vary and those of y vary about their regression on x, so that
a row contributes (y - m)(y - m)' - (y^ - m)(y^ - m)' and y - y^.
"""

from __future__ import annotations

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import DataError
from truststats.estimation.sample import Sample

__all__ = [
    "centred_rows",
    "distribution_free_weight",
    "fourth_moments",
    "moment_rows",
    "moment_vector",
    "normal_gamma",
    "normal_theory_weight",
    "normal_weight",
]


def centred_rows(sample: Sample, x: IntArray) -> tuple[Array, Array | None]:
    """Return rows less their means, (n, p), and their regression on fixed x (None without).

    Raises
    ------
    AssertionError
        If the sample has no complete rows; callers refuse that before.
    """
    assert sample.rows is not None
    assert sample.incomplete is None
    rows: Array = sample.rows - sample.mean
    if not len(x):
        return rows, None
    slopes = np.linalg.solve(sample.cov[np.ix_(x, x)], sample.cov[x])
    return rows, rows[:, x] @ slopes


def moment_rows(sample: Sample, x: IntArray, *, has_means: bool) -> Array:
    """Return each row's part of the sample moments, less their mean, (n, p* [+ p])."""
    rows, fitted = centred_rows(sample, x)
    row, col = np.tril_indices(sample.p)
    out = rows[:, row] * rows[:, col]
    if fitted is not None:
        out -= fitted[:, row] * fitted[:, col]
    out -= out.mean(axis=0)
    if not has_means:
        return out
    return np.concatenate([out, rows if fitted is None else rows - fitted], axis=1)


def fourth_moments(sample: Sample, x: IntArray, *, has_means: bool) -> Array:
    """Return Gamma, the covariance matrix (divisor n) of the sample moments times n.

    Browne (1984), doi:10.1111/j.2044-8317.1984.tb00789.x; rows and columns of fixed x are zero.
    It has (p*)^2 elements: use it only where a trace over the rows will not do.
    """
    key = ("gamma", has_means, tuple(x.tolist()))
    made: Array | None = sample.memo.get(key)
    if made is None:
        rows = moment_rows(sample, x, has_means=has_means)
        made = rows.T @ rows / sample.n
        sample.memo[key] = made
    return made


def normal_weight(w: Array, *, has_means: bool) -> Array:
    """Return the inverse of Gamma under normality from W = sigma^-1: D'(W x W)D / 2, then W."""
    p = len(w)
    row, col = np.tril_indices(p)
    half = np.where(row == col, 0.5, 1.0)
    first = w[np.ix_(row, row)] * w[np.ix_(col, col)]
    out: Array = (first + w[np.ix_(row, col)] * w[np.ix_(col, row)]) * half[:, None] * half
    if not has_means:
        return out
    both = np.zeros((len(row) + p, len(row) + p))
    both[: len(row), : len(row)] = out
    both[len(row) :, len(row) :] = w
    return both


def moment_vector(cov: Array, mean: Array | None) -> Array:
    """Return the moments as one vector: the lower triangle of `cov`, then `mean`."""
    low = cov[np.tril_indices(len(cov))]
    return low if mean is None else np.concatenate([low, mean])


def _kept(p: int, x: IntArray, *, has_means: bool) -> IntArray:
    """Return the positions of the moments that fixed x leave random."""
    row, col = np.tril_indices(p)
    kept = ~(np.isin(row, x) & np.isin(col, x))
    if has_means:
        kept = np.concatenate([kept, ~np.isin(np.arange(p), x)])
    return np.flatnonzero(kept)


def _spread(inner: Array, kept: IntArray, size: int) -> Array:
    out = np.zeros((size, size))
    out[np.ix_(kept, kept)] = inner
    return out


def normal_gamma(cov: Array, x: IntArray, *, has_means: bool) -> Array:
    """Return Gamma under normality at `cov`: that of the moments, given fixed x.

    Given x it is Gamma of `cov` less that of the moments of the regression on x.
    """
    row, col = np.tril_indices(len(cov))

    def gamma(sigma: Array) -> Array:
        first = sigma[np.ix_(row, row)] * sigma[np.ix_(col, col)]
        return first + sigma[np.ix_(row, col)] * sigma[np.ix_(col, row)]

    out, left = gamma(cov), cov
    if len(x):
        fitted = cov[:, x] @ np.linalg.solve(cov[np.ix_(x, x)], cov[x])
        out, left = out - gamma(fitted), cov - fitted
    if not has_means:
        return out
    size = len(row) + len(cov)
    both = np.zeros((size, size))
    both[: len(row), : len(row)], both[len(row) :, len(row) :] = out, left
    return both


def normal_theory_weight(cov: Array, x: IntArray, *, has_means: bool) -> Array:
    """Return the inverse of Gamma under normality at `cov`, zero at the moments of fixed x."""
    if not len(x):
        return normal_weight(np.linalg.inv(cov), has_means=has_means)
    kept = _kept(len(cov), x, has_means=has_means)
    gamma = normal_gamma(cov, x, has_means=has_means)
    return _spread(np.linalg.inv(gamma[np.ix_(kept, kept)]), kept, len(gamma))


def distribution_free_weight(sample: Sample, x: IntArray, *, has_means: bool) -> Array:
    """Return the inverse of Gamma as estimated from the rows, zero at the moments of fixed x.

    Raises
    ------
    DataError
        If Gamma is singular: fewer rows than moments, or an item with two values and means.
    """
    gamma = fourth_moments(sample, x, has_means=has_means)
    kept = _kept(sample.p, x, has_means=has_means)
    inner = gamma[np.ix_(kept, kept)]
    scale = np.sqrt(np.diag(inner))
    if len(kept) < sample.n and (scale > 0).all():
        values, vectors = np.linalg.eigh(inner / np.outer(scale, scale))
        if values[0] > 1e-10:
            half = vectors / scale[:, None]
            return _spread((half / values) @ half.T, kept, len(gamma))
    raise DataError(
        f"The {len(kept)} sample moments have a singular covariance matrix ({sample.n} rows).",
        why="the asymptotically distribution-free weight is its inverse",
        fix="use estimator='MLM' or 'MLR', which need no such inverse",
    )
