from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.observed import group_patterns
from truststats.estimation.solve import solve_ml
from truststats.estimation.solve_missing import solve_incomplete

N = 240


def test_incomplete_rows_at_the_optimum(case_of, models):
    case = case_of(models["chain"], means=True)
    rows = case.rows[:120].copy()
    rows[np.random.default_rng(3).random(rows.shape) < 0.2] = np.nan
    rows = rows[~np.isnan(rows).all(axis=1)]
    got = solve_incomplete(case.layout, group_patterns(rows), case.theta)
    assert got.converged.all()
    other = solve_incomplete(case.layout, group_patterns(rows), got.theta[0] * 1.02)
    np.testing.assert_allclose(got.theta, other.theta, rtol=1e-5, atol=1e-6)
    assert got.value[0] == pytest.approx(other.value[0], abs=1e-10)


def test_complete_rows_end_where_maximum_likelihood_ends(case_of, models):
    case = case_of(models["equal_labels"], means=True)
    casewise = solve_incomplete(case.layout, group_patterns(case.rows), case.theta)
    plain = solve_ml(case.layout, case.cov[None], case.mean[None], N, case.theta[None])
    np.testing.assert_allclose(casewise.theta, plain.theta, rtol=1e-5, atol=1e-6)


def test_an_impossible_start_is_flagged(case_of):
    case = case_of("inf1 ~~ inf2", means=True)
    rows = case.rows[:20].copy()
    rows[0, 0] = np.nan
    start = np.where(case.layout.row == case.layout.col, -1.0, 0.0)
    got = solve_incomplete(case.layout, group_patterns(rows), start)
    assert not got.converged.any()
    assert np.isinf(got.value[0])


def test_incomplete_rows_may_run_out_of_iterations(case_of, models):
    case = case_of(models["chain"], means=True)
    rows = case.rows[:60].copy()
    rows[0, 0] = np.nan
    got = solve_incomplete(case.layout, group_patterns(rows), case.theta, max_iterations=1)
    assert not got.converged.any()
