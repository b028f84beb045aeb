"""Moments of ordered and continuous variables together, given exogenous variables.

Thresholds and means, slopes, residual variances and residual polychoric, polyserial and ordinary
covariances, estimated in steps (Muthen 1984, doi:10.1007/BF02294210), with the asymptotic
covariance of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, Problem
from truststats.estimation.clusters import ClusterDesign
from truststats.estimation.margins import Alone, continuous_alone, ordered_alone
from truststats.estimation.mixed_pairs import alone_moves, as_covariances, pair_moves
from truststats.estimation.moves import Moves
from truststats.estimation.polychoric import at_bound, ordinal_moments, usable
from truststats.estimation.thresholds import encode
from truststats.estimation.two_way import pair_index

#: Share of its variance that an exogenous variable needs beyond the others.
_REPEATED = 1e-10

__all__ = ["MixedMoments", "StoredMoves", "mixed_moments", "names_stacked", "stacked"]


@dataclass(frozen=True, eq=False)
class StoredMoves(Moves):
    """Moves kept row by row.

    Attributes
    ----------
    values : (k, n) array
        Moves by rows of weight one.
    n, weights, clusters, design
        See `Moves`.
    """

    values: Array
    n: float
    weights: Array | None = None
    clusters: IntArray | None = None
    design: ClusterDesign | None = None

    @property
    def k(self) -> int:
        """Number of statistics."""
        return len(self.values)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.values.shape[1]

    def rows(self, places: slice | IntArray, kind: type[np.floating] = np.float64) -> Array:
        """Return the moves by some rows, weighted, (k, b)."""
        out = self.values[:, places]
        return (out if self.weights is None else out * self.weights[places]).astype(kind)

    def diagonal(self) -> Array:
        """Return the diagonal of `gamma`, (k,)."""
        return self.streamed_diagonal()


@dataclass(frozen=True, eq=False)
class MixedMoments:
    """Moments of ordered and continuous variables given exogenous ones.

    The k statistics are ordered as lavaan orders them: variable by variable its thresholds, or the
    mean with a minus; the slopes, exogenous variable by exogenous variable; the residual variances
    of continuous variables; the strict lower triangle of `cov` column by column.

    Attributes
    ----------
    names, x_names : tuples of str
        Variables and exogenous variables.
    ordered : (p,) bool array
        Which variables have ordered categories.
    levels : tuple of arrays
        Codes of the categories; empty for a continuous variable.
    thresholds : (T,) array
        Thresholds, and the means of continuous variables with a minus, variable by variable.
    threshold_of : (T,) int array
        The variable each of them belongs to.
    slopes : (p, q) array
        Probit or linear regression coefficients.
    cov : (p, p) array
        Residual covariances; ordered variables have a residual variance of 1.
    n : float
        Rows used; with sampling weights their sum.
    moves : StoredMoves
        What each row moves each statistic.
    places : (n,) int array
        Where each row used stood in the rows given.
    problems : tuple of Problem
        Empty cells, and correlations at the bound.
    """

    names: tuple[str, ...]
    x_names: tuple[str, ...]
    ordered: BoolArray
    levels: tuple[Array, ...]
    thresholds: Array
    threshold_of: IntArray
    slopes: Array
    cov: Array
    n: float
    moves: StoredMoves = field(repr=False)
    places: IntArray = field(repr=False)
    problems: tuple[Problem, ...] = ()

    @property
    def k(self) -> int:
        """Number of statistics."""
        return self.moves.k

    @property
    def statistics(self) -> Array:
        """All statistics, (k,)."""
        return stacked(self.thresholds, self.slopes, self.cov, self.ordered)

    @cached_property
    def statistic_names(self) -> tuple[str, ...]:
        """Names of the statistics: ``item|t1``, ``y~1``, ``y~x``, ``y~~y``, ``item~~other``."""
        return names_stacked(self.names, self.x_names, self.ordered, self.levels)

    @property
    def row_moves(self) -> Moves:
        """What each row moves each statistic."""
        return self.moves

    @property
    def row_weights(self) -> Array | None:
        """Sampling weight of each row used, (n,)."""
        return self.moves.weights

    @cached_property
    def gamma(self) -> Array:
        """N times the asymptotic covariance of the statistics, (k, k)."""
        return self.moves.gamma()

    @cached_property
    def gamma_diagonal(self) -> Array:
        """Diagonal of `gamma`, (k,)."""
        return self.moves.diagonal()

    def gamma_times(self, matrix: Array) -> Array:
        """Return `gamma` times a (k, m) matrix."""
        return self.moves.times(matrix)


def stacked(thresholds: Array, slopes: Array, cov: Array, ordered: BoolArray) -> Array:
    """Return moments as a vector: cuts, slopes, variances of continuous variables, covariances."""
    first, second = pair_index(len(cov))
    spread = np.diag(cov)[~ordered]
    return np.concatenate([thresholds, slopes.T.ravel(), spread, cov[first, second]])


def names_stacked(
    names: Sequence[str], x_names: Sequence[str], ordered: BoolArray, levels: Sequence[Array]
) -> tuple[str, ...]:
    """Return the names of moments in the order of `stacked`."""
    out: list[str] = []
    for name, categories, own in zip(names, ordered, levels, strict=True):
        out += [f"{name}|t{t + 1}" for t in range(len(own) - 1)] if categories else [f"{name}~1"]
    out += [f"{name}~{x}" for x in x_names for name in names]
    out += [f"{n}~~{n}" for n, categories in zip(names, ordered, strict=True) if not categories]
    first, second = pair_index(len(names))
    out += [f"{names[i]}~~{names[j]}" for i, j in zip(first, second, strict=True)]
    return tuple(out)


def _alone(
    rows: Array,
    names: Sequence[str],
    ordered: BoolArray,
    x: Array,
    weights: Array,
    given: Sequence[Array] | None,
) -> tuple[list[Alone], tuple[Array, ...]]:
    """Return each variable alone, and the codes of the ordered ones."""
    found: list[Alone] = []
    levels: list[Array] = []
    for k, name in enumerate(names):
        seen = ~np.isnan(rows[:, k])
        if ordered[k]:
            codes = encode(rows[:, [k]], [name], None if given is None else [given[k]])
            values = codes.values[:, 0].astype(np.intp)
            found.append(ordered_alone(values, codes.width, x, weights, seen, name))
            levels.append(codes.levels[0])
        else:
            found.append(continuous_alone(rows[:, k], x, weights, seen))
            levels.append(np.zeros(0))
    return found, tuple(levels)


def _check_exogenous(x: Array, names: Sequence[str]) -> None:
    """Refuse exogenous variables that are constant or exact sums of others."""
    for k, name in enumerate(names):
        own = x[:, k] - x[:, k].mean()
        others = np.column_stack([np.ones(len(x)), x[:, :k]])
        rest = cast(Array, own - others @ np.linalg.lstsq(others, own, rcond=None)[0])
        if rest @ rest <= _REPEATED * (own @ own):
            raise DataError(
                f"The exogenous variable {name} is a sum of others, but for rounding, or constant, "
                "among the rows used.",
                where=f"column {name}",
                why="its own effect cannot be told from theirs",
                fix=f"leave {name} out",
            )


def _unscaled(alone: Alone, moves: Array, center: Array, scale: Array) -> tuple[Alone, Array]:
    """Return a variable, and what each row moves it, given x that was not standardised."""
    sign, cuts, q = 1.0 if alone.margin.ordered else -1.0, len(alone.cuts), len(scale)
    slopes = alone.slopes / scale
    out = moves.copy()
    out[:, cuts : cuts + q] /= scale
    out[:, :cuts] += sign * (out[:, cuts : cuts + q] @ center)[:, None]
    return replace(alone, cuts=alone.cuts + sign * (center @ slopes), slopes=slopes), out


def _stacked(found: list[Alone], single: list[Array], pairs: Array) -> Array:
    """Return the moves of all statistics, (k, n), in their order."""
    means = [
        (1.0 if a.margin.ordered else -1.0) * f[:, : len(a.cuts)].T
        for a, f in zip(found, single, strict=True)
    ]
    q = len(found[0].slopes)
    slopes = [f[:, len(a.cuts) + j] for j in range(q) for a, f in zip(found, single, strict=True)]
    spread = [f[:, -1] for a, f in zip(found, single, strict=True) if not a.margin.ordered]
    return np.vstack([*means, *slopes, *spread, pairs])


def mixed_moments(
    rows: Array,
    names: Sequence[str],
    ordered: Sequence[bool] | BoolArray,
    *,
    x: Array | None = None,
    x_names: Sequence[str] = (),
    missing: str = "listwise",
    clusters: IntArray | None = None,
    weights: Array | None = None,
    design: ClusterDesign | None = None,
    levels: Sequence[Array] | None = None,
) -> MixedMoments:
    """Return moments of ordered and continuous variables, given exogenous ones.

    Parameters
    ----------
    rows : (n, p) array
        Answers; NaN where missing.
    names : sequence of str
        The variables.
    ordered : (p,) sequence of bool
        Which have ordered categories.
    x : (n, q) array, optional
        Exogenous variables; rows that miss one are left out.
    x_names : sequence of str
        Their names.
    missing, clusters, weights, design
        As for `ordinal_moments`.
    levels : sequence of arrays, optional
        The categories each ordered variable must have; not used for continuous ones.

    Raises
    ------
    DataError, ConvergenceError
        If an ordered variable is constant, or a correlation or regression is not found.
    """
    x = np.zeros((len(rows), 0)) if x is None else x
    places = np.flatnonzero(usable(rows, missing) & ~np.isnan(x).any(axis=1))
    rows, x, order = rows[places], x[places], np.asarray(ordered, dtype=np.bool_)
    _check_exogenous(x, x_names)
    center, scale = x.mean(axis=0), x.std(axis=0)
    x = cast(Array, (x - center) / scale)
    own = None if weights is None else weights[places]
    w = np.ones(len(places)) if own is None else own
    found, own_levels = _alone(rows, names, order, x, w, levels)
    single = [alone_moves(alone, w, name) for alone, name in zip(found, names, strict=True)]
    given = np.flatnonzero(order)
    tables = None
    if len(given) > 1:
        asked = [names[k] for k in given.tolist()]
        tables = ordinal_moments(
            rows[:, given], asked, missing="pairwise", weights=own, all_told=not x.shape[1]
        )
    corr, moved = pair_moves(found, single, w, names, tables, given)
    cov, pairs = as_covariances(corr, moved, found, single)
    turned = [_unscaled(a, m, center, scale) for a, m in zip(found, single, strict=True)]
    found, single = [a for a, _ in turned], [m for _, m in turned]
    values = _stacked(found, single, pairs)
    told = () if tables is None else tables.problems
    cells = [each for each in told if each.code == "empty_cells"]
    own_clusters = None if clusters is None else clusters[places]
    signed = [a.cuts if a.margin.ordered else -a.cuts for a in found]
    return MixedMoments(
        tuple(names), tuple(x_names), order, own_levels, np.concatenate(signed),
        np.repeat(np.arange(len(names)), [len(a.cuts) for a in found]),
        np.array([a.slopes for a in found]), cov, float(w.sum()),
        StoredMoves(values, float(w.sum()), own, own_clusters, design), places,
        (*at_bound(corr, names), *cells),
    )  # fmt: skip
