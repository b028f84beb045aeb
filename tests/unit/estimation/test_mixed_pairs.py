"""Correlations of mixed pairs against their definition."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.margins import continuous_alone
from truststats.estimation.mixed_pairs import alone_moves, as_covariances, pair_moves

RNG = np.random.default_rng(2)
Y = RNG.multivariate_normal([0, 0], [[2.0, 1.1], [1.1, 3.0]], size=500)


def test_two_continuous_variables() -> None:
    n = len(Y)
    seen, none, ones = np.ones(n, bool), np.zeros((n, 0)), np.ones(n)
    found = [continuous_alone(Y[:, k], none, ones, seen) for k in range(2)]
    single = [alone_moves(a, ones, "y") for a in found]
    corr, moved = pair_moves(found, single, ones, ["a", "b"], None, np.zeros(0, dtype=np.intp))
    assert corr[0, 1] == pytest.approx(np.corrcoef(Y.T)[0, 1])
    assert n * (moved[0] @ moved[0]) == pytest.approx((1 - corr[0, 1] ** 2) ** 2, rel=0.15)
    cov, moved = as_covariances(corr, moved, found, single)
    assert cov == pytest.approx(np.cov(Y.T, bias=True))
    assert moved[0].sum() == pytest.approx(0.0, abs=1e-10)
