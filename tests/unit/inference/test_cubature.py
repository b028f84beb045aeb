"""Rules for means over normal distributions."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.inference.cubature import MOST, normal_rule


@pytest.mark.parametrize("fine", [False, True])
@pytest.mark.parametrize("r", range(1, MOST + 1))
def test_moments_up_to_degree_five_are_exact(r, fine):
    points, weights = normal_rule(r, fine=fine)
    assert points.shape == (len(weights), r)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(weights @ points, 0.0, atol=1e-12)
    np.testing.assert_allclose(points.T * weights @ points, np.eye(r), atol=1e-11)
    np.testing.assert_allclose(weights @ points**4, 3.0, atol=1e-10)
    if r > 1:
        assert weights @ (points[:, 0] ** 2 * points[:, 1] ** 2) == pytest.approx(1.0, abs=1e-10)


def test_points_are_few_and_told_once():
    sizes = [len(normal_rule(r, fine=True)[1]) for r in range(1, MOST + 1)]
    assert max(sizes) < 2000
    points, _ = normal_rule(6, fine=True)
    assert len(np.unique(points.round(9), axis=0)) == len(points)


def test_a_smooth_mean_of_six_dimensions():
    points, weights = normal_rule(6, fine=True)
    slope = np.array([0.3, -0.2, 0.1, 0.25, -0.15, 0.2])
    assert weights @ np.exp(points @ slope) == pytest.approx(np.exp(slope @ slope / 2), rel=1e-4)
