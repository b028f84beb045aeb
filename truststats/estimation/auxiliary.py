"""Auxiliary variables: saturated correlates beside a model, and beside its baseline.

An auxiliary variable is no part of the model, but it may predict what is missing. Under full
information it then takes part by covariances of its own with every observed variable's residual
(with exogenous variables themselves) and with the other auxiliary variables, which leave the model
as it was (Graham 2003, doi:10.1207/S15328007SEM1001_4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, Layout, saturated_layout

__all__ = ["baseline_with_correlates", "with_correlates"]


def _partners(layout: Layout) -> IntArray:
    """Return, for each observed node, the node whose (residual) variance its correlates share.

    That is the node itself, or its factor where the residual variance is fixed to zero.
    """
    free = (layout.kind == COVARIANCE) & (layout.row == layout.col)
    has_variance = np.diag(layout.psi0) != 0
    has_variance[layout.row[free]] = True
    out = np.arange(layout.p)
    for node in np.flatnonzero(~has_variance[: layout.p]):
        loads = (layout.kind == PATH) & (layout.row == node)
        sources = np.r_[layout.col[loads], np.flatnonzero(layout.b0[node])]
        if len(sources) == 1:
            out[node] = sources[0]
    return out


def with_correlates(layouts: Sequence[Layout], names: Sequence[str]) -> tuple[Layout, ...]:
    """Return the groups' layouts with auxiliary variables as saturated correlates.

    The auxiliary variables stand after the observed ones; the model's parameters stay the first of
    theta, and every group's own correlates follow.

    Parameters
    ----------
    layouts : sequence of Layout
        With means and without fixed exogenous variables.
    names : sequence of str
        The auxiliary variables, at least one.
    """
    q, n_new = layouts[0].q, len(names)
    width = n_new * (n_new + 1) // 2 + n_new + n_new * layouts[0].p
    total = q + width * len(layouts)
    pairs = zip(layouts, range(q, total, width), strict=True)
    return tuple(_one(layout, names, first, total) for layout, first in pairs)


def _one(layout: Layout, names: Sequence[str], first: int, total: int) -> Layout:
    p, n_new = layout.p, len(names)
    new = np.arange(p, p + n_new)

    def moved(node: IntArray) -> IntArray:
        return np.where(node < p, node, node + n_new)

    low = np.tril_indices(n_new)
    partners = moved(_partners(layout))
    row = np.r_[new[low[0]], np.repeat(new, p), new]
    col = np.r_[new[low[1]], np.tile(partners, n_new), np.zeros(n_new, dtype=np.intp)]
    kind = np.r_[np.full(len(row) - n_new, COVARIANCE), np.full(n_new, INTERCEPT)]
    par = np.arange(first, first + len(row))
    old_col = np.where(layout.kind == INTERCEPT, layout.col, moved(layout.col))
    m = layout.m + n_new
    at = moved(np.arange(layout.m))
    b0, psi0, alpha0 = np.zeros((m, m)), np.zeros((m, m)), np.zeros(m)
    b0[np.ix_(at, at)], psi0[np.ix_(at, at)], alpha0[at] = layout.b0, layout.psi0, layout.alpha0
    return replace(
        layout,
        nodes=(*layout.nodes[:p], *names, *layout.nodes[p:]),
        p=p + n_new,
        q=total,
        kind=_whole(layout.kind, kind),
        row=_whole(moved(layout.row), row),
        col=_whole(old_col, col),
        par=_whole(layout.par, par),
        b0=b0,
        psi0=psi0,
        alpha0=alpha0,
    )


def _whole(old: IntArray, new: Array | IntArray) -> IntArray:
    return cast(IntArray, np.r_[old, new].astype(np.intp))


def baseline_with_correlates(
    names: Sequence[str], auxiliary: Sequence[str], n_groups: int
) -> tuple[Layout, ...]:
    """Return the groups' baseline: uncorrelated model variables, saturated auxiliary ones.

    Parameters
    ----------
    names : sequence of str
        The model's observed variables.
    auxiliary : sequence of str
    n_groups : int
    """
    every = saturated_layout((*names, *auxiliary), has_means=True)
    inside = (every.row < len(names)) & (every.col < len(names)) & (every.kind == COVARIANCE)
    keep = np.flatnonzero(~(inside & (every.row != every.col)))
    width = len(keep)
    return tuple(
        replace(
            every,
            q=width * n_groups,
            kind=every.kind[keep],
            row=every.row[keep],
            col=every.col[keep],
            par=np.arange(width) + width * g,
        )
        for g in range(n_groups)
    )
