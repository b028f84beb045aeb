"""Weighted least squares of the moments: GLS, ULS and ADF estimates by Gauss-Newton steps.

The discrepancy is sum_g a_g (s_g - sigma_g)' V_g (s_g - sigma_g), s the lower triangle of the
covariance matrix (and the means), with V the identity (ULS), the inverse of Gamma under normality
at the sample (GLS; Browne 1974) or of its estimate from the rows (WLS, ADF; Browne 1984,
doi:10.1111/j.2044-8317.1984.tb00789.x). As in lavaan covariances have divisor n - 1 and groups
the weights a_g = (n_g - 1) / N; N times the minimum is the statistic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg.lapack import dposv

from truststats.arrays import Array, IntArray
from truststats.estimation.constraints import (
    Constraints,
    active_set,
    all_linear,
    curved_starts,
    newton_kkt,
    open_directions,
)
from truststats.estimation.derivatives import fold
from truststats.estimation.estimate import Estimate
from truststats.estimation.gamma import (
    distribution_free_weight,
    moment_vector,
    normal_theory_weight,
)
from truststats.estimation.implied import State, evaluate, jacobian_moments, with_exogenous
from truststats.estimation.layout import Layout
from truststats.estimation.sample import Sample, normal_logl
from truststats.estimation.solve import Solution

__all__ = [
    "Target",
    "estimate_weighted",
    "less_one",
    "moment_slopes",
    "plus_one",
    "solve_under",
    "solve_weighted",
    "weigh",
    "weight_matrix",
]

_MAX_ITERATIONS = 500
_MAX_HALVINGS = 20
#: Relative decrease of the discrepancy below which a step is the last one.
_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Target:
    """The moments of one group and how they are weighted.

    Attributes
    ----------
    layout : Layout
        With exogenous moments filled in.
    moments : (k,) array
        Lower triangle of the covariances, then the means where they are modelled.
    weight : (k, k) array, or (k,) if it is diagonal
    share : float
        Weight of the group.
    """

    layout: Layout
    moments: Array
    weight: Array
    share: float

    def look(self, theta: Array) -> tuple[Array, Array]:
        """Return sample minus implied moments (k,), and the implied ones' derivatives (k, q)."""
        state = evaluate(self.layout, theta[None])
        mean = state.mu[0] if self.layout.has_means else None
        gap = self.moments - moment_vector(state.sigma[0], mean)
        return gap, moment_slopes(self.layout, state)


def weigh(weight: Array, x: Array) -> Array:
    """Return V x for a weight matrix or its diagonal, x of k or (k, r) values."""
    if weight.ndim == 2:
        return weight @ x
    return weight * x if x.ndim == 1 else weight[:, None] * x


def less_one(sample: Sample) -> Sample:
    """Return the sample with covariances of divisor n - 1."""
    return _rescaled(sample, sample.n / (sample.n - 1.0))


def plus_one(sample: Sample) -> Sample:
    """Return the sample with covariances of divisor n again; the reverse of `less_one`."""
    return _rescaled(sample, (sample.n - 1.0) / sample.n)


def _rescaled(sample: Sample, factor: float) -> Sample:
    cov = sample.cov * factor
    return replace(sample, cov=cov, saturated_logl=normal_logl(cov, sample.n), memo={})


def moment_slopes(layout: Layout, state: State) -> Array:
    """Return the (p* [+ p], q) derivatives of the moments with respect to theta."""
    d_sigma, d_mu = jacobian_moments(layout, state)
    row, col = np.tril_indices(layout.p)
    by_cell = d_sigma[0][:, row, col]
    if layout.has_means:
        by_cell = np.concatenate([by_cell, d_mu[0]], axis=1)
    return fold(layout, by_cell.T)


def weight_matrix(kind: str, sample: Sample, x: IntArray, *, has_means: bool) -> Array:
    """Return V of "GLS", "ULS" or "WLS" for a sample whose covariances have divisor n - 1."""
    if kind == "GLS":
        return normal_theory_weight(sample.cov, x, has_means=has_means)
    if kind == "WLS":
        return distribution_free_weight(sample, x, has_means=has_means)
    size = sample.p * (sample.p + 1) // 2 + (sample.p if has_means else 0)
    return np.eye(size)


def _look(
    targets: Sequence[Target], scale: float, theta: Array
) -> tuple[float, Array, Callable[[], Array]]:
    """Return half the discrepancy over `scale`, its descent direction and its metric."""
    value, slope = 0.0, np.zeros(len(theta))
    metric = np.zeros((len(theta), len(theta)))
    for target in targets:
        gap, slopes = target.look(theta)
        weighted = weigh(target.weight, slopes)
        value += 0.5 * target.share * float(gap @ weigh(target.weight, gap)) / scale
        slope += target.share * (weighted.T @ gap) / scale
        metric += target.share * (slopes.T @ weighted) / scale
    return value, slope, lambda: metric


def _newton_step(metric: Array, slope: Array) -> Array:
    """Return the step that a metric makes of a slope; the shortest one where it is singular."""
    _, step, info = dposv(metric, slope)
    if info == 0 and np.isfinite(step).all():
        return step
    return np.linalg.lstsq(metric, slope, rcond=None)[0]


def solve_weighted(
    targets: Sequence[Target], start: Array, null: Array | None = None, *, scale: float = 1.0
) -> Solution:
    """Minimise the discrepancy of one or more groups by Gauss-Newton steps with halving.

    Parameters
    ----------
    targets : sequence of Target
        One per group; their layouts share theta.
    start : (q,) array
        Has to satisfy the linear equality constraints, if any.
    null : (q, r) array, optional
        Directions that these constraints leave open; steps stay within them.
    scale : float
        Size of a squared moment (ULS), so that the stopping rule has no unit.

    Returns
    -------
    Solution
        A batch of one; its value is the discrepancy.
    """
    theta = start.copy()
    value, slope, make = _look(targets, scale, theta)
    converged, iteration = False, 0
    while not converged and iteration < _MAX_ITERATIONS:
        iteration += 1
        metric = make()
        if null is None:
            step = _newton_step(metric, slope)
        else:
            step = null @ _newton_step(null.T @ metric @ null, null.T @ slope)
        decrement = float(slope @ step)
        factor, new = 1.0, None
        for _ in range(_MAX_HALVINGS):
            new = _look(targets, scale, theta + factor * step)
            if new[0] <= value + 1e-14 * abs(value):
                break
            factor /= 2.0
        else:
            converged = abs(decrement) <= 1e-8 * abs(value)
            break
        theta = theta + factor * step
        value, slope, make = new
        converged = abs(decrement) <= _TOLERANCE * max(abs(value), 1e-8)
    done = np.array([converged])
    return Solution(theta[None], np.array([2.0 * value * scale]), done, iteration, slope[None])


def solve_under(
    constraints: Constraints, targets: Sequence[Target], start: Array, scale: float, n: float
) -> tuple[Solution, IntArray]:
    """Return the optimum under constraints and which of them hold with equality."""
    last: list[Solution] = []

    def look(theta: Array) -> tuple[float, Array, Callable[[], Array]]:
        return _look(targets, scale, theta)

    def solve(active: IntArray, theta: Array) -> tuple[Array, Array]:
        met = len(active) == 0 or bool(np.abs(constraints.values(theta)[active]).max() < 1e-9)
        if met and all_linear(constraints, active):
            null = open_directions(constraints.jacobian(theta)[active]) if len(active) else None
            got = solve_weighted(targets, theta, null, scale=scale)
        else:
            theta, reached, steps = newton_kkt(constraints, active, theta, look, n)
            value, slope, _ = look(theta)
            got = Solution(
                theta[None], np.array([2.0 * value * scale]), np.array([reached]), steps,
                slope[None],
            )  # fmt: skip
        last[:] = [got]
        return got.theta[0], look(got.theta[0])[1]

    _, active = active_set(constraints, start, solve)
    if constraints.broken(last[0].theta[0]):
        return replace(last[0], converged=np.array([False])), active
    return last[0], active


def _best_under(
    constraints: Constraints, targets: Sequence[Target], near: Array, scale: float, n: float
) -> tuple[Solution, IntArray]:
    """Return the optimum under constraints; of several, which curved ones make, the lowest."""
    best, active = solve_under(constraints, targets, near, scale, n)
    if constraints.linear.all():
        return best, active
    free = solve_weighted(targets, near, scale=scale).theta[0]
    with np.errstate(all="ignore"):
        starts = curved_starts(constraints, free)
        for start in starts:
            other, held = solve_under(constraints, targets, start, scale, n)
            lower = other.value[0] < best.value[0] - 1e-9 or not best.converged[0]
            if other.converged[0] and lower:
                best, active = other, held
    return best, active


def estimate_weighted(
    near: Estimate, kind: str, constraints: Constraints | None = None
) -> Estimate:
    """Return the estimate by another discrepancy, from the maximum likelihood one.

    Parameters
    ----------
    near : Estimate
        Complete rows; its samples have covariances with divisor n - 1 (see `less_one`).
    kind : {"GLS", "ULS", "WLS"}
    constraints : Constraints, optional
        Those of `near`.

    Raises
    ------
    DataError
        If the ADF weight is singular.
    """
    targets: list[Target] = []
    for layout, sample in zip(near.layouts, near.samples, strict=True):
        mean = sample.mean if layout.has_means else None
        weight = weight_matrix(kind, sample, near.x, has_means=layout.has_means)
        filled = with_exogenous(layout, sample.cov, mean)
        moments = moment_vector(sample.cov, mean)
        targets.append(Target(filled, moments, weight, (sample.n - 1.0) / near.n))
    sizes = [float(np.mean(np.diag(sample.cov) ** 2)) for sample in near.samples]
    scale = float(np.mean(sizes)) if kind == "ULS" else 1.0
    null: Array | None = None
    bound: tuple[str, ...] = ()
    if constraints is None:
        solution = solve_weighted(targets, near.theta, scale=scale)
    else:
        solution, active = _best_under(constraints, targets, near.theta, scale, near.n)
        null = constraints.open_at(solution.theta[0], active)
        held: list[int] = active.tolist()
        bound = tuple(constraints.names[k] for k in held if k >= constraints.n_equal)
    return replace(
        near,
        layouts=tuple(target.layout for target in targets),
        theta=solution.theta[0],
        solution=solution,
        chisq=float(near.n * solution.value[0]),
        logl=float("nan"),
        null=null,
        bound=bound,
    )
