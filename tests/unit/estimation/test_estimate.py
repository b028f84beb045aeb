from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.estimate import (
    estimate_ml,
    normal_logl,
    reorder,
    sample_from_moments,
    sample_from_rows,
)
from truststats.estimation.observed import moments


@pytest.fixture(scope="module")
def rows(answers_of):
    return answers_of()[["inf1", "inf2", "inf3", "tru1"]].to_numpy()


def test_log_likelihood_of_complete_rows(rows):
    from scipy.stats import multivariate_normal

    cov = np.cov(rows.T, ddof=0)
    want = multivariate_normal.logpdf(rows, rows.mean(axis=0), cov).sum()
    assert normal_logl(cov, len(rows)) == pytest.approx(want, rel=1e-12)
    assert normal_logl(np.zeros((0, 0)), 10) == 0.0


def test_a_sample_of_complete_rows(rows):
    sample = sample_from_rows(rows)
    assert (sample.n, sample.p, sample.incomplete, sample.n_clusters) == (240, 4, None, None)
    np.testing.assert_allclose(sample.cov, np.cov(rows.T, ddof=0))


def test_a_sample_with_holes(rows):
    holed = rows.copy()
    holed[:50, 2] = np.nan
    sample = sample_from_rows(holed)
    assert sample.incomplete is not None
    assert sample.saturated is not None
    assert sample.saturated.converged
    assert sample.saturated_logl == sample.saturated.logl


@pytest.mark.parametrize(("given", "want"), [(None, 4), (6, 6)])
def test_the_number_of_clusters(rows, given, want):
    clusters = np.arange(len(rows)) % 4
    assert sample_from_rows(rows, clusters=clusters, n_clusters=given).n_clusters == want


def test_moments_stand_for_rows(rows):
    of_rows, of_moments = sample_from_rows(rows), sample_from_moments(moments(rows))
    assert of_moments.rows is None
    assert of_moments.saturated_logl == pytest.approx(of_rows.saturated_logl)


@pytest.mark.parametrize("holes", [False, True])
def test_reordering_the_variables(rows, holes):
    table = rows.copy()
    if holes:
        table[:50, 2] = np.nan
    order = [2, 0, 3, 1]
    got, want = reorder(sample_from_rows(table), order), sample_from_rows(table[:, order])
    np.testing.assert_allclose(got.cov, want.cov, rtol=1e-6)
    np.testing.assert_allclose(got.mean, want.mean, rtol=1e-6)
    np.testing.assert_array_equal(got.rows, want.rows)
    assert (got.incomplete is None) == (want.incomplete is None)
    assert got.saturated_logl == pytest.approx(want.saturated_logl)


def test_the_same_order_is_the_same_sample(rows):
    sample = sample_from_rows(rows)
    assert reorder(sample, range(4)) is sample


def _loads(layout):
    """The loadings of a pure measurement model."""
    return [(int(layout.col[k]), int(layout.row[k])) for k in layout.paths] + [
        (int(j), int(i)) for i, j in np.argwhere(layout.b0 != 0)
    ]


def test_a_saturated_model_fits_perfectly(case_of, rows):
    case = case_of("inf1 ~~ inf2 + inf3\ninf2 ~~ inf3", means=True)
    got = estimate_ml(case.layout, sample_from_rows(case.rows))
    assert got.converged
    assert got.df == 0
    assert got.chisq == pytest.approx(0.0, abs=1e-8)
    np.testing.assert_allclose(got.state.sigma[0], case.cov, rtol=1e-6)
    np.testing.assert_allclose(got.state.mu[0], case.mean, rtol=1e-9)
    second, gap = got.second_moment()
    np.testing.assert_allclose(gap, 0.0, atol=1e-8)
    np.testing.assert_allclose(second, case.cov, atol=1e-8)


def test_chisq_is_twice_the_gap_in_log_likelihood(case_of, models):
    case = case_of(models["two_factors"])
    sample = sample_from_rows(case.rows)
    got = estimate_ml(case.layout, sample, _loads(case.layout))
    assert got.chisq == pytest.approx(2.0 * (sample.saturated_logl - got.logl))
    assert got.chisq == pytest.approx(sample.n * got.solution.value[0])
    assert got.df == 21 - case.layout.q


def test_chisq_with_holes(case_of, models):
    case = case_of(models["two_factors"], means=True)
    rows = case.rows.copy()
    rows[np.random.default_rng(0).random(rows.shape) < 0.1] = np.nan
    rows = rows[~np.isnan(rows).all(axis=1)]
    got = estimate_ml(case.layout, sample_from_rows(rows), _loads(case.layout))
    assert got.converged
    assert got.chisq > 0
    assert got.expectation().logl == pytest.approx(got.logl)


def test_the_start_does_not_decide_the_end(case_of, models):
    case = case_of(models["two_factors"])
    sample = sample_from_rows(case.rows)
    own = estimate_ml(case.layout, sample, _loads(case.layout))
    other = estimate_ml(case.layout, sample, start=case.theta)
    np.testing.assert_allclose(own.theta, other.theta, rtol=1e-6, atol=1e-7)


def test_an_impossible_start_loses_its_covariances(case_of):
    case = case_of("inf1 ~~ inf2")
    start = np.where(case.layout.row == case.layout.col, 1.0, 3.0)
    got = estimate_ml(case.layout, sample_from_rows(case.rows), start=start)
    assert got.converged
    np.testing.assert_allclose(got.state.sigma[0], case.cov, rtol=1e-6)


def test_fixed_exogenous_moments_are_those_of_the_sample(case_of, models):
    case = case_of(models["observed"], means=True)
    got = estimate_ml(case.layout, sample_from_rows(case.rows))
    assert [case.layout.nodes[k] for k in got.x] == ["x1", "x2"]
    at = np.ix_(got.x, got.x)
    np.testing.assert_allclose(got.state.sigma[0][at], case.cov[at])
    np.testing.assert_allclose(got.state.mu[0][got.x], case.mean[got.x])
    assert got.df == 15 - 3 + 5 - 2 - case.layout.q
