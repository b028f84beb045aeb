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


@dataclass(frozen=True)
class _Look:
    """A batch at some points: its matrices, values, W (S* - sigma) W, W (m - mu) and W."""

    state: State
    value: Array
    g_mat: Array
    h_vec: Array
    w: Array


@dataclass(frozen=True)
class _Batch:
    """The moments of a batch of problems, (B or 1, G, ...), and the ways to look and to step."""

    stack: Stack
    cov: Array
    logdet: Array
    mean: Array | None
    psi0: Array | None
    alpha0: Array | None

    def look(self, at: IntArray, where: Array) -> _Look:
        """Evaluate the elements `at`, (b,), at their free directions `where`, (b, r)."""

        def pick(x: Array | None) -> Array | None:
            return None if x is None else (x if x.shape[0] == 1 else x[at])

        size, groups = len(at), self.stack.size
        state = self.stack.evaluate(where, psi0=pick(self.psi0), alpha0=pick(self.alpha0))
        cov, logdet = (_flat(pick(x), size, groups) for x in (self.cov, self.logdet))
        mean = _flat(pick(self.mean), size, groups)
        by_group, *rest = discrepancy(state, cast(Array, cov), mean, logdet)
        return _Look(state, self.stack.total(by_group), *rest)

    def step(self, theta: Array, now: _Look, slope: Array, *, newton: bool) -> Array:
        """Return the scoring steps, or the Newton step of a single problem."""
        if newton:
            mean = None if self.mean is None else self.mean[0]
            return _newton(self.stack, theta, now.state, self.cov[0], mean, slope)
        info = self.stack.expected(now.state, now.w)
        alone = self.stack.step(info[0], slope[0]) if len(info) == 1 else None
        return steps(info, slope) if alone is None else alone[None]

    def descend(
        self, at: IntArray, theta: Array, step: Array, before: Array
    ) -> tuple[_Look, Array, BoolArray]:
        """Return where steps lead, halved until the value falls, and which never do."""
        factor = np.ones(len(at))
        allowed = before + 1e-10 * np.maximum(1.0, np.abs(before))
        target = theta + step
        now = self.look(at, target)
        worse = ~(now.value <= allowed)
        halvings = 0
        while worse.any() and halvings < MAX_HALVINGS:
            halvings += 1
            factor[worse] /= 2.0
            target = theta + factor[:, None] * step
            now = self.look(at, target)
            worse = ~(now.value <= allowed)
        return now, target, worse


def _batch(
    stack: Stack, cov: Array, mean: Array | None, psi0: Array | None, alpha0: Array | None
) -> _Batch:
    """Return the moments with an axis of groups, and log|S|."""
    by_group = cast(Array, _by_group(cov, stack, 2))
    _, logdet = np.linalg.slogdet(by_group)
    return _Batch(
        stack, by_group, logdet, _by_group(mean, stack, 1), _by_group(psi0, stack, 2),
        _by_group(alpha0, stack, 1),
    )  # fmt: skip


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
    batch = _batch(as_stack(layout), cov, mean, psi0, alpha0)
    stack, size = batch.stack, len(start)
    theta = stack.reduce(start).copy()
    slopes = np.zeros((size, stack.r))
    converged = np.zeros(size, dtype=bool)
    active = cast(IntArray, np.arange(size))
    now = batch.look(active, theta)
    value = now.value.copy()
    if stack.r == 0:
        return Solution(stack.full(theta), value, np.isfinite(value), 0, slopes)
    iteration, near, previous = 0, False, np.inf
    while len(active) and iteration < max_iterations:
        iteration += 1
        slope = stack.gradient(now.state, now.g_mat, now.h_vec)
        step = slope @ metric if metric is not None else batch.step(theta, now, slope, newton=near)
        slopes[active] = slope
        decrement = n * np.einsum("bq,bq->b", slope, step)
        near = size == 1 and _SLOW * previous < abs(decrement[0]) < _NEAR * stack.r
        previous = abs(decrement[0])
        finite = np.isfinite(value[active])
        done = np.abs(decrement) < tolerance * stack.r
        last = done & finite
        converged[active[last]] = True
        theta[active[last]] += step[last]
        value[active[last]] -= decrement[last] / n
        active, step = active[~done & finite], step[~done & finite]
        if not len(active):
            break
        now, target, worse = batch.descend(active, theta[active], step, value[active])
        theta[active] = np.where(worse[:, None], theta[active], target)
        value[active] = np.where(worse, value[active], now.value)
        if worse.any():
            active = active[~worse]
            now = batch.look(active, theta[active]) if len(active) else now
    return Solution(stack.full(theta), value, converged, iteration, slopes)


def scale_free_gradient(gradient_: Array, info: Array, n: float) -> float:
    """Return the length of the remaining Newton step in standard errors."""
    step = np.linalg.lstsq(info, gradient_, rcond=None)[0]
    return float(np.sqrt(max(n * gradient_ @ step, 0.0)))
