"""From theta to the implied moments and to the gathers their derivatives need.

With A = (I - B)^-1, every free cell moves sigma by u v' + v u' where u and v are columns of
[I, T, FE]: unit vectors for terminal observed variables, T the observed rows of A and FE those of
A Psi A' for the inner nodes (v halved on a variance). Only the inner nodes, latent variables and
observed ones that send arrows, enter an inverse. No p* x q Jacobian is formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.layout import INTERCEPT, PATH, Layout, Units

__all__ = [
    "State",
    "evaluate",
    "evaluate_cells",
    "jacobian_moments",
    "mean_weights",
    "prune",
    "reach",
    "with_exogenous",
]


@dataclass(frozen=True, eq=False)
class State:
    """The matrices of a path model at theta, with a leading batch axis B.

    Attributes
    ----------
    b : (B, m, m) array
        Directed paths, from column to row.
    psi : (B, m, m) array
        Residual (co)variances.
    x : (B, p, 2r) array
        [T, FE] for the r inner nodes.
    sigma : (B, p, p) array
        Implied covariance matrix of the observed variables.
    nu : (B, m) array
        Implied means of all nodes.
    e_inner : (B, r, r) array
        Implied covariance matrix of the inner nodes.
    inner : (r,) int array
        The inner nodes.
    p : int
        Number of observed variables, which come first.
    """

    b: Array
    psi: Array
    x: Array
    sigma: Array
    nu: Array
    e_inner: Array
    inner: IntArray
    p: int

    @property
    def mu(self) -> Array:
        """The (B, p) implied means of the observed variables."""
        return self.nu[:, : self.p]

    @cached_property
    def a(self) -> Array:
        """The (B, m, m) total effects plus the identity, (I - B)^-1."""
        return np.linalg.inv(np.eye(self.b.shape[1]) - self.b)

    @cached_property
    def e(self) -> Array:
        """The (B, m, m) implied covariance matrix of all nodes, A Psi A'."""
        return self.a @ self.psi @ self.a.swapaxes(1, 2)

    @cached_property
    def variances(self) -> Array:
        """The (B, m) implied variances of all nodes."""
        out = np.empty(self.nu.shape, dtype=self.sigma.dtype)
        out[:, : self.p] = np.einsum("bii->bi", self.sigma)
        out[:, self.inner] = np.einsum("bii->bi", self.e_inner)
        return out

    def part(self, k: int) -> State:
        """Return one element of the batch, as a batch of one."""
        at = slice(k, k + 1)
        return State(
            b=self.b[at], psi=self.psi[at], x=self.x[at], sigma=self.sigma[at], nu=self.nu[at],
            e_inner=self.e_inner[at], inner=self.inner, p=self.p,
        )  # fmt: skip

    def columns(self) -> Array:
        """Return [I, T, FE], the (B, p, p + 2r) columns that u and v are taken from."""
        unit = np.empty((len(self.x), self.p, self.p), dtype=self.x.dtype)
        unit[:] = np.eye(self.p)
        return np.concatenate([unit, self.x], axis=2)

    def cross(self, w: Array) -> Array:
        """Return the (B, p + 2r, p + 2r) matrix [I, T, FE]' W [I, T, FE]."""
        p, width = self.p, self.p + self.x.shape[2]
        w_x = w @ self.x
        out = np.empty((len(w_x), width, width), dtype=w_x.dtype)
        out[:, :p, :p] = w
        out[:, :p, p:] = w_x
        out[:, p:, :p] = w_x.swapaxes(1, 2)
        out[:, p:, p:] = self.x.swapaxes(1, 2) @ w_x
        return out


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


def _inverse(matrices: Array) -> Array:
    """Return inverses; NaN where I - B is singular (a loop whose gain is one)."""
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        out = np.full_like(matrices, np.nan)
        for k, matrix in enumerate(matrices):
            if abs(np.linalg.det(matrix)) > 0:
                out[k] = np.linalg.inv(matrix)
        return out


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
    values = theta[:, layout.par]
    psi0 = layout.psi0 if psi0 is None else psi0
    alpha0 = layout.alpha0 if alpha0 is None else alpha0
    if layout.units is not None:
        return _with_units(layout, theta, values, psi0, alpha0)
    return evaluate_cells(layout, values, b0=layout.b0, psi0=psi0, alpha0=alpha0)


def _with_units(layout: Layout, theta: Array, values: Array, psi0: Array, alpha0: Array) -> State:
    """Return the matrices with the residual variances that scaling factors leave.

    These solve diag(A Psi A') = 1 / factor^2, a linear system in them, where exogenous variables
    have no variance: the units are those of the responses given x.
    """
    units = layout.units
    assert units is not None
    at = units.at
    out = np.empty((len(theta), layout.m, layout.m), dtype=values.dtype)
    out[:] = psi0
    out[:, at, at] = 0.0
    i, j = layout.x_cells.T
    of_x = out[:, i, j]
    out[:, i, j] = out[:, j, i] = 0.0
    state = evaluate_cells(layout, values, b0=layout.b0, psi0=out, alpha0=alpha0)
    left = units.factors(theta) ** -2.0 - state.sigma[:, at, at]
    if not np.isin(at, layout.inner).any() and not of_x.any():
        state.psi[:, at, at] = left
        state.sigma[:, at, at] += left
        return state
    out[:, at, at] = np.linalg.solve(reach(layout, state), left[:, :, None])[:, :, 0]
    out[:, i, j] = out[:, j, i] = of_x
    return evaluate_cells(layout, values, b0=layout.b0, psi0=out, alpha0=alpha0)


def reach(layout: Layout, state: State) -> Array:
    """Return the (B, o, o) shares of residual variances in the variances of unit variables."""
    assert layout.units is not None
    at = layout.units.at
    return state.a[:, at[:, None], at] ** 2


def evaluate_cells(
    layout: Layout, values: Array, *, b0: Array, psi0: Array, alpha0: Array
) -> State:
    """Return the model's matrices for the values of its cells.

    Parameters
    ----------
    layout : Layout
        Its cells; its own fixed values are not used.
    values : (B, K) array
        Real or complex.
    b0, psi0, alpha0 : (m, m) or (B, m, m), the same, and (m,) or (B, m) arrays
        Fixed values.
    """
    size, m, p = len(values), layout.m, layout.p
    row, col = layout.row, layout.col
    dtype = values.dtype
    b = np.empty((size, m, m), dtype=dtype)
    b[:] = b0
    psi = np.empty((size, m, m), dtype=dtype)
    psi[:] = psi0
    nu = np.empty((size, m), dtype=dtype)
    nu[:] = alpha0
    at = layout.paths
    b[:, row[at], col[at]] = values[:, at]
    at = layout.covariances
    psi[:, row[at], col[at]] = values[:, at]
    psi[:, col[at], row[at]] = values[:, at]
    if layout.has_means:
        at = layout.intercepts
        nu[:, row[at]] = values[:, at]
    inner = layout.inner
    a_rr = _inverse(np.eye(len(inner)) - b[:, inner[:, None], inner])
    h, psi_oo, seen = b[:, :p, inner], psi[:, :p, :p], layout.inner_observed
    if len(seen[0]):
        h[:, seen[0], :] = np.eye(len(inner))[seen[1]]
        psi_oo = psi_oo.copy()
        psi_oo[:, seen[0], :] = 0.0
        psi_oo[:, :, seen[0]] = 0.0
    a_t = a_rr.swapaxes(1, 2)
    t = h @ a_rr
    e_inner = a_rr @ psi[:, inner[:, None], inner] @ a_t
    fe = h @ e_inner
    h_t = h.swapaxes(1, 2)
    if layout.mixed:
        psi_or = psi[:, :p, inner]
        psi_or[:, seen[0], :] = 0.0
        fe = fe + psi_or @ a_t
        sigma = fe @ h_t + t @ psi_or.swapaxes(1, 2) + psi_oo
    else:
        sigma = fe @ h_t + psi_oo
    if layout.has_means:
        nu_r = (a_rr @ nu[:, inner, None])[:, :, 0]
        nu[:, inner] = 0.0
        nu[:, :p] += (h @ nu_r[:, :, None])[:, :, 0]
        nu[:, inner] = nu_r
    x = np.concatenate([t, fe], axis=2)
    return State(b=b, psi=psi, x=x, sigma=sigma, nu=nu, e_inner=e_inner, inner=inner, p=p)


def mean_weights(layout: Layout, state: State) -> Array:
    """Return w, (B, K), with d(mu) = w_k u_k."""
    out = np.zeros((len(state.b), layout.n_cells), dtype=state.b.dtype)
    out[:, layout.paths] = state.nu[:, layout.col[layout.paths]]
    out[:, layout.intercepts] = 1.0
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
        x_cells=move[layout.x_cells[wanted[layout.x_cells].all(axis=1)]],
        x_means=move[layout.x_means[wanted[layout.x_means]]],
        units=None if layout.units is None else _kept(layout.units, new),
    ), new


def _kept(units: Units, new: dict[int, int]) -> Units:
    keep = np.array([k for k, node in enumerate(units.at) if int(node) in new], dtype=np.intp)
    at = np.array([new[int(node)] for node in units.at[keep]], dtype=np.intp)
    return Units(at, units.par[keep], units.fixed[keep])


def jacobian_moments(layout: Layout, state: State) -> tuple[Array, Array]:
    """Return the dense derivatives of sigma, (B, K, p, p), and of mu, (B, K, p), by cell.

    Only small problems and the missing-data Hessian want these.
    """
    columns = state.columns()
    u = columns[:, :, layout.u].swapaxes(1, 2)
    v = columns[:, :, layout.v].swapaxes(1, 2) * layout.halves[:, None]
    outer = u[:, :, :, None] * v[:, :, None, :]
    return outer + outer.swapaxes(2, 3), u * mean_weights(layout, state)[:, :, None]
