from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.clusters import (
    ClusterDesign,
    cluster_factor,
    cluster_sizes,
    cluster_sums,
    spanning_clusters,
)

LABELS = np.array([2, 0, 2, 1, 0, 2])


def test_sums_within_clusters():
    values = np.arange(12.0).reshape(6, 2)
    got = cluster_sums(values, LABELS)
    want = [values[k == LABELS].sum(axis=0) for k in range(3)]
    np.testing.assert_allclose(got, want)


def test_sums_of_matrices():
    values = np.arange(24.0).reshape(6, 2, 2)
    got = cluster_sums(values, LABELS)
    np.testing.assert_allclose(got[1], values[3])
    assert got.shape == (3, 2, 2)


def test_without_clusters_every_row_stands_alone():
    values = np.ones((3, 2))
    assert cluster_sums(values, None) is values


def test_sizes_come_in_the_order_of_the_sums():
    np.testing.assert_array_equal(cluster_sizes(LABELS), [2, 1, 3])
    np.testing.assert_allclose(cluster_sums(np.ones(6), LABELS), cluster_sizes(LABELS))


def test_gaps_in_the_numbers_are_no_clusters():
    np.testing.assert_array_equal(cluster_sizes(np.array([7, 7, 40])), [2, 1])


@pytest.mark.parametrize(("count", "factor"), [(None, 1.0), (2, 2.0), (5, 1.25)])
def test_the_factor_for_few_clusters(count, factor):
    assert cluster_factor(count) == factor


def test_clusters_that_span_groups():
    one, two = np.array([3, 1, 1]), np.array([2, 2])
    assert spanning_clusters([one]) is None
    assert spanning_clusters([one, None]) is None
    assert spanning_clusters([one, two]) is None
    np.testing.assert_array_equal(spanning_clusters([one, np.array([2, 3])]), [1, 2, 3])


def test_sums_of_a_design_have_a_place_for_every_cluster():
    got = ClusterDesign(4).sums(np.arange(3.0), np.array([3, 1, 3]))
    np.testing.assert_allclose(got, [0.0, 1.0, 0.0, 2.0])


def test_spread_is_the_variance_of_a_stratified_total():
    rng = np.random.default_rng(4)
    sums, strata = rng.normal(size=(9, 2)), np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    spread = ClusterDesign(9, strata).spread(sums)
    want = sum((strata == h).sum() * np.cov(sums[strata == h].T) for h in range(3))
    np.testing.assert_allclose(spread.T @ spread, want, rtol=1e-12)


def test_a_stratum_of_one_cluster_adds_nothing():
    sums = np.array([[1.0], [3.0], [100.0]])
    spread = ClusterDesign(3, np.array([0, 0, 1])).spread(sums)
    assert spread[2, 0] == 0.0
    assert (spread**2).sum() == pytest.approx(4.0)


def test_without_strata_only_the_factor_remains():
    sums = np.array([[1.0], [-3.0], [2.0]])
    np.testing.assert_allclose(ClusterDesign(3).spread(sums), sums * np.sqrt(1.5))
