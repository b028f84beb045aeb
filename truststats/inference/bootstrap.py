"""Bootstrap kernels: resampled moments as one matrix product, refits as one batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.clusters import cluster_sizes, cluster_sums
from truststats.estimation.derivatives import expected_information
from truststats.estimation.estimate import Estimate
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
    arrive go on with Fisher scoring of their own.
    """
    sample, layout = estimate.sample, estimate.layout
    assert sample.rows is not None
    w = np.linalg.inv(estimate.state.sigma)
    metric, _ = inverse(expected_information(layout, estimate.state, w)[0])
    out: list[Array] = []
    good: list[BoolArray] = []
    for cov, mean in resampled_moments(sample.rows, sample.clusters, draws, rng):
        size = len(cov)
        psi0 = alpha0 = None
        if len(layout.x_cells):
            i, j = layout.x_cells.T
            psi0 = np.repeat(layout.psi0[None], size, axis=0)
            psi0[:, i, j] = cov[:, i, j]
            psi0[:, j, i] = cov[:, i, j]
            alpha0 = np.repeat(layout.alpha0[None], size, axis=0)
            alpha0[:, layout.x_means] = mean[:, layout.x_means]
        start = np.repeat(estimate.theta[None], size, axis=0)
        batch_mean = mean if layout.has_means else None
        got = solve_ml(
            layout, cov, batch_mean, sample.n, start, psi0=psi0, alpha0=alpha0, metric=metric,
            tolerance=_TOLERANCE, max_iterations=_QUICK,
        )  # fmt: skip
        theta, converged = got.theta, got.converged.copy()
        late = np.flatnonzero(~converged)
        if len(late):
            again = solve_ml(
                layout, cov[late], None if batch_mean is None else batch_mean[late], sample.n,
                start[late], psi0=None if psi0 is None else psi0[late],
                alpha0=None if alpha0 is None else alpha0[late], tolerance=_TOLERANCE,
            )  # fmt: skip
            theta[late], converged[late] = again.theta, again.converged
        out.append(theta)
        good.append(converged)
    return np.concatenate(out), np.concatenate(good)
