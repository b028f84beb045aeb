"""Fisher scoring for rows with missing values: groups share theta, each has its own patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.derivatives import expected_information, gradient
from truststats.estimation.fiml import Expectation, expect, incomplete_information
from truststats.estimation.implied import State, evaluate
from truststats.estimation.layout import Layout
from truststats.estimation.observed import Incomplete, Moments
from truststats.estimation.solve import MAX_HALVINGS, Solution, steps
from truststats.estimation.stack import Stack, as_stack

__all__ = ["Casewise", "look_casewise", "solve_incomplete"]

_LOG_2PI = float(np.log(2.0 * np.pi))
#: Squared length of the last step in standard errors, per parameter; the metric is expected.
_LAST = 1e-10
_MAX_ITERATIONS = 150


def expect_complete(data: Moments, sigma: Array, mu: Array) -> Expectation:
    """Return what `fiml.expect` returns, for a group without missing values, from its moments."""
    factor = np.linalg.cholesky(sigma)
    w = cast(Array, np.linalg.inv(sigma))
    gap = data.mean - mu
    second = data.cov + np.outer(gap, gap)
    logdet = 2.0 * float(np.log(np.diag(factor)).sum())
    logl = -0.5 * data.n * (len(mu) * _LOG_2PI + logdet + float(np.sum(w * second)))
    return Expectation(second=second, gap=gap, logl=logl, z=np.zeros((0, len(mu))), w=w)


@dataclass(frozen=True)
class Casewise:
    """The casewise log-likelihood of all groups at one theta.

    Attributes
    ----------
    value : float
        Minus the log-likelihood per case; infinite where a sigma is not positive definite.
    slope : (1, r) array
        Gradient of the log-likelihood per case in the free directions.
    states, steps : tuple of State, tuple of Expectation
        By group.
    """

    value: float
    slope: Array
    states: tuple[State, ...]
    steps: tuple[Expectation, ...]


def look_casewise(stack: Stack, data: Sequence[Incomplete | Moments], free: Array) -> Casewise:
    """Return value and gradient at (r,) free directions."""
    theta = stack.full(free[None])
    total, slope = 0.0, np.zeros((1, stack.q))
    states: list[State] = []
    found: list[Expectation] = []
    n = sum(part.n for part in data)
    for layout, share, part in zip(stack.layouts, stack.shares, data, strict=True):
        state = evaluate(layout, theta)
        try:
            make = expect if isinstance(part, Incomplete) else expect_complete
            step = make(part, state.sigma[0], state.mu[0])  # type: ignore[arg-type]
        except np.linalg.LinAlgError:
            return Casewise(np.inf, np.zeros((1, stack.r)), (), ())
        g_mat = step.w @ (step.second - state.sigma[0]) @ step.w
        slope += share * gradient(layout, state, g_mat[None], (step.w @ step.gap)[None])
        total -= step.logl
        states.append(state)
        found.append(step)
    if stack.null is not None:
        slope = slope @ stack.null
    return Casewise(total / n, slope, tuple(states), tuple(found))


def casewise_information(stack: Stack, data: Sequence[Incomplete | Moments], at: Casewise) -> Array:
    """Return the (1, r, r) expected information per case given the patterns."""
    out = np.zeros((stack.q, stack.q))
    rows = zip(stack.layouts, stack.shares, data, at.states, at.steps, strict=True)
    for layout, share, part, state, step in rows:
        if isinstance(part, Incomplete):
            info = incomplete_information(layout, state, part, step, observed=False)
        else:
            info = expected_information(layout, state, step.w[None])[0]
        out += share * info
    return stack.reduce_both(out)[None]


def solve_incomplete(
    layout: Layout | Stack,
    data: Incomplete | Sequence[Incomplete | Moments],
    start: Array,
    *,
    max_iterations: int = _MAX_ITERATIONS,
) -> Solution:
    """Maximise the casewise log-likelihood of rows with missing values.

    The scoring metric is the expected information given the patterns; it is kept while it
    serves and renewed when progress slows.

    Parameters
    ----------
    layout : Layout or Stack
        Must model the means.
    data : Incomplete, or one Incomplete or (complete rows) Moments per group
    start : (q,) array
    """
    stack = as_stack(layout)
    parts = (data,) if isinstance(data, Incomplete) else tuple(data)
    n = sum(part.n for part in parts)
    free = stack.reduce(start[None])[0].copy()
    at = look_casewise(stack, parts, free)
    if not at.states:
        full = stack.full(free[None])
        return Solution(full, np.array([np.inf]), np.array([False]), 0, at.slope)
    metric: Array | None = None
    previous = np.inf
    converged, iteration = stack.r == 0, 0
    while iteration < max_iterations and not converged:
        iteration += 1
        if metric is None:
            metric = casewise_information(stack, parts, at)
        move = steps(metric, at.slope)[0]
        decrement = n * abs(float(at.slope[0] @ move))
        if decrement < _LAST * max(1, stack.r):
            free, converged = free + move, True
            break
        stale = decrement > 0.25 * previous
        previous = decrement
        factor = 1.0
        for _ in range(MAX_HALVINGS):
            new = look_casewise(stack, parts, free + factor * move)
            if new.value <= at.value + 1e-12 * abs(at.value):
                break
            factor /= 2.0
        else:
            break
        free, at = free + factor * move, new
        if stale or factor < 1.0:
            metric, previous = None, np.inf
    full = stack.full(free[None])
    return Solution(full, np.array([at.value]), np.array([converged]), iteration, at.slope)
