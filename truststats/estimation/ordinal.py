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

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError
from truststats.estimation.constraints import Constraints, open_directions
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import (
    State,
    evaluate,
    jacobian_moments,
    reach,
    with_exogenous,
)
from truststats.estimation.layout import Layout
from truststats.estimation.mixed_moments import MixedMoments
from truststats.estimation.polychoric import OrdinalMoments
from truststats.estimation.sample import Sample
from truststats.estimation.search import starts_of
from truststats.estimation.weighted import Target, solve_under, solve_weighted

if TYPE_CHECKING:
    from truststats.model import ParTable

__all__ = [
    "Cuts",
    "Implied",
    "ItemMoments",
    "OrdinalEstimate",
    "OrdinalTarget",
    "cuts_from_partable",
    "estimate_ordinal",
    "implied_moments",
    "modelled",
    "ordinal_sample",
    "ordinal_weight",
    "without_x",
]


#: The moments of ordinal items alone, or beside continuous and exogenous variables.
ItemMoments = OrdinalMoments | MixedMoments


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where the responses of one group are cut, variable by variable.

    A continuous variable is cut once, at zero: less its mean, that is the mean with a minus.

    Attributes
    ----------
    item : (t,) int array
        The observed variable of each threshold.
    par : (t,) int array
        Elements of theta; -1 for a fixed one.
    fixed : (t,) array
        Fixed values.
    ordered : (p,) bool array
        Which observed variables have ordered categories.
    """

    item: IntArray
    par: IntArray
    fixed: Array
    ordered: BoolArray

    def values(self, theta: Array) -> Array:
        """Return the (B, t) thresholds of y* at a batch of parameter vectors."""
        return np.where(self.par >= 0, theta[:, self.par], self.fixed)


def cuts_from_partable(partable: ParTable) -> tuple[Cuts, ...]:
    """Return the thresholds of each group of a parameter table."""
    out: list[Cuts] = []
    place = {name: k for k, name in enumerate(partable.ov)}
    ordinal = dict(partable.levels)
    exogenous = set(partable.ov_x) if 1 in partable.exo else set[str]()
    smooth = [name for name in partable.ov if name not in ordinal and name not in exogenous]
    for group in range(1, partable.n_groups + 1):
        rows = [
            (
                place[partable.lhs[k]],
                int(partable.rhs[k][1:]),
                partable.unique[k],
                partable.ustart[k],
            )
            for k in range(len(partable))
            if partable.op[k] == "|" and partable.group[k] == group
        ]
        rows = sorted([*rows, *((place[name], 1, -1, 0.0) for name in smooth)])
        out.append(
            Cuts(
                item=np.array([item for item, *_ in rows], dtype=np.intp),
                par=np.array([par for *_, par, _ in rows], dtype=np.intp),
                fixed=np.array([value for *_, value in rows], dtype=float),
                ordered=np.array([name in ordinal for name in partable.ov], dtype=np.bool_),
            )
        )
    return tuple(out)


@dataclass(frozen=True, eq=False)
class Implied:
    """What a model says about the moments of one group, given its exogenous variables.

    Attributes
    ----------
    cuts : (t,) array
        Thresholds, and the means of continuous variables with a minus.
    slopes : (p, x) array
        Regressions on the exogenous variables, reduced to their total.
    cov : (p, p) array
        Residual covariances; ordered variables have a variance of 1.
    scale : (p,) array
        The factors that give y* its unit: 1 for a continuous variable.
    """

    cuts: Array
    slopes: Array
    cov: Array
    scale: Array

    def statistics(self, ordered: BoolArray) -> Array:
        """Return all of them as a vector, in the order of the sample's."""
        col, row = np.triu_indices(len(self.cov), 1)
        spread = np.diag(self.cov)[~ordered]
        return np.concatenate([self.cuts, self.slopes.T.ravel(), spread, self.cov[row, col]])


def modelled(layout: Layout) -> tuple[IntArray, IntArray]:
    """Return the observed variables whose moments are modelled, and the exogenous ones."""
    x = np.unique(layout.x_cells).astype(np.intp)
    return np.setdiff1d(np.arange(layout.p), x), x


def without_x(layout: Layout) -> Layout:
    """Return the layout of the responses given exogenous variables, whose own moments are zero."""
    if not len(layout.x_cells):
        return layout
    psi0, alpha0 = layout.psi0.copy(), layout.alpha0.copy()
    i, j = layout.x_cells.T
    psi0[i, j] = psi0[j, i] = 0.0
    alpha0[layout.x_means] = 0.0
    return replace(layout, psi0=psi0, alpha0=alpha0)


def implied_moments(layout: Layout, state: State, cuts: Cuts, theta: Array) -> Implied:
    """Return the implied moments of one group.

    Parameters
    ----------
    layout : Layout
    state : State
        A batch of one, in which exogenous variables have no variance and a mean of zero.
    cuts : Cuts
    theta : (q,) array
    """
    y, x = modelled(layout)
    sigma = state.sigma[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        d = np.where(cuts.ordered, np.diag(sigma) ** -0.5, 1.0)
    gap = cuts.values(theta[None])[0] - state.mu[0, cuts.item]
    own = d[y]
    slopes = own[:, None] * state.a[0][np.ix_(y, x)] if len(x) else np.zeros((len(y), 0))
    return Implied(
        d[cuts.item] * gap, slopes, own[:, None] * sigma[np.ix_(y, y)] * own[None, :], own
    )


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


def _path_slopes(layout: Layout, state: State, y: IntArray, x: IntArray) -> Array:
    """Return the derivatives of the total effects of x on y, (y, x, q): dA = A dB A."""
    out = np.zeros((layout.q, len(y), len(x)))
    a, at = state.a[0], layout.paths
    sent = a[np.ix_(y, layout.row[at])].T[:, :, None] * a[np.ix_(layout.col[at], x)][:, None, :]
    np.add.at(out, layout.par[at], sent)
    return out.transpose(1, 2, 0)


@dataclass(frozen=True)
class OrdinalTarget(Target):
    """Thresholds, slopes and (co)variances of one group, and how they are weighted.

    Its layout has no moments of the exogenous variables: all is given them.

    Attributes
    ----------
    cuts : Cuts
    """

    cuts: Cuts

    def look(self, theta: Array) -> tuple[Array, Array]:
        """Return sample minus implied moments (k,), and the implied ones' derivatives (k, q)."""
        layout, cuts = self.layout, self.cuts
        state = evaluate(layout, theta[None])
        made = implied_moments(layout, state, cuts, theta)
        y, x = modelled(layout)
        ordered = cuts.ordered[y]
        gap = self.moments - made.statistics(ordered)
        if not np.isfinite(made.scale).all():
            return gap * np.nan, np.zeros((len(gap), layout.q))
        by_theta, of_mean = _slopes_by_cell(layout, state)
        d_sigma = _unit_slopes(layout, state, theta, by_theta)
        d = np.ones(layout.p)
        d[y] = made.scale
        at = np.arange(layout.p)
        log_d = np.where(cuts.ordered[:, None], -0.5 * d[:, None] ** 2 * d_sigma[at, at], 0.0)
        of_cut = -of_mean[cuts.item]
        free = np.flatnonzero(cuts.par >= 0)
        of_cut[free, cuts.par[free]] += 1.0
        of_cut = d[cuts.item, None] * of_cut + made.cuts[:, None] * log_d[cuts.item]
        col, row = np.triu_indices(len(y), 1)
        of_pair = (d[y[row]] * d[y[col]])[:, None] * d_sigma[y[row], y[col]]
        of_pair += made.cov[row, col][:, None] * (log_d[y[row]] + log_d[y[col]])
        parts = [of_cut]
        if len(x):
            of_slope = d[y, None, None] * _path_slopes(layout, state, y, x)
            of_slope += made.slopes[:, :, None] * log_d[y, None, :]
            parts.append(of_slope.transpose(1, 0, 2).reshape(-1, layout.q))
        smooth = y[~ordered]
        return gap, np.concatenate([*parts, d_sigma[smooth, smooth], of_pair])


@dataclass(frozen=True, eq=False)
class OrdinalEstimate(Estimate):
    """A model of ordinal items estimated by weighted least squares.

    `samples` hold the correlations of the normal responses in place of covariances.

    Attributes
    ----------
    cuts : tuple of Cuts
        The thresholds of each group.
    moments : tuple of OrdinalMoments or MixedMoments
        Sample statistics of the groups and their asymptotic covariances.
    weight : str
        "DWLS", "ULS" or "WLS".
    """

    cuts: tuple[Cuts, ...] = ()
    moments: tuple[ItemMoments, ...] = ()
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
        """Degrees of freedom: statistics minus parameters."""
        return sum(len(target.moments) for target in self.targets) - self.npar

    @property
    def all_ordered(self) -> bool:
        """Whether all variables are ordinal items, without exogenous variables."""
        return bool(self.cuts[0].ordered.all())

    @cached_property
    def fitted(self) -> Implied:
        """Implied moments of an estimate of one group."""
        (cuts,), layout = self.cuts, without_x(self.layout)
        state = evaluate(layout, self.theta[None])
        return implied_moments(layout, state, cuts, self.theta)


def ordinal_weight(kind: str, got: ItemMoments) -> Array:
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


def _target(layout: Layout, cuts: Cuts, got: ItemMoments, kind: str, share: float) -> OrdinalTarget:
    return OrdinalTarget(without_x(layout), got.statistics, ordinal_weight(kind, got), share, cuts)


def ordinal_sample(
    got: ItemMoments, rows: Array | None, x: Array | None = None, at: IntArray | None = None
) -> Sample:
    """Return the sample that stands for the moments of all variables together.

    Ordered variables are their normal responses: with a residual variance of 1, and a mean that
    only exogenous variables move.

    Parameters
    ----------
    got : OrdinalMoments or MixedMoments
    rows : (n, p) array or None
        Answers to all variables.
    x : (n, x) array, optional
        The exogenous variables in the rows that `got` used.
    at : (p,) int array, optional
        Where each variable of the sample stands among those of `got` followed by the exogenous.
    """
    own = np.zeros(len(got.names))
    smooth = ~got.ordered[got.threshold_of]
    own[got.threshold_of[smooth]] = -got.thresholds[smooth]
    cov, mean = got.cov, own
    if x is not None and x.shape[1]:
        weights = got.row_weights
        center = np.average(x, axis=0, weights=weights)
        # lavaan's divisors: n - 1, and the sum of sampling weights
        spread = np.atleast_2d(np.cov(x.T, aweights=weights, bias=weights is not None))
        cross = got.slopes @ spread
        cov = np.block([[cov + cross @ got.slopes.T, cross], [cross.T, spread]])
        mean = np.concatenate([own + got.slopes @ center, center])
    if at is not None:
        cov, mean = cov[np.ix_(at, at)], mean[at]
    return Sample(got.n, cov, mean, rows, None, float("nan"))


def estimate_ordinal(
    layouts: Sequence[Layout],
    cuts: Sequence[Cuts],
    samples: Sequence[Sample],
    moments: Sequence[ItemMoments],
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
    cuts, samples = tuple(cuts), tuple(samples)
    layouts = tuple(
        with_exogenous(layout, sample.cov, sample.mean)
        for layout, sample in zip(layouts, samples, strict=True)
    )
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
    moments: Sequence[ItemMoments],
    loadings: Sequence[tuple[int, int]],
    user_start: Array | None,
) -> Array:
    """Return starting values: scaling factors 1, thresholds of the sample, the rest drafted.

    In the theta parameterisation residual variances are 1, so y* is drafted with twice that.
    """
    q = layouts[0].q
    user = np.full(q, np.nan) if user_start is None else user_start
    wide = 1.0 if layouts[0].units is not None else 2.0
    root = np.where(cuts[0].ordered, np.sqrt(wide), 1.0)
    drafted = [replace(sample, cov=sample.cov * np.outer(root, root)) for sample in samples]
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
