"""The asymptotic covariance of thresholds and polychoric correlations, without a score matrix.

What one row moves the estimates depends on two categories at a time, so it is looked up in small
tables: its squares are summed over cells, its cross-products over blocks of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.bivariate import FAR, cell_probabilities, cell_slopes
from truststats.estimation.clusters import ClusterDesign
from truststats.estimation.moves import Moves
from truststats.estimation.thresholds import Codes, threshold_influence
from truststats.estimation.two_way import PairTables

__all__ = ["Influence", "influence_of"]


@dataclass(frozen=True, eq=False)
class Influence(Moves):
    """What each row moves each threshold and each correlation.

    The k = T + P statistics are the thresholds, item by item, then the strict lower triangle of
    correlations, column by column.

    Attributes
    ----------
    codes : (n, p) int8 array
        Category of each answer; a missing answer has the number `width`.
    single : (p, width + 1, width - 1) array
        Move of an item's thresholds by the answer, padded.
    double : (P, width + 1, width + 1) array
        Move of a correlation by both answers.
    real : (p, width - 1) bool array
        Which padded thresholds exist.
    n : float
        Rows, or the sum of their weights.
    squares : pair of arrays
        Sums of squared weights by category, (p, width + 1), and by cell, as `double`.
    weights : (n,) array or None
        Sampling weight of each row.
    clusters : (n,) int array or None
        Cluster of each row.
    design : ClusterDesign or None
        Where clusters come from strata or span the groups of a model.
    """

    codes: NDArray[np.int8]
    single: Array
    double: Array
    real: BoolArray
    n: float
    squares: tuple[Array, Array]
    weights: Array | None = None
    clusters: IntArray | None = None
    design: ClusterDesign | None = None

    @property
    def k(self) -> int:
        """Number of statistics."""
        return int(self.real.sum()) + len(self.double)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    def rows(self, places: slice | IntArray, kind: type[np.floating] = np.float64) -> Array:
        """Return the moves by some rows, weighted, (k, b): one row of the result a statistic."""
        codes = np.ascontiguousarray(self.codes[places].T).astype(np.intp)
        p, count = codes.shape
        size = self.double.shape[1]
        out = np.empty((self.k, count), dtype=kind)
        at = 0
        for item, own in enumerate(codes):
            table = self.single[item][:, self.real[item]].T.astype(kind)
            np.take(table, own, axis=1, out=out[at : at + len(table)])
            at += len(table)
        flat = self.double.astype(kind).ravel()
        start = 0
        for item in range(p - 1):
            more = p - 1 - item
            cell = codes[item] * size + codes[item + 1 :]
            shift = size * size * np.arange(start, start + more, dtype=np.intp)
            np.take(flat, cell + shift[:, None], out=out[at : at + more], mode="clip")
            at, start = at + more, start + more
        if self.weights is not None:
            out *= self.weights[places].astype(kind)
        return out

    def diagonal(self) -> Array:
        """Return the diagonal of `gamma`, (k,); from the tables alone when rows are independent."""
        if self.clusters is not None:
            return self.streamed_diagonal()
        category, cell = self.squares
        single = np.einsum("pc,pct->pt", category, np.square(self.single))[self.real]
        double = np.einsum("kab,kab->k", cell, np.square(self.double))
        return self.n * np.concatenate([single, double])


def _scores(
    tables: PairTables, taus: Array, rho: Array
) -> tuple[Array, tuple[Array, Array], Array]:
    """Return d log pi / d rho by cell, its products with the thresholds' scores, and its own.

    The products are sums over rows (P, width - 1) for the row and the column item.
    """
    first, second = taus[tables.first], taus[tables.second]
    share, slope = cell_probabilities(first, second, rho)
    share = np.maximum(share, 1e-16)
    rate = slope / share
    weighted = tables.seen * rate / share
    by_row = np.einsum("kab,kab->ka", -np.diff(weighted, axis=1), cell_slopes(first, second, rho))
    turned = np.swapaxes(weighted, 1, 2)
    by_column = np.einsum("kab,kab->ka", -np.diff(turned, axis=1), cell_slopes(second, first, rho))
    return rate, (by_row, by_column), np.einsum("kab,kab->k", tables.seen, rate * rate)


def influence_of(
    codes: Codes,
    tables: PairTables,
    numbers: Array,
    taus: Array,
    rho: Array,
    *,
    n: float,
    weights: Array | None = None,
    clusters: IntArray | None = None,
    design: ClusterDesign | None = None,
) -> Influence:
    """Return what each row moves thresholds and correlations estimated in two steps.

    With s the scores of the thresholds, r those of a correlation, and A the sums over rows of
    their own products, the thresholds move by A11^-1 s and the correlation by A22^-1 (r - A21
    A11^-1 s): Muthen (1984), doi:10.1007/BF02294210, equation 22; Joreskog (1994),
    doi:10.1007/BF02296131.
    """
    single = threshold_influence(taus, numbers)
    rate, across, own = _scores(tables, taus, rho)
    size = codes.width + 1
    double = np.zeros((len(rho), size, size))
    double[:, :-1, :-1] = rate
    double -= np.einsum("kt,kct->kc", across[0], single[tables.first])[:, :, None]
    double -= np.einsum("kt,kct->kc", across[1], single[tables.second])[:, None, :]
    double /= np.where(own > 0.0, own, np.inf)[:, None, None]
    heavy = None if weights is None else weights * weights
    category = np.stack([np.bincount(c, heavy, minlength=size) for c in codes.values.T])
    return Influence(
        codes.values, single, double, taus < FAR, n, (category.astype(float), tables.squares),
        weights, clusters, design,
    )  # fmt: skip
