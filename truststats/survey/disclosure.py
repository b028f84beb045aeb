"""Small cells: hide them, and hide enough besides that no total gives them away.

Primary suppression hides counts from 1 to min_n - 1. Complementary suppression then hides as little
more as it can until, in the table with its totals, (1) the hidden cells of every line together hold
at least min_n people, and (2) no hidden cell can be told more closely than that it is one of 1 to
min_n - 1, not even by somebody who knows that hidden cells are not zero. How is told in
`truststats.survey.suppression`; tables that are published together are protected together by
`truststats.survey.release`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, OptionError
from truststats.survey.suppression import Linked, complementary

__all__ = [
    "TOTAL", "Suppressed", "dominated", "hiding_width", "lines_of", "mean_digits", "price", "signs",
    "suppress",
]  # fmt: skip

TOTAL = "Total"


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


def hiding_width(min_n: int) -> int:
    """Return how wide a reader's interval of a hidden count must be: that of 1 to `min_n` - 1."""
    return max(1, min_n - 2)


def suppress(
    counts: pd.DataFrame | pd.Series,
    min_n: int = 5,
    *,
    zeros: bool = False,
    also: pd.DataFrame | pd.Series | None = None,
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
    also : DataFrame or Series of bool, optional
        Cells that are sensitive for another reason, such as `dominated`.

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
    small = (table < min_n) & (zeros | (table > 0))
    primary = small.copy()
    if also is not None:
        inner = tuple(slice(0, size) for size in cells.shape)
        primary[inner] |= np.asarray(also, dtype=bool) & (zeros | (cells > 0))
    hidden = _hidden(cells, table, primary, min_n, zeros=zeros)
    extra = int(hidden.sum() - primary.sum())
    return Suppressed(
        _labelled(counts, np.where(hidden, np.nan, table)),
        _labelled(counts, hidden),
        min_n,
        int(primary.sum()),
        extra,
    )


def _hidden(
    cells: np.ndarray, table: np.ndarray, primary: np.ndarray, min_n: int, *, zeros: bool
) -> np.ndarray:
    """Return which cells of a table with its totals are hidden."""
    if not primary.any():
        return primary
    sums = _sums(cells.shape)
    lines = lines_of(table.shape)
    totals = np.zeros(table.size, dtype=bool)
    totals[[total for total, _ in lines]] = True
    linked = Linked(
        csr_array(sums),
        cells.ravel(),
        lines,
        price(table.ravel(), totals, zeros=zeros),
        0.0 if zeros else 1.0,
        zeros=zeros,
    )
    values = table.ravel()
    hidden = complementary(
        linked,
        primary.ravel(),
        hiding_width(min_n),
        lambda parts: bool(0 < values[parts].sum() < min_n),
    )
    return hidden.reshape(table.shape)


def price(values: Array, totals: BoolArray, *, zeros: bool = False) -> Array:
    """Return what is lost by hiding each number: large ones and totals cost more.

    Parameters
    ----------
    values : (J,) array
    totals : (J,) bool array
        Which of them are totals of others.
    zeros : bool
        Whether a number that is zero may be hidden; else its price is infinite.
    """
    cost = 1.0 + values / max(float(values.max(initial=1.0)), 1.0)
    cost = np.where(totals, cost * (1.0 + len(values) ** 0.5), cost)
    return cost if zeros else np.where(values > 0, cost, np.inf)


def _sums(shape: tuple[int, ...]) -> np.ndarray:
    """Return which inner cells each cell of a table with totals adds up."""
    each = [np.vstack([np.eye(size), np.ones(size)]) for size in shape]
    return each[0] if len(each) == 1 else np.kron(each[0], each[1])


def lines_of(shape: tuple[int, ...]) -> list[tuple[int, IntArray]]:
    """Return the total of every line of a table with totals last, and the line's parts.

    Parameters
    ----------
    shape : tuple of int
        Of the table with its totals; one or two sizes.
    """
    places = np.arange(int(np.prod(shape))).reshape(shape)
    if len(shape) == 1:
        return [(int(places[-1]), places[:-1])]
    return [(int(line[-1]), line[:-1]) for side in (places, places.T) for line in side]


def mean_digits(n: Array) -> IntArray:
    """Return with how many decimals means of n answers can be shown, none to two.

    More would tell how many answered: with d decimals a mean is one of whole sums divided by n,
    and by any number near n, as long as 10 to the power of -d is at least 1 / n.
    """
    return np.clip(np.floor(np.log10(np.maximum(n, 1.0))), 0, 2).astype(np.intp)


def dominated(contributions: Any, n: int = 2, k: float = 0.85) -> bool:
    """Return whether the largest n contributors make up more than a share k of a cell.

    Ratings of managers are about managers: of a cell the contributors are the managers rated, each
    with the number of answers about them, so that a unit with one manager is dominated by one
    person however many answered (the (n, k) rule; Hundepool et al. 2012, Statistical Disclosure
    Control, doi:10.1002/9781118348239).

    Parameters
    ----------
    contributions : array-like, shape (contributors,)
        What each contributor adds to the cell; none negative.
    n : int
    k : float
    """
    parts = np.sort(np.asarray(contributions, dtype=float))[::-1]
    whole = parts.sum()
    return bool(whole > 0 and parts[:n].sum() > k * whole)


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


def signs(size: int) -> np.ndarray:
    """Return the sign of each cell in its line: plus for parts, minus for the total at the end."""
    signs = np.ones(size)
    signs[-1] = -1.0
    return signs
