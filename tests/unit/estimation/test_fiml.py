"""Casewise likelihood against row-by-row definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from truststats.estimation.derivatives import gradient, scores
from truststats.estimation.fiml import (
    expect,
    incomplete_information,
    incomplete_uwv,
    saturated_moments,
)
from truststats.estimation.implied import evaluate, jacobian_moments
from truststats.estimation.layout import layout_from_partable, saturated_layout
from truststats.estimation.observed import group_patterns
from truststats.model import Model, build_partable

STRUCTURED = ["chain", "equal_labels", "second_order", "loop", "mixed"]
SATURATED = "saturated"
REORDERED = "inf2 ~~ tru1 + inf1\ntru1 ~~ inf1\ntru1 ~ 1\ninf1 ~ 1\ninf2 ~ 1"


def _rows(case, n):
    """Rows with holes, of few and of many patterns, none wholly empty."""
    rng = np.random.default_rng(7)
    rows = case.rows[:n].copy()
    gone = rng.random(rows.shape) < 0.3
    gone[gone.all(axis=1), 0] = False
    gone[: n // 3] = False
    gone[n // 3 : n // 2, 1:2] = True
    gone[n // 3 : n // 2, 0] = False
    rows[gone] = np.nan
    return rows


class Problem:
    """A layout at a point, with rows that have holes."""

    def __init__(self, layout, theta, rows):
        self.layout, self.theta, self.rows = layout, theta, rows
        self.data = group_patterns(rows)
        self.state = evaluate(layout, theta[None])
        self.step = expect(self.data, self.state.sigma[0], self.state.mu[0])

    def per_row(self, theta):
        """Log-likelihood of each row at a batch of theta, (B, n), complex-safe."""
        state = evaluate(self.layout, theta)
        out = np.zeros((len(theta), len(self.rows)), dtype=theta.dtype)
        for k, row in enumerate(self.rows):
            at = np.flatnonzero(~np.isnan(row))
            sigma = state.sigma[:, at[:, None], at]
            gap = row[at] - state.mu[:, at]
            w_gap = np.linalg.solve(sigma, gap[:, :, None])[:, :, 0]
            square = (gap * w_gap).sum(axis=1)
            logdet = np.log(np.linalg.det(sigma))
            out[:, k] = -0.5 * (len(at) * np.log(2 * np.pi) + logdet + square)
        return out

    def gradient(self, theta):
        """Fisher's identity: the complete-data gradient at the expected moments."""
        state = evaluate(self.layout, theta[None])
        step = expect(self.data, state.sigma[0], state.mu[0])
        g_mat = step.w @ (step.second - state.sigma[0]) @ step.w
        return gradient(self.layout, state, g_mat[None], (step.w @ step.gap)[None])[0]

    def information(self, *, observed):
        return incomplete_information(
            self.layout, self.state, self.data, self.step, observed=observed
        )


@pytest.fixture(params=[*STRUCTURED, SATURATED, "reordered"], scope="module")
def problem(request, case_of, models):
    if request.param in STRUCTURED:
        case = case_of(models[request.param], means=True)
        return Problem(case.layout, case.theta, _rows(case, 60))
    case = case_of("inf1 ~~ inf2 + tru1\ninf2 ~~ tru1", means=True)
    names = ("inf1", "inf2", "tru1")
    if request.param == SATURATED:
        layout = saturated_layout(names, has_means=True)
        theta = np.r_[case.cov[np.tril_indices(3)], case.mean]
    else:
        layout = layout_from_partable(build_partable(Model.from_text(REORDERED)))
        at = [names.index(name) for name in layout.nodes]
        case = case.__class__(case.layout, case.theta, case.rows[:, at], case.cov, case.mean)
        cov = np.cov(case.rows.T, ddof=0)
        theta = np.where(
            layout.kind == 1, cov[layout.row, layout.col], case.rows.mean(axis=0)[layout.row]
        )
    return Problem(layout, theta * 1.03, _rows(case, 60))


def _close(got, want, rel=1e-9):
    np.testing.assert_allclose(got, want, rtol=rel, atol=rel * np.abs(want).max())


def test_log_likelihood_is_the_sum_over_rows(problem):
    sigma, mu = problem.state.sigma[0], problem.state.mu[0]
    total = 0.0
    for row in problem.rows:
        at = np.flatnonzero(~np.isnan(row))
        total += multivariate_normal.logpdf(row[at], mu[at], sigma[np.ix_(at, at)])
    assert problem.step.logl == pytest.approx(total, rel=1e-12)


def test_expected_moments_given_the_observed_values(problem):
    sigma, mu = problem.state.sigma[0], problem.state.mu[0]
    p = len(mu)
    second, gaps = np.zeros((p, p)), np.zeros(p)
    for row in problem.rows:
        o, m = np.flatnonzero(~np.isnan(row)), np.flatnonzero(np.isnan(row))
        slope = sigma[np.ix_(m, o)] @ np.linalg.inv(sigma[np.ix_(o, o)])
        gap = np.zeros(p)
        gap[o] = row[o] - mu[o]
        gap[m] = slope @ gap[o]
        left = np.zeros((p, p))
        left[np.ix_(m, m)] = sigma[np.ix_(m, m)] - slope @ sigma[np.ix_(o, m)]
        second += np.outer(gap, gap) + left
        gaps += gap
    _close(problem.step.second, second / len(problem.rows))
    _close(problem.step.gap, gaps / len(problem.rows))


def test_z_is_the_precision_times_the_gap(problem):
    sigma, mu = problem.state.sigma[0], problem.state.mu[0]
    want = np.zeros_like(problem.rows)
    for k, row in enumerate(problem.rows):
        o = np.flatnonzero(~np.isnan(row))
        want[k, o] = np.linalg.solve(sigma[np.ix_(o, o)], row[o] - mu[o])
    _close(problem.step.z, want)


def test_gradient_by_fishers_identity(problem, complex_step):
    want = complex_step(problem.per_row, problem.theta).mean(axis=1)
    _close(problem.gradient(problem.theta), want)


def test_scores_are_the_rows_gradients(problem, complex_step):
    uwv = incomplete_uwv(problem.layout, problem.state, problem.data, problem.step.w)
    got = scores(problem.layout, problem.state, problem.step.z, uwv)
    _close(got, complex_step(problem.per_row, problem.theta).T)


def test_uwv_from_each_rows_precision(problem):
    d_sigma = jacobian_moments(problem.layout, problem.state)[0][0]
    sigma = problem.state.sigma[0]
    want = np.zeros((len(problem.rows), problem.layout.n_cells))
    for k, row in enumerate(problem.rows):
        o = np.flatnonzero(~np.isnan(row))
        w = np.zeros_like(sigma)
        w[np.ix_(o, o)] = np.linalg.inv(sigma[np.ix_(o, o)])
        want[k] = 0.5 * np.einsum("ab,cab->c", w, d_sigma)
    got = incomplete_uwv(problem.layout, problem.state, problem.data, problem.step.w)
    _close(got, want)


def test_observed_information_is_minus_the_hessian(problem):
    theta, h = problem.theta, 1e-5
    hessian = np.empty((len(theta), len(theta)))
    for k in range(len(theta)):
        step = np.zeros(len(theta))
        step[k] = h * max(abs(theta[k]), 0.1)
        up, down = problem.gradient(theta + step), problem.gradient(theta - step)
        hessian[k] = (up - down) / (2.0 * step[k])
    got = problem.information(observed=True)
    _close(got, -(hessian + hessian.T) / 2.0, 1e-7)
    _close(got, got.T)


def test_expected_information_sums_over_the_rows(problem, complex_step):
    layout, sigma = problem.layout, problem.state.sigma[0]
    d_sigma = complex_step(lambda t: evaluate(layout, t).sigma, problem.theta)
    d_mu = complex_step(lambda t: evaluate(layout, t).mu, problem.theta)
    want = np.zeros((layout.q, layout.q))
    for row in problem.rows:
        o = np.flatnonzero(~np.isnan(row))
        w = np.linalg.inv(sigma[np.ix_(o, o)])
        d, m = d_sigma[:, o[:, None], o], d_mu[:, o]
        want += 0.5 * np.einsum("ab,kbc,cd,lda->kl", w, d, w, d, optimize=True) + m @ w @ m.T
    _close(problem.information(observed=False), want / len(problem.rows))


def test_complete_rows_give_the_complete_data_numbers(case_of, models):
    case = case_of(models["chain"], means=True)
    data = group_patterns(case.rows)
    state = case.state
    step = expect(data, state.sigma[0], state.mu[0])
    second, gap = case.moments_about(state)
    _close(step.second, second[0])
    _close(step.gap, gap[0])
    constant = 0.5 * data.p * np.log(2 * np.pi)
    assert step.logl / data.n == pytest.approx(case.logl(case.theta[None])[0] - constant)


def test_a_sigma_that_is_not_positive_definite_is_refused():
    data = group_patterns(np.array([[1.0, np.nan], [2.0, 3.0]]))
    with pytest.raises(np.linalg.LinAlgError):
        expect(data, np.array([[1.0, 2.0], [2.0, 1.0]]), np.zeros(2))


def test_saturated_moments_are_a_stationary_point(case_of, models):
    case = case_of(models["chain"], means=True)
    rows = _rows(case, 150)
    data = group_patterns(rows)
    got = saturated_moments(data)
    assert got.converged
    layout = saturated_layout(case.layout.nodes[:9], has_means=True)
    theta = np.r_[got.cov[np.tril_indices(9)], got.mean]
    there = Problem(layout, theta, rows)
    assert got.logl == pytest.approx(there.step.logl, abs=1e-8)
    step = np.linalg.solve(there.information(observed=True), there.gradient(theta))
    assert np.abs(step).max() < 1e-6
    np.testing.assert_allclose(there.step.gap, 0.0, atol=1e-7)


def test_saturated_moments_of_a_monotone_pattern_are_known():
    # One variable always there: its moments are the plain ones; the other's follow by regression
    # (Anderson 1957).
    rng = np.random.default_rng(2)
    x = rng.normal(size=80)
    y = 0.7 * x + rng.normal(size=80)
    y[50:] = np.nan
    got = saturated_moments(group_patterns(np.c_[x, y]))
    slope = np.cov(x[:50], y[:50], ddof=0)[0, 1] / x[:50].var()
    mean = y[:50].mean() + slope * (x.mean() - x[:50].mean())
    left = (y[:50] - y[:50].mean() - slope * (x[:50] - x[:50].mean())).var()
    np.testing.assert_allclose(got.mean, [x.mean(), mean], rtol=1e-7)
    cross = slope * x.var()
    want = [[x.var(), cross], [cross, left + slope * cross]]
    np.testing.assert_allclose(got.cov, want, rtol=1e-6)


def test_an_em_that_stops_early_says_so(case_of, models):
    rows = _rows(case_of(models["chain"], means=True), 60)
    got = saturated_moments(group_patterns(rows), max_iterations=2)
    assert not got.converged
    assert got.iterations == 2


@pytest.mark.parametrize("observed", [False, True])
def test_many_patterns_go_through_in_chunks(observed, monkeypatch, case_of, models):
    case = case_of(models["chain"], means=True)
    problem = Problem(case.layout, case.theta, _rows(case, 240))
    whole = problem.information(observed=observed)
    uwv = incomplete_uwv(case.layout, case.state, problem.data, problem.step.w)
    monkeypatch.setattr("truststats.estimation.fiml._CHUNK", 3)
    _close(problem.information(observed=observed), whole, 1e-11)
    _close(incomplete_uwv(case.layout, case.state, problem.data, problem.step.w), uwv, 1e-11)
