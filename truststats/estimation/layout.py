"""Where each parameter sits: from the rows of a parameter table to cells of three matrices.

Every variable, observed or latent, is a node of one path model (McArdle & McDonald 1984,
doi:10.1111/j.2044-8317.1984.tb00802.x): directed paths in `b`, (co)variances in `psi`, intercepts
in `alpha`. A loading is a directed path from the factor to its indicator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from truststats.arrays import Array, IntArray

if TYPE_CHECKING:
    from truststats.model import ParTable

__all__ = [
    "Units",
    "PATH",
    "COVARIANCE",
    "INTERCEPT",
    "Layout",
    "layout_from_partable",
    "layouts_from_partable",
    "saturated_layout",
]


PATH, COVARIANCE, INTERCEPT = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Units:
    """Variables whose total variance is given, so that their residual variance follows.

    They are the ordinal items of the delta parameterisation: the standard deviation of y* is the
    reciprocal of a scaling factor.

    Attributes
    ----------
    at : (o,) int array
        The nodes.
    par : (o,) int array
        Elements of theta that are their scaling factors; -1 for a fixed one.
    fixed : (o,) array
        Fixed scaling factors.
    """

    at: IntArray
    par: IntArray
    fixed: Array

    def factors(self, theta: Array) -> Array:
        """Return the (B, o) scaling factors at a batch of parameter vectors."""
        return np.where(self.par >= 0, theta[:, self.par], self.fixed)


@dataclass(frozen=True, eq=False)
class Layout:
    """The free cells of a path model and the values of its fixed ones.

    Attributes
    ----------
    nodes : tuple of str
        The p observed variables first, then the latent ones; m in all.
    p : int
        Number of observed variables.
    q : int
        Number of distinct parameters (length of theta).
    kind, row, col : (K,) int arrays
        The free cells: path ``b[row, col]`` (from col to row), covariance ``psi[row, col]`` or
        intercept ``alpha[row]``.
    par : (K,) int array
        The element of theta that fills each cell; equal labels share one.
    b0, psi0, alpha0 : (m, m), (m, m), (m,) arrays
        The fixed values, zero where a cell is free.
    has_means : bool
        Whether the means are modelled.
    x_cells : (X, 2) int array
        Cells of `psi0` that hold sample (co)variances of exogenous variables (fixed_x).
    x_means : (X,) int array
        Elements of `alpha0` that hold sample means of exogenous variables.
    units : Units or None
        Variables whose residual variance follows from a scaling factor; `psi0` is not used there.
    """

    nodes: tuple[str, ...]
    p: int
    q: int
    kind: IntArray
    row: IntArray
    col: IntArray
    par: IntArray
    b0: Array
    psi0: Array
    alpha0: Array
    has_means: bool
    x_cells: IntArray
    x_means: IntArray
    units: Units | None = None

    @cached_property
    def m(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @cached_property
    def n_cells(self) -> int:
        """Number of free cells K."""
        return len(self.kind)

    @cached_property
    def one_to_one(self) -> bool:
        """Whether every cell has a parameter of its own, in order."""
        return self.q == self.n_cells and bool((self.par == np.arange(self.q)).all())

    @cached_property
    def distinct(self) -> bool:
        """Whether no two cells share a parameter."""
        return len(set(self.par.tolist())) == self.n_cells

    @cached_property
    def selector(self) -> Array:
        """The (K, q) zero-one matrix that sums cells into parameters."""
        out = np.zeros((self.n_cells, self.q))
        out[np.arange(self.n_cells), self.par] = 1.0
        return out

    @cached_property
    def paths(self) -> IntArray:
        """The cells that are paths."""
        return np.flatnonzero(self.kind == PATH)

    @cached_property
    def covariances(self) -> IntArray:
        """The cells that are (co)variances."""
        return np.flatnonzero(self.kind == COVARIANCE)

    @cached_property
    def intercepts(self) -> IntArray:
        """The cells that are intercepts."""
        return np.flatnonzero(self.kind == INTERCEPT)

    @cached_property
    def inner(self) -> IntArray:
        """The r nodes that are latent or send an arrow; the others are terminal observed ones."""
        sends = (self.b0 != 0).any(axis=0)
        sends[self.col[self.paths]] = True
        sends[self.p :] = True
        return np.flatnonzero(sends)

    @cached_property
    def inner_observed(self) -> tuple[IntArray, IntArray]:
        """Observed inner nodes and their positions within `inner`."""
        at = np.flatnonzero(self.inner < self.p)
        return self.inner[at], at

    @cached_property
    def mixed(self) -> bool:
        """Whether a terminal node's residual may covary with an inner node's."""
        inner = np.isin(np.arange(self.m), self.inner)
        fixed = (self.psi0[np.ix_(~inner, inner)] != 0).any()
        at = self.covariances
        return bool(fixed or (inner[self.row[at]] != inner[self.col[at]]).any())

    def _column(self, nodes: IntArray) -> IntArray:
        place = np.arange(self.m)
        place[self.inner] = self.p + np.arange(len(self.inner))
        return place[nodes]

    @cached_property
    def u(self) -> IntArray:
        """Per cell, the column of [I, T, FE] that is u in d(sigma) = u v' + v u'."""
        return self._column(self.row)

    @cached_property
    def v(self) -> IntArray:
        """Per cell, the column of [I, T, FE] that is v in d(sigma) = u v' + v u'."""
        column = self._column(self.col)
        return np.where(self.kind == PATH, column + len(self.inner), column)

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Flat indices of (u_k, u_l), (v_k, v_l) and (u_k, v_l) into a cross-product."""
        width = self.p + 2 * len(self.inner)
        u, v = self.u[:, None] * width, self.v[:, None] * width
        return u + self.u, v + self.v, u + self.v

    @cached_property
    def halves(self) -> Array:
        """Per cell, the factor on v: 1/2 on a variance, 0 for an intercept, else 1."""
        scale = np.ones(self.n_cells)
        scale[(self.kind == COVARIANCE) & (self.row == self.col)] = 0.5
        scale[self.kind == INTERCEPT] = 0.0
        return scale

    @cached_property
    def half_pairs(self) -> Array:
        """The (K, K) products of `halves`."""
        return self.halves[:, None] * self.halves


@lru_cache(maxsize=64)
def layouts_from_partable(partable: ParTable) -> tuple[Layout, ...]:
    """Return the layout of each group of a parameter table; they share theta."""
    return tuple(layout_from_partable(partable, g + 1) for g in range(partable.n_groups))


def layout_from_partable(partable: ParTable, group: int = 1) -> Layout:
    """Return the layout of one group of a parameter table.

    Raises
    ------
    KeyError
        Never for a table made by `build_partable`: its names are its nodes.
    """
    nodes = tuple(partable.ov) + tuple(v for v in partable.lv if v not in set(partable.ov))
    at = {name: k for k, name in enumerate(nodes)}
    m, p = len(nodes), len(partable.ov)
    b0, psi0, alpha0 = np.zeros((m, m)), np.zeros((m, m)), np.zeros(m)
    cells: list[tuple[int, int, int, int]] = []
    x_cells: list[tuple[int, int]] = []
    x_means: list[int] = []
    rows = zip(
        partable.lhs,
        partable.op,
        partable.rhs,
        partable.unique,
        partable.ustart,
        partable.exo,
        partable.group,
        strict=True,
    )
    for lhs, op, rhs, unique, ustart, exo, of in rows:
        if of != group:
            continue
        if op == "=~":
            kind, i, j = PATH, at[rhs], at[lhs]
        elif op == "~":
            kind, i, j = PATH, at[lhs], at[rhs]
        elif op == "~~":
            kind, i, j = COVARIANCE, at[lhs], at[rhs]
        elif op == "~1":
            kind, i, j = INTERCEPT, at[lhs], 0
        else:
            continue
        if unique >= 0:
            cells.append((kind, i, j, unique))
        elif exo and kind == COVARIANCE:
            x_cells.append((i, j))
        elif exo and kind == INTERCEPT:
            x_means.append(i)
        elif kind == PATH:
            b0[i, j] = ustart
        elif kind == COVARIANCE:
            psi0[i, j] = psi0[j, i] = ustart
        else:
            alpha0[i] = ustart
    table = np.array(cells, dtype=np.intp).reshape(-1, 4)
    return Layout(
        nodes=nodes,
        p=p,
        q=partable.npar,
        kind=table[:, 0],
        row=table[:, 1],
        col=table[:, 2],
        par=table[:, 3],
        b0=b0,
        psi0=psi0,
        alpha0=alpha0,
        has_means=partable.meanstructure,
        x_cells=np.array(x_cells, dtype=np.intp).reshape(-1, 2),
        x_means=np.array(x_means, dtype=np.intp),
        units=_units(partable, group, at) if partable.levels and not partable.theta else None,
    )


def _units(partable: ParTable, group: int, at: Mapping[str, int]) -> Units:
    rows = [
        k
        for k, (op, of) in enumerate(zip(partable.op, partable.group, strict=True))
        if op == "~*~" and of == group
    ]
    return Units(
        at=np.array([at[partable.lhs[k]] for k in rows], dtype=np.intp),
        par=np.array([partable.unique[k] for k in rows], dtype=np.intp),
        fixed=np.array([partable.ustart[k] for k in rows], dtype=float),
    )


def saturated_layout(names: tuple[str, ...], *, has_means: bool) -> Layout:
    """Return the layout in which every variance, covariance (and mean) is a free cell.

    The (co)variances come first, in the order of `numpy.tril_indices`, then the means.
    """
    p = len(names)
    row, col = np.tril_indices(p)
    kind = np.full(len(row), COVARIANCE)
    if has_means:
        kind = np.r_[kind, np.full(p, INTERCEPT)]
        row, col = np.r_[row, np.arange(p)], np.r_[col, np.zeros(p, dtype=np.intp)]
    return Layout(
        nodes=names,
        p=p,
        q=len(kind),
        kind=kind.astype(np.intp),
        row=row.astype(np.intp),
        col=col.astype(np.intp),
        par=np.arange(len(kind), dtype=np.intp),
        b0=np.zeros((p, p)),
        psi0=np.zeros((p, p)),
        alpha0=np.zeros(p),
        has_means=has_means,
        x_cells=np.zeros((0, 2), dtype=np.intp),
        x_means=np.zeros(0, dtype=np.intp),
    )
