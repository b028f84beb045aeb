from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from truststats.estimation.derivatives import expected_information, gradient
from truststats.estimation.implied import evaluate
from truststats.estimation.solve import discrepancy
from truststats.estimation.stack import Stack, as_stack

SHARES = np.array([0.3, 0.7])


@pytest.fixture
def two(case_of, models):
    """Two groups of one model: loadings of their own, everything else common."""
    case = case_of(models["two_factors"], means=True)
    first = case.layout
    moved = np.flatnonzero(first.kind == 0)
    par = first.par.copy()
    par[moved] = first.q + np.arange(len(moved))
    q = first.q + len(moved)
    theta = np.r_[case.theta, case.theta[first.par[moved]] * 1.1]
    return case, (replace(first, q=q), replace(first, par=par, q=q)), theta


def _pieces(stack, theta, case):
    state = stack.evaluate(theta[None])
    cov = np.repeat(case.cov[None], stack.size, axis=0)
    mean = np.repeat(case.mean[None], stack.size, axis=0)
    return state, discrepancy(state, cov, mean)


def test_groups_are_evaluated_as_one_batch(two):
    case, layouts, theta = two
    stack = Stack(layouts, SHARES)
    state, (value, g_mat, h_vec, w) = _pieces(stack, theta, case)
    apart = [evaluate(layout, theta[None]) for layout in layouts]
    for g, own in enumerate(apart):
        np.testing.assert_allclose(state.sigma[g], own.sigma[0])
        np.testing.assert_allclose(state.mu[g], own.mu[0])
    info, slope = np.zeros((stack.q, stack.q)), np.zeros(stack.q)
    for g, (layout, own) in enumerate(zip(layouts, apart, strict=True)):
        info += SHARES[g] * expected_information(layout, own, w[g : g + 1])[0]
        slope += SHARES[g] * gradient(layout, own, g_mat[g : g + 1], h_vec[g : g + 1])[0]
    np.testing.assert_allclose(stack.expected(state, w)[0], info, atol=1e-12)
    np.testing.assert_allclose(stack.gradient(state, g_mat, h_vec)[0], slope, atol=1e-12)
    np.testing.assert_allclose(stack.total(value)[0], SHARES @ value)


def test_a_parameter_fixed_in_one_group_only(two):
    case, (first, second), theta = two
    k = int(np.flatnonzero(second.kind == 0)[0])
    b0 = second.b0.copy()
    b0[second.row[k], second.col[k]] = 0.5
    keep = np.arange(second.n_cells) != k
    fixed = replace(
        second, kind=second.kind[keep], row=second.row[keep], col=second.col[keep],
        par=second.par[keep], b0=b0,
    )  # fmt: skip
    stack = Stack((first, fixed), SHARES)
    state, (_, g_mat, h_vec, w) = _pieces(stack, theta, case)
    own = evaluate(fixed, theta[None])
    np.testing.assert_allclose(state.sigma[1], own.sigma[0])
    slope = stack.gradient(state, g_mat, h_vec)[0]
    assert slope[second.par[k]] == 0.0
    assert stack.expected(state, w)[0, second.par[k]].tolist() == [0.0] * stack.q


def test_open_directions(two):
    case, layouts, theta = two
    null = np.eye(len(theta))[:, 2:]
    stack = Stack(layouts, SHARES).constrained(theta, null)
    assert stack.r == len(theta) - 2
    free = stack.reduce(theta[None])
    np.testing.assert_allclose(stack.full(free + 1.0)[0, :2], theta[:2])
    state, (_, g_mat, h_vec, w) = _pieces_free(stack, free, case)
    assert stack.gradient(state, g_mat, h_vec).shape == (1, stack.r)
    assert stack.expected(state, w).shape == (1, stack.r, stack.r)


def _pieces_free(stack, free, case):
    state = stack.evaluate(free)
    cov = np.repeat(case.cov[None], stack.size, axis=0)
    return state, discrepancy(state, cov, np.repeat(case.mean[None], stack.size, axis=0))


def test_one_layout_is_a_stack_of_one(two):
    _, (first, _), _ = two
    stack = as_stack(first)
    assert (stack.size, stack.p, stack.q) == (1, first.p, first.q)
    assert as_stack(stack) is stack
    assert as_stack([first, first]).shares.tolist() == [0.5, 0.5]


def test_a_step_by_groups_is_the_step(two):
    case, layouts, theta = two
    stack = Stack(layouts, SHARES)
    state, (_, g_mat, h_vec, w) = _pieces(stack, theta * 1.02, case)
    info, slope = stack.expected(state, w)[0], stack.gradient(state, g_mat, h_vec)[0]
    np.testing.assert_allclose(stack.step(info, slope), np.linalg.solve(info, slope), rtol=1e-8)
    own, shared = stack.own
    assert sorted(np.concatenate([*own, shared]).tolist()) == list(range(stack.q))
    assert len(own[0]) == len(own[1]) > 0
    assert stack.step(-info, slope) is None
    assert as_stack(layouts[0]).step(info, slope) is None
