from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.items import (
    item_statistics,
    pairwise_covariance,
    quadratic_influence,
)
from truststats.psychometrics.reliability import alpha, alpha_slope


@pytest.fixture
def rows():
    rng = np.random.default_rng(11)
    return rng.normal(size=(300, 4)) + rng.normal(size=(300, 1))


def test_item_rest_and_alpha_without(rows):
    got = item_statistics(np.cov(rows.T), np.ones(4))
    rest = rows[:, 1:].sum(axis=1)
    assert got.item_rest[0] == pytest.approx(np.corrcoef(rows[:, 0], rest)[0, 1])
    assert got.alpha_dropped[0] == pytest.approx(float(alpha(np.cov(rows[:, 1:].T))))


def test_two_items_have_no_alpha_without_one(rows):
    got = item_statistics(np.cov(rows[:, :2].T), np.ones(2))
    assert np.isnan(got.alpha_dropped).all()
    assert got.item_rest[0] == pytest.approx(np.corrcoef(rows[:, :2].T)[0, 1])


def test_pairwise_covariances(rows):
    assert pairwise_covariance(rows) == pytest.approx(np.cov(rows.T))
    holes = rows.copy()
    holes[:40, 0], holes[20:90, 1] = np.nan, np.nan
    both = ~np.isnan(holes[:, :2]).any(axis=1)
    assert pairwise_covariance(holes)[0, 1] == pytest.approx(np.cov(rows[both, :2].T)[0, 1])
    assert pairwise_covariance(rows, np.full(300, 2.0)) == pytest.approx(
        np.cov(rows.T) * 2 * 299 / 599
    )


def test_the_influence_is_how_far_a_row_moves_alpha(rows):
    """Against the jackknife: (n - 1) times what alpha loses without a row."""
    signs = np.ones(4)
    for given in (rows, np.where(np.arange(1200).reshape(300, 4) % 9 == 0, np.nan, rows)):
        cov = pairwise_covariance(given)
        moved = quadratic_influence(given, alpha_slope(cov, signs))
        whole = float(alpha(cov))
        left = [
            299 * (whole - float(alpha(pairwise_covariance(np.delete(given, k, 0)))))
            for k in range(60)
        ]
        assert np.corrcoef(moved[:60], left)[0, 1] > 0.999
        assert moved[:60].std() == pytest.approx(np.std(left), rel=0.03)
        assert moved.sum() == pytest.approx(0.0, abs=1e-8)


def test_weights_count_rows_twice(rows):
    signs = np.ones(4)
    double = np.concatenate([rows, rows[:100]])
    weights = np.r_[np.full(100, 2.0), np.ones(200)]
    slope = alpha_slope(np.cov(rows.T), signs)
    one = quadratic_influence(double, slope)
    other = quadratic_influence(rows, slope, weights)
    assert other == pytest.approx(one[:300])
