"""Gradient, informations and casewise scores of the normal log-likelihood, by gathers.

Everything is per case and on the log-likelihood scale. `g_mat` is W (S* - sigma) W and `h_vec`
is W (m - mu), where S* is the second moment about mu; complete data, expected moments under
missing data, and population moments all enter through them.
Formulas: Magnus & Neudecker (1999), ch. 17; observed information as the negative Hessian.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.implied import State, mean_weights
from truststats.estimation.layout import INTERCEPT, PATH, Layout

__all__ = [
    "curvature",
    "expected_cells",
    "expected_information",
    "fold",
    "fold_both",
    "gradient",
    "gradient_cells",
    "observed_information",
    "scores",
]


def fold(layout: Layout, by_cell: Array) -> Array:
    """Sum the last axis over cells that share a parameter: (..., K) to (..., q)."""
    if layout.one_to_one:
        return by_cell
    if layout.distinct:
        out = np.zeros((*by_cell.shape[:-1], layout.q), dtype=by_cell.dtype)
        out[..., layout.par] = by_cell
        return out
    return by_cell @ layout.selector


def fold_both(layout: Layout, by_cell: Array) -> Array:
    """Sum the last two axes over cells that share a parameter: (..., K, K) to (..., q, q)."""
    if layout.one_to_one:
        return by_cell
    if layout.distinct:
        out = np.zeros((*by_cell.shape[:-2], layout.q, layout.q), dtype=by_cell.dtype)
        out[..., layout.par[:, None], layout.par] = by_cell
        return out
    return layout.selector.T @ by_cell @ layout.selector


def _gather(matrix: Array, flat: IntArray) -> Array:
    """Take flat indices from each matrix of a batch."""
    return matrix.reshape(len(matrix), -1).take(flat, axis=1)


def gradient(layout: Layout, state: State, g_mat: Array, h_vec: Array) -> Array:
    """Return the (B, q) gradient of the per-case log-likelihood.

    Parameters
    ----------
    g_mat : (B, p, p) array
        W (S* - sigma) W.
    h_vec : (B, p) array
        W (m - mu); ignored where the means are not modelled.
    """
    return fold(layout, gradient_cells(layout, state, g_mat, h_vec))


def gradient_cells(layout: Layout, state: State, g_mat: Array, h_vec: Array) -> Array:
    """Return the (B, K) gradient by cell, before cells that share a parameter are summed."""
    width = layout.p + 2 * len(layout.inner)
    by_cell = _gather(state.cross(g_mat), layout.u * width + layout.v) * layout.halves
    if layout.has_means:
        h_x = np.concatenate([h_vec, (h_vec[:, None, :] @ state.x)[:, 0, :]], axis=1)
        by_cell = by_cell + h_x[:, layout.u] * mean_weights(layout, state)
    return by_cell


def expected_information(layout: Layout, state: State, w: Array) -> Array:
    """Return the (B, q, q) expected information per case, with W = sigma^-1."""
    return fold_both(layout, expected_cells(layout, state, w))


def expected_cells(layout: Layout, state: State, w: Array) -> Array:
    """Return the (B, K, K) expected information by cell."""
    cross = state.cross(w)
    uu, vv, uv = layout.pairs
    w_uu, w_uv = _gather(cross, uu), _gather(cross, uv)
    info = (w_uu * _gather(cross, vv) + w_uv * w_uv.swapaxes(1, 2)) * layout.half_pairs
    if layout.has_means:
        weight = mean_weights(layout, state)
        info += w_uu * weight[:, :, None] * weight[:, None, :]
    return info


def curvature(layout: Layout, state: State, g_mat: Array, h_vec: Array) -> Array:
    """Return the (K, K) part of the Hessian that comes from second derivatives of the moments.

    Batch size one. tr(G sigma_kl)/2 + h' mu_kl, zero in a model without directed free paths.
    """
    a, e, nu, p = state.a[0], state.e[0], state.nu[0], state.p
    t, fe = a[:p], e[:p]
    g, h = g_mat[0], h_vec[0]
    g_tt, g_te, h_t = t.T @ g @ t, t.T @ g @ fe, t.T @ h
    kind, row, col, half = layout.kind, layout.row, layout.col, layout.halves
    out = np.zeros((layout.n_cells, layout.n_cells))
    paths = layout.paths
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
    w = cast(Array, np.linalg.inv(state.sigma[0]))
    z_bar: Array = w @ mean_gap
    uu, vv, uv = layout.pairs
    gx = state.cross(w[None]).ravel()
    c = state.cross((w @ second @ w)[None]).ravel()
    g_uu, g_vv, g_uv = gx.take(uu), gx.take(vv), gx.take(uv)
    c_uu, c_vv, c_uv = c.take(uu), c.take(vv), c.take(uv)
    crossed = g_uv * c_uv.T
    info = crossed + crossed.T + g_vv * c_uu + g_uu * c_vv - g_uu * g_vv - g_uv * g_uv.T
    info *= layout.half_pairs
    if layout.has_means:
        weight = mean_weights(layout, state)[0]
        zx = np.concatenate([z_bar, z_bar @ state.x[0]])
        z_u, z_v = zx[layout.u][:, None], zx[layout.v][:, None]
        mixed = (z_u * g_uv.T + z_v * g_uu) * layout.halves[:, None] * weight
        info += mixed + mixed.T + g_uu * weight[:, None] * weight
    g_mat: Array = w @ (second - state.sigma[0]) @ w
    info -= curvature(layout, state, g_mat[None], z_bar[None])
    return fold_both(layout, info)


def scores(layout: Layout, state: State, z: Array, u_w_v: Array) -> Array:
    """Return the (n, q) casewise scores (batch size one).

    Parameters
    ----------
    z : (n, p) array
        W_i (x_i - mu), zero where a value is missing.
    u_w_v : (K,) or (n, K) array
        u_k' W_i v_k, times the half on variances.
    """
    zx = np.concatenate([z, z @ state.x[0]], axis=1)
    z_u = zx[:, layout.u]
    by_cell = z_u * zx[:, layout.v] * layout.halves - u_w_v
    if layout.has_means:
        by_cell += z_u * mean_weights(layout, state)[0]
    return fold(layout, by_cell)
