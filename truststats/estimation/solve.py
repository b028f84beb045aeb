"""Fisher scoring with step halving for complete data, batched over problems and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.linalg.lapack import dposv

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.implied import State
from truststats.estimation.layout import Layout
from truststats.estimation.stack import Stack, as_stack

__all__ = ["MAX_HALVINGS", "Solution", "discrepancy", "scale_free_gradient", "solve_ml", "steps"]


#: Squared length of a step in standard errors, per parameter, below which it is the last one.
_DECREMENT = 1e-10
#: The same, per parameter, below which a single problem takes Newton steps.
_NEAR = 5.0
#: Part of the squared step that may be left by a scoring step; if more is left, Newton pays.
_SLOW = 0.1
_MAX_ITERATIONS = 150
#: How often a step that does not descend is halved.
MAX_HALVINGS = 12


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


def steps(info: Array, slope: Array) -> Array:
    """Solve for the scoring steps; a singular information gets the minimum-norm step."""
    if len(info) == 1:
        _, found, failed = dposv(info[0], slope[0])
        if failed == 0 and np.isfinite(found).all():
            return found.reshape(1, -1)
    try:
        step = np.linalg.solve(info, slope[:, :, None])[:, :, 0]
        if np.isfinite(step).all():
            return step
    except np.linalg.LinAlgError:
        pass
    return (np.linalg.pinv(info, hermitian=True) @ slope[:, :, None])[:, :, 0]


def _newton(
    stack: Stack, free: Array, state: State, cov: Array, mean: Array | None, slope: Array
) -> Array:
    """Return the Newton step of a single problem; the scoring step if the Hessian is indefinite."""
    info = stack.observed(free[0], cov, mean)
    try:
        np.linalg.cholesky(info)
    except np.linalg.LinAlgError:
        info = stack.expected(state, np.linalg.inv(state.sigma))[0]
    return steps(info[None], slope)


def _by_group(moment: Array | None, stack: Stack, ndim: int) -> Array | None:
    """Return moments as (B or 1, G, ...), whether given with the axis of groups or without."""
    if moment is None or moment.ndim == ndim + 2:
        return moment
    return moment.reshape(-1, stack.size, *moment.shape[1:])


def _flat(x: Array | None, batch: int, groups: int) -> Array | None:
    """Return (B or 1, G, ...) as (B x G, ...); one problem of one group stays one."""
    if x is None:
        return None
    if groups > 1 and len(x) != batch:
        x = np.broadcast_to(x, (batch, *x.shape[1:]))
    return x.reshape(-1, *x.shape[2:])


def solve_ml(
    layout: Layout | Stack,
    cov: Array,
    mean: Array | None,
    n: float,
    start: Array,
    *,
    psi0: Array | None = None,
    alpha0: Array | None = None,
    metric: Array | None = None,
    tolerance: float = _DECREMENT,
    max_iterations: int = _MAX_ITERATIONS,
) -> Solution:
    """Minimise F_ML by Fisher scoring for a batch of moments.

    A single problem that is near but slow goes over to Newton steps. Under linear constraints
    the steps stay within their open directions.

    Parameters
    ----------
    layout : Layout or Stack
        The cells, of one group or of G.
    cov : (B or 1, p, p) or (B or 1, G, p, p) array
        Covariances with divisor n.
    mean : (B or 1, p) or (B or 1, G, p) array or None
        Means, where they are modelled.
    n : int
        Sample size of all groups; the stopping rule is in standard errors.
    start : (B, q) array
        Starting values with a positive definite sigma.
    psi0, alpha0 : (B, [G,] m, m) and (B, [G,] m) arrays, optional
        Fixed exogenous moments per batch element.
    metric : (r, r) array, optional
        An inverse information used for every step of every element, in place of the element's
        own: cheap and quick when the starts are near (bootstrap).
    tolerance : float
        Squared length of the last step, in standard errors and per parameter.

    Returns
    -------
    Solution
        Elements that did not converge are marked, never dropped.
    """
    stack = as_stack(layout)
    cov = cast(Array, _by_group(cov, stack, 2))
    mean, psi0 = _by_group(mean, stack, 1), _by_group(psi0, stack, 2)
    alpha0 = _by_group(alpha0, stack, 1)
    size, q = len(start), stack.r
    theta = stack.reduce(start).copy()
    value = np.full(size, np.inf)
    slope_all = np.zeros((size, q))
    converged = np.zeros(size, dtype=bool)
    active = cast(IntArray, np.arange(size))
    _, logdet_s = np.linalg.slogdet(cov)

    def pick(x: Array | None, at: IntArray) -> Array | None:
        return None if x is None else (x if x.shape[0] == 1 else x[at])

    def look(at: IntArray, where: Array) -> tuple[State, Array, Array, Array, Array]:
        state = stack.evaluate(where, psi0=pick(psi0, at), alpha0=pick(alpha0, at))
        moments = [_flat(pick(x, at), len(at), stack.size) for x in (cov, mean, logdet_s)]
        by_group, g_mat, h_vec, w = discrepancy(
            state, cast(Array, moments[0]), moments[1], moments[2]
        )
        return state, stack.total(by_group), g_mat, h_vec, w

    if q == 0:
        _, value, *_ = look(active, theta)
        return Solution(stack.full(theta), value, np.isfinite(value), 0, slope_all)
    state, value, g_mat, h_vec, w = look(active, theta)
    iteration, near, previous = 0, False, np.inf
    while len(active) and iteration < max_iterations:
        iteration += 1
        slope = stack.gradient(state, g_mat, h_vec)
        if metric is not None:
            step = slope @ metric
        elif near:
            step = _newton(stack, theta, state, cov[0], None if mean is None else mean[0], slope)
        else:
            info = stack.expected(state, w)
            alone = stack.step(info[0], slope[0]) if len(info) == 1 else None
            step = steps(info, slope) if alone is None else alone[None]
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
        while worse.any() and halvings < MAX_HALVINGS:
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
    return Solution(stack.full(theta), value, converged, iteration, slope_all)


def scale_free_gradient(gradient_: Array, info: Array, n: float) -> float:
    """Return the length of the remaining Newton step in standard errors."""
    step = np.linalg.lstsq(info, gradient_, rcond=None)[0]
    return float(np.sqrt(max(n * gradient_ @ step, 0.0)))
