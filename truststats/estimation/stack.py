"""Groups of one model as a batch: their matrices are evaluated together, their cells share theta.

Every group has its own layout, whose `par` points into the common theta. The stack lines the
cells of all groups up, so that one call evaluates B parameter vectors in G groups as a batch of
B x G; linear equality constraints theta = base + null @ a leave the solver the free a only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.linalg.lapack import dposv

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.derivatives import (
    expected_cells,
    fold,
    fold_both,
    gradient_cells,
    observed_information,
)
from truststats.estimation.implied import State, evaluate, evaluate_cells
from truststats.estimation.layout import COVARIANCE, PATH, Layout

__all__ = ["Stack", "as_stack"]


@dataclass(frozen=True, eq=False)
class Stack:
    """The layouts of G groups, their weights, and the directions that constraints leave open.

    Attributes
    ----------
    layouts : tuple of Layout
        One per group, the variables in the same order; exogenous moments filled in.
    shares : (G,) array
        The groups' weights in the log-likelihood per case, n_g / N.
    base : (q,) array, optional
        A point that satisfies the linear constraints.
    null : (q, r) array, optional
        Orthonormal directions that keep them satisfied.
    """

    layouts: tuple[Layout, ...]
    shares: Array
    base: Array | None = None
    null: Array | None = None

    @property
    def size(self) -> int:
        """Number of groups G."""
        return len(self.layouts)

    @property
    def p(self) -> int:
        """Number of observed variables."""
        return self.layouts[0].p

    @property
    def q(self) -> int:
        """Length of theta."""
        return self.layouts[0].q

    @property
    def r(self) -> int:
        """Number of free directions."""
        return self.q if self.null is None else self.null.shape[1]

    @property
    def has_means(self) -> bool:
        """Whether the means are modelled."""
        return self.layouts[0].has_means

    def constrained(self, base: Array, null: Array) -> Stack:
        """Return the stack under linear constraints."""
        return replace(self, base=base, null=null)

    def reduce(self, theta: Array) -> Array:
        """Return the free directions (B, r) nearest to full parameter vectors (B, q)."""
        if self.null is None:
            return theta
        assert self.base is not None
        return (theta - self.base) @ self.null

    def full(self, free: Array) -> Array:
        """Return full parameter vectors (B, q) of free directions (B, r)."""
        if self.null is None:
            return free
        assert self.base is not None
        return self.base + free @ self.null.T

    @cached_property
    def cells(self) -> Layout:
        """The union of the groups' free cells, as a layout without values."""
        first = self.layouts[0]
        table = [np.c_[x.kind, x.row, x.col] for x in self.layouts]
        same = all(t.shape == table[0].shape and bool((t == table[0]).all()) for t in table[1:])
        # A path that is fixed in one group may open an arrow that another group lacks.
        arrows = sum((np.abs(x.b0) for x in self.layouts), np.zeros_like(first.b0))
        linked = sum((np.abs(x.psi0) for x in self.layouts), np.zeros_like(first.psi0))
        if same:
            return replace(first, b0=arrows, psi0=linked)
        union = np.unique(np.concatenate(table), axis=0)
        none = np.full(len(union), -1, dtype=np.intp)
        kind, row, col = union.T.astype(np.intp)
        return replace(first, kind=kind, row=row, col=col, par=none, b0=arrows, psi0=linked)

    @cached_property
    def par(self) -> IntArray:
        """The (G, K) elements of theta that fill the cells; -1 where a group fixes one."""
        cells = self.cells
        place = {key: k for k, key in enumerate(zip(*_keys(cells), strict=True))}
        out = np.full((self.size, cells.n_cells), -1, dtype=np.intp)
        for g, layout in enumerate(self.layouts):
            at = [place[key] for key in zip(*_keys(layout), strict=True)]
            out[g, at] = layout.par
        return out

    @cached_property
    def fixed(self) -> Array | None:
        """The (G, K) values of the cells that some group fixes; None if none does."""
        if (self.par >= 0).all():
            return None
        kind, row, col = self.cells.kind, self.cells.row, self.cells.col
        rows = [
            np.where(
                kind == PATH,
                x.b0[row, col],
                np.where(kind == COVARIANCE, x.psi0[row, col], x.alpha0[row]),
            )
            for x in self.layouts
        ]
        return np.stack(rows)

    @cached_property
    def distinct(self) -> BoolArray:
        """Per group, whether no two of its cells share a parameter."""
        return np.array([len(np.unique(x.par)) == len(x.par) for x in self.layouts])

    @cached_property
    def _b0(self) -> Array:
        return np.stack([x.b0 for x in self.layouts])

    @cached_property
    def _psi0(self) -> Array:
        return np.stack([x.psi0 for x in self.layouts])

    @cached_property
    def _alpha0(self) -> Array:
        return np.stack([x.alpha0 for x in self.layouts])

    def evaluate(
        self, free: Array, *, psi0: Array | None = None, alpha0: Array | None = None
    ) -> State:
        """Return the matrices at (B, r) free directions, a batch of B x G with groups inside.

        `psi0` (B, G, m, m) and `alpha0` (B, G, m) replace the layouts' fixed values.
        """
        theta = self.full(free)
        if self.size == 1:
            flat = None if psi0 is None else psi0[:, 0]
            means = None if alpha0 is None else alpha0[:, 0]
            return evaluate(self.layouts[0], theta, psi0=flat, alpha0=means)
        batch = len(theta)
        values = theta[:, self.par]
        if self.fixed is not None:
            values = np.where(self.par < 0, self.fixed, values)

        means = self._alpha0[None] if alpha0 is None else alpha0
        return evaluate_cells(
            self.cells,
            values.reshape(batch * self.size, -1),
            b0=_tile(self._b0[None], batch),
            psi0=_tile(self._psi0[None] if psi0 is None else psi0, batch),
            alpha0=_tile(means, batch),
        )

    def total(self, by_group: Array) -> Array:
        """Return the weighted sums (B,) of values of B x G."""
        if self.size == 1:
            return by_group
        return by_group.reshape(-1, self.size) @ self.shares

    def gradient(self, state: State, g_mat: Array, h_vec: Array) -> Array:
        """Return the (B, r) gradient of the log-likelihood per case; see `derivatives.gradient`."""
        if self.size == 1:
            by_cell = gradient_cells(self.layouts[0], state, g_mat, h_vec)
            out = fold(self.layouts[0], by_cell)
        else:
            by_cell = gradient_cells(self.cells, state, g_mat, h_vec)
            by_cell = by_cell.reshape(-1, self.size, self.cells.n_cells)
            out = np.zeros((len(by_cell), self.q))
            for g in range(self.size):
                there = self.par[g] >= 0
                part = by_cell[:, g, there] * self.shares[g]
                if self.distinct[g]:
                    out[:, self.par[g, there]] += part
                else:
                    np.add.at(out.T, self.par[g, there], part.T)
        return out if self.null is None else out @ self.null

    def expected(self, state: State, w: Array) -> Array:
        """Return the (B, r, r) expected information per case, W the inverses of B x G sigmas."""
        if self.size == 1:
            out = fold_both(self.layouts[0], expected_cells(self.layouts[0], state, w))
            return self.reduce_both(out)
        k = self.cells.n_cells
        by_cell = expected_cells(self.cells, state, w).reshape(-1, self.size, k, k)
        out = np.zeros((len(by_cell), self.q, self.q))
        for g in range(self.size):
            there = np.flatnonzero(self.par[g] >= 0)
            at = self.par[g, there]
            part = by_cell[:, g] if len(there) == k else by_cell[:, g][:, there[:, None], there]
            if self.distinct[g]:
                out[:, at[:, None], at] += part * self.shares[g]
            else:
                select = np.zeros((len(at), self.q))
                select[np.arange(len(at)), at] = self.shares[g]
                out += select.T @ part @ (select != 0.0)
        return self.reduce_both(out)

    def observed(self, free: Array, cov: Array, mean: Array | None) -> Array:
        """Return the (r, r) observed information per case at one point, `free` (r,).

        `cov` is (G, p, p), `mean` (G, p) or None.
        """
        theta = self.full(free[None])
        out = np.zeros((self.q, self.q))
        for g, layout in enumerate(self.layouts):
            own = evaluate(layout, theta)
            gap = np.zeros(self.p) if mean is None else mean[g] - own.mu[0]
            second = cov[g] + np.outer(gap, gap)
            out += self.shares[g] * observed_information(layout, own, second, gap)
        return self.reduce_both(out)

    @cached_property
    def own(self) -> tuple[tuple[IntArray, ...], IntArray]:
        """The parameters that belong to one group each, by group, and those that groups share.

        Groups without any of their own are left out.
        """
        users = np.zeros((self.size, self.q), dtype=bool)
        for g, layout in enumerate(self.layouts):
            users[g, layout.par] = True
        alone = users.sum(axis=0) == 1
        own = [np.flatnonzero(row & alone) for row in users]
        return tuple(at for at in own if len(at)), np.flatnonzero(~alone)

    def step(self, info: Array, slope: Array) -> Array | None:
        """Return the scoring step of one problem, (r,), group by group; None if it has none.

        Groups meet in the parameters they share only, so these are solved for after the others
        are eliminated (Schur complement).
        """
        if self.size == 1 or self.null is not None:
            return None
        blocks, shared = self.own
        inner, left = info[np.ix_(shared, shared)], slope[shared].copy()
        solved: list[Array] = []
        for at in blocks:
            border = info[np.ix_(at, shared)]
            _, x, failed = dposv(info[np.ix_(at, at)], np.c_[border, slope[at]])
            if failed != 0:
                return None
            inner -= border.T @ x[:, :-1]
            left -= border.T @ x[:, -1]
            solved.append(x)
        out = np.empty(self.q)
        common = left
        if len(shared):
            _, common, failed = dposv(inner, left)
            if failed != 0:
                return None
        out[shared] = common
        for at, x in zip(blocks, solved, strict=True):
            out[at] = x[:, -1] - x[:, :-1] @ common
        return out if bool(np.isfinite(out).all()) else None

    def reduce_both(self, info: Array) -> Array:
        """Return an information (..., q, q) in the free directions."""
        return info if self.null is None else self.null.T @ info @ self.null


def _keys(layout: Layout) -> tuple[list[int], list[int], list[int]]:
    return layout.kind.tolist(), layout.row.tolist(), layout.col.tolist()


def _tile(x: Array, batch: int) -> Array:
    """Return (1 or B, G, ...) as (B x G, ...)."""
    whole = np.broadcast_to(x, (batch, *x.shape[1:])) if len(x) != batch else x
    return whole.reshape(-1, *x.shape[2:])


def as_stack(layout: Layout | Stack | Sequence[Layout]) -> Stack:
    """Return the stack of one layout; a stack as it is."""
    if isinstance(layout, Stack):
        return layout
    if isinstance(layout, Layout):
        return Stack((layout,), np.ones(1))
    return Stack(tuple(layout), np.full(len(layout), 1.0 / len(layout)))
