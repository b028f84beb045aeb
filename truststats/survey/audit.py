"""What a reader could work out from a table with hidden cells: the test of every suppression."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from truststats.survey.disclosure import Suppressed, signs

__all__ = ["recoverable"]


def recoverable(
    table: Suppressed | pd.DataFrame | pd.Series, at_least: int | None = None
) -> list[Hashable]:
    """Return the hidden cells that a reader could work out from the rest of the table.

    Parameters
    ----------
    table : Suppressed, DataFrame or Series
        Counts with totals in the last row and column; NaN where hidden.
    at_least : int, optional
        Smallest count that the reader knows a hidden cell has. Without it only the linear
        equations of the totals are solved; with it also the bounds, by linear programming.

    Returns
    -------
    list
        (row, column) of each such cell, or the label in a one-way table; empty when safe.
    """
    counts = table.counts if isinstance(table, Suppressed) else table
    cells = counts.to_numpy(dtype="float64")
    unknown = np.argwhere(np.isnan(cells))
    if not len(unknown):
        return []
    matrix, right = _equations(cells)
    known = _fixed_by_equations(matrix)
    if at_least is not None:
        known |= _fixed_by_bounds(matrix, right, at_least)
    return [_label(counts, tuple(at)) for at, fixed in zip(unknown, known, strict=True) if fixed]


def _label(counts: pd.DataFrame | pd.Series, at: tuple[int, ...]) -> Hashable:
    if isinstance(counts, pd.Series):
        return counts.index[at[0]]
    return counts.index[at[0]], counts.columns[at[1]]


def _equations(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return A and b of A x = b for the hidden cells x; one row per line of the table."""
    hidden = np.isnan(cells)
    lines = [(np.ones(cells.shape, bool), signs(cells.size))]
    if cells.ndim == 2:
        rows, columns = cells.shape
        lines = []
        for i in range(rows):
            mask = np.zeros(cells.shape, bool)
            mask[i, :] = True
            lines.append((mask, np.broadcast_to(signs(columns), cells.shape)))
        for j in range(columns):
            mask = np.zeros(cells.shape, bool)
            mask[:, j] = True
            lines.append((mask, np.broadcast_to(signs(rows)[:, None], cells.shape)))
    weights = [np.where(mask, sign, 0.0) for mask, sign in lines]
    matrix = np.array([weight[hidden] for weight in weights])
    filled = np.where(hidden, 0.0, cells)
    return matrix, np.array([-(weight * filled).sum() for weight in weights])


def _fixed_by_equations(matrix: np.ndarray) -> np.ndarray:
    """Return which unknowns are the same in every solution: those the null space leaves alone."""
    _, values, right = np.linalg.svd(matrix)
    rank = int((values > 1e-9).sum())
    return np.asarray((np.abs(right[rank:]) < 1e-9).all(axis=0))


def _fixed_by_bounds(matrix: np.ndarray, right: np.ndarray, at_least: int) -> np.ndarray:
    """Return which unknowns have one value only among the solutions above a lower bound."""
    fixed = np.zeros(matrix.shape[1], dtype=bool)
    for k in range(matrix.shape[1]):
        goal = np.zeros(matrix.shape[1])
        goal[k] = 1.0
        ends = [
            linprog(sense * goal, A_eq=matrix, b_eq=right, bounds=(at_least, None))
            for sense in (1.0, -1.0)
        ]
        points = [end.x for end in ends if end.status == 0 and end.x is not None]
        fixed[k] = len(points) == 2 and abs(points[0][k] - points[1][k]) < 1e-6
    return fixed
