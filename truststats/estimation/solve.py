"""Fisher scoring with step halving: batched for complete data, by pattern for missing data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.derivatives import (
    expected_information,
    gradient,
    observed_information,
)
from truststats.estimation.fiml import expect, incomplete_information
from truststats.estimation.implied import State, evaluate
from truststats.estimation.layout import Layout
from truststats.estimation.observed import Incomplete

__all__ = ["Solution", "discrepancy", "scale_free_gradient", "solve_incomplete", "solve_ml"]


#: Squared length of a step in standard errors, per parameter, below which it is the last one.
_DECREMENT = 1e-10
#: The same for rows with missing values, where the metric is only expected.
_LAST_INCOMPLETE = 1e-10
#: The same, per parameter, below which a single problem takes Newton steps.
_NEAR = 5.0
#: Part of the squared step that may be left by a scoring step; if more is left, Newton pays.
_SLOW = 0.02
_MAX_ITERATIONS = 150
_MAX_HALVINGS = 12


@dataclass(frozen=True)
class Solution:
    """Where a batch of optimisations ended.

    Attributes
    ----------
    theta : (B, q) array
    value : (B,) array
        Discrepancy F_ML (complete data) or minus the log-likelihood per case (missing data).
    converged : (B,) bool array
    iterations : int
        Iterations until the last element stopped.
    gradient : (B, q) array
        Gradient of the per-case log-likelihood at theta.
    """

    theta: Array
    value: Array
    converged: BoolArray
    iterations: int
    gradient: Array


def _log_determinants(sigma: Array) -> tuple[Array, BoolArray]:
    """Return log|sigma| for a batch and which of them are positive definite."""
    try:
        half = np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        half = np.empty_like(sigma)
        for k, matrix in enumerate(sigma):
            try:
                half[k] = np.linalg.cholesky(matrix)
            except np.linalg.LinAlgError:
                half[k] = np.nan
    diagonal = np.einsum("bii->bi", half)
    with np.errstate(invalid="ignore", divide="ignore"):
        logdet = 2.0 * np.log(diagonal).sum(axis=1)
    return logdet, np.isfinite(logdet)


def _inverses(matrices: Array) -> tuple[Array, BoolArray]:
    """Return inverses of a batch some of whose members are singular, and which are not."""
    out = np.empty_like(matrices)
    well = np.ones(len(matrices), dtype=bool)
    for k, matrix in enumerate(matrices):
        try:
            out[k] = np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            out[k], well[k] = np.eye(len(matrix)), False
    return out, well


def discrepancy(
    state: State, cov: Array, mean: Array | None, logdet_s: Array | None = None
) -> tuple[Array, Array, Array, Array]:
    """Return F_ML, W (S* - sigma) W, W (m - mu) and W for a batch.

    F_ML = log|sigma| + tr(S W) - log|S| - p + (m - mu)' W (m - mu); infinite where sigma is not
    positive definite. `cov` is (B or 1, p, p), `mean` (B or 1, p) or None, `logdet_s` log|S| where
    it is known.
    """
    sigma = state.sigma
    logdet, good = _log_determinants(sigma)
    safe = sigma if good.all() else np.where(good[:, None, None], sigma, np.eye(state.p))
    try:
        w = np.linalg.inv(safe)
    except np.linalg.LinAlgError:
        w, well = _inverses(safe)
        good &= well
    second = cov
    h_vec = np.zeros(sigma.shape[:2])
    if mean is not None:
        gap = mean - state.mu
        h_vec = (w @ gap[:, :, None])[:, :, 0]
        second = cov + gap[:, :, None] * gap[:, None, :]
    if logdet_s is None:
        _, logdet_s = np.linalg.slogdet(cov)
    w_s = w @ second
    value = logdet + np.einsum("bii->b", w_s) - logdet_s - state.p
    g_mat = w_s @ w - w
    return np.where(good, value, np.inf), g_mat, h_vec, w


def _steps(info: Array, slope: Array) -> Array:
    """Solve for the scoring steps; a singular information gets the minimum-norm step."""
    try:
        step = np.linalg.solve(info, slope[:, :, None])[:, :, 0]
        if np.isfinite(step).all():
            return step
    except np.linalg.LinAlgError:
        pass
    return (np.linalg.pinv(info, hermitian=True) @ slope[:, :, None])[:, :, 0]


def _newton(layout: Layout, state: State, cov: Array, mean: Array | None, slope: Array) -> Array:
    """Return the Newton step of a single problem; the scoring step if the Hessian is indefinite."""
    gap = np.zeros(layout.p) if mean is None else mean[0] - state.mu[0]
    info = observed_information(layout, state, cov[0] + np.outer(gap, gap), gap)
    try:
        np.linalg.cholesky(info)
    except np.linalg.LinAlgError:
        info = expected_information(layout, state, np.linalg.inv(state.sigma))[0]
    return _steps(info[None], slope)


def solve_ml(
    layout: Layout,
    cov: Array,
    mean: Array | None,
    n: int,
    start: Array,
    *,
    psi0: Array | None = None,
    alpha0: Array | None = None,
    metric: Array | None = None,
    tolerance: float = _DECREMENT,
    max_iterations: int = _MAX_ITERATIONS,
) -> Solution:
    """Minimise F_ML by Fisher scoring for a batch of moments.

    A single problem that is near but slow goes over to Newton steps.

    Parameters
    ----------
    layout : Layout
        The cells.
    cov : (B, p, p) array
        Covariances with divisor n.
    mean : (B, p) array or None
        Means, where they are modelled.
    n : int
        Sample size; the stopping rule is in standard errors.
    start : (B, q) array
        Starting values with a positive definite sigma.
    psi0, alpha0 : arrays, optional
        Fixed exogenous moments per batch element.
    metric : (q, q) array, optional
        An inverse information used for every step of every element, in place of the element's
        own: cheap and quick when the starts are near (bootstrap).
    tolerance : float
        Squared length of the last step, in standard errors and per parameter.

    Returns
    -------
    Solution
        Elements that did not converge are marked, never dropped.
    """
    size, q = start.shape
    theta = start.copy()
    value = np.full(size, np.inf)
    slope_all = np.zeros((size, q))
    converged = np.zeros(size, dtype=bool)
    active = cast(IntArray, np.arange(size))
    if q == 0:
        state = evaluate(layout, theta, psi0=psi0, alpha0=alpha0)
        value, *_ = discrepancy(state, cov, mean)
        return Solution(theta, value, np.isfinite(value), 0, slope_all)

    _, logdet_s = np.linalg.slogdet(cov)

    def pick(x: Array | None, at: IntArray) -> Array | None:
        return None if x is None else (x if x.shape[0] == 1 else x[at])

    def look(at: IntArray, where: Array) -> tuple[State, Array, Array, Array, Array]:
        state = evaluate(layout, where, psi0=pick(psi0, at), alpha0=pick(alpha0, at))
        whole = cov.shape[0] == 1
        logdet = logdet_s if whole else logdet_s[at]
        got = discrepancy(state, cov if whole else cov[at], pick(mean, at), logdet)
        return (state, *got)

    state, value, g_mat, h_vec, w = look(active, theta)
    iteration, near, previous = 0, False, np.inf
    while len(active) and iteration < max_iterations:
        iteration += 1
        slope = gradient(layout, state, g_mat, h_vec)
        if metric is not None:
            step = slope @ metric
        elif near:
            step = _newton(layout, state, cov, mean, slope)
        else:
            step = _steps(expected_information(layout, state, w), slope)
        slope_all[active] = slope
        decrement = n * np.einsum("bq,bq->b", slope, step)
        near = size == 1 and _SLOW * previous < abs(decrement[0]) < _NEAR * q
        previous = abs(decrement[0])
        done = np.abs(decrement) < tolerance * max(1, q)
        finite = np.isfinite(value[active])
        last = done & finite
        converged[active[last]] = True
        theta[active[last]] += step[last]
        value[active[last]] -= decrement[last] / n
        keep = ~done & finite
        if not keep.all():
            active, step = active[keep], step[keep]
            if not len(active):
                break
        factor = np.ones(len(active))
        before = value[active]
        target = theta[active] + step
        state, new, g_mat, h_vec, w = look(active, target)
        worse = ~(new <= before + 1e-10 * np.maximum(1.0, np.abs(before)))
        halvings = 0
        while worse.any() and halvings < _MAX_HALVINGS:
            halvings += 1
            factor[worse] /= 2.0
            target = theta[active] + factor[:, None] * step
            state, new, g_mat, h_vec, w = look(active, target)
            worse = ~(new <= before + 1e-10 * np.maximum(1.0, np.abs(before)))
        theta[active] = np.where(worse[:, None], theta[active], target)
        value[active] = np.where(worse, before, new)
        if worse.any():
            ok = ~worse
            active = active[ok]
            if len(active):
                state, _, g_mat, h_vec, w = look(active, theta[active])
    return Solution(theta, value, converged, iteration, slope_all)


def scale_free_gradient(gradient_: Array, info: Array, n: int) -> float:
    """Return the length of the remaining Newton step in standard errors."""
    step = np.linalg.lstsq(info, gradient_, rcond=None)[0]
    return float(np.sqrt(max(n * gradient_ @ step, 0.0)))


def solve_incomplete(
    layout: Layout, data: Incomplete, start: Array, *, max_iterations: int = _MAX_ITERATIONS
) -> Solution:
    """Maximise the casewise log-likelihood of rows with missing values.

    The scoring metric is the expected information given the patterns; it is kept while it
    serves and renewed when progress slows.

    Parameters
    ----------
    layout : Layout
        Must model the means.
    data : Incomplete
    start : (q,) array
    """
    theta = start[None].copy()
    n = data.n

    def look(where: Array) -> tuple[State, float, Array, object]:
        state = evaluate(layout, where)
        try:
            step = expect(data, state.sigma[0], state.mu[0])
        except np.linalg.LinAlgError:
            return state, np.inf, np.zeros((1, layout.q)), None
        g_mat = step.w @ (step.second - state.sigma[0]) @ step.w
        slope = gradient(layout, state, g_mat[None], (step.w @ step.gap)[None])
        return state, -step.logl / n, slope, step

    state, value, slope, step = look(theta)
    if step is None:
        return Solution(theta, np.array([np.inf]), np.array([False]), 0, slope)
    metric: Array | None = None
    previous = np.inf
    converged, iteration = False, 0
    while iteration < max_iterations:
        iteration += 1
        if metric is None:
            metric = incomplete_information(layout, state, data, step, observed=False)[None]  # type: ignore[arg-type]
        move = _steps(metric, slope)
        decrement = n * abs(float(slope[0] @ move[0]))
        if decrement < _LAST_INCOMPLETE * max(1, layout.q):
            theta, converged = theta + move, True
            break
        stale = decrement > 0.25 * previous
        previous = decrement
        factor = 1.0
        for _ in range(_MAX_HALVINGS):
            new = look(theta + factor * move)
            if new[1] <= value + 1e-12 * abs(value):
                break
            factor /= 2.0
        else:
            break
        theta = theta + factor * move
        state, value, slope, step = new
        if stale or factor < 1.0:
            metric, previous = None, np.inf
    return Solution(theta, np.array([value]), np.array([converged]), iteration, slope)
