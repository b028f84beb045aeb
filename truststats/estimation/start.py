"""Cheap starting values: centroid loadings, factor covariances from composites, OLS paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, Layout

__all__ = ["plain_starting_values", "scattered_starting_values", "starting_values"]

_LOW, _HIGH = 0.1, 0.95


def _centroid(corr: Array) -> Array:
    """Return loadings of one factor on standardised indicators (centroid method)."""
    if len(corr) == 1:
        return np.ones(1)
    signs = np.where(corr[0] < 0, -1.0, 1.0)
    signs[0] = 1.0
    flipped = corr * np.outer(signs, signs)
    np.fill_diagonal(flipped, 0.0)
    sums = np.maximum(flipped.sum(axis=1), 1e-6)
    if len(corr) == 2:
        return signs * np.sqrt(np.clip(abs(corr[0, 1]), _LOW, _HIGH))
    return signs * np.clip(sums / np.sqrt(sums.sum()), _LOW, _HIGH)


class _Draft:
    """Covariances among nodes, filled factor by factor."""

    def __init__(self, layout: Layout, cov: Array) -> None:
        m, p = layout.m, layout.p
        self.k = np.zeros((m, m))
        self.k[:p, :p] = cov
        self.known = np.zeros(m, dtype=bool)
        self.known[:p] = True
        self.b = layout.b0.copy()
        self.residual = np.zeros(m)

    def add_factor(
        self, factor: int, indicators: list[int], fixed: dict[int, float], variance: float
    ) -> None:
        """Place one latent node: loadings of its indicators, variance, covariances."""
        at = np.array(indicators)
        sd = np.sqrt(np.maximum(self.k[at, at], 1e-12))
        corr = self.k[np.ix_(at, at)] / np.outer(sd, sd)
        standard = _centroid(corr)
        loading = standard * sd
        scale = 1.0 if np.isnan(variance) else np.sqrt(max(variance, 1e-6))
        marker = next((i for i in indicators if fixed.get(i)), None)
        if marker is not None:
            spot = indicators.index(marker)
            scale = loading[spot] / fixed[marker] if abs(loading[spot]) > 1e-8 else 1.0
        loading = loading / scale
        for spot, i in enumerate(indicators):
            self.b[i, factor] = fixed.get(i, loading[spot])
            self.residual[i] = self.k[i, i] * (1.0 - standard[spot] ** 2)
        weight = loading / (loading @ loading)
        known = np.flatnonzero(self.known)
        self.k[factor, known] = self.k[known, factor] = self.k[np.ix_(known, at)] @ weight
        self.k[factor, factor] = scale**2
        self.known[factor] = True


def _latent_order(loads: dict[int, list[int]]) -> list[int]:
    """Return latents so that a higher-order factor comes after the factors it explains."""
    order: list[int] = []
    left = dict(loads)
    while left:
        ready = [f for f, items in left.items() if not any(i in left and i != f for i in items)]
        if not ready:
            ready = [next(iter(left))]
        for f in ready:
            order.append(f)
            del left[f]
    return order


def starting_values(
    layout: Layout,
    loadings: Sequence[tuple[int, int]],
    user: Array,
    cov: Array,
    mean: Array | None,
) -> Array:
    """Return a (q,) vector of starting values.

    Parameters
    ----------
    layout : Layout
        With exogenous moments filled in.
    loadings : sequence of (factor, indicator)
        Node numbers of the `=~` rows, which paths of the layout are loadings.
    user : (q,) array
        Values the user gave by ``start()``; NaN elsewhere.
    cov : (p, p) array
    mean : (p,) array or None
    """
    draft = _Draft(layout, cov)
    loads: dict[int, list[int]] = {}
    for factor, item in loadings:
        loads.setdefault(factor, []).append(item)
    cells = list(zip(layout.kind.tolist(), layout.row.tolist(), layout.col.tolist(), strict=True))
    free = {(r, c) for k, r, c in cells if k == PATH}
    free_var = {r for k, r, c in cells if k == COVARIANCE and r == c}
    for factor in _latent_order(loads):
        items = loads[factor]
        fixed = {i: float(layout.b0[i, factor]) for i in items if (i, factor) not in free}
        variance = np.nan if factor in free_var else float(layout.psi0[factor, factor])
        draft.add_factor(factor, items, fixed, variance)
    _regressions(draft, set(loadings), free)
    theta = np.zeros(layout.q)
    _fill(layout, draft, theta, mean)
    given = ~np.isnan(user)
    theta[given] = user[given]
    return theta


def plain_starting_values(
    layouts: Sequence[Layout], theta: Array, user: Array, *, factor_share: float
) -> Array:
    """Return starts that assume little, for a second attempt.

    Paths between constructs and covariances are 0, loadings keep their drafted values within a
    factor of two of the marker's, factors have `factor_share` of the variance they had.

    Parameters
    ----------
    theta : (q,) array
        The first starting values.
    user : (q,) array
        Values the user gave, NaN elsewhere.
    factor_share : float
    """
    out = theta.copy()
    for layout in layouts:
        cells = zip(layout.kind, layout.row, layout.col, layout.par, strict=True)
        for kind, row, col, par in cells:
            if kind == PATH:
                measures = col >= layout.p and row < layout.p
                out[par] = np.clip(theta[par], 0.5, 2.0) if measures else 0.0
            elif kind == COVARIANCE and row != col:
                out[par] = 0.0
            elif kind == COVARIANCE and row >= layout.p:
                out[par] = factor_share * theta[par]
    given = ~np.isnan(user)
    out[given] = user[given]
    return out


def scattered_starting_values(
    layouts: Sequence[Layout], plain: Array, user: Array, count: int
) -> Array:
    """Return (count, q) starts around a plain one: loadings of either sign, paths of any size.

    The scatter has a seed of its own, so that a fit gives the same numbers every time.
    """
    rng = np.random.default_rng(20261121)
    out = np.repeat(plain[None], count, axis=0)
    loading = np.zeros(len(plain), dtype=bool)
    other = np.zeros(len(plain), dtype=bool)
    for layout in layouts:
        for cell in layout.paths:
            is_loading = layout.col[cell] >= layout.p and layout.row[cell] < layout.p
            (loading if is_loading else other)[layout.par[cell]] = True
    flips = rng.choice([-1.0, 1.0], size=(count, int(loading.sum())))
    out[:, loading] *= flips * rng.uniform(0.3, 1.5, size=flips.shape)
    out[:, other] = rng.normal(0.0, 0.5, size=(count, int(other.sum())))
    given = ~np.isnan(user)
    out[:, given] = user[given]
    return out


def _regressions(draft: _Draft, loadings: set[tuple[int, int]], free: set[tuple[int, int]]) -> None:
    """Fill structural paths by least squares on the drafted covariances."""
    parents: dict[int, list[int]] = {}
    for row, col in free:
        if (col, row) not in loadings:
            parents.setdefault(row, []).append(col)
    explained = {item for _, item in loadings}
    for child, cols in parents.items():
        at = np.array(sorted(cols))
        k_xx = draft.k[np.ix_(at, at)]
        sd = np.sqrt(np.maximum(np.diag(k_xx), 1e-12))
        ridge = k_xx + 0.1 * np.diag(sd**2)
        beta = cast(Array, np.linalg.solve(ridge, draft.k[at, child]))
        draft.b[child, at] = beta
        var = draft.k[child, child]
        left = float(var - beta @ draft.k[at, child])
        share = float(draft.residual[child]) if child in explained else left
        draft.residual[child] = float(np.clip(share, 0.1 * var, var))


def _intercepts(layout: Layout, draft: _Draft, mean: Array | None) -> Array:
    """Return an intercept for every node that reproduces the drafted means.

    The mean of a factor with a free intercept is read off its first indicator whose intercept is
    fixed, else it is 0; other factors inherit theirs along the drafted paths.
    """
    if mean is None:
        return np.zeros(layout.m)
    centre = np.r_[mean, np.zeros(layout.m - layout.p)]
    free = set(layout.row[layout.intercepts].tolist())
    for factor in range(layout.p, layout.m):
        items = np.flatnonzero(draft.b[: layout.p, factor])
        known = [int(k) for k in items if int(k) not in free]
        if factor in free and known:
            centre[factor] = (mean[known[0]] - layout.alpha0[known[0]]) / draft.b[known[0], factor]
    inherits = [k for k in range(layout.p, layout.m) if k not in free]
    for _ in inherits:
        centre[inherits] = layout.alpha0[inherits] + (draft.b @ centre)[inherits]
    return centre - draft.b @ centre


def _fill(layout: Layout, draft: _Draft, theta: Array, mean: Array | None) -> None:
    """Write the draft into theta."""
    endogenous = set(layout.row[layout.kind == 0].tolist()) | set(
        np.flatnonzero(layout.b0.any(axis=1)).tolist()
    )
    path_of = draft.b
    intercept = _intercepts(layout, draft, mean)
    for kind, row, col, par in zip(layout.kind, layout.row, layout.col, layout.par, strict=True):
        if kind == PATH:
            theta[par] = path_of[row, col]
        elif kind == COVARIANCE and row == col:
            value = draft.residual[row] if row in endogenous else draft.k[row, row]
            theta[par] = max(value, 0.05 * draft.k[row, row], 1e-6)
        elif kind == COVARIANCE:
            if row in endogenous or col in endogenous:
                theta[par] = 0.0
            else:
                bound = 0.8 * np.sqrt(abs(draft.k[row, row] * draft.k[col, col]))
                theta[par] = float(np.clip(draft.k[row, col], -bound, bound))
        elif kind == INTERCEPT:
            theta[par] = intercept[row]
