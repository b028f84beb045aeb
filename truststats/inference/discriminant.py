"""Latent correlations with standard errors, to see whether constructs can be told apart."""

from __future__ import annotations

import numpy as np

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import evaluate, prune
from truststats.inference.standardize import delta_covariance

__all__ = ["latent_correlations"]


def latent_correlations(
    estimate: Estimate, vcov: Array, nodes: list[int]
) -> tuple[list[tuple[int, int]], Array, Array]:
    """Return pairs of nodes, their implied correlations and delta-method standard errors."""
    pairs = [(a, b) for k, a in enumerate(nodes) for b in nodes[k + 1 :]]
    i = np.array([a for a, _ in pairs], dtype=np.intp)
    j = np.array([b for _, b in pairs], dtype=np.intp)

    small, new = prune(estimate.layout, nodes)
    i, j = (np.array([new[int(k)] for k in at], dtype=np.intp) for at in (i, j))

    def values(theta: Array) -> Array:
        e = evaluate(small, theta).e
        sd = np.sqrt(np.einsum("bii->bi", e))
        return e[:, i, j] / (sd[:, i] * sd[:, j])

    est = values(estimate.theta[None])[0]
    cov = delta_covariance(values, estimate.theta, vcov)
    return pairs, est, np.sqrt(np.maximum(np.diag(cov), 0.0))
