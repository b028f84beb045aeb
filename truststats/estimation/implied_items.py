"""What a model says about ordinal items, and how that moves with its parameters.

An item's normal response y* has the mean mu_i and the variance s_ii that the model implies given
the exogenous variables. With d_i = s_ii^-1/2 the implied thresholds are d_i (tau - mu_i), the
implied correlations d_i s_ij d_j and the implied slopes d_i times the total effects (Muthen 1984,
doi:10.1007/BF02294210); d_i is 1 for a continuous variable. In the delta parameterisation d_i is a
parameter and the residual variance follows; in the theta parameterisation it is the other way
round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.implied import State, evaluate, jacobian_moments, reach
from truststats.estimation.layout import Layout
from truststats.estimation.mixed_moments import stacked
from truststats.estimation.weighted import Target

if TYPE_CHECKING:
    from truststats.model import ParTable

__all__ = [
    "Cuts",
    "Implied",
    "OrdinalTarget",
    "cuts_from_partable",
    "implied_moments",
    "modelled",
    "without_x",
]


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
        return stacked(self.cuts, self.slopes, self.cov, ordered)


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
    if layout.distinct:
        by_theta.transpose(2, 0, 1)[layout.par] = d_sigma[0]
        of_mean.T[layout.par] = d_mu[0] if layout.has_means else 0.0
        return by_theta, of_mean
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
