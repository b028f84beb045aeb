from __future__ import annotations

import math

import numpy as np
import pytest

from truststats.psychometrics.reliability import (
    alpha,
    alpha_slope,
    explained_share,
    maximal_reliability,
    omega,
    share,
    total_of,
)


def test_alpha_by_hand():
    cov = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]])
    assert alpha(cov) == pytest.approx(1.5 * (1 - 6 / 12))


def test_alpha_of_parallel_items_is_spearman_brown():
    r, k = 0.4, 5
    cov = np.full((k, k), r) + (1 - r) * np.eye(k)
    assert alpha(cov) == pytest.approx(k * r / (1 + (k - 1) * r))


def test_alpha_of_one_item_is_unknown():
    assert math.isnan(alpha(np.ones((1, 1))))
    assert math.isnan(alpha(np.array([[1.0, -1.0], [-1.0, 1.0]])))


def test_a_reversed_item_counts_with_a_minus():
    cov = np.array([[2.0, 1.0, 0.8], [1.0, 2.0, 1.1], [0.8, 1.1, 2.0]])
    signs = np.array([1.0, -1.0, 1.0])
    turned = cov * np.outer(signs, signs)
    assert alpha(turned, signs) == pytest.approx(float(alpha(cov)))
    assert total_of(turned, signs) == pytest.approx(cov.sum())


def test_the_slope_of_alpha_is_its_derivative():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(50, 4)) + rng.normal(size=(50, 1))
    cov, signs, step = np.cov(x.T), np.array([1.0, 1.0, -1.0, 1.0]), 1e-6
    slope = alpha_slope(cov, signs)
    for i, j in ((0, 0), (0, 2), (3, 1)):
        move = np.zeros((4, 4))
        move[i, j] = step
        far = (alpha(cov + move, signs) - alpha(cov - move, signs)) / (2 * step)
        assert slope[i, j] == pytest.approx(float(far), rel=1e-6)


def test_omega_by_hand():
    got = omega(np.array([0.8, 0.7, 0.6]), 1.0, np.diag([0.36, 0.51, 0.64]))
    assert got == pytest.approx(2.1**2 / (2.1**2 + 1.51))


def test_omega_counts_residual_covariances():
    residual = np.array([[0.36, 0.1], [0.1, 0.51]])
    assert omega(np.array([0.8, 0.7]), 1.0, residual) == pytest.approx(2.25 / (2.25 + 1.07))


def test_a_share_is_omega():
    loadings, signs = np.array([0.8, 0.7, 0.6]), np.ones(3)
    true = np.outer(loadings, loadings)
    total = true + np.diag([0.36, 0.51, 0.64])
    assert share(true, total, signs) == pytest.approx(omega(loadings, 1.0, total - true))
    assert explained_share(true, total) == pytest.approx((0.64 + 0.49 + 0.36) / 3)


def test_maximal_reliability_is_coefficient_h():
    loadings = np.array([0.8, 0.7, 0.6])
    square = loadings**2
    inside = (square / (1 - square)).sum()
    total = np.outer(loadings, loadings) + np.diag(1 - square)
    got = maximal_reliability(loadings[None], np.ones(1), total[None])
    assert got[0] == pytest.approx(1 / (1 + 1 / inside))
