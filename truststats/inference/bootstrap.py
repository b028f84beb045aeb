"""Bootstrap kernels: resampled moments as one matrix product, refits as one batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.clusters import cluster_sizes, cluster_sums
from truststats.estimation.estimate import Estimate
from truststats.estimation.sample import Sample
from truststats.estimation.solve import solve_ml
from truststats.inference.vcov import inverse

__all__ = ["bootstrap_theta", "resampled_moments"]

_CHUNK = 250
_TOLERANCE = 1e-8
_QUICK = 30


def _features(rows: Array) -> Array:
    """Return [x, x_i x_j (i >= j)] of rows centred beforehand, (n, p + p*)."""
    row, col = np.tril_indices(rows.shape[1])
    return np.concatenate([rows, rows[:, row] * rows[:, col]], axis=1)


def resampled_moments(
    rows: Array,
    clusters: IntArray | None,
    draws: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Array, Array]]:
    """Yield covariances (b, p, p) and means (b, p) of resamples, in chunks.

    Rows, or whole clusters, are drawn with replacement: multinomial counts times sums.

    Parameters
    ----------
    rows : (n, p) array
        Complete rows.
    clusters : (n,) int array or None
        Cluster of each row; then clusters are resampled with all their rows.
    draws : int
    rng : numpy.random.Generator
    """
    p = rows.shape[1]
    centre = rows.mean(axis=0)
    features = _features(rows - centre)
    sizes = np.ones(len(rows))
    if clusters is not None:
        features = cluster_sums(features, clusters)
        sizes = cluster_sizes(clusters).astype(float)
    units = len(features)
    low = np.tril_indices(p)
    for first in range(0, draws, _CHUNK):
        size = min(_CHUNK, draws - first)
        picked = rng.integers(0, units, size=(size, units))
        flat = (picked + np.arange(size)[:, None] * units).ravel()
        counts = np.bincount(flat, minlength=size * units).reshape(size, units).astype(float)
        n = counts @ sizes
        sums = (counts @ features) / n[:, None]
        mean = sums[:, :p]
        cov = np.empty((size, p, p))
        cov[:, low[0], low[1]] = sums[:, p:]
        cov[:, low[1], low[0]] = sums[:, p:]
        cov -= mean[:, :, None] * mean[:, None, :]
        yield cov, mean + centre


def bootstrap_theta(
    estimate: Estimate, draws: int, rng: np.random.Generator
) -> tuple[Array, BoolArray]:
    """Return (draws, q) refitted parameters and which refits converged.

    Every refit starts at the estimate and first takes steps in its metric; those that do not
    arrive go on with Fisher scoring of their own. Groups are resampled by themselves; linear
    constraints that hold at the estimate hold in every refit.
    """
    stack = estimate.stack
    state = stack.evaluate(stack.reduce(estimate.theta[None]))
    metric, _ = inverse(stack.expected(state, np.linalg.inv(state.sigma))[0])
    out: list[Array] = []
    good: list[BoolArray] = []
    parts = [_resamples(group.sample, draws, rng) for group in estimate.groups]
    for drawn in zip(*parts, strict=True):
        cov = np.stack([c for c, _ in drawn], axis=1)
        mean = np.stack([m for _, m in drawn], axis=1)
        psi0, alpha0 = _exogenous(estimate, cov, mean)
        start = np.repeat(estimate.theta[None], len(cov), axis=0)
        means = mean if estimate.has_means else None
        got = solve_ml(
            stack, cov, means, estimate.n, start, psi0=psi0, alpha0=alpha0, metric=metric,
            tolerance=_TOLERANCE, max_iterations=_QUICK,
        )  # fmt: skip
        theta, converged = got.theta, got.converged.copy()
        late = np.flatnonzero(~converged)
        if len(late):
            again = solve_ml(
                stack, cov[late], None if means is None else means[late], estimate.n,
                start[late], psi0=None if psi0 is None else psi0[late],
                alpha0=None if alpha0 is None else alpha0[late], tolerance=_TOLERANCE,
            )  # fmt: skip
            theta[late], converged[late] = again.theta, again.converged
        out.append(theta)
        good.append(converged)
    return np.concatenate(out), np.concatenate(good)


def _resamples(
    sample: Sample, draws: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    assert sample.rows is not None
    return resampled_moments(sample.rows, sample.clusters, draws, rng)


def _exogenous(estimate: Estimate, cov: Array, mean: Array) -> tuple[Array | None, Array | None]:
    """Return fixed values with each resample's exogenous moments, (b, G, m, m) and (b, G, m)."""
    first = estimate.layouts[0]
    if not len(first.x_cells):
        return None, None
    i, j = first.x_cells.T
    psi0 = np.repeat(np.stack([x.psi0 for x in estimate.layouts])[None], len(cov), axis=0)
    psi0[:, :, i, j] = cov[:, :, i, j]
    psi0[:, :, j, i] = cov[:, :, i, j]
    alpha0 = np.repeat(np.stack([x.alpha0 for x in estimate.layouts])[None], len(cov), axis=0)
    alpha0[:, :, first.x_means] = mean[:, :, first.x_means]
    return psi0, alpha0
