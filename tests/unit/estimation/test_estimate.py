from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.estimate import estimate_ml
from truststats.estimation.sample import sample_from_rows


@pytest.fixture(scope="module")
def rows(answers_of):
    return answers_of()[["inf1", "inf2", "inf3", "tru1"]].to_numpy()


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
