"""Thresholds and polychoric correlations of ordered answers: the moments ordinal models fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, Problem
from truststats.estimation.clusters import ClusterDesign
from truststats.estimation.moves import Moves
from truststats.estimation.polychoric_acov import Influence, influence_of
from truststats.estimation.thresholds import Codes, counts, encode, thresholds
from truststats.estimation.two_way import (
    BOUND,
    PairTables,
    correlations,
    pair_index,
    pair_tables,
    without_zeros,
)

__all__ = ["OrdinalMoments", "at_bound", "ordinal_moments", "untold", "usable"]

_SHOWN = 5


@dataclass(frozen=True, eq=False)
class OrdinalMoments:
    """Thresholds and polychoric correlations of one group, and how uncertain they are.

    The statistics, k = T + P of them, are ordered as lavaan orders them: the thresholds item by
    item, then the strict lower triangle of `corr` column by column.

    Attributes
    ----------
    names : tuple of str
        The items.
    levels : tuple of arrays
        The codes of each item's categories.
    thresholds : (T,) array
        Thresholds, item by item.
    threshold_of : (T,) int array
        The item each threshold belongs to.
    corr : (p, p) array
        Polychoric correlations.
    n : float
        Rows used; with sampling weights their sum.
    influence : Influence
        What each row moves each statistic; `gamma`, `gamma_diagonal` and `gamma_times` use it.
    tables : PairTables
        The two-way tables.
    padded : (p, L - 1) array
        Thresholds, one item a row.
    places : (n,) int array
        Where each row used stood in the rows given, from 0.
    problems : tuple of Problem
        Empty cells, and correlations at the bound.
    """

    names: tuple[str, ...]
    levels: tuple[Array, ...]
    thresholds: Array
    threshold_of: IntArray
    corr: Array
    n: float
    influence: Influence = field(repr=False)
    tables: PairTables = field(repr=False)
    padded: Array = field(repr=False)
    places: IntArray = field(repr=False)
    problems: tuple[Problem, ...] = ()

    @property
    def p(self) -> int:
        """Number of items."""
        return len(self.names)

    @property
    def k(self) -> int:
        """Number of statistics."""
        return self.influence.k

    @property
    def cov(self) -> Array:
        """The correlations: covariances of responses with unit variance, (p, p)."""
        return self.corr

    @property
    def x_names(self) -> tuple[str, ...]:
        """There are no exogenous variables."""
        return ()

    @property
    def ordered(self) -> BoolArray:
        """All variables have ordered categories, (p,)."""
        return np.ones(self.p, dtype=np.bool_)

    @property
    def slopes(self) -> Array:
        """There are no exogenous variables, (p, 0)."""
        return np.zeros((self.p, 0))

    @property
    def row_moves(self) -> Moves:
        """What each row moves each statistic."""
        return self.influence

    @property
    def row_weights(self) -> Array | None:
        """Sampling weight of each row used, (n,)."""
        return self.influence.weights

    @property
    def pairs(self) -> Array:
        """The correlations as a vector, (P,), in the order of the statistics."""
        return self.corr[self.tables.first, self.tables.second]

    @property
    def statistics(self) -> Array:
        """All statistics, (k,)."""
        return np.concatenate([self.thresholds, self.pairs])

    @cached_property
    def statistic_names(self) -> tuple[str, ...]:
        """Names of the statistics: ``item|t1``, ``item~~other``."""
        place = np.concatenate([np.arange(len(own) - 1) for own in self.levels])
        first = [f"{self.names[i]}|t{t + 1}" for i, t in zip(self.threshold_of, place, strict=True)]
        pairs = zip(self.tables.first, self.tables.second, strict=True)
        return (*first, *(f"{self.names[i]}~~{self.names[j]}" for i, j in pairs))

    @cached_property
    def gamma(self) -> Array:
        """N times the asymptotic covariance of the statistics, (k, k)."""
        return self.influence.gamma()

    @cached_property
    def gamma_diagonal(self) -> Array:
        """Diagonal of `gamma`, (k,), without forming it."""
        return self.influence.diagonal()

    def gamma_times(self, matrix: Array) -> Array:
        """Return `gamma` times a (k, m) matrix, without forming `gamma`."""
        return self.influence.times(matrix)

    @cached_property
    def se(self) -> Array:
        """Standard errors of the statistics, (k,)."""
        return np.sqrt(self.gamma_diagonal / self.n)


def usable(rows: Array, missing: str) -> BoolArray:
    """Return which rows are complete (listwise), or have an answer at all (pairwise)."""
    gone = np.isnan(rows)
    return cast(BoolArray, ~(gone.any(axis=1) if missing == "listwise" else gone.all(axis=1)))


def _check_overlap(tables: PairTables, names: Sequence[str]) -> None:
    """Refuse pairs of which nobody answered both, or in which one item does not vary."""
    seen = tables.seen
    for margin, items in ((seen.sum(axis=2), tables.first), (seen.sum(axis=1), tables.second)):
        bad = np.flatnonzero((margin > 0).sum(axis=1) < 2)
        if len(bad):
            at = int(bad[0])
            a, b = names[int(tables.first[at])], names[int(tables.second[at])]
            raise DataError(
                f"The rows that answer both {a} and {b} all give the same answer to "
                f"{names[int(items[at])]}, or there are none.",
                where=f"columns {a} and {b}",
                why="A table with one row or column holds no correlation.",
                fix="leave one of the two out",
            )


def untold(labels: list[str]) -> DataError:
    """Return the error for pairs whose answers do not tell their correlation."""
    return DataError(
        f"The answers do not tell the correlation of {_some(labels)}.",
        where=f"the two-way table of {labels[0]}",
        why="nobody gave some of the answers together, and many correlations fit that equally well",
        fix="merge rare answers of one of the two with their neighbours, or leave one out",
    )


def _some(labels: list[str]) -> str:
    return ", ".join(labels[:_SHOWN]) + (" ..." if len(labels) > _SHOWN else "")


def _labels(tables: PairTables, which: BoolArray, names: Sequence[str]) -> list[str]:
    at = np.flatnonzero(which)
    pairs = zip(tables.first[at], tables.second[at], strict=True)
    return [f"{names[i]}-{names[j]}" for i, j in pairs]


def at_bound(corr: Array, names: Sequence[str]) -> tuple[Problem, ...]:
    """Return the problem of (p, p) correlations that run to one; empty if none does."""
    first, second = pair_index(len(corr))
    far = np.flatnonzero(np.abs(corr[first, second]) > BOUND - 1e-6)
    bound = [f"{names[i]}-{names[j]}" for i, j in zip(first[far], second[far], strict=True)]
    if not bound:
        return ()
    return (
        Problem(
            "polychoric_at_bound",
            "error",
            f"{len(bound)} polychoric correlations run to plus or minus one: {_some(bound)}.",
            "Two items answered in perfect agreement: leave one out.",
            ", ".join(bound),
            len(bound),
        ),
    )


def _empty_cells(tables: PairTables, empty: BoolArray, names: Sequence[str]) -> tuple[Problem, ...]:
    bare = _labels(tables, empty, names)
    if not bare:
        return ()
    return (
        Problem(
            "empty_cells",
            "note",
            f"{len(bare)} of {len(empty)} two-way tables have empty cells: {_some(bare)}.",
            "With few answers in rare categories correlations are unstable; merging rare "
            "categories helps.",
            ", ".join(bare),
            len(bare),
        ),
    )


def _sizes(codes: Codes, tables: PairTables) -> IntArray:
    size = np.array([len(own) for own in codes.levels], dtype=np.intp)
    return np.stack([size[tables.first], size[tables.second]], axis=1)


def ordinal_moments(
    rows: Array,
    names: Sequence[str],
    *,
    missing: str = "listwise",
    clusters: IntArray | None = None,
    weights: Array | None = None,
    design: ClusterDesign | None = None,
    levels: Sequence[Array] | None = None,
    zero_add: tuple[float, float] = (0.5, 0.0),
    zero_keep_margins: bool = True,
    all_told: bool = True,
) -> OrdinalMoments:
    """Return thresholds and polychoric correlations, estimated in two steps.

    Parameters
    ----------
    rows : (n, p) array
        Codes of the answers; NaN where missing.
    names : sequence of str
        The items.
    missing : {"listwise", "pairwise"}
        Rows without any hole, or for each statistic the rows that have what it needs.
    clusters : (n,) int array, optional
        Cluster of each row; the covariance then sums rows within clusters, times G / (G - 1).
    weights : (n,) array, optional
        Sampling weights; their sum over the rows used stands for N.
    design : ClusterDesign, optional
        Where clusters come from strata or span the groups of a model.
    levels : sequence of arrays, optional
        The categories each item must have (those of another group, or of the codebook).
    zero_add : two floats
        What an empty cell of a 2 x 2 table and of a larger table gets before its correlation is
        sought. The default is lavaan's; rows and hence the covariance stay as they are.
    zero_keep_margins : bool
        Whether the other three cells of a 2 x 2 table with one empty cell give way.
    all_told : bool
        Whether a correlation that its table does not tell is an error.

    Raises
    ------
    DataError
        If an item is constant, has an empty category or too many values, or a pair no table or one
        that tells no correlation.

    Notes
    -----
    Source: Olsson (1979), doi:10.1007/BF02296207; Muthen (1984), doi:10.1007/BF02294210.
    """
    places = np.flatnonzero(usable(rows, missing))
    if len(places) < 2:
        raise DataError(
            f"{len(places)} rows are left with {missing} handling of missing answers.",
            fix='use missing="pairwise", or leave out the item with the most holes',
        )
    weights = None if weights is None else weights[places]
    clusters = None if clusters is None else clusters[places]
    codes = encode(rows if len(places) == len(rows) else rows[places], names, levels)
    numbers = counts(codes, weights)
    taus = thresholds(codes, numbers)
    tables = pair_tables(codes, weights)
    _check_overlap(tables, names)
    seen, empty = without_zeros(tables.seen, _sizes(codes, tables), zero_add, zero_keep_margins)
    rho, found = correlations(seen, taus, tables.first, tables.second)
    if all_told and not found.all():
        raise untold(_labels(tables, ~found, names))
    n = float(len(places)) if weights is None else float(weights.sum())
    influence = influence_of(
        codes, tables, numbers, taus, rho, n=n, weights=weights, clusters=clusters, design=design
    )
    corr = np.eye(len(names))
    corr[tables.first, tables.second] = corr[tables.second, tables.first] = rho
    return OrdinalMoments(
        tuple(names), codes.levels, taus[influence.real], np.nonzero(influence.real)[0], corr, n,
        influence, tables, taus, places,
        (*at_bound(corr, names), *_empty_cells(tables, empty, names)),
    )  # fmt: skip
