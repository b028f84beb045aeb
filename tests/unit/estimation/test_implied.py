from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.implied import (
    evaluate,
    jacobian_moments,
    mean_weights,
    prune,
    with_exogenous,
)
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, layout_from_partable
from truststats.model import Model, build_partable


def _definition(layout, theta):
    """Sigma and mu of all nodes as the path model defines them."""
    b, psi, alpha = layout.b0.copy(), layout.psi0.copy(), layout.alpha0.copy()
    for kind, i, j, par in zip(layout.kind, layout.row, layout.col, layout.par, strict=True):
        if kind == PATH:
            b[i, j] = theta[par]
        elif kind == COVARIANCE:
            psi[i, j] = psi[j, i] = theta[par]
        else:
            alpha[i] = theta[par]
    a = np.linalg.inv(np.eye(layout.m) - b)
    return a @ psi @ a.T, a @ alpha


def test_moments_by_definition(case):
    sigma, mu = _definition(case.layout, case.theta)
    p = case.layout.p
    np.testing.assert_allclose(case.state.sigma[0], sigma[:p, :p], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(case.state.e[0], sigma, rtol=1e-11, atol=1e-12)
    if case.layout.has_means:
        np.testing.assert_allclose(case.state.nu[0], mu, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(case.state.mu[0], mu[:p], rtol=1e-11, atol=1e-12)


def test_a_batch_is_its_singles(case):
    thetas = case.theta * np.array([[1.0], [1.02], [0.97]])
    batch = evaluate(case.layout, thetas)
    for k, theta in enumerate(thetas):
        one = evaluate(case.layout, theta[None])
        np.testing.assert_allclose(batch.sigma[k], one.sigma[0], rtol=1e-13)
        np.testing.assert_allclose(batch.mu[k], one.mu[0], rtol=1e-13)


def test_jacobian_of_the_moments(case, complex_step):
    d_sigma, d_mu = jacobian_moments(case.layout, case.state)
    pick = case.layout.selector
    want = complex_step(lambda t: evaluate(case.layout, t).sigma, case.theta)
    got = np.tensordot(pick.T, d_sigma[0], axes=1)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10)
    if case.layout.has_means:
        want = complex_step(lambda t: evaluate(case.layout, t).mu, case.theta)
        np.testing.assert_allclose(pick.T @ d_mu[0], want, rtol=1e-10, atol=1e-10)


def test_mean_weights_are_one_for_intercepts_and_zero_for_covariances(case_of, models):
    case = case_of(models["chain"], means=True)
    weight = mean_weights(case.layout, case.state)[0]
    assert (weight[case.layout.kind == INTERCEPT] == 1.0).all()
    assert (weight[case.layout.kind == COVARIANCE] == 0.0).all()


def test_exogenous_moments_are_filled_in():
    layout = layout_from_partable(build_partable(Model.from_text("y ~ x + z"), meanstructure=True))
    cov = np.array([[3.0, 1.0, 0.5], [1.0, 2.0, 0.3], [0.5, 0.3, 1.0]])
    mean = np.array([9.0, 5.0, 6.0])
    filled = with_exogenous(layout, cov, mean)
    np.testing.assert_allclose(filled.psi0[1:3, 1:3], cov[1:, 1:])
    np.testing.assert_allclose(filled.alpha0, [0.0, 5.0, 6.0])
    assert not layout.psi0.any()


def test_exogenous_moments_stay_out_of_models_without_them(case_of, models):
    layout = case_of(models["chain"]).layout
    assert with_exogenous(layout, np.eye(9), None) is layout


def test_fixed_moments_may_differ_within_a_batch(case_of, models):
    case = case_of(models["observed"], means=True)
    layout, theta = case.layout, np.repeat(case.theta[None], 2, axis=0)
    psi0 = np.stack([layout.psi0, 2.0 * layout.psi0])
    alpha0 = np.stack([layout.alpha0, layout.alpha0 + 1.0])
    state = evaluate(layout, theta, psi0=psi0, alpha0=alpha0)
    x = layout.x_means
    np.testing.assert_allclose(state.sigma[1][np.ix_(x, x)], 2 * state.sigma[0][np.ix_(x, x)])
    np.testing.assert_allclose(state.mu[1][x], state.mu[0][x] + 1.0)


@pytest.mark.parametrize("name", ["chain", "second_order", "loop", "mimic", "equal_labels"])
def test_pruning_keeps_what_it_keeps(case_of, models, name):
    case = case_of(models[name])
    layout, state = case.layout, case.state
    asked = [layout.m - 1] if layout.m > layout.p else [0]
    small, new = prune(layout, asked)
    there = evaluate(small, case.theta[None])
    old = list(new)
    np.testing.assert_allclose(there.e[0], state.e[0][np.ix_(old, old)], rtol=1e-12, atol=1e-13)
    assert small.q == layout.q
    assert [small.nodes[new[k]] for k in old] == [layout.nodes[k] for k in old]


def test_pruning_drops_the_indicators_and_keeps_the_ancestors(case_of, models):
    layout = case_of(models["chain"]).layout
    at = {name: k for k, name in enumerate(layout.nodes)}
    assert prune(layout, [at["trust"]])[0].nodes == ("info", "trust")
    assert prune(layout, [at["tru1"]])[0].nodes == ("tru1", "info", "trust")
