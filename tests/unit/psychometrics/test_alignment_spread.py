"""Standard errors of an alignment beside alignments of loadings and intercepts that were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import block_diag

from tests.unit.psychometrics.test_alignment import population
from truststats.arrays import Array
from truststats.psychometrics.alignment import Aligned, align
from truststats.psychometrics.alignment_loss import parts
from truststats.psychometrics.alignment_spread import AlignedSpread, aligned_spread

G, P = 6, 5
N = np.linspace(150.0, 400.0, G)


def covariance(scale: float) -> Array:
    root = np.random.default_rng(7).normal(size=(G, 2 * P, 2 * P))
    return scale * (root @ root.transpose(0, 2, 1) / (2 * P) + np.eye(2 * P))


def spread_of(
    found: Aligned, loadings: Array, intercepts: Array, cov: Array, *, free: bool
) -> AlignedSpread:
    spread, place = parts(loadings, intercepts, N, 0, free=free, eps=0.01, power=0.5)
    return aligned_spread(found, spread, place, 0, cov)


@pytest.mark.parametrize("free", [False, True])
def test_beside_differences(free: bool) -> None:
    loadings, intercepts, _, _ = population(G, seed=5)
    cov = covariance(1e-3)
    found = align(loadings, intercepts, N, free=free)
    mine = spread_of(found, loadings, intercepts, cov, free=free)
    eta, step = np.concatenate([loadings.T, intercepts.T], axis=1).ravel(), 1e-5
    moved = []
    for k in range(len(eta)):
        ends = []
        for sign in (1.0, -1.0):
            there = eta.copy()
            there[k] += sign * step
            split = there.reshape(G, 2 * P)
            at = align(split[:, :P].T.copy(), split[:, P:].T.copy(), N, free=free, starts=2)
            ends.append(np.concatenate([at.mean, np.log(at.sd), at.loadings[2], at.intercepts[2]]))
        moved.append((ends[0] - ends[1]) / (2 * step))
    jacobian = np.array(moved).T
    wanted = jacobian @ block_diag(*cov) @ jacobian.T
    for k, name in enumerate(("mean", "log_sd", "loadings", "intercepts")):
        own = getattr(mine, name)
        own = own[2] if own.ndim == 3 else own
        block = wanted[k * G : (k + 1) * G, k * G : (k + 1) * G]
        assert own == pytest.approx(block, rel=1e-4, abs=2e-6), name
    whole = spread_of(found, loadings, intercepts, block_diag(*cov)[None], free=free)
    assert whole.mean == pytest.approx(mine.mean)


def test_beside_draws() -> None:
    loadings, intercepts, _, _ = population(G, seed=11)
    cov = covariance(4e-4)
    found = align(loadings, intercepts, N)
    mine = spread_of(found, loadings, intercepts, cov, free=False)
    rng = np.random.default_rng(3)
    root = np.linalg.cholesky(cov)
    drawn = []
    for _ in range(250):
        noise = (root @ rng.normal(size=(G, 2 * P, 1)))[..., 0]
        at = align(loadings + noise[:, :P].T, intercepts + noise[:, P:].T, N, starts=1)
        drawn.append([at.mean, np.log(at.sd)])
    observed = np.std(drawn, axis=0)[:, 1:]
    expected = np.sqrt([np.diag(mine.mean)[1:], np.diag(mine.log_sd)[1:]])
    assert np.abs(observed / expected - 1.0).max() < 0.15
    assert (np.diag(mine.mean)[0], np.diag(mine.log_sd)[0]) == pytest.approx((0.0, 0.0))
