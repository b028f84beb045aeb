"""Weighted estimates with more parameters than were estimated: added ones, or every row apart.

The discrepancy sum_g a_g (s_g - sigma_g)' V_g (s_g - sigma_g) has half the gradient
-sum_g a_g D' V r, with r the residual moments and D the derivatives of the implied ones, and the
information sum_g a_g D' V D. The gradient varies by sum_g a_g D' V Gamma V D, which is the
information only where V is the inverse of Gamma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.estimate import Estimate
from truststats.estimation.gamma import fourth_moments, moment_vector
from truststats.estimation.implied_items import Cuts, OrdinalTarget
from truststats.estimation.layout import COVARIANCE, Layout
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.weighted import Target, weigh, weight_matrix
from truststats.inference.candidates import OPERATORS, Candidate, cell_of, extend

if TYPE_CHECKING:
    from truststats.model import ParTable

__all__ = ["WeightedScore", "added", "apart", "targets_of", "unfolded", "weighted_score"]


@dataclass(frozen=True)
class WeightedScore:
    """Gradient and information per case of a weighted estimate.

    Attributes
    ----------
    score : (q,) array
        D' V r.
    info : (q, q) array
        D' V D.
    meat : (q, q) array or None
        D' V Gamma V D, if it was asked for.
    """

    score: Array
    info: Array
    meat: Array | None = None


def targets_of(estimate: Estimate, kind: str) -> tuple[Target, ...]:
    """Return the moments and weights of the groups.

    Parameters
    ----------
    estimate : Estimate
    kind : {"GLS", "ULS", "WLS"}
        Of an estimate from continuous answers.
    """
    if isinstance(estimate, OrdinalEstimate):
        return estimate.targets
    out: list[Target] = []
    for group in estimate.groups:
        sample, means = group.sample, group.has_means
        weight = weight_matrix(kind, sample, estimate.x, has_means=means)
        moments = moment_vector(sample.cov, sample.mean if means else None)
        out.append(Target(group.layout, moments, weight, (sample.n - 1.0) / estimate.n))
    return tuple(out)


def _with(target: Target, layout: Layout, cuts: IntArray | None) -> Target:
    """Return a target with another layout and other elements of theta for its thresholds."""
    if isinstance(target, OrdinalTarget) and cuts is not None:
        return replace(target, layout=layout, cuts=replace(target.cuts, par=cuts))
    return replace(target, layout=layout)


def _cut(cuts: Cuts, layout: Layout, name: str, threshold: str) -> int:
    """Return the place of an item's threshold."""
    places = np.flatnonzero(cuts.item == layout.nodes.index(name))
    return int(places[int(threshold[1:]) - 1])


def _unit(layout: Layout, name: str) -> int:
    """Return the place of an item's scaling factor."""
    assert layout.units is not None
    return int(np.flatnonzero(layout.units.at == layout.nodes.index(name))[0])


def added(targets: Sequence[Target], wanted: Sequence[Candidate], q: int) -> tuple[Target, ...]:
    """Return targets in which fixed or absent parameters are elements q, q + 1, ... of theta.

    Parameters
    ----------
    targets : sequence of Target
        One per group, over a theta of length `q`.
    wanted : sequence of Candidate
    q : int
    """
    out: list[Target] = []
    for number, target in enumerate(targets, start=1):
        at = [k for k, c in enumerate(wanted) if c.group == number]
        layout = target.layout
        inside = [k for k in at if wanted[k].op in OPERATORS]
        rows = [(wanted[k].lhs, wanted[k].op, wanted[k].rhs) for k in inside]
        cells = [cell_of(row, layout.nodes) for row in rows]
        places = q + np.array(inside, dtype=np.intp)
        wide = extend(layout, cells, places, q + len(wanted))
        cuts = target.cuts.par.copy() if isinstance(target, OrdinalTarget) else None
        units = layout.units.par.copy() if layout.units is not None else None
        for k in at:
            if wanted[k].op == "|" and isinstance(target, OrdinalTarget) and cuts is not None:
                cuts[_cut(target.cuts, layout, wanted[k].lhs, wanted[k].rhs)] = q + k
            if wanted[k].op == "~*~" and units is not None:
                units[_unit(layout, wanted[k].lhs)] = q + k
        if layout.units is not None and units is not None:
            wide = replace(wide, units=replace(layout.units, par=units))
        out.append(_with(target, wide, cuts))
    return tuple(out)


def unfolded(partable: ParTable, layout: Layout, group: int, rows: Sequence[int]) -> Layout:
    """Return a group's layout with a parameter of its own for every free row.

    Parameters
    ----------
    partable : ParTable
    layout : Layout
    group : int
        Counted from 1.
    rows : sequence of int
        The free rows of the table.
    """
    cells = zip(layout.kind.tolist(), layout.row.tolist(), layout.col.tolist(), strict=True)
    at = {_key(*cell): spot for spot, cell in enumerate(cells)}
    par = np.empty(layout.n_cells, dtype=np.intp)
    units = layout.units.par.copy() if layout.units is not None else None
    for spot, k in enumerate(rows):
        if partable.group[k] != group:
            continue
        if partable.op[k] in OPERATORS:
            row = (partable.lhs[k], partable.op[k], partable.rhs[k])
            par[at[_key(*cell_of(row, layout.nodes))]] = spot
        elif partable.op[k] == "~*~" and units is not None:
            units[_unit(layout, partable.lhs[k])] = spot
    out = replace(layout, par=par, q=len(rows))
    if layout.units is None or units is None:
        return out
    return replace(out, units=replace(layout.units, par=units))


def apart(partable: ParTable, targets: Sequence[Target], rows: Sequence[int]) -> tuple[Target, ...]:
    """Return targets over a theta that has an element of its own for every free row."""
    out: list[Target] = []
    for number, target in enumerate(targets, start=1):
        layout = unfolded(partable, target.layout, number, rows)
        cuts = None
        if isinstance(target, OrdinalTarget):
            cuts = target.cuts.par.copy()
            for spot, k in enumerate(rows):
                if partable.group[k] == number and partable.op[k] == "|":
                    cuts[_cut(target.cuts, layout, partable.lhs[k], partable.rhs[k])] = spot
        out.append(_with(target, layout, cuts))
    return tuple(out)


def _key(kind: int, row: int, col: int) -> tuple[int, int, int]:
    return (kind, max(row, col), min(row, col)) if kind == COVARIANCE else (kind, row, col)


def weighted_score(
    estimate: Estimate, targets: Sequence[Target], theta: Array, *, meat: bool = False
) -> WeightedScore:
    """Return gradient and information of wider targets, and the spread of the gradient.

    Parameters
    ----------
    estimate : Estimate
        For the asymptotic covariances of its moments.
    targets : sequence of Target
        From `added` or `apart`.
    theta : (q,) array
        Where to evaluate.
    meat : bool
        Whether to return the spread too.

    Notes
    -----
    As in lavaan the gradient has the weights (n_g - 1) / N of the discrepancy, and information
    and spread those of the standard errors, n_g / N.
    """
    size = len(theta)
    score, info, middle = np.zeros(size), np.zeros((size, size)), np.zeros((size, size))
    for number, (target, share) in enumerate(zip(targets, estimate.shares, strict=True)):
        gap, slopes = target.look(theta)
        weighted = weigh(target.weight, slopes)
        score += target.share * (weighted.T @ gap)
        info += share * (slopes.T @ weighted)
        if meat:
            middle += share * (weighted.T @ _spread(estimate, number, weighted))
    return WeightedScore(score, info, middle if meat else None)


def _spread(estimate: Estimate, number: int, weighted: Array) -> Array:
    """Return a group's asymptotic covariance of the moments times a (k, q) matrix."""
    if isinstance(estimate, OrdinalEstimate):
        return estimate.moments[number].gamma_times(weighted)
    group: Any = estimate.groups[number]
    return fourth_moments(group.sample, estimate.x, has_means=group.has_means) @ weighted
