"""Refits of one model to many reweighted samples, or with one parameter held, as one batch.

Leaving out a cluster and holding a parameter at a value are both small changes of a problem that
is solved already, so every refit starts at the estimate and takes scoring steps of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, BoolArray
from truststats.estimation.derivatives import expected_information, gradient
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import State, evaluate, with_exogenous
from truststats.estimation.layout import Layout
from truststats.estimation.observed import Incomplete, Moments, moments
from truststats.estimation.sample import Sample
from truststats.estimation.solve import discrepancy
from truststats.estimation.solve_missing import solve_incomplete
from truststats.estimation.stack import Stack

__all__ = ["BatchMoments", "own_moments", "refit_moments", "refit_weighted"]

#: Squared length of the last step in standard errors, per parameter.
_TOLERANCE = 1e-12
_MAX_ITERATIONS = 200
_MAX_HALVINGS = 14


@dataclass(frozen=True)
class BatchMoments:
    """The moments of one group in each of B samples.

    Attributes
    ----------
    mass : (B,) array
        Number of rows, or the sum of their weights.
    mean : (B, p) array
    cov : (B, p, p) array
        With divisor `mass`.
    """

    mass: Array
    mean: Array
    cov: Array

    def take(self, at: Array) -> BatchMoments:
        """Return some of the samples; a single sample serves all."""
        if len(self.mass) == 1:
            return self
        return BatchMoments(self.mass[at], self.mean[at], self.cov[at])


def own_moments(estimate: Estimate) -> tuple[BatchMoments, ...]:
    """Return the moments an estimate was made from, by group, as samples of size one."""
    return tuple(
        BatchMoments(np.array([float(one.sample.n)]), one.sample.mean[None], one.sample.cov[None])
        for one in estimate.groups
    )


def _fixed(layout: Layout, part: BatchMoments) -> tuple[Array | None, Array | None]:
    """Return psi0 and alpha0 with the samples' exogenous moments."""
    if not len(layout.x_cells):
        return None, None
    size = len(part.mass)
    i, j = layout.x_cells.T
    psi0 = np.repeat(layout.psi0[None], size, axis=0)
    psi0[:, i, j] = part.cov[:, i, j]
    psi0[:, j, i] = part.cov[:, i, j]
    alpha0 = np.repeat(layout.alpha0[None], size, axis=0)
    alpha0[:, layout.x_means] = part.mean[:, layout.x_means]
    return psi0, alpha0


@dataclass(frozen=True)
class _Look:
    """Minus twice the log-likelihood per case, its gradient and what the information needs."""

    value: Array
    slope: Array
    states: tuple[State, ...]
    inverses: tuple[Array, ...]
    shares: Array


def _look(layouts: Sequence[Layout], parts: Sequence[BatchMoments], theta: Array) -> _Look:
    mass = np.stack([np.broadcast_to(part.mass, len(theta)) for part in parts], axis=1)
    shares = mass / mass.sum(axis=1, keepdims=True)
    value, slope = np.zeros(len(theta)), np.zeros(theta.shape)
    states: list[State] = []
    inverses: list[Array] = []
    for g, (layout, part) in enumerate(zip(layouts, parts, strict=True)):
        psi0, alpha0 = _fixed(layout, part)
        state = evaluate(layout, theta, psi0=psi0, alpha0=alpha0)
        mean = part.mean if layout.has_means else None
        own, g_mat, h_vec, w = discrepancy(state, part.cov, mean)
        value += shares[:, g] * own
        slope += shares[:, [g]] * gradient(layout, state, g_mat, h_vec)
        states.append(state)
        inverses.append(w)
    return _Look(value, slope, tuple(states), tuple(inverses), shares)


def _steps(layouts: Sequence[Layout], at: _Look, null: Array | None) -> Array:
    info = sum(
        at.shares[:, g, None, None] * expected_information(layout, at.states[g], at.inverses[g])
        for g, layout in enumerate(layouts)
    )
    slope = at.slope
    if null is not None:
        info, slope = null.T @ info @ null, slope @ null
    try:
        step = np.linalg.solve(info, slope[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        step = (np.linalg.pinv(info, hermitian=True) @ slope[:, :, None])[:, :, 0]
    return step if null is None else step @ null.T


def refit_moments(
    estimate: Estimate, parts: Sequence[BatchMoments], start: Array, null: Array | None = None
) -> tuple[Array, BoolArray]:
    """Return the ML estimates (B, q) of B samples and which of them were reached.

    Parameters
    ----------
    estimate : Estimate
        The model.
    parts : sequence of BatchMoments
        The samples, one entry per group; samples of size one serve every start.
    start : (B, q) array
        Where to start: parameters that satisfy the constraints.
    null : (q, r) array, optional
        Directions that may be moved in; all by default.
    """
    layouts = [one.layout for one in estimate.groups]
    total = np.asarray(sum(part.mass for part in parts))
    theta, size = start.copy(), len(start)
    n = np.broadcast_to(total, size)
    active = np.arange(size)
    converged = np.zeros(size, dtype=bool)
    enough = _TOLERANCE * max(1, start.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):
        at = _look(layouts, parts, theta)
        for _ in range(_MAX_ITERATIONS):
            step = _steps(layouts, at, null)
            length = n[active] * np.abs(np.einsum("bq,bq->b", at.slope, step))
            done = length < enough
            theta[active[done]] += step[done]
            converged[active[done]] = True
            keep = np.flatnonzero(~done & np.isfinite(length))
            active, step, before = active[keep], step[keep], at.value[keep]
            if not len(active):
                break
            some = [part.take(active) for part in parts]
            at, moved = _line_search(layouts, some, theta[active], step, before)
            theta[active] = moved
    return theta, converged


def _line_search(
    layouts: Sequence[Layout],
    parts: Sequence[BatchMoments],
    theta: Array,
    step: Array,
    before: Array,
) -> tuple[_Look, Array]:
    """Halve the steps of those that got worse."""
    factor = np.ones(len(theta))
    for _ in range(_MAX_HALVINGS):
        target = theta + factor[:, None] * step
        at = _look(layouts, parts, target)
        worse = ~(at.value <= before + 1e-12 * np.maximum(1.0, np.abs(before)))
        if not worse.any():
            break
        factor[worse] /= 2.0
    return at, target  # pyright: ignore[reportPossiblyUnboundVariable]


def refit_weighted(
    estimate: Estimate, weights: Sequence[Array], start: Array, null: Array | None = None
) -> tuple[Array, bool]:
    """Return the estimates (q,) from reweighted rows, some with missing values.

    Parameters
    ----------
    weights : sequence of (n,) array
        The rows' weights by group, zero for those to leave out.
    start : (q,) array
    null : (q, r) array, optional
        Orthonormal directions that may be moved in.
    """
    layouts: list[Layout] = []
    parts: list[Incomplete | Moments] = []
    for one, own in zip(estimate.groups, weights, strict=True):
        layout, part = _reweighted(one.layout, one.sample, own)
        layouts.append(layout)
        parts.append(part)
    mass = np.array([part.n for part in parts], dtype=float)
    stack = Stack(tuple(layouts), mass / mass.sum())
    if null is not None:
        stack = stack.constrained(start, null)
    got = solve_incomplete(stack, parts, start)
    return got.theta[0], bool(got.converged[0])


def _reweighted(
    layout: Layout, sample: Sample, weights: Array
) -> tuple[Layout, Incomplete | Moments]:
    """Return a group's layout with the exogenous moments of reweighted rows, and its data."""
    assert sample.rows is not None
    if len(layout.x_cells):
        x = np.unique(layout.x_cells)
        own = moments(sample.rows[:, x], weights)
        cov, mean = sample.cov.copy(), sample.mean.copy()
        cov[np.ix_(x, x)], mean[x] = own.cov, own.mean
        layout = with_exogenous(layout, cov, mean)
    if sample.incomplete is None:
        return layout, moments(sample.rows, weights)
    return layout, sample.incomplete.reweighted(weights)
