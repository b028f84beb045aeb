from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.observed import Moments, group_patterns, moments

NAN = np.nan


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).normal(5.0, 2.0, size=(40, 3))


def test_moments_have_divisor_n(rows):
    got = moments(rows)
    assert got.n == 40
    np.testing.assert_allclose(got.mean, rows.mean(axis=0))
    np.testing.assert_allclose(got.cov, np.cov(rows.T, ddof=0))


@pytest.mark.parametrize("cut", [1, 13, 39])
def test_parts_merge_to_the_whole(rows, cut):
    got, want = moments(rows[:cut]) + moments(rows[cut:]), moments(rows)
    assert got.n == want.n
    np.testing.assert_allclose(got.mean, want.mean, rtol=1e-13)
    np.testing.assert_allclose(got.cov, want.cov, rtol=1e-12)


def test_merging_is_associative(rows):
    a, b, c = moments(rows[:9]), moments(rows[9:20]), moments(rows[20:])
    np.testing.assert_allclose(((a + b) + c).cov, (a + (b + c)).cov, rtol=1e-12)


def test_merging_far_from_zero_keeps_its_digits():
    small = np.random.default_rng(1).normal(size=(50, 2))
    far = small + 1e8
    got = moments(far[:20]) + moments(far[20:])
    np.testing.assert_allclose(got.cov, moments(small).cov, rtol=1e-6)


def test_moments_are_a_plain_value():
    assert Moments(3, np.zeros(1), np.ones((1, 1))).n == 3


def test_patterns_of_a_small_table():
    table = np.array([[1.0, 2, 3], [1, NAN, 3], [4, 5, 6], [NAN, 5, NAN], [7, NAN, 9], [1, 2, NAN]])
    data = group_patterns(table)
    assert (data.n, data.p, data.n_patterns) == (6, 3, 4)
    assert sorted(data.counts) == [1, 1, 2, 2]
    np.testing.assert_array_equal(data.observed, ~np.isnan(table))
    np.testing.assert_array_equal(data.filled, np.nan_to_num(table))
    assert data.pattern[1] == data.pattern[4]
    assert data.pattern[0] == data.pattern[2]
    assert [group.missing.shape for group in data.groups] == [(2, 1), (1, 2)]


def test_complete_rows_are_one_pattern(rows):
    data = group_patterns(rows)
    assert data.n_patterns == 1
    assert len(data.groups) == 0


@pytest.mark.parametrize("p", [4, 9, 20])
def test_every_row_is_in_the_group_of_its_pattern(p):
    rng = np.random.default_rng(p)
    table = rng.normal(size=(300, p))
    table[rng.random(table.shape) < 0.3] = NAN
    table = table[~np.isnan(table).all(axis=1)]
    data = group_patterns(table)
    want = np.unique(np.isnan(table), axis=0)
    assert data.n_patterns == len(want)
    seen = np.zeros(len(table), dtype=int)
    for group in data.groups:
        assert (np.diff(group.row_pattern) >= 0).all()
        for row, local in zip(group.rows, group.row_pattern, strict=True):
            np.testing.assert_array_equal(np.flatnonzero(np.isnan(table[row])),
                                          group.missing[local])  # fmt: skip
            assert data.pattern[row] == group.pattern_ids[local]
        np.testing.assert_array_equal(np.bincount(group.row_pattern), group.counts)
        np.testing.assert_array_equal(data.counts[group.pattern_ids], group.counts)
        seen[group.rows] += 1
    np.testing.assert_array_equal(seen, np.isnan(table).any(axis=1))


def test_all_patterns_at_once():
    table = np.array([[1.0 if bits >> k & 1 else NAN for k in range(4)] for bits in range(1, 16)])
    data = group_patterns(np.repeat(table, 3, axis=0))
    assert data.n_patterns == 15
    assert (data.counts == 3).all()
    assert [len(group.counts) for group in data.groups] == [4, 6, 4]
