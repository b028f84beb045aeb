"""From theta to the implied moments and to the gathers their derivatives need.

With A = (I - B)^-1, T the observed rows of A, and FE the observed rows of A Psi A', every free
cell moves sigma by u v' + v u' where u and v are columns of [T, FE] (v halved on a variance) and
mu by a multiple of a column of T. Gradients and informations are therefore gathers from one small
cross-product; no p* x q Jacobian is formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, Layout

__all__ = ["State", "evaluate", "jacobian_moments", "mean_weights", "prune", "with_exogenous"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class State:
    """The matrices of a path model at theta, with a leading batch axis B.

    Attributes
    ----------
    b : (B, m, m) array
        Directed paths, from column to row.
    a : (B, m, m) array
        (I - B)^-1, the total effects plus the identity.
    psi : (B, m, m) array
        Residual (co)variances.
    e : (B, m, m) array
        A Psi A', the implied covariance matrix of all nodes.
    nu : (B, m) array
        A alpha, the implied means of all nodes.
    p : int
        Number of observed variables, which come first.
    """

    b: Array
    a: Array
    psi: Array
    e: Array
    nu: Array
    p: int

    @property
    def sigma(self) -> Array:
        """The (B, p, p) implied covariance matrix of the observed variables."""
        return self.e[:, : self.p, : self.p]

    @property
    def mu(self) -> Array:
        """The (B, p) implied means of the observed variables."""
        return self.nu[:, : self.p]

    def columns(self) -> Array:
        """Return [T, FE], the (B, p, 2m) columns that u and v are taken from."""
        return np.concatenate([self.a[:, : self.p, :], self.e[:, : self.p, :]], axis=2)


def with_exogenous(layout: Layout, cov: Array, mean: Array | None) -> Layout:
    """Return the layout with the sample moments of its exogenous variables filled in."""
    if not len(layout.x_cells) and not len(layout.x_means):
        return layout
    psi0, alpha0 = layout.psi0.copy(), layout.alpha0.copy()
    i, j = layout.x_cells.T
    psi0[i, j] = cov[i, j]
    psi0[j, i] = cov[i, j]
    if mean is not None and len(layout.x_means):
        alpha0[layout.x_means] = mean[layout.x_means]
    return replace(layout, psi0=psi0, alpha0=alpha0)


def evaluate(
    layout: Layout, theta: Array, *, psi0: Array | None = None, alpha0: Array | None = None
) -> State:
    """Return the model's matrices at a batch of parameter vectors.

    Parameters
    ----------
    layout : Layout
        The cells.
    theta : (B, q) array, real or complex
        Parameter values; complex ones serve complex-step derivatives.
    psi0 : (B, m, m) array, optional
        Fixed (co)variances per batch element, in place of `layout.psi0` (fixed_x in a bootstrap).
    alpha0 : (B, m) array, optional
        Fixed intercepts per batch element.
    """
    size, m = theta.shape[0], layout.m
    values = theta[:, layout.par]
    kind, row, col = layout.kind, layout.row, layout.col
    dtype = values.dtype
    b = np.empty((size, m, m), dtype=dtype)
    b[:] = layout.b0
    psi = np.empty((size, m, m), dtype=dtype)
    psi[:] = layout.psi0 if psi0 is None else psi0
    at = kind == PATH
    b[:, row[at], col[at]] = values[:, at]
    at = kind == COVARIANCE
    psi[:, row[at], col[at]] = values[:, at]
    psi[:, col[at], row[at]] = values[:, at]
    a = np.linalg.inv(np.eye(m) - b)
    at_means = np.empty((size, m), dtype=dtype)
    at_means[:] = layout.alpha0 if alpha0 is None else alpha0
    if layout.has_means:
        at = kind == INTERCEPT
        at_means[:, row[at]] = values[:, at]
    e = a @ psi @ a.swapaxes(1, 2)
    nu = (a @ at_means[:, :, None])[:, :, 0]
    return State(b=b, a=a, psi=psi, e=e, nu=nu, p=layout.p)


def mean_weights(layout: Layout, state: State) -> Array:
    """Return w, (B, K), with d(mu) = w_k times column `row[k]` of T."""
    out = np.zeros((state.a.shape[0], layout.n_cells), dtype=state.a.dtype)
    at = layout.kind == PATH
    out[:, at] = state.nu[:, layout.col[at]]
    out[:, layout.kind == INTERCEPT] = 1.0
    return out


def prune(layout: Layout, nodes: Sequence[int]) -> tuple[Layout, dict[int, int]]:
    """Return the layout without the nodes that neither matter for `nodes` nor are among them.

    Ancestors stay, variables that only receive arrows go; theta keeps its length. Also returned
    is the new number of each node that stays.
    """
    arrows = layout.b0 != 0
    at = layout.kind == PATH
    arrows[layout.row[at], layout.col[at]] = True
    wanted = np.zeros(layout.m, dtype=bool)
    wanted[list(nodes)] = True
    while True:
        more = wanted | (arrows[wanted].any(axis=0) if wanted.any() else False)
        if (more == wanted).all():
            break
        wanted = more
    keep = np.flatnonzero(wanted)
    new = {int(old): k for k, old in enumerate(keep)}
    move = np.full(layout.m, -1)
    move[keep] = np.arange(len(keep))
    cells = wanted[layout.row] & (wanted[layout.col] | (layout.kind == INTERCEPT))
    kind, row, col = layout.kind[cells], move[layout.row[cells]], move[layout.col[cells]]
    return replace(
        layout,
        nodes=tuple(layout.nodes[k] for k in keep),
        p=int((keep < layout.p).sum()),
        kind=kind,
        row=row,
        col=np.where(kind == INTERCEPT, 0, col),
        par=layout.par[cells],
        b0=layout.b0[np.ix_(keep, keep)],
        psi0=layout.psi0[np.ix_(keep, keep)],
        alpha0=layout.alpha0[keep],
        x_cells=np.zeros((0, 2), dtype=np.intp),
        x_means=np.zeros(0, dtype=np.intp),
    ), new


def jacobian_moments(layout: Layout, state: State) -> tuple[Array, Array]:
    """Return the dense derivatives of sigma, (B, K, p, p), and of mu, (B, K, p), by cell.

    Only small problems and the missing-data Hessian want these.
    """
    columns = state.columns()
    u = columns[:, :, layout.u_index()].swapaxes(1, 2)
    v = columns[:, :, layout.v_index()].swapaxes(1, 2) * layout.halves()[:, None]
    outer = u[:, :, :, None] * v[:, :, None, :]
    return outer + outer.swapaxes(2, 3), u * mean_weights(layout, state)[:, :, None]
