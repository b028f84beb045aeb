"""Residuals of ordinal items, and of what stands beside them, with their sampling covariance.

With sample moments s of covariance Gamma / n, a weight V and derivatives D of the implied moments,
d theta = E D' V ds, where E inverts D' V D. So the residuals have the covariance Q Gamma Q' / n
with Q = I - D E D' V (Browne 1984, doi:10.1111/j.2044-8317.1984.tb00789.x; Maydeu-Olivares 2017,
doi:10.1007/s11336-016-9552-7). In groups that share parameters theta moves with the moments of
all of them. Gamma is that of the design: with clusters the moments of all rows of a cluster move
together, also across groups.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from truststats.arrays import Array
from truststats.estimation.implied_items import modelled
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.moment_structure import bread, filling
from truststats.inference.ordinal import ordinal_pieces
from truststats.inference.residuals import Residuals

__all__ = ["beside_covariances", "ordinal_residuals"]


def beside_covariances(group: OrdinalEstimate) -> tuple[tuple[str, ...], Array, Array]:
    """Return what one group's residuals have beside covariances.

    Returns
    -------
    tuple of str
        "threshold" or "mean" in the order of the statistics, then "slope" for each of these.
    array
        Sample minus implied.
    array
        The factors that standardise them: by the standard deviations of continuous variables and
        of exogenous ones.
    """
    (got,), made = group.moments, group.fitted
    ordered = got.ordered[got.threshold_of]
    gap = np.where(ordered, 1.0, -1.0) * (got.thresholds - made.cuts)
    sd = np.sqrt(np.diag(got.cov))
    of_x = np.sqrt(np.diag(group.sample.cov))[modelled(group.layout)[1]]
    kinds = [*np.where(ordered, "threshold", "mean").tolist(), *["slope"] * got.slopes.size]
    unit = np.where(ordered, 1.0, 1.0 / sd[got.threshold_of])
    return (
        tuple(kinds),
        np.r_[gap, (got.slopes - made.slopes).T.ravel()],
        np.r_[unit, (of_x[:, None] / sd).ravel()],
    )


def ordinal_residuals(estimate: OrdinalEstimate) -> tuple[Residuals, ...]:
    """Return the residual moments of every group with their covariance matrix."""
    made: list[Residuals] = []
    for group, (acov, sampling) in zip(estimate.groups, _spreads(estimate), strict=True):
        assert isinstance(group, OrdinalEstimate)
        made.append(_in_place(group, (acov + acov.T) / 2.0, sampling))
    return tuple(made)


def _spreads(estimate: OrdinalEstimate) -> Iterator[tuple[Array, Array]]:
    """Yield the covariance matrices of residuals and of statistics, group by group."""
    pieces = ordinal_pieces(estimate, gamma=True)
    e, _ = bread(pieces, estimate.null)
    spread = e @ filling(pieces) @ e / estimate.n
    joint = len(pieces) < len(estimate.moments)
    for part in pieces:
        assert part.gamma is not None
        mixed = part.slopes @ e @ part.moved.T / estimate.n
        sampling = part.gamma / (part.share * estimate.n)
        acov = sampling - mixed - mixed.T + part.slopes @ spread @ part.slopes.T
        last = np.cumsum([got.k for got in estimate.moments] if joint else [len(acov)])
        for first, end in zip([0, *last[:-1]], last, strict=True):
            yield acov[first:end, first:end], sampling[first:end, first:end]


def _in_place(group: OrdinalEstimate, acov: Array, sampling: Array) -> Residuals:
    """Return the residuals with all variances among them, covariances before the others."""
    (got,), implied = group.moments, group.fitted.cov
    kinds, gap, unit = beside_covariances(group)
    p, low = len(implied), np.tril_indices(len(implied))
    place = np.zeros((p, p), dtype=np.intp)
    place[low] = np.arange(p * (p + 1) // 2)
    col, row = np.triu_indices(p, 1)
    smooth = np.flatnonzero(~got.ordered)
    at = np.r_[np.arange(len(gap)) + len(low[0]), place[smooth, smooth], place[row, col]]
    sign = np.ones(len(at))
    sign[np.flatnonzero(np.array(kinds) == "mean")] = -1.0
    size = len(low[0]) + len(gap)
    full = np.zeros((2, size, size))
    full[:, at[:, None], at] = np.stack([acov, sampling]) * np.outer(sign, sign)
    values = np.r_[(got.cov - implied)[low], gap]
    return Residuals(values, full[0], full[1], got.cov, implied, kinds, unit)
