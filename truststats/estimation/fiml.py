"""Full-information maximum likelihood for rows with missing values.

With W = sigma^-1 and m the missing variables of a row, the precision of its observed part is
W_oo - W_om W_mm^-1 W_mo, so one inverse and small blocks over the missing variables serve every
pattern. The gradient equals the complete-data gradient at the expected moments (Fisher's
identity; Dempster, Laird & Rubin 1977), which is what `expect` returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.derivatives import curvature, fold_both
from truststats.estimation.implied import State, jacobian_moments, mean_weights
from truststats.estimation.layout import COVARIANCE, INTERCEPT, Layout
from truststats.estimation.observed import Incomplete, PatternGroup

__all__ = [
    "Expectation",
    "Saturated",
    "expect",
    "incomplete_information",
    "incomplete_uwv",
    "saturated_moments",
]

_LOG_2PI = float(np.log(2.0 * np.pi))
_CHUNK = 1024


@dataclass(frozen=True)
class Expectation:
    """Expected moments given the observed values, at one sigma and mu.

    Attributes
    ----------
    second : (p, p) array
        Mean expected outer product about mu (S*).
    gap : (p,) array
        Mean expected deviation from mu.
    logl : float
        Log-likelihood of the observed values, constants included.
    z : (n, p) array
        W_i (x_i - mu), zero where a value is missing.
    w : (p, p) array
        sigma^-1.
    """

    second: Array
    gap: Array
    logl: float
    z: Array
    w: Array


@dataclass(frozen=True)
class Saturated:
    """The unrestricted means and covariances under missing data.

    Attributes
    ----------
    mean : (p,) array
    cov : (p, p) array
    logl : float
        Unrestricted log-likelihood.
    iterations : int
    converged : bool
    """

    mean: Array
    cov: Array
    logl: float
    iterations: int
    converged: bool


def _missing_blocks(group: PatternGroup, w: Array) -> tuple[Array, float]:
    """Return W_mm^-1 for each pattern of a group and the sum of n_j log|W_mm|."""
    block = w[group.missing[:, :, None], group.missing[:, None, :]]
    _, logdet = np.linalg.slogdet(block)
    return np.linalg.inv(block), float(logdet @ group.mass)


def expect(data: Incomplete, sigma: Array, mu: Array) -> Expectation:
    """Return expected moments and the log-likelihood at sigma and mu.

    Parameters
    ----------
    data : Incomplete
        Rows by pattern.
    sigma : (p, p) array
        Positive definite.
    mu : (p,) array

    Raises
    ------
    numpy.linalg.LinAlgError
        If sigma is not positive definite.
    """
    factor = np.linalg.cholesky(sigma)
    w = np.linalg.inv(sigma)
    p = data.p
    gap = np.where(data.observed, data.filled - mu, 0.0)
    y = gap @ w
    logdet = data.n * 2.0 * float(np.log(np.diag(factor)).sum())
    extra = np.zeros(p * p)
    for group in data.groups:
        inverse, part = _missing_blocks(group, w)
        logdet += part
        at = (group.rows[:, None], group.missing[group.row_pattern])
        gap[at] = -(inverse[group.row_pattern] @ y[at][:, :, None])[:, :, 0]
        flat = group.missing[:, :, None] * p + group.missing[:, None, :]
        weights = inverse * group.mass[:, None, None]
        extra += np.bincount(flat.ravel(), weights=weights.ravel(), minlength=p * p)
    z = gap @ w
    if data.weights is None:
        quadratic = float(np.einsum("ij,ij->", gap, z))
        cells = float(data.observed.sum())
        second, mean_gap = gap.T @ gap, gap.mean(axis=0)
    else:
        quadratic = float(data.weights @ np.einsum("ij,ij->i", gap, z))
        cells = float(data.weights @ data.observed.sum(axis=1))
        second = gap.T @ (gap * data.weights[:, None])
        mean_gap = data.weights @ gap / data.n
    second = (second + extra.reshape(p, p)) / data.n
    return Expectation(
        second=(second + second.T) / 2.0,
        gap=mean_gap,
        logl=-0.5 * (cells * _LOG_2PI + logdet + quadratic),
        z=z,
        w=w,
    )


def saturated_moments(
    data: Incomplete, *, tolerance: float = 1e-9, max_iterations: int = 5000
) -> Saturated:
    """Return the unrestricted ML means and covariances by the EM algorithm.

    Iterates until no standardised moment moves by more than `tolerance`.
    Source: Dempster, Laird & Rubin (1977); Schafer (1997), ch. 5.
    """
    _, mean, variances = data.available()
    cov = np.diag(variances)
    scale = np.sqrt(np.diag(cov))
    converged, iteration, logl = False, 0, -np.inf
    while iteration < max_iterations and not converged:
        iteration += 1
        step = expect(data, cov, mean)
        new_mean = mean + step.gap
        new_cov = step.second - np.outer(step.gap, step.gap)
        moved = max(
            np.abs((new_cov - cov) / np.outer(scale, scale)).max(),
            np.abs((new_mean - mean) / scale).max(),
        )
        mean, cov, logl = new_mean, new_cov, step.logl
        converged = bool(moved < tolerance)
    logl = expect(data, cov, mean).logl if converged else logl
    return Saturated(mean=mean, cov=cov, logl=logl, iterations=iteration, converged=converged)


def _chunks(
    data: Incomplete, w: Array
) -> Iterator[tuple[IntArray, Array, PatternGroup | None, slice]]:
    """Yield pattern numbers and their W_j, (J, p, p), in chunks; the complete pattern first."""
    counts = data.counts
    some: list[IntArray] = [group.pattern_ids for group in data.groups]
    with_missing = np.concatenate(some) if some else np.zeros(0, dtype=np.intp)
    complete = np.setdiff1d(np.arange(len(counts)), with_missing)
    if len(complete):
        yield complete, w[None], None, slice(0, 1)
    for group in data.groups:
        inverse, _ = _missing_blocks(group, w)
        for start in range(0, len(group.counts), _CHUNK):
            part = slice(start, min(start + _CHUNK, len(group.counts)))
            w_m = w[group.missing[part]]
            full = w - w_m.swapaxes(1, 2) @ inverse[part] @ w_m
            yield group.pattern_ids[part], full, group, part


def _pattern_sums(
    data: Incomplete, z: Array, ids: IntArray, group: PatternGroup | None, part: slice
) -> tuple[Array, Array]:
    """Return, for a chunk of patterns, the sums of vech(z z') and of z over their rows."""
    row, col = np.tril_indices(data.p)
    if group is None:
        at = data.pattern == ids[0]
        rows = z[at]
        by_weight = rows if data.weights is None else rows * data.weights[at, None]
        return (rows.T @ by_weight)[row, col][None], by_weight.sum(axis=0)[None]
    ends = np.cumsum(group.counts)
    first = ends[part.start] - group.counts[part.start]
    members = group.rows[first : ends[part.stop - 1]]
    rows = z[members]
    outer = rows[:, row] * rows[:, col]
    if data.weights is not None:
        rows, outer = (data.weights[members, None] * x for x in (rows, outer))
    if len(rows) == len(ids):
        return outer, rows
    starts = ends[part] - group.counts[part] - first
    return np.add.reduceat(outer, starts, axis=0), np.add.reduceat(rows, starts, axis=0)


def _tensors(data: Incomplete, step: Expectation, *, observed: bool) -> tuple[Array, Array, Array]:
    """Accumulate what the information needs over patterns.

    Returns sum_j vech(W_j) vech(Y_j)' with Y_j = sum z z' - n_j W_j / 2 (observed) or
    n_j W_j / 2 (expected), sum_j vec(W_j) (sum z)', and sum_j n_j W_j.
    """
    p = data.p
    row, col = np.tril_indices(p)
    fourth = np.zeros((len(row), len(row)))
    third = np.zeros((p * p, p))
    total = np.zeros((p, p))
    for ids, w_j, group, part in _chunks(data, step.w):
        counts = data.mass[ids]
        flat = w_j.reshape(len(ids), -1)
        total += (counts @ flat).reshape(p, p)
        lower = flat[:, row * p + col]
        y_j = lower * (counts[:, None] / 2.0)
        if observed:
            outer, sums = _pattern_sums(data, step.z, ids, group, part)
            y_j = outer - y_j
            third += flat.T @ sums
        fourth += lower.T @ y_j
    return fourth, third.reshape(p, p, p), total


def _is_saturated(layout: Layout) -> bool:
    """Tell whether the cells are those of `saturated_layout`, in its order."""
    row, col = np.tril_indices(layout.p)
    n_cov = len(row)
    if layout.m != layout.p or layout.n_cells not in (n_cov, n_cov + layout.p):
        return False
    means = slice(n_cov, None)
    return bool(
        layout.one_to_one
        and (layout.kind[:n_cov] == COVARIANCE).all()
        and (layout.kind[means] == INTERCEPT).all()
        and (layout.row[:n_cov] == row).all()
        and (layout.col[:n_cov] == col).all()
        and (layout.row[means] == np.arange(layout.n_cells - n_cov)).all()
    )


def incomplete_information(
    layout: Layout, state: State, data: Incomplete, step: Expectation, *, observed: bool
) -> Array:
    """Return the (q, q) expected or observed information per case under missing data.

    Parameters
    ----------
    state : State
        Batch size one.
    step : Expectation
        `expect` at the state's sigma and mu.
    observed : bool
        Minus the Hessian when true; otherwise its expectation given the missing patterns
        (missing completely at random, Kenward & Molenberghs 1998).
    """
    fourth, third, total = _tensors(data, step, observed=observed)
    p = layout.p
    index = np.zeros((p, p), dtype=np.intp)
    row, col = np.tril_indices(p)
    index[row, col] = index[col, row] = np.arange(len(row))
    n_cov = p * (p + 1) // 2
    weight = mean_weights(layout, state)[0]
    t = state.columns()[0][:, layout.u]
    info = (t.T @ total @ t) * weight[:, None] * weight if layout.has_means else 0.0
    if _is_saturated(layout):
        info = np.zeros((layout.n_cells, layout.n_cells)) + info
        info[:n_cov, :n_cov] += _gather_saturated(fourth, index, layout)
        if observed and layout.has_means:
            half = layout.halves[:n_cov]
            block = (third[col, :, row] + third[row, :, col]) * half[:, None]
            info[:n_cov, n_cov:] += block
            info[n_cov:, :n_cov] += block.T
        return info / data.n
    d_sigma, d_mu = jacobian_moments(layout, state)
    flat = d_sigma[0].reshape(layout.n_cells, -1)
    spread = fourth[index[:, :, None, None], index[None, None, :, :]]
    spread = spread.transpose(3, 0, 1, 2).reshape(p * p, p * p)
    main = flat @ spread @ flat.T
    info = info + (main + main.T) / 2.0
    if observed:
        if layout.has_means:
            left = np.einsum("kab,bca->kc", d_sigma[0], third)
            mixed = left @ d_mu[0].T
            info = info + mixed + mixed.T
        g_mat = step.w @ (step.second - state.sigma[0]) @ step.w
        info = info - data.n * curvature(layout, state, g_mat[None], (step.w @ step.gap)[None])
    return fold_both(layout, info / data.n)


def _gather_saturated(fourth: Array, index: IntArray, layout: Layout) -> Array:
    """Return the covariance block of the saturated information, by gathers."""
    n_cov = len(fourth)
    r, c = layout.row[:n_cov], layout.col[:n_cov]
    half = layout.halves[:n_cov]
    out = np.zeros_like(fourth)
    for a, b in ((r, c), (c, r)):
        for d, e in ((r, c), (c, r)):
            out += fourth[index[b[:, None], d], index[e, a[:, None]]]
    out *= half[:, None] * half
    return (out + out.T) / 2.0


def incomplete_uwv(layout: Layout, state: State, data: Incomplete, w: Array) -> Array:
    """Return u_k' W_i v_k (halved on variances) for every row, (n, K)."""
    p = layout.p
    row, col = np.tril_indices(p)
    half = layout.halves
    per_pattern = np.zeros((data.n_patterns, layout.n_cells))
    saturated = _is_saturated(layout)
    if saturated:
        n_cov = len(row)
        weights = half[:n_cov]
    else:
        columns = state.columns()[0]
        u, v = columns[:, layout.u], columns[:, layout.v] * half
        weights = u[row] * v[col] + np.where((row != col)[:, None], u[col] * v[row], 0.0)
    for ids, w_j, _, _ in _chunks(data, w):
        lower = w_j[:, row, col]
        if saturated:
            per_pattern[ids, : len(row)] = lower * weights
        else:
            per_pattern[ids] = lower @ weights
    return per_pattern[data.pattern]
