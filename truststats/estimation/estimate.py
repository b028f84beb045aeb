"""One estimated model: data, moments, theta and what inference needs, as a frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.fiml import Expectation, Saturated, expect, saturated_moments
from truststats.estimation.implied import State, evaluate, with_exogenous
from truststats.estimation.layout import COVARIANCE, Layout
from truststats.estimation.observed import Incomplete, Moments, group_patterns, moments
from truststats.estimation.solve import Solution, solve_incomplete, solve_ml
from truststats.estimation.start import (
    plain_starting_values,
    scattered_starting_values,
    starting_values,
)

__all__ = [
    "Estimate",
    "Sample",
    "estimate_ml",
    "normal_logl",
    "reorder",
    "sample_from_moments",
    "sample_from_rows",
]

_LOG_2PI = float(np.log(2.0 * np.pi))
#: Starts of the last attempt at a problem that did not converge.
_SCATTERED = 40


@dataclass(frozen=True)
class Sample:
    """The data of one fit in the form the estimation wants.

    Attributes
    ----------
    n : int
        Rows used.
    cov, mean : (p, p) and (p,) arrays
        Sample moments with divisor n; under missing data the unrestricted ML (EM) moments.
    rows : (n, p) array or None
        The rows, NaN where missing; None when only moments were given.
    incomplete : Incomplete or None
        Rows by pattern, when some values are missing.
    saturated_logl : float
        Log-likelihood of the unrestricted model.
    saturated : Saturated or None
        How the EM algorithm ended.
    clusters : (n,) int array or None
        Cluster number of each row.
    n_clusters : int or None
        Number of clusters among the rows given; one whose every row is empty counts.
    memo : dict
        Numbers that depend on the sample alone, kept once computed.
    """

    n: int
    cov: Array
    mean: Array
    rows: Array | None
    incomplete: Incomplete | None
    saturated_logl: float
    saturated: Saturated | None = None
    clusters: IntArray | None = None
    n_clusters: int | None = None
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def p(self) -> int:
        """Number of observed variables."""
        return len(self.mean)


def normal_logl(cov: Array, n: int) -> float:
    """Return the log-likelihood of n complete rows at their own moments."""
    p = len(cov)
    if p == 0:
        return 0.0
    _, logdet = np.linalg.slogdet(cov)
    return float(-0.5 * n * (p * _LOG_2PI + logdet + p))


def sample_from_rows(
    rows: Array,
    *,
    clusters: IntArray | None = None,
    n_clusters: int | None = None,
) -> Sample:
    """Return the sample of rows, complete or (NaN) with missing values."""
    if clusters is not None and n_clusters is None:
        n_clusters = len(np.unique(clusters))
    if np.isnan(rows).any():
        data = group_patterns(rows)
        sat = saturated_moments(data)
        return Sample(data.n, sat.cov, sat.mean, rows, data, sat.logl, sat, clusters, n_clusters)
    got = moments(rows)
    logl = normal_logl(got.cov, got.n)
    return Sample(got.n, got.cov, got.mean, rows, None, logl, None, clusters, n_clusters)


def reorder(sample: Sample, order: Sequence[int]) -> Sample:
    """Return the sample with its variables in another order."""
    at = np.asarray(order, dtype=np.intp)
    if (at == np.arange(sample.p)).all():
        return sample
    rows = None if sample.rows is None else np.ascontiguousarray(sample.rows[:, at])
    data = None if sample.incomplete is None or rows is None else group_patterns(rows)
    return replace(
        sample,
        cov=sample.cov[np.ix_(at, at)],
        mean=sample.mean[at],
        rows=rows,
        incomplete=data,
        memo={},
    )


def sample_from_moments(got: Moments) -> Sample:
    """Return the sample of given moments."""
    return Sample(got.n, got.cov, got.mean, None, None, normal_logl(got.cov, got.n))


@dataclass(frozen=True)
class Estimate:
    """A model estimated by maximum likelihood.

    Attributes
    ----------
    layout : Layout
        Cells, with exogenous sample moments filled in.
    sample : Sample
    theta : (q,) array
    state : State
        The model's matrices at theta (batch size one).
    solution : Solution
    chisq : float
        Likelihood-ratio statistic against the unrestricted model.
    logl : float
        Joint log-likelihood of all observed variables at theta.
    x : (px,) int array
        Exogenous variables whose moments are fixed at their sample values.
    """

    layout: Layout
    sample: Sample
    theta: Array
    state: State
    solution: Solution
    chisq: float
    logl: float
    x: IntArray

    @property
    def groups(self) -> tuple[Estimate, ...]:
        """The groups' own estimates, which share theta."""
        return (self,)

    @property
    def n(self) -> int:
        """Number of rows of all groups."""
        return self.sample.n

    @property
    def shares(self) -> Array:
        """The (G,) shares n_g / N of the groups."""
        return np.ones(1)

    @property
    def null(self) -> Array | None:
        """The (q, r) directions that constraints leave open; None without constraints."""
        return None

    @property
    def converged(self) -> bool:
        """Whether the optimum was reached."""
        return bool(self.solution.converged[0])

    @property
    def df(self) -> int:
        """Degrees of freedom: moments (less those fixed for x) minus parameters."""
        p, px = self.sample.p, len(self.x)
        n_moments = p * (p + 1) // 2 - px * (px + 1) // 2
        if self.layout.has_means:
            n_moments += p - px
        return n_moments - self.layout.q

    def expectation(self) -> Expectation:
        """Return the E-step at the estimate (missing data only)."""
        assert self.sample.incomplete is not None
        return expect(self.sample.incomplete, self.state.sigma[0], self.state.mu[0])

    def second_moment(self) -> tuple[Array, Array]:
        """Return S*, the second moment about mu, and the gap m - mu (complete data)."""
        if not self.layout.has_means:
            return self.sample.cov, np.zeros(self.sample.p)
        gap = self.sample.mean - self.state.mu[0]
        return self.sample.cov + np.outer(gap, gap), gap


def _tame(layout: Layout, start: Array) -> Array:
    """Return the start with its covariances at zero, so that sigma is positive definite."""
    tame = start.copy()
    off = (layout.kind == COVARIANCE) & (layout.row != layout.col)
    tame[layout.par[off]] = 0.0
    return tame


def _doubtful(layout: Layout, solution: Solution) -> bool:
    """Whether a solution did not converge or has a negative variance: worth another start."""
    diagonal = (layout.kind == COVARIANCE) & (layout.row == layout.col)
    variances = solution.theta[0][layout.par[diagonal]]
    return not solution.converged[0] or bool((variances < 0).any())


def _try_again(
    layout: Layout, cov: Array, mean: Array | None, n: int, start: Array, user: Array,
    solution: Solution,
) -> Solution:  # fmt: skip
    """Return the best of a doubtful solution and of others from plainer and scattered starts."""
    for share in (0.1, 1.0):
        plain = plain_starting_values(layout, start, user, factor_share=share)
        solution = _better(solution, solve_ml(layout, cov, mean, n, plain[None]))
        if not _doubtful(layout, solution):
            return solution
    if solution.converged[0]:
        return solution
    batch = scattered_starting_values(layout, plain, user, _SCATTERED)
    many = solve_ml(layout, cov, mean, n, batch, max_iterations=60)
    rank = np.where(many.converged & np.isfinite(many.value), many.value, np.inf)
    best = int(rank.argmin())
    if not np.isfinite(rank[best]):
        return solution
    return _better(solution, solve_ml(layout, cov, mean, n, many.theta[[best]]))


def _better(first: Solution, second: Solution) -> Solution:
    """Return the converged solution, or of two converged ones the one that fits better."""
    if first.converged[0] != second.converged[0]:
        return first if first.converged[0] else second
    return second if second.value[0] < first.value[0] - 1e-9 else first


def estimate_ml(
    layout: Layout,
    sample: Sample,
    loadings: Sequence[tuple[int, int]] = (),
    *,
    user_start: Array | None = None,
    start: Array | None = None,
) -> Estimate:
    """Estimate a model by maximum likelihood, casewise where values are missing.

    Parameters
    ----------
    layout : Layout
    sample : Sample
        Its variables in the layout's order.
    loadings : sequence of (factor, indicator)
        For the starting values.
    user_start : (q,) array, optional
        Values given by the user, NaN elsewhere.
    start : (q,) array, optional
        A complete vector of starting values.
    """
    mean = sample.mean if layout.has_means else None
    layout = with_exogenous(layout, sample.cov, mean)
    user = np.full(layout.q, np.nan) if user_start is None else user_start
    if start is None:
        start = starting_values(layout, loadings, user, sample.cov, mean)
    cov = sample.cov[None]
    batch_mean = None if mean is None else mean[None]
    solution = solve_ml(layout, cov, batch_mean, sample.n, start[None])
    if not np.isfinite(solution.value[0]):
        start = _tame(layout, start)
        solution = solve_ml(layout, cov, batch_mean, sample.n, start[None])
    if _doubtful(layout, solution):
        solution = _try_again(layout, cov, batch_mean, sample.n, start, user, solution)
    if sample.incomplete is None:
        chisq = float(sample.n * solution.value[0])
        logl = sample.saturated_logl - chisq / 2.0
    else:
        near = solution.theta[0] if solution.converged[0] else start
        solution = solve_incomplete(layout, sample.incomplete, near)
        if _doubtful(layout, solution):
            for share in (0.1, 1.0):
                other = plain_starting_values(layout, start, user, factor_share=share)
                solution = _better(solution, solve_incomplete(layout, sample.incomplete, other))
                if not _doubtful(layout, solution):
                    break
        logl = float(-sample.n * solution.value[0])
        chisq = 2.0 * (sample.saturated_logl - logl)
    theta = solution.theta[0]
    return Estimate(
        layout=layout,
        sample=sample,
        theta=theta,
        state=evaluate(layout, theta[None]),
        solution=solution,
        chisq=chisq,
        logl=logl,
        x=np.unique(layout.x_cells) if len(layout.x_cells) else np.zeros(0, dtype=np.intp),
    )
