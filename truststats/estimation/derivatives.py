"""Gradient, informations and casewise scores of the normal log-likelihood, by gathers.

Everything is per case and on the log-likelihood scale. `g_mat` is W (S* - sigma) W and `h_vec`
is W (m - mu), where S* is the second moment about mu; complete data, expected moments under
missing data, and population moments all enter through them.
Formulas: Magnus & Neudecker (1999), ch. 17; observed information as the negative Hessian.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truststats.estimation.implied import State, mean_weights
from truststats.estimation.layout import INTERCEPT, PATH, Layout

__all__ = [
    "curvature",
    "expected_information",
    "fold",
    "gradient",
    "observed_information",
    "scores",
]

Array = NDArray[np.float64]


def fold(layout: Layout, by_cell: Array) -> Array:
    """Sum the last axis over cells that share a parameter: (..., K) to (..., q)."""
    return by_cell if layout.one_to_one else by_cell @ layout.selector()


def _fold_both(layout: Layout, by_cell: Array) -> Array:
    if layout.one_to_one:
        return by_cell
    pick = layout.selector()
    return pick.T @ by_cell @ pick


def gradient(layout: Layout, state: State, g_mat: Array, h_vec: Array) -> Array:
    """Return the (B, q) gradient of the per-case log-likelihood.

    Parameters
    ----------
    g_mat : (B, p, p) array
        W (S* - sigma) W.
    h_vec : (B, p) array
        W (m - mu); ignored where the means are not modelled.
    """
    t = state.a[:, : state.p, :]
    t_g = t.swapaxes(1, 2) @ g_mat
    both = np.concatenate([t_g @ t, t_g @ state.e[:, : state.p, :]], axis=2)
    by_cell = both[:, layout.u_index(), layout.v_index()] * layout.halves()
    if layout.has_means:
        h_t = (h_vec[:, None, :] @ t)[:, 0, :]
        by_cell = by_cell + h_t[:, layout.row] * mean_weights(layout, state)
    return fold(layout, by_cell)


def expected_information(layout: Layout, state: State, w: Array) -> Array:
    """Return the (B, q, q) expected information per case, with W = sigma^-1."""
    columns = state.columns()
    cross = columns.swapaxes(1, 2) @ w @ columns
    return _fold_both(layout, _expected_by_cell(layout, state, cross))


def _expected_by_cell(layout: Layout, state: State, cross: Array) -> Array:
    u, v, half = layout.u_index(), layout.v_index(), layout.halves()
    uv = cross[:, u[:, None], v]
    info = cross[:, u[:, None], u] * cross[:, v[:, None], v] + uv * uv.swapaxes(1, 2)
    info *= half[:, None] * half
    if layout.has_means:
        weight = mean_weights(layout, state)
        row = layout.row
        info = info + cross[:, row[:, None], row] * weight[:, :, None] * weight[:, None, :]
    return info


def curvature(layout: Layout, state: State, g_mat: Array, h_vec: Array) -> Array:
    """Return the (K, K) part of the Hessian that comes from second derivatives of the moments.

    Batch size one. tr(G sigma_kl)/2 + h' mu_kl, zero in a model without directed free paths.
    """
    a, e, nu, p = state.a[0], state.e[0], state.nu[0], state.p
    t, fe = a[:p], e[:p]
    g, h = g_mat[0], h_vec[0]
    g_tt, g_te, h_t = t.T @ g @ t, t.T @ g @ fe, t.T @ h
    kind, row, col, half = layout.kind, layout.row, layout.col, layout.halves()
    out = np.zeros((layout.n_cells, layout.n_cells))
    paths = np.flatnonzero(kind == PATH)
    if not len(paths):
        return out
    i, j = row[paths][:, None], col[paths][:, None]
    r, s = row[paths][None, :], col[paths][None, :]
    block = a[s, i] * g_te[r, j] + g_tt[i, r] * e[s, j] + g_te[i, s] * a[j, r]
    if layout.has_means:
        block = block + h_t[r] * a[s, i] * nu[j] + h_t[i] * a[j, r] * nu[s]
    out[np.ix_(paths, paths)] = block
    others = np.flatnonzero(kind != PATH)
    r, s = row[others][None, :], col[others][None, :]
    block = half[others] * (g_tt[i, r] * a[j, s] + g_tt[i, s] * a[j, r])
    if layout.has_means:
        block = block + np.where(kind[others] == INTERCEPT, h_t[i] * a[j, r], 0.0)
    out[np.ix_(paths, others)] = block
    out[np.ix_(others, paths)] = block.T
    return out


def observed_information(layout: Layout, state: State, second: Array, mean_gap: Array) -> Array:
    """Return the (q, q) observed information per case of complete data (batch size one).

    Parameters
    ----------
    second : (p, p) array
        S*, the second moment of the data about mu.
    mean_gap : (p,) array
        m - mu.
    """
    w = np.linalg.inv(state.sigma[0])
    columns = state.columns()
    cross = columns.swapaxes(1, 2) @ w @ columns
    z_bar = w @ mean_gap
    c = columns[0].T @ (w @ second @ w) @ columns[0]
    gx = cross[0]
    u, v, half = layout.u_index(), layout.v_index(), layout.halves()
    uk, vk = u[:, None], v[:, None]
    info = gx[vk, u] * c[uk, v] + gx[vk, v] * c[uk, u] + gx[uk, u] * c[vk, v] + gx[uk, v] * c[vk, u]
    info *= half[:, None] * half
    info -= half[:, None] * half * (gx[uk, u] * gx[vk, v] + gx[uk, v] * gx[vk, u])
    if layout.has_means:
        weight = mean_weights(layout, state)[0]
        row = layout.row
        zx = columns[0].T @ z_bar
        mixed = (zx[uk] * gx[vk, row] + zx[vk] * gx[uk, row]) * half[:, None] * weight
        info += mixed + mixed.T + gx[row[:, None], row] * weight[:, None] * weight
    g_mat = w @ (second - state.sigma[0]) @ w
    info -= curvature(layout, state, g_mat[None], z_bar[None])
    return _fold_both(layout, info)


def scores(layout: Layout, state: State, z: Array, u_w_v: Array) -> Array:
    """Return the (n, q) casewise scores (batch size one).

    Parameters
    ----------
    z : (n, p) array
        W_i (x_i - mu), zero where a value is missing.
    u_w_v : (K,) or (n, K) array
        u_k' W_i v_k, times the half on variances.
    """
    zx = z @ state.columns()[0]
    by_cell = zx[:, layout.u_index()] * zx[:, layout.v_index()] * layout.halves() - u_w_v
    if layout.has_means:
        by_cell += zx[:, layout.row] * mean_weights(layout, state)[0]
    return fold(layout, by_cell)
