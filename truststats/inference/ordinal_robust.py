"""Robust CFI, TLI and RMSEA of ordinal items, from the normal discrepancy of the correlations.

The statistic of diagonally weighted least squares is no measure of misfit to be compared with that
of continuous answers. Savalei (2021), doi:10.1080/00273171.2020.1717922, takes the normal-theory
discrepancy F between polychoric and implied correlations at the estimates instead. Its mean under
the model is c df with c df = sum_g tr(V_g cov(r_g)) n_g, where r_g are the residual correlations of
the estimator that was used and V_g the normal-theory weight of correlations at the implied ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.fitmeasures import cfi, robust_rmsea_block
from truststats.inference.moment_structure import Pieces, bread, filling

__all__ = [
    "correlation_weight",
    "normal_discrepancy",
    "ordinal_robust_measures",
    "weigh_correlations",
]

_BLOCK = 256
_ALL = slice(None)


def normal_discrepancy(corr: Array, implied: Array) -> float:
    """Return log|sigma| - log|R| + tr(R sigma^-1) - p; NaN unless both are positive definite."""
    for matrix in (corr, implied):
        if not np.isfinite(matrix).all() or np.linalg.eigvalsh(matrix)[0] <= 0.0:
            return float("nan")
    logs = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(corr)[1]
    return float(logs + np.trace(np.linalg.solve(implied, corr)) - len(corr))


def correlation_weight(w: Array, at: slice = _ALL) -> Array:
    """Return the normal-theory weight of correlations, column by column, or some of its rows.

    Half the second derivative of F: w_ik w_jl + w_il w_jk.

    Parameters
    ----------
    w : (p, p) array
        The inverse of the implied correlation matrix.
    at : slice
        The rows wanted; all of them are p^2 (p - 1)^2 / 4 numbers.
    """
    col, row = np.triu_indices(len(w), 1)
    out = w[np.ix_(row[at], row)]
    out *= w[np.ix_(col[at], col)]
    cross = w[np.ix_(row[at], col)]
    cross *= w[np.ix_(col[at], row)]
    out += cross
    return out


def weigh_correlations(w: Array, x: Array) -> Array:
    """Return that weight times a matrix x, without the weight: of each column M, W M W.

    Parameters
    ----------
    w : (p, p) array
    x : (p (p - 1) / 2, r) array
        Each column is the lower triangle of a symmetric matrix M with a diagonal of zeros.
    """
    col, row = np.triu_indices(len(w), 1)
    full = np.zeros((x.shape[1], len(w), len(w)))
    full[:, row, col] = full[:, col, row] = x.T
    return (w @ full @ w)[:, row, col].T


def _mean(pieces: Sequence[Pieces], inverses: Sequence[Array], e: Array) -> float:
    """Return the mean of sum_g n_g r_g' V_g r_g, V_g the weights of the last moments."""
    inside = e @ filling(pieces) @ e
    total = 0.0
    for part, w in zip(pieces, inverses, strict=True):
        assert part.gamma is not None
        pairs = len(w) * (len(w) - 1) // 2
        gamma, slopes = part.gamma[-pairs:, -pairs:], part.slopes[-pairs:]
        for k in range(0, pairs, _BLOCK):
            at = slice(k, k + _BLOCK)
            total += float(np.vdot(correlation_weight(w, at), gamma[at]))
        on = np.flatnonzero(slopes.any(axis=0))  # thresholds move no correlation
        gap = slopes @ inside[:, on] - 2.0 * part.moved[-pairs:] @ e[:, on]
        total += part.share * float(np.sum(weigh_correlations(w, slopes[:, on]) * gap))
    return total


def ordinal_robust_measures(
    estimate: OrdinalEstimate, pieces: Sequence[Pieces], df_baseline: int
) -> dict[str, float]:
    """Return cfi, tli, rni and rmsea with interval, all called ``_robust``.

    NaN where polychoric or implied correlations are not positive definite: the discrepancy does
    not exist then.

    Parameters
    ----------
    estimate : OrdinalEstimate
    pieces : sequence of Pieces
        With asymptotic covariances; see `truststats.inference.ordinal.ordinal_pieces`.
    df_baseline : int
    """
    own = base = of_base = 0.0
    inverses: list[Array] = []
    for group, sample in zip(estimate.groups, estimate.samples, strict=True):
        implied = cast(OrdinalEstimate, group).fitted.cov
        alone = np.eye(estimate.p)
        own += sample.n * normal_discrepancy(sample.cov, implied)
        base += sample.n * normal_discrepancy(sample.cov, alone)
        inverses.append(np.linalg.inv(implied) if np.isfinite(own) else alone)
    for part in pieces:
        assert part.gamma is not None
        pairs = estimate.p * (estimate.p - 1) // 2
        of_base += float(np.diag(part.gamma)[-pairs:].sum())
    df, n = estimate.df, estimate.n / len(estimate.samples)
    scale, scale_base = float("nan"), of_base / df_baseline if df_baseline else 1.0
    if np.isfinite(own):
        e, _ = bread(pieces, estimate.null)
        scale = _mean(pieces, inverses, e) / df if df else 1.0
    gap, gap_base = own - scale * df, base - scale_base * df_baseline
    tli = 1.0 if df == 0 else 1.0 - gap * df_baseline / (gap_base * df)
    out = {
        "cfi_robust": cfi(gap + df, df, gap_base + df_baseline, df_baseline),
        "tli_robust": tli,
        "nnfi_robust": tli,
        "rni_robust": 1.0 if df == 0 else 1.0 - gap / gap_base,
    }
    if not np.isfinite(gap):
        out = dict.fromkeys(out, float("nan"))
    return out | robust_rmsea_block(own, df, n, scale)
