"""The independence model as an estimate of its own, for the scaled tests of a baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.estimate import Estimate
from truststats.estimation.layout import COVARIANCE, Layout, saturated_layout
from truststats.estimation.sample import Sample

__all__ = ["independence"]


def _cells(
    sample: Sample, x: IntArray, fixed: IntArray, *, has_means: bool
) -> tuple[Layout, Array]:
    """Return the layout of uncorrelated variables in one group and its estimates."""
    full = saturated_layout(tuple(str(k) for k in range(sample.p)), has_means=has_means)
    loose = np.setdiff1d(x, fixed)
    is_cov = full.kind == COVARIANCE
    diagonal = is_cov & (full.row == full.col)
    among = is_cov & np.isin(full.row, loose) & np.isin(full.col, loose)
    wanted = (diagonal | among | ~is_cov) & ~np.isin(full.row, fixed)
    at = np.flatnonzero(wanted)
    kind, row, col = full.kind[at], full.row[at], full.col[at]
    theta = np.where(kind == COVARIANCE, sample.cov[row, col], sample.mean[row])
    psi0, alpha0 = full.psi0.copy(), full.alpha0.copy()
    psi0[np.ix_(fixed, fixed)] = sample.cov[np.ix_(fixed, fixed)]
    if has_means:
        alpha0[fixed] = sample.mean[fixed]
    pairs = [(i, j) for i in fixed for j in fixed if j <= i]
    cells = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    layout = replace(
        full, q=len(at), kind=kind, row=row, col=col, par=np.arange(len(at), dtype=np.intp),
        psi0=psi0, alpha0=alpha0, x_cells=cells, x_means=fixed if has_means else fixed[:0],
    )  # fmt: skip
    return layout, theta


def independence(estimate: Estimate, x: IntArray, chisq: float) -> Estimate:
    """Return the model of uncorrelated variables, at its maximum likelihood estimates.

    Exogenous variables `x` keep their covariances, as parameters unless they are fixed.

    Parameters
    ----------
    estimate : Estimate
        Complete rows.
    x : (px,) int array
    chisq : float
        Its likelihood-ratio statistic.
    """
    parts = [
        _cells(sample, x, estimate.x, has_means=estimate.has_means) for sample in estimate.samples
    ]
    q = sum(layout.q for layout, _ in parts)
    layouts: list[Layout] = []
    first = 0
    for layout, _ in parts:
        layouts.append(replace(layout, q=q, par=layout.par + first))
        first += layout.q
    return replace(
        estimate,
        layouts=tuple(layouts),
        theta=np.concatenate([theta for _, theta in parts]),
        chisq=chisq,
        logl=float("nan"),
        null=None,
        n_equal=0,
        bound=(),
    )
