"""Intervals of heterotrait-monotrait ratios: from resamples, or by the delta method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.bootstrap import resampled_moments
from truststats.inference.two_stage import first_stage
from truststats.psychometrics.validity import (
    correlations,
    heterotrait_ratio,
    heterotrait_slopes,
)

__all__ = ["complete_rows", "ratio_draws", "ratio_errors"]


def complete_rows(group: Estimate) -> bool:
    """Return whether the rows of a group can be resampled: complete, unweighted, not ordinal."""
    sample = group.sample
    plain = sample.weights is None and sample.design is None
    if isinstance(group, OrdinalEstimate) or sample.rows is None or not plain:
        return False
    return not bool(np.isnan(sample.rows).any())


def ratio_draws(
    group: Estimate, blocks: Sequence[IntArray], draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return (draws, pairs) of HTMT and of HTMT2 in resamples of rows, or of clusters."""
    sample = group.sample
    assert sample.rows is not None
    plain: list[Array] = []
    geometric: list[Array] = []
    for cov, _ in resampled_moments(sample.rows, sample.clusters, draws, rng):
        corr = correlations(cov)
        plain.append(heterotrait_ratio(corr, blocks))
        geometric.append(heterotrait_ratio(corr, blocks, geometric=True))
    return np.concatenate(plain), np.concatenate(geometric)


def _by_covariance(cov: Array, slope: Array) -> Array:
    """Return (pairs, p, p) derivatives by the lower triangle of covariances, from those by R."""
    p = len(cov)
    sd = np.sqrt(np.diag(cov))
    corr = correlations(cov)
    out = slope / (sd[:, None] * sd)
    pull = slope * corr
    variance = -(pull.sum(axis=1) + pull.sum(axis=2)) / (2.0 * np.diag(cov))
    at = np.arange(p)
    out[:, at, at] = variance
    return out


def ratio_errors(
    group: Estimate, corr: Array, blocks: Sequence[IntArray], *, geometric: bool
) -> Array:
    """Return (pairs,) standard errors by the delta method, from what the sample knows of itself.

    The covariance of the (EM) covariances is distribution-free where there are rows; polychoric
    correlations have their own.
    """
    sample, p = group.sample, len(corr)
    slope = _by_covariance(sample.cov, heterotrait_slopes(corr, blocks, geometric=geometric))
    if isinstance(group, OrdinalEstimate):
        (got,) = group.moments
        col, row = np.triu_indices(p, 1)
        smooth = np.flatnonzero(~got.ordered)
        own = np.concatenate([slope[:, smooth, smooth], slope[:, row, col]], axis=1)
        by_cell = np.zeros((len(got.gamma_diagonal), len(slope)))
        by_cell[-own.shape[1] :] = own.T
        return np.sqrt((by_cell * got.gamma_times(by_cell)).sum(axis=0) / got.n)
    row, col = np.tril_indices(p)
    by_cell = slope[:, row, col]
    if sample.rows is None:
        cov, s = sample.cov, by_cell
        square = cov[row[:, None], row] * cov[col[:, None], col]
        gamma = square + cov[row[:, None], col] * cov[col[:, None], row]
        return np.sqrt(np.einsum("rk,kl,rl->r", s, gamma, s) / sample.n)
    gamma = first_stage(sample, robust=True).gamma[: by_cell.shape[1], : by_cell.shape[1]]
    return np.sqrt(np.einsum("rk,kl,rl->r", by_cell, gamma, by_cell) / sample.n)
