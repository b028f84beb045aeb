"""Sums within clusters of dependent rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from truststats.arrays import Array, IntArray

__all__ = ["cluster_factor", "cluster_sizes", "cluster_sums", "spanning_clusters"]


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
