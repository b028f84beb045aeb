"""Models of ordinal items: thresholds and polychoric correlations by weighted least squares.

An item's normal response y* has the mean mu_i and the variance s_ii that the model implies. With
d_i = s_ii^-1/2 the implied thresholds are d_i (tau - mu_i) and the implied correlations
d_i s_ij d_j (Muthen 1984, doi:10.1007/BF02294210), compared with the sample's by a diagonal weight
(DWLS), none (ULS) or the inverse of their asymptotic covariance matrix (WLS). In the delta
parameterisation d_i is a parameter and the residual variance follows; in the theta
parameterisation it is the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import DataError
from truststats.estimation.constraints import Constraints, open_directions
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import State, evaluate, jacobian_moments, reach
from truststats.estimation.layout import Layout
from truststats.estimation.polychoric import OrdinalMoments
from truststats.estimation.sample import Sample
from truststats.estimation.search import starts_of
from truststats.estimation.weighted import Target, solve_under, solve_weighted

if TYPE_CHECKING:
    from truststats.model import ParTable

__all__ = [
    "Cuts",
    "OrdinalEstimate",
    "OrdinalTarget",
    "cuts_from_partable",
    "estimate_ordinal",
    "implied_moments",
    "moments_of",
    "ordinal_sample",
    "ordinal_weight",
]


@dataclass(frozen=True, eq=False)
class Cuts:
    """The thresholds of one group, variable by variable.

    Attributes
    ----------
    item : (t,) int array
        The observed variable of each threshold.
    par : (t,) int array
        Elements of theta; -1 for a fixed one.
    fixed : (t,) array
        Fixed values.
    """

    item: IntArray
    par: IntArray
    fixed: Array

    def values(self, theta: Array) -> Array:
        """Return the (B, t) thresholds of y* at a batch of parameter vectors."""
        return np.where(self.par >= 0, theta[:, self.par], self.fixed)


def cuts_from_partable(partable: ParTable) -> tuple[Cuts, ...]:
    """Return the thresholds of each group of a parameter table."""
    out: list[Cuts] = []
    place = {name: k for k, name in enumerate(partable.ov)}
    for group in range(1, partable.n_groups + 1):
        rows = [
            (place[partable.lhs[k]], int(partable.rhs[k][1:]), k)
            for k in range(len(partable))
            if partable.op[k] == "|" and partable.group[k] == group
        ]
        at = [k for *_, k in sorted(rows)]
        out.append(
            Cuts(
                item=np.array([item for item, *_ in sorted(rows)], dtype=np.intp),
                par=np.array([partable.unique[k] for k in at], dtype=np.intp),
                fixed=np.array([partable.ustart[k] for k in at], dtype=float),
            )
        )
    return tuple(out)


def _deltas(state: State) -> Array:
    """Return the (B, p) factors that turn y* into unit variance."""
    with np.errstate(invalid="ignore"):
        return np.einsum("bii->bi", state.sigma) ** -0.5


def implied_moments(state: State, cuts: Cuts, theta: Array) -> tuple[Array, Array, Array]:
    """Return implied thresholds (B, t), correlations (B, p, p) and scaling factors (B, p)."""
    d = _deltas(state)
    corr = d[:, :, None] * state.sigma * d[:, None, :]
    gap = cuts.values(theta) - state.mu[:, cuts.item]
    return d[:, cuts.item] * gap, corr, d


def _slopes_by_cell(layout: Layout, state: State) -> tuple[Array, Array]:
    """Return d sigma (p, p, q) and d mu (p, q), residual variances of unit variables held still."""
    d_sigma, d_mu = jacobian_moments(layout, state)
    by_theta = np.zeros((layout.p, layout.p, layout.q))
    of_mean = np.zeros((layout.p, layout.q))
    np.add.at(by_theta.transpose(2, 0, 1), layout.par, d_sigma[0])
    if layout.has_means:
        np.add.at(of_mean.T, layout.par, d_mu[0])
    return by_theta, of_mean


def _unit_slopes(layout: Layout, state: State, theta: Array, by_theta: Array) -> Array:
    """Return d sigma (p, p, q) with the residual variances that scaling factors leave."""
    units = layout.units
    if units is None:
        return by_theta
    at = units.at
    left = -by_theta[at, at]
    free = np.flatnonzero(units.par >= 0)
    np.add.at(left, (free, units.par[free]), -2.0 * theta[units.par[free]] ** -3.0)
    out = by_theta.copy()
    if not np.isin(at, layout.inner).any():
        out[at, at] += left
        return out
    left = cast(Array, np.linalg.solve(reach(layout, state)[0], left))
    paths = state.a[0][: layout.p, at]
    return out + np.einsum("io,jo,oq->ijq", paths, paths, left)


@dataclass(frozen=True)
class OrdinalTarget(Target):
    """Thresholds and correlations of one group, and how they are weighted.

    Attributes
    ----------
    cuts : Cuts
    """

    cuts: Cuts

    def look(self, theta: Array) -> tuple[Array, Array]:
        """Return sample minus implied moments (k,), and the implied ones' derivatives (k, q)."""
        layout, cuts = self.layout, self.cuts
        state = evaluate(layout, theta[None])
        tau, corr, d = (x[0] for x in implied_moments(state, cuts, theta[None]))
        col, row = np.triu_indices(layout.p, 1)
        gap = self.moments - np.concatenate([tau, corr[row, col]])
        if not np.isfinite(d).all():
            return gap * np.nan, np.zeros((len(gap), layout.q))
        by_theta, of_mean = _slopes_by_cell(layout, state)
        d_sigma = _unit_slopes(layout, state, theta, by_theta)
        at = np.arange(layout.p)
        log_d = -0.5 * d[:, None] ** 2 * d_sigma[at, at]
        of_cut = -of_mean[cuts.item]
        free = np.flatnonzero(cuts.par >= 0)
        of_cut[free, cuts.par[free]] += 1.0
        of_tau = d[cuts.item, None] * of_cut + tau[:, None] * log_d[cuts.item]
        of_corr = (d[row] * d[col])[:, None] * d_sigma[row, col]
        of_corr += corr[row, col][:, None] * (log_d[row] + log_d[col])
        return gap, np.concatenate([of_tau, of_corr])


@dataclass(frozen=True, eq=False)
class OrdinalEstimate(Estimate):
    """A model of ordinal items estimated by weighted least squares.

    `samples` hold the polychoric correlations in place of covariances, and zero means.

    Attributes
    ----------
    cuts : tuple of Cuts
        The thresholds of each group.
    moments : tuple of OrdinalMoments
        Sample thresholds, polychoric correlations and their asymptotic covariances.
    weight : str
        "DWLS", "ULS" or "WLS".
    """

    cuts: tuple[Cuts, ...] = ()
    moments: tuple[OrdinalMoments, ...] = ()
    weight: str = "DWLS"

    @cached_property
    def groups(self) -> tuple[Estimate, ...]:
        """The groups' own estimates, which share theta."""
        if len(self.layouts) == 1:
            return (self,)
        parts = zip(self.layouts, self.samples, self.cuts, self.moments, strict=True)
        return tuple(
            replace(self, layouts=(a,), samples=(b,), cuts=(c,), moments=(m,))
            for a, b, c, m in parts
        )

    @cached_property
    def targets(self) -> tuple[OrdinalTarget, ...]:
        """Moments and weights of the groups."""
        return tuple(
            _target(layout, cuts, got, self.weight, (sample.n - 1.0) / self.n)
            for layout, cuts, got, sample in zip(
                self.layouts, self.cuts, self.moments, self.samples, strict=True
            )
        )

    @cached_property
    def looks(self) -> tuple[tuple[Array, Array], ...]:
        """Residual moments (k,) and derivatives of the implied ones (k, q), one per group."""
        return tuple(target.look(self.theta) for target in self.targets)

    @property
    def df(self) -> int:
        """Degrees of freedom: thresholds and correlations minus parameters."""
        return sum(len(target.moments) for target in self.targets) - self.npar

    @cached_property
    def fitted(self) -> tuple[Array, Array]:
        """Implied thresholds (t,) and correlations (p, p) of an estimate of one group."""
        (cuts,) = self.cuts
        tau, corr, _ = implied_moments(self.state, cuts, self.theta[None])
        return tau[0], corr[0]


def moments_of(got: OrdinalMoments) -> Array:
    """Return thresholds, then the strict lower triangle of correlations column by column."""
    col, row = np.triu_indices(len(got.corr), 1)
    return np.concatenate([got.thresholds, got.corr[row, col]])


def ordinal_weight(kind: str, got: OrdinalMoments) -> Array:
    """Return the weight of "DWLS" and "ULS" as a diagonal (k,), of "WLS" as a (k, k) matrix.

    Raises
    ------
    DataError
        If their asymptotic covariance matrix cannot be inverted.
    """
    if kind == "ULS":
        return np.ones(len(got.gamma_diagonal))
    if kind == "DWLS":
        return 1.0 / got.gamma_diagonal
    try:
        half = np.linalg.cholesky(got.gamma)
    except np.linalg.LinAlgError:
        raise DataError(
            f"The {len(got.gamma)} thresholds and correlations have no invertible covariance "
            "matrix.",
            why="WLS needs many more rows than there are thresholds and correlations",
            fix="use estimator='WLSMV'",
        ) from None
    inverse = cast(Array, np.linalg.inv(half))
    return inverse.T @ inverse


def _target(
    layout: Layout, cuts: Cuts, got: OrdinalMoments, kind: str, share: float
) -> OrdinalTarget:
    return OrdinalTarget(layout, moments_of(got), ordinal_weight(kind, got), share, cuts)


def ordinal_sample(got: OrdinalMoments, n: float, rows: Array | None) -> Sample:
    """Return the sample that stands for the moments: correlations, and means of zero."""
    nan = float("nan")
    return Sample(n, got.corr, np.zeros(len(got.corr)), rows, None, nan)


def estimate_ordinal(
    layouts: Sequence[Layout],
    cuts: Sequence[Cuts],
    samples: Sequence[Sample],
    moments: Sequence[OrdinalMoments],
    loadings: Sequence[tuple[int, int]],
    *,
    kind: str,
    user_start: Array | None = None,
    constraints: Constraints | None = None,
) -> OrdinalEstimate:
    """Estimate a model of ordinal items.

    Parameters
    ----------
    layouts, cuts, samples, moments : one per group
        Variables in the layout's order; samples from `ordinal_sample`.
    loadings : sequence of (factor, indicator)
        For the starting values.
    kind : {"DWLS", "ULS", "WLS"}
    user_start : (q,) array, optional
        Values given by the user, NaN elsewhere.
    constraints : Constraints, optional
        Beyond parameters that are one by their label.
    """
    layouts, cuts, samples = tuple(layouts), tuple(cuts), tuple(samples)
    shares = np.array([sample.n for sample in samples], dtype=float)
    shares = (shares - 1.0) / shares.sum()
    targets = tuple(
        _target(layout, own, got, kind, float(share))
        for layout, own, got, share in zip(layouts, cuts, moments, shares, strict=True)
    )
    start = _start(layouts, cuts, samples, moments, loadings, user_start)
    n = sum(sample.n for sample in samples)
    null: Array | None = None
    n_equal, bound, linear = 0, tuple[str, ...](), True
    if constraints is None:
        solution = solve_weighted(targets, start)
    else:
        solution, active = solve_under(constraints, targets, start, 1.0, n)
        null = constraints.open_at(solution.theta[0], active)
        slopes = constraints.jacobian(solution.theta[0])[: constraints.n_equal]
        n_equal = len(start) - open_directions(slopes).shape[1]
        linear = constraints.count == constraints.n_equal and bool(constraints.linear.all())
        held = cast(list[int], active.tolist())
        bound = tuple(constraints.names[k] for k in held if k >= constraints.n_equal)
    return OrdinalEstimate(
        layouts=layouts, samples=samples, theta=solution.theta[0], solution=solution,
        chisq=float(n * solution.value[0]), logl=float("nan"), x=np.zeros(0, dtype=np.intp),
        null=null, n_equal=n_equal, bound=bound, less_one=True, linear=linear,
        cuts=cuts, moments=tuple(moments), weight=kind,
    )  # fmt: skip


def _start(
    layouts: Sequence[Layout],
    cuts: Sequence[Cuts],
    samples: Sequence[Sample],
    moments: Sequence[OrdinalMoments],
    loadings: Sequence[tuple[int, int]],
    user_start: Array | None,
) -> Array:
    """Return starting values: scaling factors 1, thresholds of the sample, the rest drafted.

    In the theta parameterisation residual variances are 1, so y* is drafted with twice that.
    """
    q = layouts[0].q
    user = np.full(q, np.nan) if user_start is None else user_start
    wide = 1.0 if layouts[0].units is not None else 2.0
    drafted = [replace(sample, cov=sample.cov * wide) for sample in samples]
    out = starts_of(layouts, drafted, loadings, user)
    total, count = np.zeros(q), np.zeros(q)
    for layout, part, got in zip(layouts, cuts, moments, strict=True):
        free = part.par >= 0
        np.add.at(total, part.par[free], np.sqrt(wide) * got.thresholds[free])
        np.add.at(count, part.par[free], 1.0)
        if layout.units is not None:
            scaled = layout.units.par[layout.units.par >= 0]
            np.add.at(total, scaled, 1.0)
            np.add.at(count, scaled, 1.0)
    mine = (count > 0) & np.isnan(user)
    out[mine] = total[mine] / count[mine]
    return out
