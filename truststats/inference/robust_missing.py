"""Robust CFI, TLI and RMSEA when missing values were handled by full information.

Under FIML the likelihood-ratio statistic mixes misfit with missing information, so the usual
indices shift with the amount of missing data. Following Zhang & Savalei (2023), "New computations
for RMSEA and CFI following FIML and TS estimation with missing data", Psychological Methods,
doi:10.1037/met0000445, the complete-data discrepancy is evaluated between the unrestricted (EM)
moments and the model at the FIML estimates, and its bias k is removed:
k = tr(Q' W_c Q Gamma) with Q = I - D (D' W_m D)^-1 D' W_m, D the derivatives of the moments, W_c
and W_m the complete- and observed-data information of the unrestricted moments, and Gamma the
(sandwich) covariance of their estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.derivatives import expected_information, scores
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import (
    expect,
    incomplete_information,
    incomplete_uwv,
    saturated_moments,
)
from truststats.estimation.implied import State, evaluate
from truststats.estimation.layout import COVARIANCE, INTERCEPT, Layout, saturated_layout
from truststats.estimation.observed import group_patterns
from truststats.estimation.sample import Sample
from truststats.estimation.solve import discrepancy
from truststats.estimation.weighted import moment_slopes
from truststats.inference.fitmeasures import robust_rmsea_block
from truststats.inference.vcov import meat

__all__ = ["robust_missing_measures"]


@dataclass(frozen=True)
class _Weights:
    """Informations of the unrestricted moments, exogenous ones left out.

    `keep` are the cells kept; `w_m`, `w_c` the observed- and complete-data information, `gamma`
    the covariance of the estimates (times n).
    """

    keep: IntArray
    w_m: Array
    w_c: Array
    gamma: Array


def _kept(layout: Layout, x: IntArray) -> IntArray:
    inside = np.isin(layout.row, x) & (np.isin(layout.col, x) | (layout.kind == INTERCEPT))
    return np.flatnonzero(~inside)


def _weights(sample: Sample, x: IntArray, *, robust: bool) -> _Weights:
    layout = saturated_layout(tuple(str(i) for i in range(sample.p)), has_means=True)
    theta = np.r_[sample.cov[np.tril_indices(sample.p)], sample.mean]
    state = evaluate(layout, theta[None])
    w = np.linalg.inv(sample.cov)
    keep = _kept(layout, x)
    w_c = expected_information(layout, state, w[None])[0][np.ix_(keep, keep)]
    data = sample.incomplete
    if data is None:
        w_m = w_c
        assert sample.rows is not None
        z = (sample.rows - sample.mean) @ w
        uwv = np.r_[w[layout.row, layout.col][layout.kind == COVARIANCE], np.zeros(sample.p)]
        by_row = scores(layout, state, z, uwv * layout.halves)
    else:
        step = expect(data, state.sigma[0], state.mu[0])
        w_m = incomplete_information(layout, state, data, step, observed=True)
        w_m = w_m[np.ix_(keep, keep)]
        by_row = scores(layout, state, step.z, incomplete_uwv(layout, state, data, step.w))
    gamma = np.linalg.inv(w_m)
    if robust:
        gamma = gamma @ meat(by_row[:, keep], sample) @ gamma
    return _Weights(keep, w_m, w_c, gamma)


def _bias(shares: Array, weights: list[_Weights], slopes: list[Array]) -> float:
    """Return k for the groups' derivatives of the kept moments, (K, q) each.

    Groups are independent: their informations stand on the diagonal, times their shares, and
    they meet in (D' W_m D)^-1 only.
    """
    slopes = [d[w.keep] for d, w in zip(slopes, weights, strict=True)]
    wd = [w.w_m @ d for d, w in zip(slopes, weights, strict=True)]
    inner = sum(a * (d.T @ x) for a, d, x in zip(shares, slopes, wd, strict=True))
    m = np.linalg.inv(inner)
    total = sum(float(np.sum(w.w_c * w.gamma)) for w in weights)
    cd = [w.w_c @ d for d, w in zip(slopes, weights, strict=True)]
    gwd = [w.gamma @ x for x, w in zip(wd, weights, strict=True)]
    cross = sum(a * (g.T @ c) for a, g, c in zip(shares, gwd, cd, strict=True))
    spread = sum(a * (x.T @ g) for a, x, g in zip(shares, wd, gwd, strict=True))
    curved = sum(a * (d.T @ c) for a, d, c in zip(shares, slopes, cd, strict=True))
    return total - 2.0 * float(np.trace(m @ cross)) + float(np.trace(m @ spread @ m @ curved))


def _exogenous_moments(sample: Sample, x: IntArray) -> tuple[Array, Array]:
    """Return the unrestricted covariances and means of the exogenous variables by themselves."""
    rows = None if sample.rows is None else sample.rows[:, x]
    if rows is None or not np.isnan(rows).any():
        return sample.cov[np.ix_(x, x)], sample.mean[x]
    seen = ~np.isnan(rows).all(axis=1)
    weights = None if sample.weights is None else sample.weights[seen]
    own = saturated_moments(group_patterns(rows[seen], weights))
    return own.cov, own.mean


def _baseline(sample: Sample, x: IntArray, fixed: IntArray) -> tuple[State, Array]:
    """Return the independence model at its estimates and its derivatives.

    Exogenous variables `x` keep their covariances, as parameters unless they are `fixed`.
    """
    p = sample.p
    y = np.setdiff1d(np.arange(p), x)
    data = sample.incomplete
    mean, variance = sample.mean.copy(), np.diag(sample.cov).copy()
    if data is not None:
        _, mean, variance = data.available()
    sigma = np.diag(variance)
    sigma[np.ix_(x, x)], mean[x] = _exogenous_moments(sample, x)
    none = np.zeros((1, p, 0))
    state = State(
        b=np.zeros((1, p, p)), psi=sigma[None], x=none, sigma=sigma[None], nu=mean[None],
        e_inner=np.zeros((1, 0, 0)), inner=np.zeros(0, dtype=np.intp), p=p,
    )  # fmt: skip
    n_cov = p * (p + 1) // 2
    diagonal = np.flatnonzero(np.equal(*np.tril_indices(p)))
    loose = np.setdiff1d(x, fixed)
    row, col = np.tril_indices(p)
    of_x = np.flatnonzero(np.isin(row, loose) & np.isin(col, loose))
    cells = np.r_[diagonal[y], of_x, n_cov + y, n_cov + loose]
    slopes = np.zeros((n_cov + p, len(cells)))
    slopes[cells, np.arange(len(cells))] = 1.0
    return state, slopes


def robust_missing_measures(
    estimate: Estimate, baseline_df: float, x: IntArray, *, robust: bool
) -> dict[str, float]:
    """Return cfi, tli and rmsea (with interval and close-fit p) corrected for missing data.

    Parameters
    ----------
    estimate : Estimate
        With a mean structure.
    baseline_df : int
        Degrees of freedom of the independence model.
    x : (px,) int array
        Exogenous observed variables, fixed or not.
    robust : bool
        Use the sandwich covariance of the unrestricted moments (MLR), by cluster if clustered.
    """
    df, n = estimate.df, estimate.n
    groups = estimate.groups
    key = ("robust_missing", robust, tuple(estimate.x))
    weights: list[_Weights] = []
    for sample in estimate.samples:
        if key not in sample.memo:
            sample.memo[key] = _weights(sample, estimate.x, robust=robust)
        weights.append(sample.memo[key])

    def corrected(states: list[State], slopes: list[Array]) -> tuple[float, float]:
        value = 0.0
        for state, sample in zip(states, estimate.samples, strict=True):
            found, *_ = discrepancy(state, sample.cov[None], sample.mean[None])
            value += sample.n * float(found[0])
        return value, _bias(estimate.shares, weights, slopes)

    own_slopes = [moment_slopes(group.layout, group.state) for group in groups]
    if estimate.null is not None:
        own_slopes = [slopes @ estimate.null for slopes in own_slopes]
    t, k = corrected([group.state for group in groups], own_slopes)
    base = [_baseline(sample, x, estimate.x) for sample in estimate.samples]
    t_b, k_b = corrected([state for state, _ in base], _apart([slopes for _, slopes in base]))
    own = max(t - k, 0.0) if df else 0.0
    worst = max(own, t_b - k_b, 0.0)
    out = {"cfi_robust": 1.0 if worst == 0.0 else 1.0 - own / worst}
    out["tli_robust"] = 1.0 if df == 0 else 1.0 - ((t - k) * baseline_df) / ((t_b - k_b) * df)
    out["rni_robust"] = 1.0 if df == 0 else 1.0 - (t - k) / (t_b - k_b)
    scale = k / df if df else 1.0
    return out | robust_rmsea_block(t, df, n / len(groups), scale)


def _apart(slopes: list[Array]) -> list[Array]:
    """Return derivatives with columns of each group's own, zero in the others."""
    widths = [part.shape[1] for part in slopes]
    ends = np.cumsum(widths)
    out: list[Array] = []
    for part, width, end in zip(slopes, widths, ends, strict=True):
        wide = np.zeros((len(part), int(ends[-1])))
        wide[:, end - width : end] = part
        out.append(wide)
    return out
