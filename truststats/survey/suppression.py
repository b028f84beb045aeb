"""Which cells to hide so that no sensitive one can be worked out: linked tables as linear sums.

Every number of a release is a sum of atoms: the cells that no table divides further. A reader
knows the sums that are shown, that atoms are not negative, and that a hidden sum of somebody is
not empty. A hidden sum is safe when two tables that agree with all of this differ in it by a
stated width. Hiding as little as possible so that all are safe is the cell suppression problem:
small releases are solved exactly, as an integer programme (Fischetti & Salazar 2001, Management
Science 47, 1008-1027), larger ones one sensitive sum at a time by the linear programme that has
its cheapest pair of tables, after which what was hidden in vain is shown again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, identity, vstack

from truststats.arrays import Array, BoolArray, IntArray

__all__ = ["Linked", "complementary", "determined", "interval", "unsafe"]

EXACT = 1200
"""Largest number of sensitive sums times atoms that is solved as an integer programme."""
_NODES = 2000
_MOST_TRIED = 2000
_TINY = 1e-7


@dataclass(frozen=True, eq=False)
class Linked:
    """Every number of one release as a sum of atoms.

    Attributes
    ----------
    sums : (J, K) sparse array of 0 and 1
        Which atoms each number adds up.
    atoms : (K,) array
        True values, none negative.
    lines : sequence of (int, int array)
        Each total that is shown beside all its parts: its row in `sums`, and theirs.
    cost : (J,) array
        What is lost by hiding each number; infinite where it may not be hidden.
    least : float
        Smallest value that a number other than zero can have, as far as a reader knows.
    ceiling : (K,) array
        Largest value of each atom that is possible; infinite for counts.
    zeros : bool
        Whether numbers that are zero may be hidden too.
    """

    sums: csr_array
    atoms: Array
    lines: Sequence[tuple[int, IntArray]]
    cost: Array
    least: float = 1.0
    ceiling: Array | None = None
    zeros: bool = False

    @property
    def values(self) -> Array:
        """The numbers, shape (J,)."""
        return np.asarray(self.sums @ self.atoms)

    @property
    def whole(self) -> bool:
        """Whether the atoms are counts."""
        return self.ceiling is None

    @property
    def floors(self) -> Array:
        """What a reader knows every number to reach, shape (J,)."""
        return np.where(self.values >= self.least, self.least, 0.0)

    @property
    def ceilings(self) -> Array:
        """What a reader knows every number not to exceed, shape (J,)."""
        if self.ceiling is None:
            open_ = np.full(self.sums.shape[0], np.inf)
        else:
            open_ = np.asarray(self.sums @ self.ceiling)
        return open_ if self.zeros else np.where(self.values > 0, open_, 0.0)


def interval(
    rows: csr_array, low: Array, high: Array, target: Array, ceiling: Array | None = None,
    *, whole: bool = False,
) -> tuple[float, float]:  # fmt: skip
    """Return the smallest and largest value of a sum of atoms that agree with what is known.

    Parameters
    ----------
    rows : (J, K) sparse array
        Known sums of atoms.
    low, high : (J,) array
        Limits of each.
    target : (K,) array
        The sum in question.
    ceiling : (K,) array, optional
        Largest values of the atoms, which are not negative.
    whole : bool
        Whether atoms are whole numbers.

    Returns
    -------
    (float, float)
        Not-a-number where no atoms agree; infinite where there is no limit.
    """
    exact = low == high
    top = np.full(len(target), np.inf) if ceiling is None else ceiling
    bounds = np.column_stack([np.zeros(len(target)), top])
    limits = np.concatenate([high[~exact], -low[~exact]])
    upper = _stacked([rows[~exact], -rows[~exact]])[np.isfinite(limits)]
    known: dict[str, Any] = {"A_eq": rows[exact], "b_eq": low[exact]} if exact.any() else {}
    if upper.shape[0]:
        known |= {"A_ub": upper, "b_ub": limits[np.isfinite(limits)]}
    if whole:
        known["integrality"] = np.ones(len(target))
    ends = []
    for sense in (1.0, -1.0):
        found: Any = linprog(sense * target, bounds=bounds, **known)  # type: ignore[call-overload]
        if found.status == 0:
            ends.append(sense * float(found.fun))
        else:
            ends.append(float("nan") if found.status == 2 else -sense * np.inf)
    return ends[0], ends[1]


def determined(rows: csr_array, targets: Array) -> BoolArray:
    """Return which sums of atoms follow from known sums by adding and subtracting alone.

    A sum is determined when every vector of the null space of the known sums leaves it alone.

    Parameters
    ----------
    rows : (J, K) sparse array
        Known sums of atoms.
    targets : (T, K) array
        The sums in question.

    Returns
    -------
    (T,) bool array
    """
    dense = rows.toarray()
    if not len(dense):
        free: Any = ~targets.any(axis=1)
        return free
    _, values, right = np.linalg.svd(dense, full_matrices=False)
    basis = right[values > 1e-9 * max(1.0, values[0])]
    rest = targets - targets @ basis.T @ basis
    fixed: Any = (np.abs(rest) < _TINY).all(axis=1)
    return fixed


def unsafe(linked: Linked, hidden: BoolArray, targets: csr_array, width: Array) -> BoolArray:
    """Return which sums a reader can tell more closely than a width, given what is hidden.

    Parameters
    ----------
    linked : Linked
    hidden : (J,) bool array
    targets : (T, K) sparse array
        Sums in question.
    width : (T,) array
        How wide the interval of each must be.
    """
    values = linked.values
    low = np.where(hidden, linked.floors, values)
    high = np.where(hidden, linked.ceilings, values)
    found = np.zeros(targets.shape[0], dtype=bool)
    for t in range(targets.shape[0]):
        target = targets[[t]].toarray()[0]
        least, most = interval(linked.sums, low, high, target, linked.ceiling, whole=linked.whole)
        found[t] = not most - least >= width[t] - _TINY
    return found


def complementary(
    linked: Linked,
    primary: BoolArray,
    width: float | Array,
    small: Callable[[IntArray], bool] | None = None,
) -> BoolArray:
    """Return which numbers to hide: the sensitive ones, and enough besides.

    Parameters
    ----------
    linked : Linked
    primary : (J,) bool array
        Sensitive numbers.
    width : float or (J,) array
        How wide a reader's interval of each hidden number must be.
    small : callable, optional
        Whether some numbers together are sensitive as well, given their rows: the hidden parts of a
        line are told together wherever its total is shown.

    Returns
    -------
    (J,) bool array
        Hidden numbers; every one of them is safe wherever hiding everything makes it so.
    """
    wide = np.broadcast_to(np.asarray(width, dtype=float), primary.shape)
    hidden = primary.copy()
    if not hidden.any():
        return hidden
    rows = [linked.sums[[j]] for j in np.flatnonzero(primary)]
    needed = [float(w) for w in wide[primary]]
    done: set[tuple[int, ...]] = set()
    whole = False
    while True:
        aims = (_stacked(rows), np.array(needed))
        hidden = _protected(linked, primary, hidden, *aims, whole=whole)
        unions = [] if small is None else _small_unions(linked, hidden, small, done)
        rows += [linked.sums[list(inside)].sum(axis=0)[None] for inside in unions]
        needed += [float(wide[list(inside)].max()) for inside in unions]
        if unions:
            continue
        later = np.flatnonzero(hidden)
        fails = later[unsafe(linked, hidden, linked.sums[later], wide[later])]
        fresh = [int(j) for j in fails if (int(j),) not in done and not primary[j]]
        if not fresh and (whole or not linked.whole or not len(fails)):
            return hidden
        whole = whole or not fresh
        done |= {(j,) for j in fresh}
        rows += [linked.sums[[j]] for j in fresh]
        needed += [float(wide[j]) for j in fresh]


def _small_unions(
    linked: Linked,
    hidden: BoolArray,
    small: Callable[[IntArray], bool],
    done: set[tuple[int, ...]],
) -> list[tuple[int, ...]]:
    """Return the hidden parts of lines that are sensitive together and told by their total."""
    found = []
    for total, parts in linked.lines:
        inside = parts[hidden[parts]]
        key = (-1, *map(int, inside))
        if len(inside) and not hidden[total] and key not in done and small(inside):
            done.add(key)
            found.append(key[1:])
    return found


def _protected(
    linked: Linked,
    primary: BoolArray,
    hidden: BoolArray,
    targets: csr_array,
    width: Array,
    *,
    whole: bool,
) -> BoolArray:
    """Return what to hide so that every target is safe; tables of whole numbers where asked."""
    if targets.shape[0] * linked.sums.shape[1] <= EXACT:
        found = _exact(linked, primary, targets, width, whole=whole)
        if found is not None:
            return found
    return _greedy(linked, primary, hidden, targets, width, whole=whole)


def _greedy(
    linked: Linked,
    primary: BoolArray,
    hidden: BoolArray,
    targets: csr_array,
    width: Array,
    *,
    whole: bool,
) -> BoolArray:
    """Return what to hide, one target after the other, without what was hidden in vain."""
    out = hidden.copy()
    for t in range(targets.shape[0]):
        own = targets[[t]]
        if unsafe(linked, out, own, width[[t]])[0]:
            out |= _cheapest(linked, out, own, float(width[t]), whole=whole)
    spare = np.flatnonzero(out & ~primary)
    if len(spare) * targets.shape[0] > _MOST_TRIED:
        return out
    for j in sorted(spare, key=lambda j: -linked.cost[j]):
        out[j] = False
        if unsafe(linked, out, targets, width).any():
            out[j] = True
    return out


def _cheapest(
    linked: Linked, hidden: BoolArray, target: csr_array, width: float, *, whole: bool
) -> BoolArray:
    """Return what a cheapest pair of tables changes of which the target differs by a width."""
    cost = np.where(hidden, 0.0, linked.cost)
    atoms = linked.sums.shape[1]
    pair = _pair(linked, target, width, ~np.isfinite(cost))
    found = _solved(linked, [pair], cost, whole=whole)
    if found is None:
        return np.isfinite(linked.cost)
    return np.asarray(found[2 * atoms :] > _TINY)


def _exact(
    linked: Linked, primary: BoolArray, targets: csr_array, width: Array, *, whole: bool
) -> BoolArray | None:
    """Return the cheapest set of hidden numbers; None where it was not found."""
    cost = np.where(primary, 0.0, linked.cost)
    fixed = ~np.isfinite(cost)
    pairs = [_pair(linked, targets[[t]], float(w), fixed) for t, w in enumerate(width)]
    reach = float(np.max(width)) + float(linked.values.max(initial=1.0))
    found = _solved(linked, pairs, cost, whole=whole, reach=reach)
    if found is None:
        return None
    return primary | np.asarray(found[2 * len(pairs) * linked.sums.shape[1] :] > 0.5)


_Pair = tuple[csr_array, Array, Array]


def _pair(linked: Linked, target: csr_array, width: float, fixed: BoolArray) -> _Pair:
    """Return what two tables (x, y) must fulfil that differ by a width: rows, low and high."""
    values = linked.values
    low = np.where(fixed, values, linked.floors)
    high = np.where(fixed, values, linked.ceilings)
    none = csr_array(linked.sums.shape)
    rows = _stacked(
        [hstack([linked.sums, none]), hstack([none, linked.sums]), hstack([target, -target])]
    )
    return rows, np.concatenate([low, low, [width]]), np.concatenate([high, high, [np.inf]])


def _solved(
    linked: Linked,
    pairs: Sequence[_Pair],
    cost: Array,
    *,
    whole: bool,
    reach: float | None = None,
) -> Array | None:
    """Return pairs of tables, and how far (or, with a reach, whether) each number is moved.

    A number that is moved costs; with a reach it costs the same however far it is moved.
    """
    count, atoms = linked.sums.shape
    wanted, values = len(pairs), linked.values
    size = 2 * wanted * atoms
    spare = csr_array((2 * count + 1, count))
    moves = (reach or 1.0) * identity(count, format="csr")
    blocks, lows, highs = [], [], []
    for t, (rows, low, high) in enumerate(pairs):
        blocks.append(hstack([_beside(rows, t, wanted), spare]))
        lows.append(low)
        highs.append(high)
        for half in (0, 1):
            own = _beside(linked.sums, 2 * t + half, 2 * wanted)
            blocks += [hstack([own, -moves]), hstack([-own, -moves])]
            highs += [values, -values]
            lows += [np.full(count, -np.inf)] * 2
    top = np.full(atoms, np.inf) if linked.ceiling is None else linked.ceiling
    most = np.where(np.isfinite(cost), np.inf if reach is None else 1.0, 0.0)
    found: Any = milp(
        np.concatenate([np.zeros(size), np.where(most > 0, cost, 0.0)]),
        integrality=np.repeat([int(whole), int(reach is not None)], [size, count]),
        bounds=Bounds(np.zeros(size + count), np.concatenate([np.tile(top, 2 * wanted), most])),
        constraints=LinearConstraint(_stacked(blocks), np.concatenate(lows), np.concatenate(highs)),
        options={"node_limit": _NODES},
    )
    return None if found.status != 0 else found.x


def _stacked(blocks: Any) -> csr_array:
    """Return blocks of rows below each other."""
    return csr_array(vstack([csr_array(block) for block in blocks]))


def _beside(rows: csr_array, at: int, wanted: int) -> csr_array:
    """Return rows with as many empty columns before and after that they stand in one place."""
    wide = rows.tocoo()
    return csr_array(
        coo_array(
            (wide.data, (wide.coords[0], wide.coords[1] + at * rows.shape[1])),
            shape=(rows.shape[0], wanted * rows.shape[1]),
        )
    )
