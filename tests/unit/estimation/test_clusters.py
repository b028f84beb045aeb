from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.clusters import (
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
