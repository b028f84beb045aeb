"""Gradients and informations against complex-step derivatives of the log-likelihood itself."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.derivatives import (
    curvature,
    expected_information,
    fold,
    gradient,
    observed_information,
    scores,
)
from truststats.estimation.implied import evaluate, jacobian_moments


def _gradient(case, theta):
    """The analytic gradient as a function of a batch of theta, complex ones included."""
    state = evaluate(case.layout, theta)
    second, gap = case.moments_about(state)
    w = np.linalg.inv(state.sigma)
    g_mat = w @ (second - state.sigma) @ w
    return gradient(case.layout, state, g_mat, (w @ gap[:, :, None])[:, :, 0])


def _moment_slopes(case, complex_step):
    """Derivatives of sigma and mu by parameter, (q, p, p) and (q, p)."""
    d_sigma = complex_step(lambda t: evaluate(case.layout, t).sigma, case.theta)
    d_mu = complex_step(lambda t: evaluate(case.layout, t).mu, case.theta)
    return d_sigma, d_mu


def _close(got, want, rel=1e-9):
    np.testing.assert_allclose(got, want, rtol=rel, atol=rel * np.abs(want).max())


def test_gradient_is_the_slope_of_the_log_likelihood(case, complex_step):
    _close(_gradient(case, case.theta[None])[0], complex_step(case.logl, case.theta))


def test_gradient_serves_a_batch(case):
    thetas = case.theta + 0.01 * np.arange(3)[:, None]
    one_by_one = np.concatenate([_gradient(case, t[None]) for t in thetas])
    _close(_gradient(case, thetas), one_by_one)


def test_observed_information_is_minus_the_hessian(case, complex_step):
    second, gap = case.moments_about(case.state)
    got = observed_information(case.layout, case.state, second[0], gap[0])
    _close(got, -complex_step(lambda t: _gradient(case, t), case.theta))
    _close(got, got.T)


def test_expected_information_from_the_definition(case, complex_step):
    d_sigma, d_mu = _moment_slopes(case, complex_step)
    w = np.linalg.inv(case.state.sigma[0])
    want = 0.5 * np.einsum("ab,kbc,cd,lda->kl", w, d_sigma, w, d_sigma, optimize=True)
    if case.layout.has_means:
        want += d_mu @ w @ d_mu.T
    _close(expected_information(case.layout, case.state, w[None])[0], want)


def test_at_the_models_own_moments_both_informations_agree(case):
    state = case.state
    own = observed_information(case.layout, state, state.sigma[0], np.zeros(case.layout.p))
    _close(own, expected_information(case.layout, state, np.linalg.inv(state.sigma))[0])


def test_curvature_is_the_second_derivative_of_the_moments(case, complex_step):
    rng = np.random.default_rng(0)
    g_mat = rng.normal(size=(case.layout.p, case.layout.p))
    g_mat = g_mat + g_mat.T
    h_vec = rng.normal(size=case.layout.p)

    def slope(theta):
        # With G and h held, the gradient is tr(G sigma_k) / 2 + h' mu_k.
        state = evaluate(case.layout, theta)
        size = len(theta)
        return gradient(
            case.layout, state, np.repeat(g_mat[None], size, 0), np.repeat(h_vec[None], size, 0)
        )

    got = curvature(case.layout, case.state, g_mat[None], h_vec[None])
    pick = case.layout.selector
    _close(pick.T @ got @ pick, complex_step(slope, case.theta))


def test_curvature_is_zero_without_free_paths(case_of):
    case = case_of("inf1 ~~ tru1 + res1\ntru1 ~~ res1", means=True)
    got = curvature(case.layout, case.state, np.ones((1, 3, 3)), np.ones((1, 3)))
    assert not got.any()


def test_scores_are_the_rows_gradients(case, complex_step):
    state, layout = case.state, case.layout
    w = np.linalg.inv(state.sigma[0])
    centre = state.mu[0] if layout.has_means else case.mean
    uwv = 0.5 * np.einsum("ab,kab->k", w, jacobian_moments(layout, state)[0][0])
    rows = case.rows[:7]
    got = scores(layout, state, (rows - centre) @ w, uwv)

    def logl(theta):
        there = evaluate(layout, theta)
        mu = there.mu if layout.has_means else np.repeat(case.mean[None], len(theta), 0)
        gap = rows[None] - mu[:, None, :]
        w_b = np.linalg.inv(there.sigma)
        square = np.einsum("bni,bij,bnj->bn", gap, w_b, gap)
        return -0.5 * (np.log(np.linalg.det(there.sigma))[:, None] + square)

    _close(got, complex_step(logl, case.theta).T)


def test_scores_average_to_the_gradient(case):
    state, layout = case.state, case.layout
    w = np.linalg.inv(state.sigma[0])
    centre = state.mu[0] if layout.has_means else case.mean
    uwv = 0.5 * np.einsum("ab,kab->k", w, jacobian_moments(layout, state)[0][0])
    got = scores(layout, state, (case.rows - centre) @ w, uwv).mean(axis=0)
    _close(got, _gradient(case, case.theta[None])[0], 1e-8)


def test_fold_sums_the_cells_that_share_a_parameter(case_of, models):
    layout = case_of(models["equal_labels"]).layout
    assert layout.n_cells > layout.q
    cells = np.arange(float(layout.n_cells))
    want = [cells[layout.par == k].sum() for k in range(layout.q)]
    np.testing.assert_array_equal(fold(layout, cells), want)


def test_fold_leaves_single_cells_alone(case_of, models):
    layout = case_of(models["chain"]).layout
    assert layout.one_to_one
    cells = np.arange(float(layout.n_cells))
    assert fold(layout, cells) is cells


@pytest.mark.parametrize("means", [False, True])
def test_a_variance_counts_half(case_of, means):
    case = case_of("inf1 ~~ inf1", means=means)
    info = expected_information(case.layout, case.state, np.linalg.inv(case.state.sigma))[0]
    assert info[0, 0] == pytest.approx(0.5 / case.theta[0] ** 2)
