"""Residual thresholds and polychoric correlations with their sampling covariance.

With sample moments s of covariance Gamma / n, a weight V and derivatives D of the implied moments,
d theta = E D' V ds, where E inverts D' V D. So the residuals have the covariance Q Gamma Q' / n
with Q = I - D E D' V (Browne 1984, doi:10.1111/j.2044-8317.1984.tb00789.x; Maydeu-Olivares 2017,
doi:10.1007/s11336-016-9552-7). In groups that share parameters theta moves with the moments of
all of them.
"""

from __future__ import annotations

import numpy as np

from truststats.arrays import Array
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.weighted import weigh
from truststats.inference.moment_structure import bread, filling
from truststats.inference.ordinal import ordinal_pieces
from truststats.inference.residuals import Residuals

__all__ = ["ordinal_residuals", "threshold_residuals"]


def threshold_residuals(group: OrdinalEstimate) -> Array:
    """Return the residual thresholds (t,) of one group's ordinal items."""
    (got,) = group.moments
    return (got.thresholds - group.fitted.cuts)[got.ordered[got.threshold_of]]


def ordinal_residuals(estimate: OrdinalEstimate) -> tuple[Residuals, ...]:
    """Return the residual moments of every group with their covariance matrix.

    Their thresholds stand where other models have means.
    """
    pieces = ordinal_pieces(estimate, gamma=True)
    e, _ = bread(pieces, estimate.null)
    spread = e @ filling(pieces) @ e / estimate.n
    made: list[Residuals] = []
    for group, part in zip(estimate.groups, pieces, strict=True):
        assert isinstance(group, OrdinalEstimate)
        assert part.gamma is not None
        moved = weigh(part.weight, part.slopes).T @ part.gamma
        mixed = part.slopes @ e @ moved / estimate.n
        sampling = part.gamma / group.n
        acov = sampling - mixed - mixed.T + part.slopes @ spread @ part.slopes.T
        made.append(_in_place(group, (acov + acov.T) / 2.0, sampling))
    return tuple(made)


def _in_place(group: OrdinalEstimate, acov: Array, sampling: Array) -> Residuals:
    """Return the residuals with unit variances among them, correlations before thresholds."""
    (got,), corr = group.moments, group.fitted.cov
    p, t = len(corr), len(got.thresholds)
    left, gap = got.cov - corr, threshold_residuals(group)
    col, row = np.triu_indices(p, 1)
    place = np.zeros((p, p), dtype=np.intp)
    place[np.tril_indices(p)] = np.arange(p * (p + 1) // 2)
    at = np.r_[np.arange(t) + p * (p + 1) // 2, place[row, col]]
    size = p * (p + 1) // 2 + t
    full = np.zeros((2, size, size))
    full[:, at[:, None], at] = acov, sampling
    values = np.r_[left[np.tril_indices(p)], gap]
    return Residuals(values, full[0], full[1], got.cov, corr, thresholds=True)
