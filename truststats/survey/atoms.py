"""The numbers of several tables of the same people, as sums of the cells that no table divides.

Tables that share variables share totals. Where they hang together like a tree, what they say is
what their own cells with equal shared totals can be; tables that close a circle (A x B, B x C,
A x C) are taken apart into the cells of all their variables together. The test for a circle removes
variables that one table has for itself and tables inside others (Graham; Yu & Ozsoyoglu 1979).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from truststats.arrays import Array, BoolArray, IntArray

__all__ = ["Cells", "cells_of", "circle"]

NONE = "–"
"""Category of people who have no value."""
_MOST = 20_000

Names = tuple[str, ...]
Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of several tables with their totals.

    Attributes
    ----------
    keys : tuple of mapping
        What each cell is about: column to category; nothing for the grand total.
    sums : (J, K) sparse array
        Which atoms each cell adds up; rows after the cells say that totals of two tables agree.
    own : (J,) bool array
        Which rows are cells.
    lines : tuple of (int, int array)
        Each total and its parts.
    codes : mapping
        Columns to the cell that each person is in.
    atom_of : tuple of (n,) int array
        The atom of each person in each group of tables.
    levels : tuple of str
        Columns that lie within each other, the widest first.
    """

    keys: tuple[Mapping[str, str], ...]
    sums: csr_array
    own: BoolArray
    lines: tuple[tuple[int, IntArray], ...]
    codes: Mapping[Names, IntArray]
    atom_of: tuple[IntArray, ...]
    levels: Names = ()

    def atoms(self, weights: Array) -> Array:
        """Return what each atom holds, given what each person brings; shape (K,)."""
        found = np.zeros(self.sums.shape[1])
        for own in self.atom_of:
            found += np.bincount(own, weights, minlength=len(found))
        return found

    def people_in(self, cells: IntArray) -> BoolArray:
        """Return who is in one of some cells."""
        inside = np.zeros(len(self.atom_of[0]), dtype=bool)
        for codes in self.codes.values():
            inside |= np.isin(codes, cells)
        return inside

    def of(self, table: Names) -> IntArray:
        """Return the cells of a table with its totals, parts before totals."""
        margins = dict.fromkeys(_margins(table, self.levels))
        return np.concatenate([np.unique(self.codes[own]) for own in margins])


def circle(tables: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return the tables that are left when none can be removed; empty where there is no circle.

    Parameters
    ----------
    tables : sequence of frozenset of str
        The columns of each table.
    """
    left = [set(t) for t in tables]
    kept = list(range(len(left)))
    changed = True
    while changed:
        changed = False
        for k in list(kept):
            others = [left[i] for i in kept if i != k]
            shared = set().union(*others) if others else set()
            if left[k] - shared:
                left[k] &= shared
                changed = True
            if any(left[k] <= other for other in others) or not left[k]:
                kept.remove(k)
                changed = True
    return [tables[k] for k in kept]


def cells_of(people: pd.DataFrame, tables: Sequence[Names], levels: Sequence[str] = ()) -> Cells:
    """Return the cells of some tables.

    Parameters
    ----------
    people : DataFrame
        One row a person.
    tables : sequence of tuple of str
        Columns of each table.
    levels : sequence of str
        Columns that lie within each other, the widest first.
    """
    names = list(dict.fromkeys([*(n for t in tables for n in t), *levels]))
    frame = people[names].astype(object).where(people[names].notna(), NONE).map(str)
    frame = frame.reset_index(drop=True)
    margins = list(dict.fromkeys(m for t in tables for m in _margins(t, levels)))
    codes, keys = _numbered(frame, margins)
    groups = _groups([frozenset(_closed(t, levels)) for t in tables])
    atoms = [_combinations(frame, group, margins, levels) for group in groups]
    return Cells(
        tuple(dict(key) for key in keys),
        *_sums(keys, atoms, groups),
        _lines(tables, levels, keys, codes),
        codes,
        _atom_of(frame, atoms),
        tuple(levels),
    )


def _closed(columns: Sequence[str], levels: Sequence[str]) -> Names:
    """Return columns with the wider levels that each level implies, in a fixed order."""
    deepest = max((levels.index(c) for c in columns if c in levels), default=-1)
    return (*levels[: deepest + 1], *sorted(c for c in columns if c not in levels))


def _margins(table: Names, levels: Sequence[str]) -> Iterator[Names]:
    for size in range(len(table), -1, -1):
        for part in combinations(table, size):
            yield _closed(part, levels)


def _numbered(
    frame: pd.DataFrame, margins: Sequence[Names]
) -> tuple[dict[Names, IntArray], list[Key]]:
    """Return the cell of each person in each table or total, and what each cell is about."""
    codes: dict[Names, IntArray] = {}
    keys: list[Key] = []
    for columns in margins:
        if columns:
            own = frame.groupby(list(columns), sort=False).ngroup().to_numpy(dtype=np.intp)
        else:
            own = np.zeros(len(frame), dtype=np.intp)
        first = frame[list(columns)][~pd.Series(own).duplicated().to_numpy()]
        codes[columns] = np.asarray(own + len(keys), dtype=np.intp)
        keys += [tuple(zip(columns, row, strict=True)) for row in first.itertuples(index=False)]
        if not columns and not len(first):
            keys.append(())
    return codes, keys


def _groups(tables: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return the sets of columns whose crossings are the atoms."""
    largest = [t for t in dict.fromkeys(tables) if not any(t < other for other in tables)]
    while core := circle(largest):
        joined = frozenset().union(*core)
        largest = [t for t in largest if not t <= joined] + [joined]
    return largest


def _combinations(
    frame: pd.DataFrame, group: frozenset[str], margins: Sequence[Names], levels: Sequence[str]
) -> list[Key]:
    """Return the combinations of categories that a reader takes to be possible."""
    chain = tuple(c for c in levels if c in group)
    parts = [chain, *((c,) for c in sorted(group - set(chain)))]
    seen = [
        list(dict.fromkeys(frame[list(p)].itertuples(index=False, name=None))) for p in parts if p
    ]
    parts = [p for p in parts if p]
    shown = [m for m in margins if set(m) <= group]
    known = {m: set(frame[list(m)].itertuples(index=False, name=None)) for m in shown}
    size = int(np.prod([len(s) for s in seen])) if seen else 1
    names = tuple(c for p in parts for c in p)
    if size > _MOST:
        rows = dict.fromkeys(frame[list(names)].itertuples(index=False, name=None))
    else:
        rows = (tuple(v for part in row for v in part) for row in product(*seen))
    place = {name: k for k, name in enumerate(names)}
    return [
        tuple(zip(names, row, strict=True))
        for row in rows
        if all(not m or tuple(row[place[c]] for c in m) in known[m] for m in shown)
    ]


def _sums(
    keys: Sequence[Key], atoms: Sequence[Sequence[Key]], groups: Sequence[frozenset[str]]
) -> tuple[csr_array, BoolArray]:
    """Return which atoms each cell adds up, then rows that say that shared totals agree."""
    start = np.cumsum([0, *(len(own) for own in atoms)])
    place: dict[Key, int] = {key: j for j, key in enumerate(keys)}
    at: list[tuple[int, int, float]] = []
    by_columns: dict[Names, int] = {}
    for key in keys:
        columns = tuple(c for c, _ in key)
        if columns not in by_columns:
            by_columns[columns] = next(k for k, g in enumerate(groups) if set(columns) <= g)
    for columns, k in by_columns.items():
        for number, atom in enumerate(atoms[k]):
            own = dict(atom)
            at.append((place[tuple((c, own[c]) for c in columns)], int(start[k]) + number, 1.0))
    rows = len(keys)
    for (k, one), (m, other) in combinations(list(enumerate(groups)), 2):
        shared = tuple(sorted(one & other))
        found: dict[Key, int] = {}
        for group, sign in ((k, 1.0), (m, -1.0)):
            for number, atom in enumerate(atoms[group]):
                own = dict(atom)
                key = tuple((c, own[c]) for c in shared)
                row = found.setdefault(key, rows + len(found))
                at.append((row, int(start[group]) + number, sign))
        rows += len(found)
    row, column, value = np.array(at).reshape(-1, 3).T
    sums = coo_array((value, (row.astype(int), column.astype(int))), shape=(rows, int(start[-1])))
    return csr_array(sums), np.arange(rows) < len(keys)


def _lines(
    tables: Sequence[Names],
    levels: Sequence[str],
    keys: Sequence[Key],
    codes: Mapping[Names, IntArray],
) -> tuple[tuple[int, IntArray], ...]:
    """Return every total with the cells that it is the total of."""
    found: dict[tuple[int, ...], tuple[int, IntArray]] = {}
    for table in tables:
        for fine in _margins(table, levels):
            for drop in fine:
                coarse = _closed([c for c in fine if c != drop], levels)
                if coarse == fine or coarse not in codes:
                    continue
                pairs = np.unique(np.column_stack([codes[coarse], codes[fine]]), axis=0)
                for total in np.unique(pairs[:, 0]):
                    parts = pairs[pairs[:, 0] == total, 1]
                    found[int(total), *map(int, parts)] = (int(total), parts)
    return tuple(found.values())


def _atom_of(frame: pd.DataFrame, atoms: Sequence[Sequence[Key]]) -> tuple[IntArray, ...]:
    """Return the atom of each person in each group of tables."""
    start, out = 0, []
    for own in atoms:
        names = [c for c, _ in own[0]] if own else []
        place = {tuple(v for _, v in atom): start + k for k, atom in enumerate(own)}
        rows = frame[names].itertuples(index=False, name=None)
        out.append(
            np.array([place[row] for row in rows], dtype=np.intp)
            if names
            else np.full(len(frame), start)
        )
        start += len(own)
    return tuple(out)
