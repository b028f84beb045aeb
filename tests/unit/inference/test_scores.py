"""Factor scores by the algebra of the normal distribution."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.scores import determinacy, factor_scores, unmeasured

NONE = np.zeros(0, dtype=np.intp)


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["chain"], answers_of(), meanstructure=True)


def moments(fit):
    state, p = fit.estimate.state, fit.estimate.layout.p
    return state.e[0], state.nu[0], p


def test_regression_scores_are_conditional_means(fit):
    e, nu, p = moments(fit)
    rows = fit.estimate.sample.rows
    got = factor_scores(fit.estimate, rows, "regression", NONE)
    weights = e[p:, :p] @ np.linalg.inv(e[:p, :p])
    np.testing.assert_allclose(got.values, nu[p:] + (rows - nu[:p]) @ weights.T)
    error = e[p:, p:] - weights @ e[:p, p:]
    np.testing.assert_allclose(got.acov[0], error)
    np.testing.assert_allclose(got.se, np.tile(np.sqrt(np.diag(error)), (len(rows), 1)))


def test_bartletts_scores_are_unbiased_given_the_factors(fit):
    state, p = fit.estimate.state, fit.estimate.layout.p
    loadings, theta = state.b[0][:p, p:], np.diag(state.psi[0])[:p]
    rows = fit.estimate.sample.rows
    got = factor_scores(fit.estimate, rows, "bartlett", NONE)
    inner = np.linalg.inv(loadings.T / theta @ loadings)
    want = (rows - state.mu[0]) / theta @ loadings @ inner + state.nu[0][p:]
    np.testing.assert_allclose(got.values, want)
    np.testing.assert_allclose(got.acov[0], inner, atol=1e-12)


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_a_row_with_holes_is_scored_by_what_it_has(fit, method):
    e, nu, p = moments(fit)
    rows = fit.estimate.sample.rows[:6].copy()
    rows[1, [0, 4]] = np.nan
    rows[2, 1] = np.nan
    rows[3] = np.nan
    got = factor_scores(fit.estimate, rows, method, NONE)
    whole = factor_scores(fit.estimate, fit.estimate.sample.rows[:6], method, NONE)
    np.testing.assert_allclose(got.values[[0, 4, 5]], whole.values[[0, 4, 5]])
    assert np.isnan(got.values[3]).all()
    assert np.isnan(got.se[3]).all()
    seen = ~np.isnan(rows[1])
    inverse = np.linalg.inv(e[:p, :p][np.ix_(seen, seen)])
    tie = e[p:, :p][:, seen]
    if method == "regression":
        weights = tie @ inverse
    else:
        load = fit.estimate.state.b[0][:p, p:][seen]
        weights = np.linalg.inv(load.T @ inverse @ load) @ load.T @ inverse
    want = nu[p:] + weights @ (rows[1] - nu[:p])[seen]
    np.testing.assert_allclose(got.values[1], want)
    assert (got.se[1] > whole.se[1]).any()


def test_a_factor_of_which_nothing_was_answered(fit):
    rows = fit.estimate.sample.rows[:1].copy()
    rows[0, :3] = np.nan
    bartlett = factor_scores(fit.estimate, rows, "bartlett", NONE)
    assert np.isnan(bartlett.values[0, 0])
    assert np.isnan(bartlett.se[0, 0])
    assert np.isfinite(bartlett.values[0, 1:]).all()
    assert np.isfinite(bartlett.se[0, 1:]).all()
    assert np.isfinite(factor_scores(fit.estimate, rows, "regression", NONE).values).all()


def test_nobody_answered_anything(fit):
    got = factor_scores(fit.estimate, np.full((2, 9), np.nan), "regression", NONE)
    assert got.values.shape == (2, 3)
    assert np.isnan(got.values).all()
    assert np.isnan(got.se).all()


@pytest.mark.parametrize("method", ["regression", "bartlett"])
@pytest.mark.parametrize("name", ["chain", "mimic", "mixed"])
def test_scores_without_means_are_those_with_free_intercepts(models, answers_of, name, method):
    data = answers_of()
    plain, with_means = (ts.fit(models[name], data, meanstructure=m) for m in (False, True))
    table = plain.partable
    sides = [
        x
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "~"
        for x in (lhs, rhs)
    ]
    structural = np.array([k for k, v in enumerate(table.ov) if v in sides], dtype=np.intp)
    first, second = (
        factor_scores(f.estimate, f.estimate.sample.rows, method, structural).values
        for f in (plain, with_means)
    )
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_second_order_factors_have_no_items(models, answers_of):
    estimate = ts.fit(models["second_order"], answers_of()).estimate
    assert unmeasured(estimate, NONE).tolist() == [3]
    got = factor_scores(estimate, estimate.sample.rows, "regression", NONE)
    assert np.isfinite(got.values).all()


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_determinacy_is_the_correlation_with_the_factors(fit, method):
    e, nu, p = moments(fit)
    rng = np.random.default_rng(8)
    draws = rng.multivariate_normal(nu, e + 1e-12 * np.eye(len(e)), size=100_000)
    found = factor_scores(fit.estimate, draws[:, :p], method, NONE).values
    want = [np.corrcoef(found[:, k], draws[:, p + k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(determinacy(fit.estimate, method, NONE), want, atol=3e-3)
