"""Sums within clusters of dependent rows, and what a sampling design says about their spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, IntArray

__all__ = ["ClusterDesign", "cluster_factor", "cluster_sizes", "cluster_sums", "spanning_clusters"]


def _order(clusters: IntArray) -> tuple[IntArray, IntArray]:
    order = np.argsort(clusters, kind="stable")
    starts = np.r_[0, np.flatnonzero(np.diff(clusters[order])) + 1]
    return order, starts


def cluster_sums(values: Array, clusters: IntArray | None) -> Array:
    """Return values summed within clusters, (G, ...); the values themselves without clusters."""
    if clusters is None:
        return values
    order, starts = _order(clusters)
    return np.add.reduceat(values[order], starts, axis=0)


def cluster_sizes(clusters: IntArray) -> IntArray:
    """Return the number of rows of each cluster, in the order of `cluster_sums`."""
    _, starts = _order(clusters)
    return np.diff(np.r_[starts, len(clusters)])


def cluster_factor(count: int | None) -> float:
    """Return G / (G - 1) for a number of clusters; 1 without clusters."""
    return 1.0 if count is None else count / (count - 1)


def spanning_clusters(by_group: Sequence[IntArray | None]) -> IntArray | None:
    """Return the sorted numbers of all clusters if one has rows in several groups; else None.

    `by_group` holds the cluster number of each row, group by group.
    """
    found = [np.unique(own) for own in by_group if own is not None]
    if len(found) < 2:
        return None
    every = np.unique(np.concatenate(found))
    return every if len(every) < sum(len(own) for own in found) else None


@dataclass(frozen=True, eq=False)
class ClusterDesign:
    """Clusters that groups of a model share, and the strata they were drawn from.

    The clusters of all groups have numbers 0 to C - 1; a cluster without rows in a group counts
    there with a sum of zero (a domain; Cochran 1977, section 2.12).

    Attributes
    ----------
    count : int
        Number of clusters C.
    strata : (C,) int array or None
        Stratum of each cluster.
    """

    count: int
    strata: IntArray | None = None

    def sums(self, values: Array, clusters: IntArray) -> Array:
        """Return values (n, ...) summed within clusters, (C, ...)."""
        out = np.zeros((self.count, *values.shape[1:]))
        there = np.unique(clusters)
        out[there] = cluster_sums(values, clusters)
        return out

    def spread(self, sums: Array) -> Array:
        """Return cluster sums scaled so that their cross-product is the variance of the total.

        Within a stratum of n_h clusters they are centred and multiplied by
        sqrt(n_h / (n_h - 1)); a stratum of one cluster adds nothing (it was taken with
        certainty). Without strata the total is zero and only the factor remains.
        Source: Cochran (1977), "Sampling techniques", sections 5.2 and 11.
        """
        if self.strata is None:
            return sums * np.sqrt(cluster_factor(self.count))
        size = np.bincount(self.strata).astype(float)
        flat = sums.reshape(self.count, -1)
        means = np.zeros((len(size), flat.shape[1]))
        np.add.at(means, self.strata, flat)
        means /= np.maximum(size, 1.0)[:, None]
        factor = np.where(size > 1.0, np.sqrt(size / np.maximum(size - 1.0, 1.0)), 0.0)
        scaled = (flat - means[self.strata]) * factor[self.strata][:, None]
        return scaled.reshape(sums.shape)
