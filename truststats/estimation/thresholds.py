"""Answers as categories, and the thresholds at which a normal response tips into the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from truststats.arrays import Array, IntArray
from truststats.errors import DataError
from truststats.estimation.bivariate import FAR, pad

__all__ = ["MOST_CATEGORIES", "Codes", "counts", "encode", "threshold_influence", "thresholds"]

#: A column with more distinct values is not taken for ordered categories.
MOST_CATEGORIES = 30

#: Answers nearer to each other, as a share of the range, are one answer but for rounding.
_SAME = 1e-6

_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class Codes:
    """Answers as category numbers.

    Attributes
    ----------
    values : (n, p) int8 array
        Category of each answer from 0; a missing answer has the number `width`.
    levels : tuple of arrays
        The code each category of each item stands for, ascending.
    width : int
        The largest number of categories.
    """

    values: NDArray[np.int8]
    levels: tuple[Array, ...]
    width: int

    @property
    def incomplete(self) -> bool:
        """Whether any answer is missing."""
        return bool((self.values == self.width).any())


def _levels_of(column: Array, name: str, given: Array | None) -> Array:
    """Return the categories of one item, or say which one nobody chose."""
    seen = np.unique(column[~np.isnan(column)])
    if len(seen) < 2:
        raise DataError(
            f"The item {name} has {'one category only' if len(seen) else 'no answers'}.",
            where=f"column {name}" + (f", code {seen[0]:g}" if len(seen) else ""),
            why="An item that everyone answers alike has no threshold and no correlation.",
            fix=f"leave {name} out, or look at why it is constant among the rows used",
        )
    if len(seen) > MOST_CATEGORIES:
        raise DataError(
            f"The item {name} has {len(seen)} different values.",
            where=f"column {name}",
            why=f"More than {MOST_CATEGORIES} ordered categories are not told from a measurement.",
            fix=f"leave {name} out of the ordered items, so that it is taken as continuous",
        )
    near = np.flatnonzero(np.diff(seen) < _SAME * (seen[-1] - seen[0]))
    if len(near):
        raise DataError(
            f"Two answers to the item {name} differ by rounding only: {float(seen[near[0]])!r} and "
            f"{float(seen[near[0] + 1])!r}.",
            where=f"column {name}",
            why="They would count as two categories.",
            fix=f"round them: data[{name!r}] = data[{name!r}].round(6)",
        )
    if given is None:
        return seen
    empty = np.setdiff1d(given, seen)
    if len(empty):
        raise DataError(
            f"Nobody chose {', '.join(f'{code:g}' for code in empty)} of the item {name}.",
            where=f"column {name}, categories {', '.join(f'{code:g}' for code in given)}",
            why="The thresholds around an empty category cannot be estimated.",
            fix="merge it with its neighbour in all groups alike, for example "
            f"data[{name!r}] = data[{name!r}].replace({{{empty[0]:g}: {seen[0]:g}}})",
        )
    return seen


def encode(rows: Array, names: Sequence[str], levels: Sequence[Array] | None = None) -> Codes:
    """Return (n, p) answers as category numbers.

    Parameters
    ----------
    rows : (n, p) array
        Codes; NaN where missing.
    names : sequence of str
        The items.
    levels : sequence of arrays, optional
        The categories each item must have; without, those that were chosen.

    Raises
    ------
    DataError
        If an item is constant, has more than `MOST_CATEGORIES` values, or an empty category.
    """
    found = tuple(
        _levels_of(rows[:, k], name, None if levels is None else levels[k])
        for k, name in enumerate(names)
    )
    width = max(len(own) for own in found)
    values = np.full(rows.shape, width, dtype=np.int8)
    for k, own in enumerate(found):
        seen = ~np.isnan(rows[:, k])
        values[seen, k] = np.searchsorted(own, rows[seen, k])
    return Codes(values, found, width)


def counts(codes: Codes, weights: Array | None = None) -> Array:
    """Return the (weighted) number of answers in each category of each item, (p, width)."""
    size = codes.width + 1
    found = [np.bincount(column, weights, minlength=size) for column in codes.values.T]
    return np.stack(found).astype(float)[:, :-1]


def thresholds(codes: Codes, numbers: Array) -> Array:
    """Return each item's thresholds, (p, width - 1), padded with `FAR`.

    tau_k is the normal quantile of the share of answers up to category k.
    """
    made: list[Array] = []
    for own, level in zip(numbers, codes.levels, strict=True):
        below = np.cumsum(own)[: len(level) - 1] / own.sum()
        made.append(cast(Array, ndtri(below)))
    most = codes.width - 1
    out = pad(made)
    return out if out.shape[1] == most else np.pad(out, ((0, 0), (0, most - out.shape[1])))


def threshold_influence(taus: Array, numbers: Array) -> Array:
    """Return what one answer in each category moves each threshold, (p, width + 1, width - 1).

    It is A^-1 s with s the scores of the category and A the sum over rows of s s', for one row of
    weight one; the last category stands for a missing answer and moves nothing.
    Source: Muthen (1984), doi:10.1007/BF02294210.
    """
    p, inner = taus.shape
    there = taus < FAR
    share = numbers / numbers.sum(axis=1, keepdims=True)
    density = np.where(there, np.exp(-0.5 * taus * taus) / _SQRT_2PI, 0.0)
    step: IntArray = np.arange(inner, dtype=np.intp)
    score = np.zeros((p, inner + 1, inner))
    with np.errstate(divide="ignore", invalid="ignore"):
        score[:, step, step] = np.where(there, density / share[:, :-1], 0.0)
        score[:, step + 1, step] = np.where(there, -density / share[:, 1:], 0.0)
    bread = np.einsum("pca,pc,pcb->pab", score, numbers, score, optimize=True)
    bread[:, step, step] += ~there
    found = cast(Array, np.linalg.solve(bread, np.swapaxes(score, 1, 2)))
    moved = np.zeros((p, inner + 2, inner))
    moved[:, :-1] = np.swapaxes(found, 1, 2)
    return moved
