"""What each row moves each statistic, summed into the covariance of the statistics by blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import cast

import numpy as np
from scipy.linalg.blas import dsyrk, ssyrk

from truststats.arrays import Array, IntArray
from truststats.estimation.clusters import ClusterDesign, cluster_factor

__all__ = ["Moves"]

_BLOCK = 2048
#: From this many multiplications the cross-products of a block are summed in single precision
#: (a few millionths of the product of two standard deviations), at twice the speed.
_LARGE = 5e9


class Moves(ABC):
    """What each of n rows moves each of k statistics.

    Attributes
    ----------
    n : float
        Rows, or the sum of their weights.
    weights : (n,) array or None
        Sampling weight of each row.
    clusters : (n,) int array or None
        Cluster of each row.
    design : ClusterDesign or None
        Where clusters come from strata or span the groups of a model.
    """

    n: float
    weights: Array | None
    clusters: IntArray | None
    design: ClusterDesign | None

    @property
    @abstractmethod
    def k(self) -> int:
        """Number of statistics."""

    @property
    @abstractmethod
    def n_rows(self) -> int:
        """Number of rows."""

    @abstractmethod
    def rows(self, places: slice | IntArray, kind: type[np.floating] = np.float64) -> Array:
        """Return the moves by some rows, weighted, (k, b): one row of the result a statistic."""

    @abstractmethod
    def diagonal(self) -> Array:
        """Return the diagonal of `gamma`, (k,)."""

    def blocks(self, kind: type[np.floating] = np.float64) -> Iterator[Array]:
        """Yield (k, b) blocks whose cross-products add up to the covariance of the estimates.

        Rows of a cluster are summed and multiplied by sqrt(G / (G - 1)), and clusters centred
        within strata, as everywhere in the package.
        """
        n = self.n_rows
        if self.clusters is None:
            for start in range(0, n, _BLOCK):
                yield self.rows(slice(start, start + _BLOCK), kind)
        elif self.design is not None:
            sums = np.zeros((self.design.count, self.k))
            for start in range(0, n, _BLOCK):
                part = slice(start, start + _BLOCK)
                np.add.at(sums, self.clusters[part], self.rows(part).T)
            yield np.ascontiguousarray(self.design.spread(sums).T, dtype=kind)
        else:
            yield from self._cluster_blocks(kind)

    def _cluster_blocks(self, kind: type[np.floating]) -> Iterator[Array]:
        """Yield blocks of whole clusters; a cluster larger than a block is summed in parts."""
        clusters = cast(IntArray, self.clusters)
        order = np.argsort(clusters, kind="stable")
        inner = np.flatnonzero(np.diff(clusters[order])) + 1
        begins: IntArray = np.concatenate([[0], inner, [len(order)]])
        factor = np.sqrt(cluster_factor(len(begins) - 1))
        at: int = 0
        while at < len(begins) - 1:
            reach = int(np.searchsorted(begins, int(begins[at]) + _BLOCK, side="right"))
            end: int = max(reach - 1, at + 1)
            first, last = begins[at], begins[end]
            total = np.zeros((self.k, int(end) - int(at)))
            for start in range(first, last, _BLOCK):
                stop = min(start + _BLOCK, last)
                inside = np.union1d(start, begins[(begins > start) & (begins < stop)])
                owner: IntArray = np.searchsorted(begins, inside, side="right") - 1 - at
                moved = self.rows(order[start:stop])
                total[:, owner] += np.add.reduceat(moved, inside - start, axis=1)
            yield (factor * total).astype(kind)
            at = end

    def gamma(self) -> Array:
        """Return N times the covariance of the estimates, (k, k)."""
        large = float(self.n_rows) * self.k * self.k > _LARGE
        kind, product = (np.float32, ssyrk) if large else (np.float64, dsyrk)
        total = np.zeros((self.k, self.k), order="F")
        for block in self.blocks(kind):
            total += product(self.n, block.T, trans=1)
        _mirror(total)
        np.fill_diagonal(total, self.diagonal())
        return total

    def times(self, matrix: Array) -> Array:
        """Return `gamma` times a (k, m) matrix without forming `gamma`."""
        total = np.zeros(matrix.shape)
        for block in self.blocks():
            total += block @ (block.T @ matrix)
        return self.n * total

    def streamed_diagonal(self) -> Array:
        """Return the diagonal of `gamma` from the rows, block by block."""
        total = np.zeros(self.k)
        for block in self.blocks():
            total += np.square(block).sum(axis=1)
        return self.n * total


def _mirror(upper: Array) -> None:
    """Copy the upper triangle of a square matrix into its lower one, in place and in strips."""
    strip = 256
    for start in range(0, len(upper), strip):
        part = slice(start, start + strip)
        corner = np.triu(upper[part, part])
        upper[part, part] = corner + np.triu(corner, 1).T
        upper[start + strip :, part] = upper[part, start + strip :].T
