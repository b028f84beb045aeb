from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.derivatives import expected_information, gradient
from truststats.estimation.implied import evaluate
from truststats.estimation.solve import (
    discrepancy,
    scale_free_gradient,
    solve_ml,
)

N = 240


def _batch(case, size=4):
    """Moments of resampled rows, (B, p, p) and (B, p)."""
    rng = np.random.default_rng(1)
    picks = [case.rows[rng.integers(0, len(case.rows), len(case.rows))] for _ in range(size)]
    cov = np.stack([np.cov(x.T, ddof=0) for x in picks])
    return cov, np.stack([x.mean(axis=0) for x in picks])


def _solve(case, cov, mean, **options):
    start = np.repeat(case.theta[None], len(cov), axis=0)
    return solve_ml(case.layout, cov, mean if case.layout.has_means else None, N, start, **options)


def test_discrepancy_by_its_definition(case):
    mean = case.mean[None] if case.layout.has_means else None
    value, g_mat, h_vec, w = discrepancy(case.state, case.cov[None], mean)
    sigma = case.state.sigma[0]
    gap = case.mean - case.state.mu[0] if mean is not None else np.zeros(case.layout.p)
    inverse = np.linalg.inv(sigma)
    want = (
        np.linalg.slogdet(sigma)[1]
        + np.trace(case.cov @ inverse)
        - np.linalg.slogdet(case.cov)[1]
        - case.layout.p
        + gap @ inverse @ gap
    )
    assert value[0] == pytest.approx(want, rel=1e-12)
    second = case.cov + np.outer(gap, gap)
    np.testing.assert_allclose(g_mat[0], inverse @ (second - sigma) @ inverse, atol=1e-10)
    np.testing.assert_allclose(h_vec[0], inverse @ gap, atol=1e-10)
    np.testing.assert_allclose(w[0], inverse, atol=1e-10)


def test_an_impossible_sigma_has_infinite_discrepancy(case_of):
    case = case_of("inf1 ~~ inf2")
    thetas = np.array([[2.0, 1.0, 1.0], [0.5, 1.0, 1.0], [0.0, -1.0, -1.0]])
    order = [int(np.flatnonzero(case.layout.row != case.layout.col)[0])]
    order += [k for k in range(3) if k not in order]
    by_cell = np.empty_like(thetas)
    by_cell[:, order] = thetas
    value, *_ = discrepancy(evaluate(case.layout, by_cell), case.cov[None], None)
    assert np.isinf(value[0])
    assert np.isfinite(value[1])
    assert np.isinf(value[2])


def test_the_optimum_is_stationary(case):
    cov, mean = case.cov[None], case.mean[None]
    got = _solve(case, cov, mean)
    assert got.converged.all()
    state = evaluate(case.layout, got.theta)
    _, g_mat, h_vec, w = discrepancy(state, cov, mean if case.layout.has_means else None)
    slope = gradient(case.layout, state, g_mat, h_vec)[0]
    assert scale_free_gradient(slope, expected_information(case.layout, state, w)[0], N) < 1e-5


def test_a_batch_is_its_singles(case):
    cov, mean = _batch(case)
    batch = _solve(case, cov, mean)
    assert batch.converged.all()
    for k in range(len(cov)):
        one = _solve(case, cov[k : k + 1], mean[k : k + 1])
        np.testing.assert_allclose(batch.theta[k], one.theta[0], rtol=2e-5, atol=2e-6)
        assert batch.value[k] == pytest.approx(one.value[0], abs=1e-9)


def test_a_common_metric_arrives_at_the_same_place(case_of, models):
    case = case_of(models["chain"], means=True)
    own = _solve(case, case.cov[None], case.mean[None])
    state = evaluate(case.layout, own.theta)
    info = expected_information(case.layout, state, np.linalg.inv(state.sigma))[0]
    cov, mean = _batch(case)
    start = np.repeat(own.theta, len(cov), axis=0)
    quick = solve_ml(case.layout, cov, mean, N, start, metric=np.linalg.inv(info), tolerance=1e-9)
    slow = _solve(case, cov, mean)
    assert quick.converged.all()
    np.testing.assert_allclose(quick.theta, slow.theta, rtol=1e-4, atol=1e-5)


def test_failures_are_flagged_and_do_not_disturb_the_others(case_of, models):
    case = case_of(models["chain"])
    cov, mean = _batch(case, 3)
    want = _solve(case, cov, mean)
    cov[1] = np.diag([1.0] * 8 + [-1.0])
    got = _solve(case, cov, mean)
    np.testing.assert_array_equal(got.converged, [True, False, True])
    np.testing.assert_allclose(got.theta[[0, 2]], want.theta[[0, 2]], rtol=1e-5, atol=1e-6)


def test_running_out_of_iterations_is_no_convergence(case_of, models):
    case = case_of(models["chain"])
    got = _solve(case, case.cov[None], case.mean[None], max_iterations=1)
    assert not got.converged.any()
    assert got.iterations == 1


def test_a_model_without_parameters_is_evaluated(case_of):
    case = case_of("inf1 ~~ 1*inf1\ninf2 ~~ 1*inf2\ninf1 ~~ 0*inf2")
    got = _solve(case, case.cov[None], case.mean[None])
    assert got.converged.all()
    assert got.iterations == 0
    want = np.trace(case.cov) - np.linalg.slogdet(case.cov)[1] - 2
    assert got.value[0] == pytest.approx(want)


def test_a_singular_information_still_ends(case_of):
    # Two paths that only matter by their product: the information has no full rank.
    case = case_of("inf1 ~~ inf1")
    layout = case_of("f =~ NA*inf1 + inf2 + inf3\nf ~~ NA*f").layout
    start = np.full((1, layout.q), 1.0)
    cov = np.cov(case_of("inf1 ~~ inf2 + inf3\ninf2 ~~ inf3").rows.T, ddof=0)
    got = solve_ml(layout, cov[None], None, N, start)
    assert np.isfinite(got.theta).all()
    assert case.layout.q == 1


def test_remaining_step_in_standard_errors():
    info = np.diag([4.0, 1.0])
    assert scale_free_gradient(np.array([2.0, 0.0]), info, 9) == pytest.approx(3.0)
    assert scale_free_gradient(np.zeros(2), info, 9) == 0.0


def test_an_even_number_of_negative_eigenvalues_is_not_positive_definite(case_of):
    case = case_of("inf1 ~~ inf2\ntru1 ~~ tru2\ninf1 ~~ 0*tru1 + 0*tru2\ninf2 ~~ 0*tru1 + 0*tru2")
    layout = case.layout
    theta = np.where(layout.row == layout.col, 1.0, 2.0)[None]
    state = evaluate(layout, theta[:, np.argsort(layout.par)])
    assert np.linalg.det(state.sigma[0]) > 0
    value, *_ = discrepancy(state, case.cov[None], None)
    assert np.isinf(value[0])
