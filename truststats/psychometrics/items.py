"""Items within their scale: covariances where answers are missing, item-rest correlations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array
from truststats.psychometrics.reliability import alpha

__all__ = ["ItemStatistics", "item_statistics", "pairwise_covariance", "quadratic_influence"]


@dataclass(frozen=True)
class ItemStatistics:
    """What each of k items adds to its scale.

    Attributes
    ----------
    item_rest : (k,) array
        Correlation of the item with the sum of the others; NaN for a single item.
    alpha_dropped : (k,) array
        Alpha of the others; NaN where fewer than two are left.
    """

    item_rest: Array
    alpha_dropped: Array


def item_statistics(cov: Array, signs: Array) -> ItemStatistics:
    """Return item-rest correlations and alpha without each item, from a covariance matrix (k, k).

    With the row sums c_i = sum_j s_ij and the total s, the item correlates with the rest by
    (c_i - s_ii) / sqrt(s_ii (s - 2 c_i + s_ii)).
    """
    keyed = cov * np.outer(signs, signs)
    own, with_sum, total = np.diag(keyed), keyed.sum(axis=1), keyed.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (with_sum - own) / np.sqrt(own * (total - 2.0 * with_sum + own))
    left = [np.delete(np.delete(keyed, k, 0), k, 1) for k in range(len(cov))]
    dropped = np.array([float(alpha(one)) if len(one) > 1 else np.nan for one in left])
    return ItemStatistics(rest, dropped)


def pairwise_covariance(rows: Array, weights: Array | None = None) -> Array:
    """Return the (k, k) covariances of all rows that answer both items, divisor n_ij - 1.

    Parameters
    ----------
    rows : (n, k) array
        NaN where missing.
    weights : (n,) array, optional
        Sampling weights; their sums stand for the numbers of rows.
    """
    seen = ~np.isnan(rows)
    filled = np.where(seen, rows - np.nanmean(rows, axis=0), 0.0)
    here = seen.astype(float)
    w = np.ones((len(rows), 1)) if weights is None else weights[:, None]
    count = here.T @ (w * here)
    sums = filled.T @ (w * here)  # of item i over the rows that answer j
    with np.errstate(divide="ignore", invalid="ignore"):
        return (filled.T @ (w * filled) - sums * sums.T / count) / (count - 1.0)


def quadratic_influence(rows: Array, slope: Array, weights: Array | None = None) -> Array:
    """Return how far each row moves a function of the (pairwise) covariances, (n,).

    With the function's derivatives G, z_i' G z_i - tr(G S) for the centred row z_i; where answers
    are missing, a pair counts n / n_jk in the rows that have it (Hampel 1974,
    doi:10.1080/01621459.1974.10482962, for influence functions).

    Parameters
    ----------
    rows : (n, k) array
        NaN where missing.
    slope : (k, k) array
        The derivatives by the cells of the covariance matrix.
    weights : (n,) array, optional
        Sampling weights, which the means need; the rows are to be weighted afterwards.
    """
    seen = ~np.isnan(rows)
    here = seen.astype(float)
    w = np.ones((len(rows), 1)) if weights is None else weights[:, None]
    mean = np.where(seen, w * np.where(seen, rows, 0.0), 0.0).sum(axis=0) / (w * here).sum(axis=0)
    centred = np.where(seen, rows - mean, 0.0)
    count = here.T @ (w * here)
    with np.errstate(divide="ignore", invalid="ignore"):
        cov = np.where(count > 0, (centred.T @ (w * centred)) / count, 0.0)
        weight = np.where(count > 0, slope * w.sum() / count, 0.0)
    moved = ((centred @ weight) * centred).sum(axis=1)
    return moved - ((here @ (weight * cov)) * here).sum(axis=1)
