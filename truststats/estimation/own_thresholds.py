"""The search without those thresholds that can meet the sample's whatever else the model says.

A free threshold that nothing else shares can always reproduce its sample threshold s, by
tau = s / d + mu with the scale d and the mean mu that the model implies for y*. Under a diagonal
weight it then adds nothing to the discrepancy: the search is over the other parameters alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.implied import evaluate
from truststats.estimation.implied_items import OrdinalTarget, implied_moments, modelled
from truststats.estimation.solve import Solution
from truststats.estimation.weighted import solve_weighted

__all__ = ["solve_items"]


def solve_items(targets: Sequence[OrdinalTarget], start: Array) -> Solution:
    """Minimise the discrepancy of ordinal items that no constraint holds.

    Parameters
    ----------
    targets : sequence of OrdinalTarget
        One per group; their layouts share theta.
    start : (q,) array

    Returns
    -------
    Solution
        That of `truststats.estimation.weighted.solve_weighted`.
    """
    own = _own(targets, len(start))
    if own.all() or not own.any():
        return solve_weighted(targets, start)
    place = np.where(own, -1, np.cumsum(~own) - 1)
    found = solve_weighted([_without(target, own, place) for target in targets], start[~own])
    theta, slope = start.copy(), np.zeros(len(start))
    theta[~own], slope[~own] = found.theta[0], found.gradient[0]
    for target in targets:
        _fill(target, own, theta)
    return replace(found, theta=theta[None], gradient=slope[None])


def _own(targets: Sequence[OrdinalTarget], q: int) -> BoolArray:
    """Return which elements of theta are one threshold and nothing else, (q,)."""
    used, cut = np.zeros(q, dtype=np.intp), np.zeros(q, dtype=np.intp)
    for target in targets:
        if target.weight.ndim == 2:
            return np.zeros(q, dtype=np.bool_)
        np.add.at(used, target.layout.par, 1)
        np.add.at(cut, target.cuts.par[target.cuts.par >= 0], 1)
        if target.layout.units is not None:
            np.add.at(used, target.layout.units.par[target.layout.units.par >= 0], 1)
    return (cut == 1) & (used == 0)


def _owned(target: OrdinalTarget, own: BoolArray) -> BoolArray:
    """Return which thresholds of a group are such elements, (t,)."""
    return (target.cuts.par >= 0) & own[target.cuts.par]


def _without(target: OrdinalTarget, own: BoolArray, place: IntArray) -> OrdinalTarget:
    """Return a target without these thresholds, over the theta that is left."""
    layout, cuts = target.layout, target.cuts
    rest = ~_owned(target, own)
    keep = np.concatenate([rest, np.ones(len(target.moments) - len(rest), dtype=np.bool_)])
    units = layout.units
    if units is not None:
        units = replace(units, par=_moved(units.par, place))
    return replace(
        target,
        layout=replace(layout, par=place[layout.par], q=int((~own).sum()), units=units),
        moments=target.moments[keep],
        weight=target.weight[keep],
        cuts=replace(
            cuts, item=cuts.item[rest], par=_moved(cuts.par[rest], place), fixed=cuts.fixed[rest]
        ),
    )


def _moved(par: IntArray, place: IntArray) -> IntArray:
    """Return the new elements of theta of some old ones; fixed ones stay -1."""
    return np.where(par >= 0, place[par], -1)


def _fill(target: OrdinalTarget, own: BoolArray, theta: Array) -> None:
    """Write the thresholds that reproduce the sample's into theta, where the scale is known."""
    layout, cuts = target.layout, target.cuts
    at = np.flatnonzero(_owned(target, own))
    made = implied_moments(layout, evaluate(layout, theta[None]), cuts, theta)
    scale = np.ones(layout.p)
    scale[modelled(layout)[0]] = made.scale
    more = (target.moments[: len(cuts.par)] - made.cuts)[at] / scale[cuts.item[at]]
    theta[cuts.par[at]] += np.where(np.isfinite(more), more, 0.0)
