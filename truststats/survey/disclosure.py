"""Small cells: hide them, and hide enough besides that no total gives them away.

Primary suppression hides counts from 1 to min_n - 1. Complementary suppression then hides more
cells until, in the table with its totals, (1) the hidden cells of every line together hold at
least min_n people, and (2) no hidden cell can be worked out, not even by somebody who knows that
hidden cells are not zero. In a two-way table the second is a question about cycles: a hidden cell
is safe when some closed path through hidden cells, in turn adding and taking away one person,
keeps every total and every lower bound (Gusfield 1988, SIAM Journal on Computing 17, 552-571).
The cheapest such path is a shortest path.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from truststats.errors import DataError, OptionError

__all__ = ["Suppressed", "suppress"]

TOTAL = "Total"
_FREE = 1e-9


@dataclass(frozen=True, eq=False)
class Suppressed:
    """A table of counts in which small cells are hidden.

    Attributes
    ----------
    counts : DataFrame or Series
        Counts with totals last; NaN where hidden. Primary and complementary cells look the same,
        because telling them apart would tell which ones are small.
    hidden : DataFrame or Series of bool
        Which cells are hidden.
    min_n : int
        Smallest count that is shown.
    n_primary, n_complementary : int
        How many cells were hidden for being small, and to protect those.
    """

    counts: pd.DataFrame | pd.Series
    hidden: pd.DataFrame | pd.Series
    min_n: int
    n_primary: int
    n_complementary: int

    def hide(self, values: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
        """Return other numbers of the same cells, such as means, with the hidden cells as NaN."""
        hidden: Any = self.hidden
        if isinstance(values, pd.Series):
            return values.where(~hidden.reindex(values.index, fill_value=True).astype(bool))
        mask = hidden.reindex(index=values.index, columns=values.columns, fill_value=True)
        return values.where(~mask.astype(bool))

    def shown(self, mark: str = "–") -> pd.DataFrame | pd.Series:
        """Return the counts as texts, with a mark for every hidden cell."""
        return self.counts.map(lambda count: mark if np.isnan(count) else f"{count:.0f}")


def suppress(
    counts: pd.DataFrame | pd.Series, min_n: int = 5, *, zeros: bool = False
) -> Suppressed:
    """Return a table of counts with its totals and its small cells safely hidden.

    Parameters
    ----------
    counts : DataFrame or Series of int
        Number of people in each cell, without totals.
    min_n : int
        Smallest count that is shown.
    zeros : bool
        Whether cells with nobody are hidden too; a zero shows no person, but in a table of
        answers it can tell what nobody, and so everybody else, has said.

    Returns
    -------
    Suppressed

    Raises
    ------
    DataError
        If the counts are not whole numbers from zero up.
    OptionError
        If `min_n` is below 1.
    """
    if min_n < 1:
        raise OptionError(f"min_n={min_n!r} must be 1 or more.", fix="use min_n=5")
    cells = counts.to_numpy(dtype="float64", na_value=np.nan)
    if np.isnan(cells).any() or (cells < 0).any() or (cells != np.round(cells)).any():
        raise DataError(
            "A table of counts holds only whole numbers from zero up.",
            fix="pass the numbers of people, without blanks, means or shares",
        )
    table = _with_totals(cells)
    primary = (table < min_n) & (zeros | (table > 0))
    low = 0 if zeros else 1
    if table.ndim == 1:
        hidden = _hide_one_way(table, primary.copy(), min_n, low)
    else:
        hidden = _hide_two_way(table, primary.copy(), min_n, low)
    extra = int(hidden.sum() - primary.sum())
    return Suppressed(
        _labelled(counts, np.where(hidden, np.nan, table)),
        _labelled(counts, hidden),
        min_n,
        int(primary.sum()),
        extra,
    )


def _with_totals(cells: np.ndarray) -> np.ndarray:
    if cells.ndim == 1:
        return np.append(cells, cells.sum())
    rows = np.column_stack([cells, cells.sum(axis=1)])
    return np.vstack([rows, rows.sum(axis=0)])


def _labelled(counts: pd.DataFrame | pd.Series, table: np.ndarray) -> pd.DataFrame | pd.Series:
    index = pd.Index([*counts.index, TOTAL], name=counts.index.name)
    if isinstance(counts, pd.Series):
        return pd.Series(table, index, name=counts.name)
    columns = pd.Index([*counts.columns, TOTAL], name=counts.columns.name)
    return pd.DataFrame(table, index, columns)


def _cheapest(line: np.ndarray, hidden: np.ndarray, low: int) -> int:
    """Return the smallest visible cell of a line, its total (the last) only when none is left."""
    open_cells = np.flatnonzero(~hidden[:-1] & (line[:-1] >= low))
    return int(open_cells[np.argmin(line[open_cells])]) if len(open_cells) else len(line) - 1


def _line_is_small(line: np.ndarray, hidden: np.ndarray, min_n: int) -> bool:
    """Return whether the total minus the shown cells of a line is a small group."""
    inside = hidden[:-1]
    return bool(inside.any() and not hidden[-1] and line[:-1][inside].sum() < min_n)


def _hide_one_way(line: np.ndarray, hidden: np.ndarray, min_n: int, low: int) -> np.ndarray:
    while hidden[:-1].any() and not hidden[-1]:
        inside = hidden[:-1]
        slack = line[:-1][inside].sum() - low * inside.sum()
        if inside.sum() > 1 and slack > 0 and not _line_is_small(line, hidden, min_n):
            break
        hidden[_cheapest(line, hidden, low)] = True
    return hidden


def _hide_two_way(table: np.ndarray, hidden: np.ndarray, min_n: int, low: int) -> np.ndarray:
    while True:
        before = hidden.sum()
        _fill_small_lines(table, hidden, min_n, low)
        for i, j in np.argwhere(hidden):
            _protect(table, hidden, int(i), int(j), low)
        if hidden.sum() == before:
            return hidden


def _fill_small_lines(table: np.ndarray, hidden: np.ndarray, min_n: int, low: int) -> None:
    """Hide more cells, in place, until no line's hidden cells are together a small group."""
    changed = True
    while changed:
        changed = False
        for lines, masks in ((table, hidden), (table.T, hidden.T)):
            for line, mask in zip(lines, masks, strict=True):
                while _line_is_small(line, mask, min_n):
                    mask[_cheapest(line, mask, low)] = True
                    changed = True


def _protect(table: np.ndarray, hidden: np.ndarray, i: int, j: int, low: int) -> None:
    """Hide, in place, the cheapest further cells that make cell (i, j) ambiguous.

    Rows and columns (totals included) are nodes and cells are edges. Going from a row to a column
    along a cell adds one person to it, going back takes one away; for cells in the total row or
    column it is the other way round, because a total is subtracted in its line.
    """
    rows, columns = table.shape
    sign = np.outer(signs(rows), signs(columns))
    spare = table - 1 >= low
    cost = np.where(hidden, _FREE, 1.0 + table / max(table.max(), 1.0))
    outer = np.zeros_like(hidden)
    outer[-1, :] = outer[:, -1] = True
    cost = np.where(outer & ~hidden, cost * (rows + columns), cost)
    usable = table >= low
    usable[i, j] = False
    arcs = [(usable & ((sign > 0) | spare), False), (usable & ((sign < 0) | spare), True)]
    graph = _graph(arcs, cost)
    forward = sign[i, j] > 0 or spare[i, j]
    backward = sign[i, j] < 0 or spare[i, j]
    ends = [(rows + j, i)] * bool(forward) + [(i, rows + j)] * bool(backward)
    paths = [_shortest(graph, start, end) for start, end in ends]
    length, path = min(paths, key=lambda found: found[0])
    if not np.isfinite(length):
        return
    for a, b in pairwise(path):
        hidden[(a, b - rows) if a < rows else (b, a - rows)] = True


def signs(size: int) -> np.ndarray:
    """Return the sign of each cell in its line: plus for parts, minus for the total at the end."""
    signs = np.ones(size)
    signs[-1] = -1.0
    return signs


def _graph(arcs: list[tuple[np.ndarray, bool]], cost: np.ndarray) -> coo_array:
    """Return the directed graph of the moves that each cell allows."""
    rows, columns = cost.shape
    starts, ends, weights = [], [], []
    for allowed, back in arcs:
        r, c = np.nonzero(allowed)
        starts.append(rows + c if back else r)
        ends.append(r if back else rows + c)
        weights.append(cost[r, c])
    where = (np.concatenate(starts), np.concatenate(ends))
    return coo_array((np.concatenate(weights), where), shape=(rows + columns, rows + columns))


def _shortest(graph: coo_array, start: int, end: int) -> tuple[float, list[int]]:
    found = dijkstra(graph.tocsr(), indices=np.array([start]), return_predecessors=True)
    length, before = np.ravel(found[0]), np.ravel(found[1])
    if not np.isfinite(length[end]):
        return np.inf, []
    path = [end]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return float(length[end]), path[::-1]
