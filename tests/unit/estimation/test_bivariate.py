"""The bivariate normal distribution against scipy's integration and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from truststats.estimation.bivariate import (
    FAR,
    Rectangles,
    cell_probabilities,
    cell_slopes,
    interval,
    normal_cdf,
    normal_density,
    pad,
)


@pytest.mark.parametrize("rho", [-0.99, -0.5, 0.0, 0.3, 0.8, 0.999])
def test_cdf(rho: float) -> None:
    points = [(-1.5, 0.3), (0.0, 0.7), (0.0, 0.0), (1.2, -0.4), (2.5, 2.4), (-0.2, 0.0)]
    cov = [[1.0, rho], [rho, 1.0]]
    for x, y in points:
        want = multivariate_normal.cdf([x, y], cov=cov, abseps=1e-12, releps=1e-12)
        assert normal_cdf(np.array(x), np.array(y), np.array(rho)) == pytest.approx(want, abs=1e-12)
        density = multivariate_normal.pdf([x, y], cov=cov)
        assert normal_density(np.array(x), np.array(y), np.array(rho)) == pytest.approx(density)


def test_far_edges_stand_for_infinity() -> None:
    far, x, rho = np.array(FAR), np.array(0.3), np.array(0.5)
    assert normal_cdf(far, x, rho) == pytest.approx(0.617911422188953)
    assert normal_cdf(-far, x, rho) == pytest.approx(0.0)
    assert normal_cdf(far, far, rho) == pytest.approx(1.0)


@pytest.mark.parametrize("rho", [-0.96, -0.92, -0.74, -0.2, 0.0, 0.29, 0.9])
def test_rectangles(rho: float) -> None:
    edges = np.sort(np.random.default_rng(1).normal(size=(2, 2, 300)), axis=1)
    edges[0, 1, :50], edges[1, 0, 30:90] = FAR, -FAR
    cells = Rectangles(edges[0, 1], edges[0, 0], edges[1, 1], edges[1, 0])
    r = np.array(rho)
    want = sum(
        s * t * normal_cdf(edges[0, i], edges[1, j], r)
        for i, s in enumerate((-1, 1))
        for j, t in enumerate((-1, 1))
    )
    assert np.abs(cells.probability(rho) - want).max() < 2e-15
    step = 1e-6
    by_hand = (cells.probability(rho + step) - cells.probability(rho - step)) / (2 * step)
    assert np.abs(cells.slope(rho) - by_hand).max() < 1e-7


def test_the_upper_tail_keeps_its_digits() -> None:
    low, high = np.array([9.0, -9.5, -1.0]), np.array([9.5, -9.0, 1.0])
    found = interval(low, high)
    assert found[0] == pytest.approx(found[1])
    assert found[0] > 0
    assert found[2] == pytest.approx(0.6826894921)


def test_cells_and_their_derivatives() -> None:
    rows, columns = pad([np.array([-1.0, 0.5]), np.array([0.2])]), pad([np.array([-0.3, 0.8])] * 2)
    rho = np.array([0.4, -0.7])
    share, slope = cell_probabilities(rows, columns, rho)
    assert share.sum(axis=(1, 2)) == pytest.approx(1.0)
    assert share[1, 2] == pytest.approx(0.0, abs=1e-15)
    step = 1e-6
    high, low = (cell_probabilities(rows, columns, rho + s)[0] for s in (step, -step))
    assert np.abs(slope - (high - low) / (2 * step)).max() < 1e-8
    moved = rows.copy()
    moved[:, 0] += step
    by_hand = (cell_probabilities(moved, columns, rho)[0] - share) / step
    found = cell_slopes(rows, columns, rho)[:, 0]
    assert np.abs(by_hand[:, 0] - found).max() < 1e-6
    assert np.abs(by_hand[:, 1] + found).max() < 1e-6
