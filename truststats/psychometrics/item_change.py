"""How far the mean answer to an item moved between two waves, as it was observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from truststats.arrays import Array, BoolArray, IntArray

__all__ = ["MeanChange", "mean_change"]


@dataclass(frozen=True)
class MeanChange:
    """Means of k items in two waves and their difference.

    Attributes
    ----------
    n, mean : (2, k) arrays
        Answers and their mean, old and new.
    change, se, lower, upper : (k,) arrays
        New minus old, in steps of the answer scale.
    """

    n: Array
    mean: Array
    change: Array
    se: Array
    lower: Array
    upper: Array


def mean_change(
    values: Array, new: BoolArray, clusters: IntArray, weights: Array, level: float = 0.95
) -> MeanChange:
    """Return the change of (weighted) means, by linearisation within clusters.

    Clusters may have rows in both waves: the same people, or the same units. With u_i = +-w_i
    (y_i - mean of its wave) / sum of weights of its wave and u_c its sum over a cluster, the
    variance is C / (C - 1) * sum of u_c^2 (Liang & Zeger 1986, doi:10.1093/biomet/73.1.13);
    intervals use t(C - 1).

    Parameters
    ----------
    values : (n, k) array
        NaN where there is no answer.
    new : (n,) bool array
        Rows of the new wave.
    clusters : (n,) int array
        Numbered from 0; a number of its own for each row that depends on no other.
    weights : (n,) array
    level : float
    """
    there = ~np.isnan(values)
    sign = np.where(new, 1.0, -1.0)
    sides = np.stack([~new, new])
    w = weights[:, None] * there
    total = sides @ w
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (sides @ (w * np.nan_to_num(values))) / total
        at = new.astype(np.intp)
        pull = sign[:, None] * w * (np.nan_to_num(values) - mean[at]) / total[at]
    pull = np.where(there, pull, 0.0)
    size = int(clusters.max()) + 1 if len(clusters) else 0
    sums = np.zeros((size, values.shape[1]))
    np.add.at(sums, clusters, pull)
    answered = np.zeros_like(sums)
    np.add.at(answered, clusters, there.astype(float))
    count = (answered > 0).sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(count / (count - 1.0) * (sums**2).sum(axis=0))
    half = np.asarray(student.ppf(0.5 + level / 2.0, np.maximum(count - 1.0, 1.0))) * se
    change = mean[1] - mean[0]
    n = (sides @ there.astype(float)).astype(float)
    return MeanChange(n, mean, change, se, change - half, change + half)
