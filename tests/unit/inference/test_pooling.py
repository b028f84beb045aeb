from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from truststats.estimation.sample import sample_from_rows
from truststats.inference.pooling import (
    d2_test,
    d3_test,
    likelihood_at,
    rubin_degrees,
    rubin_pool,
    t_limits,
    t_pvalue,
)


def test_rubins_rules_by_hand():
    theta = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    vcov = np.array([np.diag([0.5, 0.1])] * 3)
    pool = rubin_pool(theta, vcov)
    assert pool.m == 3
    np.testing.assert_allclose(pool.theta, [2.0, 5.0])
    np.testing.assert_allclose(pool.between, [[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(pool.total, np.diag([0.5 + 4.0 / 3.0, 0.1]))


def test_degrees_of_freedom_by_hand():
    assert rubin_degrees(np.array([0.5]), 5)[0] == pytest.approx(4 * 9)
    assert np.isinf(rubin_degrees(np.array([0.0]), 5)[0])
    # Barnard and Rubin (1999): 1 / (1/36 + 1/observed), observed = 100 (101/103) (2/3)
    small = rubin_degrees(np.array([0.5]), 5, 100.0)[0]
    assert small == pytest.approx(1 / (1 / 36 + 1 / (101 / 103 * 100 / 1.5)))
    assert rubin_degrees(np.array([0.0]), 5, 100.0)[0] == pytest.approx(101 / 103 * 100)


def test_t_with_infinite_degrees_is_normal():
    assert t_pvalue(np.array([1.96]), np.array([np.inf]))[0] == pytest.approx(
        2 * stats.norm.sf(1.96), rel=1e-6
    )
    low, high = t_limits(np.array([1.0]), np.array([2.0]), np.array([7.0]), 0.9)
    half = stats.t.ppf(0.95, 7) * 2
    np.testing.assert_allclose([low[0], high[0]], [1 - half, 1 + half])


def test_d2_by_hand():
    values, df, m = [10.0, 14.0, 12.0], 6, 3
    r = (1 + 1 / m) * np.var(np.sqrt(values), ddof=1)
    f = (12 / df - (m + 1) / (m - 1) * r) / (1 + r)
    df2 = df ** (-3 / m) * (m - 1) * (1 + 1 / r) ** 2
    found = d2_test(values, df)
    assert found.f == pytest.approx(f)
    assert found.pvalue == pytest.approx(stats.f.sf(f, df, df2))
    assert found.chisq == pytest.approx(df * f)
    assert found.fmi == pytest.approx(r / (1 + r))


def test_d3_by_hand():
    own, pooled, df, m = [10.0, 14.0, 12.0], [9.0, 9.5, 10.0], 6, 3
    r = (m + 1) / (df * (m - 1)) * (12 - 9.5)
    f = 9.5 / (df * (1 + r))
    v = df * (m - 1)
    df2 = 4 + (v - 4) * (1 + (1 - 2 / v) / r) ** 2
    found = d3_test(own, pooled, df)
    assert (found.f, found.df2) == pytest.approx((f, df2))
    assert found.pvalue == pytest.approx(stats.f.sf(f, df, df2))


def test_equal_data_sets_give_the_plain_chi_square():
    for found in (d2_test([9.0, 9.0], 4), d3_test([9.0, 9.0], [9.0, 9.0], 4)):
        assert found.chisq == pytest.approx(9.0)
        assert found.pvalue == pytest.approx(stats.chi2.sf(9.0, 4))


def test_no_degrees_of_freedom_no_test():
    assert np.isnan(d2_test([0.0, 0.0], 0).pvalue)
    assert np.isnan(d3_test([0.0, 0.0], [0.0, 0.0], 0).pvalue)


def test_likelihood_at_any_moments():
    rows = np.random.default_rng(1).normal(size=(40, 3))
    sample = sample_from_rows(rows)
    sigma, mu = np.diag([1.0, 2.0, 3.0]) + 0.2, np.array([0.1, 0.2, 0.3])
    expected = stats.multivariate_normal(mu, sigma).logpdf(rows).sum()
    assert likelihood_at(sample, sigma, mu) == pytest.approx(expected)
    part = np.array([0, 2])
    smaller = stats.multivariate_normal(mu[part], sigma[np.ix_(part, part)])
    assert likelihood_at(sample, sigma, mu, part) == pytest.approx(
        smaller.logpdf(rows[:, part]).sum()
    )
    assert likelihood_at(sample, sigma, mu, np.zeros(0, dtype=int)) == 0.0
