"""The search for the optimum: starts, second attempts, missing values, constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.constraints import (
    Constraints,
    active_set,
    affine,
    all_linear,
    curved_starts,
    newton_kkt,
)
from truststats.estimation.layout import COVARIANCE, INTERCEPT, Layout
from truststats.estimation.observed import Incomplete, Moments
from truststats.estimation.sample import Sample
from truststats.estimation.solve import Solution, solve_ml
from truststats.estimation.solve_missing import (
    casewise_information,
    look_casewise,
    solve_incomplete,
)
from truststats.estimation.stack import Stack
from truststats.estimation.start import (
    plain_starting_values,
    scattered_starting_values,
    starting_values,
)

__all__ = ["Search", "starts_of"]

#: Starts of the last attempt at a problem that did not converge.
_SCATTERED = 40


def _tame(layouts: Sequence[Layout], start: Array) -> Array:
    """Return the start with its covariances at zero, so that sigma is positive definite."""
    tame = start.copy()
    for layout in layouts:
        off = (layout.kind == COVARIANCE) & (layout.row != layout.col)
        tame[layout.par[off]] = 0.0
    return tame


def _doubtful(layouts: Sequence[Layout], solution: Solution) -> bool:
    """Whether a solution did not converge or has a negative variance: worth another start."""
    if not solution.converged[0]:
        return True
    for layout in layouts:
        diagonal = (layout.kind == COVARIANCE) & (layout.row == layout.col)
        if (solution.theta[0][layout.par[diagonal]] < 0).any():
            return True
    return False


def _better(first: Solution, second: Solution) -> Solution:
    """Return the converged solution, or of two converged ones the one that fits better."""
    if first.converged[0] != second.converged[0]:
        return first if first.converged[0] else second
    return second if second.value[0] < first.value[0] - 1e-9 else first


@dataclass(frozen=True)
class Search:
    """What is minimised, and the ways to its optimum.

    Attributes
    ----------
    stack : Stack
        The groups' cells.
    samples : tuple of Sample
        The groups' data.
    user : (q,) array
        Starting values that the user gave, NaN elsewhere.
    """

    stack: Stack
    samples: tuple[Sample, ...]
    user: Array

    @property
    def n(self) -> float:
        """Rows of all groups, or the sum of their weights."""
        return sum(sample.n for sample in self.samples)

    @cached_property
    def cov(self) -> Array:
        """The (1, G, p, p) sample covariances."""
        return np.stack([sample.cov for sample in self.samples])[None]

    @cached_property
    def mean(self) -> Array | None:
        """The (1, G, p) sample means, where they are modelled."""
        if not self.stack.has_means:
            return None
        return np.stack([sample.mean for sample in self.samples])[None]

    @cached_property
    def parts(self) -> tuple[Incomplete | Moments, ...] | None:
        """The groups' rows by pattern or moments; None if nothing is missing."""
        if all(sample.incomplete is None for sample in self.samples):
            return None
        return tuple(s.incomplete or Moments(s.n, s.mean, s.cov) for s in self.samples)

    def solve(self, start: Array, stack: Stack | None = None) -> Solution:
        """Return the optimum from a start, by way of complete-data scoring."""
        stack = stack or self.stack
        layouts = stack.layouts
        solution = solve_ml(stack, self.cov, self.mean, self.n, start[None])
        if not np.isfinite(solution.value[0]):
            start = _tame(layouts, start)
            solution = solve_ml(stack, self.cov, self.mean, self.n, start[None])
        if _doubtful(layouts, solution):
            solution = self._try_again(stack, start, solution)
        if self.parts is None:
            return solution
        near = solution.theta[0] if solution.converged[0] else start
        solution = solve_incomplete(stack, self.parts, near)
        for share in (0.1, 1.0) if _doubtful(layouts, solution) else ():
            other = plain_starting_values(layouts, start, self.user, factor_share=share)
            solution = _better(solution, solve_incomplete(stack, self.parts, other))
            if not _doubtful(layouts, solution):
                break
        return solution

    def _try_again(self, stack: Stack, start: Array, solution: Solution) -> Solution:
        """Return the best of a doubtful solution and of others from plain and scattered starts."""
        layouts, plain = stack.layouts, start
        for share in (0.1, 1.0):
            plain = plain_starting_values(layouts, start, self.user, factor_share=share)
            other = solve_ml(stack, self.cov, self.mean, self.n, plain[None])
            solution = _better(solution, other)
            if not _doubtful(layouts, solution):
                return solution
        if solution.converged[0]:
            return solution
        batch = scattered_starting_values(layouts, plain, self.user, _SCATTERED)
        many = solve_ml(stack, self.cov, self.mean, self.n, batch, max_iterations=60)
        rank = np.where(many.converged & np.isfinite(many.value), many.value, np.inf)
        best = int(rank.argmin())
        if not np.isfinite(rank[best]):
            return solution
        last = solve_ml(stack, self.cov, self.mean, self.n, many.theta[[best]])
        return _better(solution, last)

    def look(self, theta: Array) -> tuple[float, Array, Callable[[], Array]]:
        """Return minus the log-likelihood per case, its ascent direction and its information."""
        parts = self.parts or tuple(Moments(s.n, s.mean, s.cov) for s in self.samples)
        if self.mean is None:
            return self._look_covariances(theta)
        at = look_casewise(self.stack, parts, theta)
        return at.value, at.slope[0], lambda: casewise_information(self.stack, parts, at)[0]

    def _look_covariances(self, theta: Array) -> tuple[float, Array, Callable[[], Array]]:
        state = self.stack.evaluate(theta[None])
        try:
            half = np.linalg.cholesky(state.sigma)
        except np.linalg.LinAlgError:
            return np.inf, np.zeros(len(theta)), lambda: np.eye(len(theta))
        w = np.linalg.inv(state.sigma)
        logdet = 2.0 * np.log(np.einsum("bii->bi", half)).sum(axis=1)
        w_s = w @ self.cov[0]
        value = 0.5 * float(self.stack.total(logdet + np.einsum("bii->b", w_s))[0])
        slope = self.stack.gradient(state, w_s @ w - w, np.zeros((len(w), self.stack.p)))
        return value, slope[0], lambda: self.stack.expected(state, w)[0]

    def under(self, constraints: Constraints, start: Array) -> tuple[Solution, IntArray]:
        """Return the optimum under constraints and which of them hold with equality."""
        last: list[Solution] = []

        def solve(active: IntArray, theta: Array) -> tuple[Array, Array]:
            if not len(active) or all_linear(constraints, active):
                stack = self.stack
                if len(active):
                    stack = stack.constrained(*affine(constraints, active))
                got = self.solve(theta, stack)
            else:
                got = self._bent(constraints, active, theta)
                for share in (0.1, 1.0) if _doubtful(self.stack.layouts, got) else ():
                    other = plain_starting_values(
                        self.stack.layouts, start, self.user, factor_share=share
                    )
                    got = _better(got, self._bent(constraints, active, other))
                with np.errstate(all="ignore"):
                    for other in curved_starts(constraints, self.solve(start).theta[0]):
                        got = _better(got, self._bent(constraints, active, other))
            last[:] = [got]
            return got.theta[0], self.look(got.theta[0])[1]

        _, active = active_set(constraints, start, solve)
        if constraints.broken(last[0].theta[0]):
            # no optimum keeps constraints that contradict each other
            return replace(last[0], converged=np.array([False])), active
        return last[0], active

    def _bent(self, constraints: Constraints, active: IntArray, theta: Array) -> Solution:
        """Return the optimum under active constraints that are not all linear, from one start."""
        theta, reached, steps = newton_kkt(constraints, active, theta, self.look, self.n)
        slope = self.look(theta)[1][None]
        value = np.array([self._value_at(theta)])
        return Solution(theta[None], value, np.array([reached]), steps, slope)

    def _value_at(self, theta: Array) -> float:
        """Return what the solvers report as value: F_ML, or minus the log-likelihood per case."""
        if self.parts is not None:
            return self.look(theta)[0]
        frozen = self.stack.constrained(theta, np.zeros((len(theta), 0)))
        return solve_ml(frozen, self.cov, self.mean, self.n, theta[None]).value[0].item()


def starts_of(
    layouts: Sequence[Layout],
    samples: Sequence[Sample],
    loadings: Sequence[tuple[int, int]],
    user: Array,
) -> Array:
    """Return (q,) starting values, averaged over groups that share a parameter.

    Groups of one structure are drafted once, from their pooled covariances; intercepts are moved
    to each group's means.
    """
    total, count = np.zeros(len(user)), np.zeros(len(user))
    alike: dict[bytes, list[int]] = {}
    for g, layout in enumerate(layouts):
        alike.setdefault(_structure(layout), []).append(g)
    for members in alike.values():
        first = layouts[members[0]]
        sizes = np.array([samples[g].n for g in members], dtype=float)
        cov = np.tensordot(sizes, [samples[g].cov for g in members], axes=1) / sizes.sum()
        centre = np.tensordot(sizes, [samples[g].mean for g in members], axes=1) / sizes.sum()
        mean = centre if first.has_means else None
        by_cell = starting_values(first, loadings, user, cov, mean)[first.par]
        seen = np.flatnonzero((first.kind == INTERCEPT) & (first.row < first.p))
        for g in members:
            own = by_cell.copy()
            own[seen] += (samples[g].mean - centre)[first.row[seen]]
            np.add.at(total, layouts[g].par, own)
            np.add.at(count, layouts[g].par, 1.0)
    out = total / np.maximum(count, 1.0)
    given = ~np.isnan(user)
    out[given] = user[given]
    return out


def _structure(layout: Layout) -> bytes:
    """Return what is the same in groups with the same free cells and the same fixed values."""
    psi0, alpha0 = layout.psi0, layout.alpha0
    if len(layout.x_cells):
        psi0, alpha0 = psi0.copy(), alpha0.copy()
        i, j = layout.x_cells.T
        psi0[i, j] = psi0[j, i] = 0.0
        alpha0[layout.x_means] = 0.0
    parts = (layout.kind, layout.row, layout.col, layout.b0, psi0, alpha0)
    return b"".join(part.tobytes() for part in parts)
