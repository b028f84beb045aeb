"""What a reader could work out from all that a release says: the test of every suppression.

A release is a list of `Statement`: each published count, total, mean times its number of answers,
or limit is a sum of cells with the limits within which it lies. `audit` solves them for every
suppressed cell, by the null space of the published sums and by linear programming, or integer
programming for counts, within what the cells can be at all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from truststats.arrays import Array
from truststats.errors import DataError
from truststats.survey.disclosure import Suppressed, signs
from truststats.survey.suppression import determined, interval

__all__ = ["Audit", "Statement", "audit", "recoverable"]

_SLACK = 1e-6
_MOST_WHOLE = 400


@dataclass(frozen=True)
class Statement:
    """One thing that a release says: a sum of cells and the limits within which it lies.

    Attributes
    ----------
    what : str
        Where it is said.
    cells : mapping
        Cell to its coefficient in the sum.
    low, high : float
        Limits; equal for a number that is published as it is, and half a unit of the last digit
        to either side for a rounded one.
    """

    what: str
    cells: Mapping[Hashable, float]
    low: float
    high: float

    @classmethod
    def exactly(cls, what: str, cells: Iterable[Hashable], value: float) -> Statement:
        """Return the statement that some cells add up to a value."""
        return cls(what, dict.fromkeys(cells, 1.0), float(value), float(value))


@dataclass(frozen=True, eq=False)
class Audit:
    """What a reader can tell of every suppressed cell.

    Attributes
    ----------
    frame : DataFrame
        One row a suppressed cell: ``cell``, ``low`` and ``high`` of what it can be, ``width``,
        the width ``needed``, ``determined`` (whether it follows by adding and subtracting alone)
        and ``safe``.
    """

    frame: pd.DataFrame

    @property
    def failures(self) -> pd.DataFrame:
        """The rows of cells that are not safe."""
        return self.frame[~self.frame["safe"].to_numpy(dtype=bool)]

    @property
    def ok(self) -> bool:
        """Whether every suppressed cell is safe."""
        return self.failures.empty


def audit(
    statements: Iterable[Statement],
    suppressed: Mapping[Hashable, Mapping[Hashable, float]],
    *,
    width: float | Mapping[Hashable, float] = 3.0,
    most: Mapping[Hashable, float] | None = None,
    whole: bool = True,
) -> Audit:
    """Return what a reader of a whole release can tell of every suppressed number.

    Parameters
    ----------
    statements : iterable of Statement
        Everything that is published.
    suppressed : mapping
        Name of each suppressed number to the cells that it adds up, with their coefficients.
    width : float or mapping
        How wide the interval of each must be; by default that of the counts 1 to 4.
    most : mapping, optional
        Largest value that a cell can have. No cell is negative.
    whole : bool
        Whether cells are counts, so that only whole numbers are possible. Beyond 400 cells the
        limits are those of linear programming, which may be wider.

    Returns
    -------
    Audit

    Raises
    ------
    DataError
        If the statements contradict each other, so that no cells agree with all of them.
    """
    said = list(statements)
    names = list(dict.fromkeys(c for part in (*[s.cells for s in said], *suppressed.values())
                               for c in part))  # fmt: skip
    place = {cell: k for k, cell in enumerate(names)}
    rows = _rows([s.cells for s in said], place)
    low, high = np.array([s.low for s in said]), np.array([s.high for s in said])
    targets = _rows(list(suppressed.values()), place).toarray()
    ceiling = None
    if most is not None:
        ceiling = np.array([most.get(cell, np.inf) for cell in names])
    known = determined(rows[low == high], targets)
    whole = whole and len(names) <= _MOST_WHOLE
    ends = [interval(rows, low, high, target, ceiling, whole=whole) for target in targets]
    if any(np.isnan(end).any() for end in ends):
        raise DataError(
            "The statements of the release contradict each other.",
            why="no numbers of people agree with all of them",
            fix="check that counts and totals are of the same people",
        )
    return Audit(_frame(list(suppressed), ends, known, width))


def _rows(parts: list[Mapping[Hashable, float]], place: Mapping[Hashable, int]) -> csr_array:
    """Return sums of cells as the rows of a sparse matrix."""
    at = [(k, place[cell], value) for k, part in enumerate(parts) for cell, value in part.items()]
    row, column, value = np.array(at, dtype=float).reshape(-1, 3).T
    return csr_array(
        coo_array((value, (row.astype(int), column.astype(int))), shape=(len(parts), len(place)))
    )


def _frame(
    cells: list[Hashable],
    ends: list[tuple[float, float]],
    known: Array,
    width: float | Mapping[Hashable, float],
) -> pd.DataFrame:
    needed = [float(width[c] if isinstance(width, Mapping) else width) for c in cells]
    low, high = (np.array([end[side] for end in ends]) for side in (0, 1))
    wide = np.array([b - a for a, b in ends])
    return pd.DataFrame(
        {
            "cell": pd.Series(cells, dtype=object),
            "low": low,
            "high": high,
            "width": wide,
            "needed": needed,
            "determined": known,
            "safe": ~known & (wide >= np.array(needed) - _SLACK),
        }
    )


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
    unknown = [tuple(map(int, at)) for at in np.argwhere(np.isnan(cells))]
    if not unknown:
        return []
    said = _lines(cells)
    if at_least is None:
        found = audit(said, {at: {at: 1.0} for at in unknown}, width=0.0, whole=False)
        fixed = found.frame["determined"]
    else:
        said += [Statement("not less", {at: 1.0}, at_least, np.inf) for at in unknown]
        fixed = ~audit(said, {at: {at: 1.0} for at in unknown}, width=1e-3, whole=False).frame.safe
    return [_label(counts, at) for at, known in zip(unknown, fixed, strict=True) if known]


def _label(counts: pd.DataFrame | pd.Series, at: tuple[int, ...]) -> Hashable:
    if isinstance(counts, pd.Series):
        return counts.index[at[0]]
    return counts.index[at[0]], counts.columns[at[1]]


def _lines(cells: Array) -> list[Statement]:
    """Return what each line of a table with totals says of its hidden cells."""
    places = [tuple(map(int, at)) for at in np.ndindex(cells.shape)]
    said = []
    for axis in range(cells.ndim):
        weights = np.moveaxis(
            np.broadcast_to(signs(cells.shape[axis]), np.moveaxis(cells, axis, -1).shape), -1, axis
        )
        for line in dict.fromkeys(at[:axis] + at[axis + 1 :] for at in places):
            inside = [at for at in places if at[:axis] + at[axis + 1 :] == line]
            hidden: dict[Hashable, float] = {
                at: float(weights[at]) for at in inside if np.isnan(cells[at])
            }
            shown = sum(weights[at] * cells[at] for at in inside if at not in hidden)
            if hidden:
                said.append(Statement(f"line {line}", hidden, -shown, -shown))
    return said
