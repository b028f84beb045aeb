"""The two-way tables of all pairs of items, and the correlations they imply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.bivariate import cell_probabilities
from truststats.estimation.thresholds import Codes

__all__ = [
    "BOUND",
    "FLAT",
    "PairTables",
    "correlations",
    "pair_index",
    "pair_tables",
    "without_zeros",
]

#: Correlations are sought within plus and minus this number.
BOUND = 0.9999

_BLOCK = 8192
_TOLERANCE = 1e-10
_MOST_STEPS = 100
#: Information from which a correlation is told; its standard error is then below ten.
FLAT = 0.01


@dataclass(frozen=True, eq=False)
class PairTables:
    """Every two-way table.

    Attributes
    ----------
    first, second : (P,) int arrays
        Row and column item of each pair: (0, 1), (0, 2), ..., which is the strict lower triangle
        column by column.
    numbers : (P, width + 1, width + 1) array
        Weighted counts; the last row and column hold missing answers.
    squares : (P, width + 1, width + 1) array
        Sums of squared weights; the counts themselves without weights.
    """

    first: IntArray
    second: IntArray
    numbers: Array
    squares: Array

    @property
    def seen(self) -> Array:
        """The counts of rows with both answers, (P, width, width)."""
        return self.numbers[:, :-1, :-1]


def pair_index(p: int) -> tuple[IntArray, IntArray]:
    """Return the items of each pair of p, in the order of the strict lower triangle by columns."""
    first, second = np.triu_indices(p, 1)
    return first, second


def _one_hot(codes: Codes, weights: Array | None) -> Iterator[tuple[Array, Array]]:
    """Yield blocks of rows as indicator columns, (b, p * (width + 1)), plain and weighted."""
    size = codes.width + 1
    kind = np.float32 if weights is None else np.float64
    for start in range(0, len(codes.values), _BLOCK):
        block = codes.values[start : start + _BLOCK]
        hot = (block[:, :, None] == np.arange(size, dtype=np.int8)).astype(kind)
        flat = hot.reshape(len(block), -1)
        yield flat, flat if weights is None else flat * weights[start : start + _BLOCK, None]


def _products(codes: Codes, weights: Array | None) -> Array:
    p, size = codes.values.shape[1], codes.width + 1
    total = np.zeros((p * size, p * size))
    for plain, heavy in _one_hot(codes, weights):
        total += plain.T @ heavy
    first, second = pair_index(p)
    return total.reshape(p, size, p, size)[first, :, second, :]


def pair_tables(codes: Codes, weights: Array | None = None) -> PairTables:
    """Return the two-way tables of all pairs from one product of indicator columns."""
    first, second = pair_index(codes.values.shape[1])
    numbers = _products(codes, weights)
    squares = numbers if weights is None else _products(codes, weights * weights)
    return PairTables(first, second, numbers, squares)


def without_zeros(
    seen: Array, sizes: IntArray, zero_add: tuple[float, float], keep_margins: bool
) -> tuple[Array, BoolArray]:
    """Return tables with something added to empty cells, and which tables had any.

    Parameters
    ----------
    seen : (P, L, L) array
        Counts.
    sizes : (P, 2) int array
        Categories of the row and the column item.
    zero_add : two floats
        What the empty cell of a 2 x 2 table with one of them gets, and those of larger tables;
        a 2 x 2 table with two empty cells holds a perfect correlation, and gets nothing.
    keep_margins : bool
        Whether the other cells of a 2 x 2 table with one empty cell give way, so that its margins
        stay.
    """
    place: IntArray = np.arange(seen.shape[1], dtype=np.intp)
    inside: BoolArray = (place[:, None] < sizes[:, 0, None, None]) & (
        place < sizes[:, 1, None, None]
    )
    empty = (seen == 0.0) & inside
    had = empty.any(axis=(1, 2))
    small = (sizes == 2).all(axis=1)
    few = empty.sum(axis=(1, 2))
    gets = np.where(small, (few == 1) * zero_add[0], zero_add[1])
    filled = np.where(empty, gets[:, None, None], 0.0)
    one = small & (few == 1) & keep_margins
    if one.any():
        corner = empty[one][:, :2, :2].astype(float)
        sign = 2.0 * (corner[:, ::1, ::1] + corner[:, ::-1, ::-1]) - 1.0
        filled[np.ix_(one, [0, 1], [0, 1])] = sign * zero_add[0]
    return seen + filled, had


def _start(seen: Array, taus: Array, first: IntArray, second: IntArray) -> Array:
    """Return correlations of the categories' normal scores, a little enlarged."""
    edge = np.concatenate(
        [np.zeros((len(taus), 1)), np.exp(-0.5 * taus * taus), np.zeros((len(taus), 1))], axis=1
    )
    own = np.einsum("kab->ka", seen), np.einsum("kab->kb", seen)
    total = own[0].sum(axis=1)
    scores: list[Array] = []
    for item, margin in ((first, own[0]), (second, own[1])):
        share = np.maximum(margin / total[:, None], 1e-12)
        score = np.where(margin > 0.0, -np.diff(edge[item], axis=1) / share, 0.0)
        score = score - (score * share).sum(axis=1, keepdims=True)
        scores.append(score / np.sqrt((score * score * share).sum(axis=1, keepdims=True)))
    found = np.einsum("ka,kab,kb->k", scores[0], seen, scores[1], optimize=True) / total
    return np.clip(1.1 * found, -0.95, 0.95)


def correlations(
    seen: Array, taus: Array, first: IntArray, second: IntArray
) -> tuple[Array, BoolArray]:
    """Return the polychoric correlation of each table, and whether the table tells it.

    Fisher scoring in rho for all tables at once with the thresholds held fixed (two steps, Olsson
    1979, doi:10.1007/BF02296207); a step that leaves the interval in which the score changes sign
    is replaced by bisection. A table with an empty corner may tell nothing: all correlations
    beyond some number then have the same likelihood, and one of them is returned.

    Parameters
    ----------
    seen : (P, L, L) array
        Counts.
    taus : (p, L - 1) array
        Thresholds of the items, padded.
    first, second : (P,) int arrays
        Row and column item of each table.
    """
    rho = _start(seen, taus, first, second)
    low, high = np.full(len(rho), -BOUND), np.full(len(rho), BOUND)
    total = seen.sum(axis=(1, 2))
    known = np.zeros(len(rho))
    left = np.arange(len(rho))
    for _ in range(_MOST_STEPS):
        now = rho[left]
        share, slope = cell_probabilities(taus[first[left]], taus[second[left]], now)
        share = np.maximum(share, 1e-16)
        rate = slope / share
        score = (seen[left] * rate).sum(axis=(1, 2))
        information = total[left] * (slope * rate).sum(axis=(1, 2))
        low[left] = np.where(score > 0.0, now, low[left])
        high[left] = np.where(score < 0.0, now, high[left])
        known[left] = information
        new = now + score / np.maximum(information, 1e-300)
        outside = (new <= low[left]) | (new >= high[left])
        new = np.where(outside & (score != 0.0), 0.5 * (low[left] + high[left]), new)
        rho[left] = new
        left = left[np.abs(new - now) > _TOLERANCE]
        if not len(left):
            break
    done = known > FLAT
    done[left] = False
    return rho, done
