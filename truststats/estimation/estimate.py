"""One estimated model: groups, moments, theta and what inference needs, as a frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.constraints import Constraints, open_directions
from truststats.estimation.fiml import Expectation, expect
from truststats.estimation.implied import State, evaluate, with_exogenous
from truststats.estimation.layout import Layout
from truststats.estimation.sample import Sample, shares_of
from truststats.estimation.search import Search, starts_of
from truststats.estimation.solve import Solution
from truststats.estimation.stack import Stack

__all__ = ["Estimate", "estimate_ml", "exogenous_of"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """A model estimated by maximum likelihood, in one group or several.

    Attributes
    ----------
    layouts : tuple of Layout
        Cells of each group, with exogenous sample moments filled in; they share theta.
    samples : tuple of Sample
        The data of each group.
    theta : (q,) array
    solution : Solution
    chisq : float
        Likelihood-ratio statistic against the unrestricted model.
    logl : float
        Joint log-likelihood of all observed variables at theta.
    x : (px,) int array
        Exogenous variables whose moments are fixed at their sample values.
    null : (q, r) array or None
        The directions that constraints which hold with equality leave open.
    n_equal : int
        Rank of the equality constraints, which add to the degrees of freedom.
    less_one : bool
        Whether covariances have divisor n - 1 (weighted least squares, Wishart likelihood).
    bound : tuple of str
        The inequalities and bounds that hold with equality.
    linear : bool
        Whether there are no other constraints than linear equalities.
    """

    layouts: tuple[Layout, ...]
    samples: tuple[Sample, ...]
    theta: Array
    solution: Solution
    chisq: float
    logl: float
    x: IntArray
    null: Array | None = None
    n_equal: int = 0
    bound: tuple[str, ...] = ()
    less_one: bool = False
    linear: bool = True

    @cached_property
    def groups(self) -> tuple[Estimate, ...]:
        """The groups' own estimates, which share theta."""
        if len(self.layouts) == 1:
            return (self,)
        pairs = zip(self.layouts, self.samples, strict=True)
        return tuple(replace(self, layouts=(a,), samples=(b,)) for a, b in pairs)

    @property
    def layout(self) -> Layout:
        """The layout of an estimate of one group."""
        (only,) = self.layouts
        return only

    @property
    def sample(self) -> Sample:
        """The sample of an estimate of one group."""
        (only,) = self.samples
        return only

    @cached_property
    def state(self) -> State:
        """The matrices of an estimate of one group, a batch of one."""
        return evaluate(self.layout, self.theta[None])

    @cached_property
    def stack(self) -> Stack:
        """The groups' layouts as one batch, within the open directions."""
        stack = Stack(self.layouts, self.shares)
        return stack if self.null is None else stack.constrained(self.theta, self.null)

    @property
    def n(self) -> float:
        """Number of rows of all groups, or the sum of their weights."""
        return sum(sample.n for sample in self.samples)

    @cached_property
    def shares(self) -> Array:
        """The (G,) shares n_g / N of the groups."""
        return shares_of(self.samples)

    @property
    def q(self) -> int:
        """Length of theta."""
        return self.layouts[0].q

    @property
    def npar(self) -> int:
        """Number of parameters, less the equality constraints among them."""
        return self.q - self.n_equal

    @property
    def p(self) -> int:
        """Number of observed variables."""
        return self.layouts[0].p

    @property
    def has_means(self) -> bool:
        """Whether the means are modelled."""
        return self.layouts[0].has_means

    @property
    def incomplete(self) -> bool:
        """Whether some group has missing values."""
        return any(sample.incomplete is not None for sample in self.samples)

    @property
    def saturated_logl(self) -> float:
        """Log-likelihood of the unrestricted model."""
        return sum(sample.saturated_logl for sample in self.samples)

    @property
    def converged(self) -> bool:
        """Whether the optimum was reached."""
        return bool(self.solution.converged[0])

    @property
    def df(self) -> int:
        """Degrees of freedom: moments (less those fixed for x) minus parameters."""
        p, px = self.p, len(self.x)
        n_moments = p * (p + 1) // 2 - px * (px + 1) // 2
        if self.has_means:
            n_moments += p - px
        return n_moments * len(self.layouts) - self.npar

    def expectation(self) -> Expectation:
        """Return the E-step at the estimate (one group with missing data)."""
        assert self.sample.incomplete is not None
        return expect(self.sample.incomplete, self.state.sigma[0], self.state.mu[0])

    def second_moment(self) -> tuple[Array, Array]:
        """Return S*, the second moment about mu, and the gap m - mu (one group, complete)."""
        if not self.has_means:
            return self.sample.cov, np.zeros(self.sample.p)
        gap = self.sample.mean - self.state.mu[0]
        return self.sample.cov + np.outer(gap, gap), gap


def estimate_ml(
    layout: Layout | Sequence[Layout],
    sample: Sample | Sequence[Sample],
    loadings: Sequence[tuple[int, int]] = (),
    *,
    user_start: Array | None = None,
    start: Array | None = None,
    constraints: Constraints | None = None,
) -> Estimate:
    """Estimate a model by maximum likelihood, casewise where values are missing.

    Parameters
    ----------
    layout : Layout, or one per group
    sample : Sample, or one per group
        Variables in the layout's order.
    loadings : sequence of (factor, indicator)
        For the starting values.
    user_start : (q,) array, optional
        Values given by the user, NaN elsewhere.
    start : (q,) array, optional
        A complete vector of starting values.
    constraints : Constraints, optional
        Beyond parameters that are one by their label.
    """
    samples = (sample,) if isinstance(sample, Sample) else tuple(sample)
    given = (layout,) if isinstance(layout, Layout) else tuple(layout)
    layouts = tuple(
        with_exogenous(own, data.cov, data.mean if own.has_means else None)
        for own, data in zip(given, samples, strict=True)
    )
    q = layouts[0].q
    user = np.full(q, np.nan) if user_start is None else user_start
    if start is None:
        start = starts_of(layouts, samples, loadings, user)
    search = Search(Stack(layouts, shares_of(samples)), samples, user)
    null: Array | None = None
    n_equal, bound, linear = 0, tuple[str, ...](), True
    if constraints is None:
        solution = search.solve(start)
    else:
        solution, active = search.under(constraints, start)
        slopes = constraints.jacobian(solution.theta[0])
        null = constraints.open_at(solution.theta[0], active)
        linear = constraints.count == constraints.n_equal and bool(constraints.linear.all())
        n_equal = q - open_directions(slopes[: constraints.n_equal]).shape[1]
        held = cast(list[int], active.tolist())
        bound = tuple(constraints.names[k] for k in held if k >= constraints.n_equal)
    n = search.n
    saturated = sum(s.saturated_logl for s in samples)
    if search.parts is None:
        chisq = float(n * solution.value[0])
        logl = saturated - chisq / 2.0
    else:
        logl = float(-n * solution.value[0])
        chisq = 2.0 * (saturated - logl)
    return Estimate(
        layouts=layouts,
        samples=samples,
        theta=solution.theta[0],
        solution=solution,
        chisq=chisq,
        logl=logl,
        x=exogenous_of(layouts[0]),
        null=null,
        n_equal=n_equal,
        bound=bound,
        linear=linear,
    )


def exogenous_of(layout: Layout) -> IntArray:
    """Return the exogenous variables whose moments are fixed at their sample values."""
    return np.unique(layout.x_cells) if len(layout.x_cells) else np.zeros(0, dtype=np.intp)
