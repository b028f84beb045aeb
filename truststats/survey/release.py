"""All tables that are published together, with their small cells hidden together.

A cell that is safe in its own table can follow from another one: a unit from its city, staff by
role from staff by role and city. So every number of a release is written as a sum of the same
atoms, and what is hidden is chosen for all of them at once (`truststats.survey.suppression`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import OptionError, Problem
from truststats.survey.atoms import Cells, cells_of
from truststats.survey.audit import Audit, Statement, audit
from truststats.survey.crossings import allowed_tables
from truststats.survey.disclosure import TOTAL, dominated, hiding_width, mean_digits, price
from truststats.survey.suppression import Linked, complementary

__all__ = ["Release", "release"]

MEAN_WIDTH = 0.1
"""How wide a reader's interval of a hidden mean must be, as a share of the scale."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of number in every cell of a release, and where it is hidden.

    Attributes
    ----------
    name : str
        ``n``, or the column that is averaged.
    linked : Linked
        The numbers: people, or sums of answers above the lowest one.
    hidden : (J,) bool array
    width : (J,) array
        How wide a reader's interval must be.
    n : (J,) array
        People, or those with an answer.
    limits : (float, float)
        Lowest and highest answer.
    """

    name: str
    linked: Linked
    hidden: BoolArray
    width: Array
    n: Array
    limits: tuple[float, float] = (0.0, 1.0)

    @property
    def shown(self) -> Array:
        """The numbers as they are published: counts or means, NaN where hidden."""
        numbers = self.linked.values
        if not self.linked.whole:
            with np.errstate(invalid="ignore", divide="ignore"):
                numbers = self.limits[0] + numbers / self.n
            unit = 10.0 ** mean_digits(self.n)
            numbers = np.round(numbers * unit) / unit
        return np.where(self.hidden, np.nan, numbers)


@dataclass(frozen=True, eq=False)
class Release:
    """Tables that are published together.

    Attributes
    ----------
    tables : mapping
        Columns of each table to a frame with a row a cell, totals included: the columns, ``n``,
        and the mean of each value, rounded so that it does not tell how many answered; NaN where
        hidden.
    min_n : int
        Smallest number of people that is shown.
    problems : tuple of Problem
        What was made coarser.
    """

    tables: Mapping[tuple[str, ...], pd.DataFrame]
    min_n: int
    problems: tuple[Problem, ...]
    cells: Cells
    kinds: Mapping[str, Kind]

    def table(self, *columns: str) -> pd.DataFrame:
        """Return one table by its columns, in any order.

        Raises
        ------
        OptionError
            If the release has no such table.
        """
        for own, frame in self.tables.items():
            if set(own) == set(columns):
                return frame
        names = "; ".join(" x ".join(own) for own in self.tables)
        raise OptionError(
            f"The release has no table {' x '.join(columns)}.", fix=f"use one of: {names}"
        )

    def audit(self) -> Audit:
        """Return what a reader of all tables together can tell of every hidden number.

        Counts are audited as whole numbers of people; sums (means times answers) within what so
        many answers can add up to, by a reader who knows all counts, the hidden ones too.
        """
        found = [_audited(kind, self.cells).frame for kind in self.kinds.values()]
        found = [frame for frame in found if len(frame)] or found[:1]
        return Audit(pd.concat(found, ignore_index=True))


def release(
    people: pd.DataFrame,
    tables: Sequence[Sequence[str]],
    *,
    values: Mapping[str, tuple[float, float]] | None = None,
    levels: Sequence[str] = (),
    about_managers: Sequence[str] = (),
    managers: str | None = None,
    crossings: str = "refuse",
    min_n: int = 5,
    dominance: tuple[int, float] = (2, 0.85),
) -> Release:
    """Return tables of people and means with everything hidden that must be.

    Parameters
    ----------
    people : DataFrame
        One row a person.
    tables : sequence of sequence of str
        Columns of each table; totals come with it.
    values : mapping, optional
        Columns to average, each with the lowest and highest value that an answer can have.
    levels : sequence of str
        Columns that lie within each other, the widest first, such as city and unit; every other
        column is background.
    about_managers : sequence of str
        Those of `values` that rate a manager: a cell needs `min_n` managers, and none that make up
        most of it by themselves.
    managers : str, optional
        The column that tells managers apart; by default the last of `levels`.
    crossings : {"refuse", "coarsen", "suppress"}
        What happens to crossings of background that are too fine; see `allowed_tables`.
    min_n : int
        Smallest number of people that is shown.
    dominance : (int, float)
        n and k of `dominated`.

    Raises
    ------
    DataError
        If a crossing is too fine and must not be made coarser.
    OptionError
        If a column is not there, or levels do not lie within each other.
    """
    asked = [tuple(table) for table in tables]
    kept, notes = allowed_tables(people, asked, levels, min_n, crossings)
    cells = cells_of(people, kept, levels)
    kinds = {"n": _people(cells, min_n)}
    for name, limits in (values or {}).items():
        rated = None
        if name in about_managers:
            rated = _rated(people, name, managers or (levels[-1] if levels else None))
        kinds[name] = _means(cells, people[name], limits, kinds["n"], min_n, rated, dominance)
    frames = {table: _frame(table, cells, kinds) for table in kept}
    return Release(frames, min_n, notes, cells, kinds)


def _rated(people: pd.DataFrame, name: str, managers: str | None) -> pd.Series:
    """Return who each person's manager is."""
    if managers is None:
        raise OptionError(
            f"{name!r} rates managers, and no column tells them apart.",
            fix="name it: managers='unit'",
        )
    return people[managers]


def _people(cells: Cells, min_n: int) -> Kind:
    """Return the numbers of people, hidden where they are few."""
    counts = cells.atoms(np.ones(len(cells.atom_of[0])))
    n = np.asarray(cells.sums @ counts)
    linked = Linked(cells.sums, counts, cells.lines, _price(cells, n))
    width = np.full(len(n), float(hiding_width(min_n)))

    def few(parts: IntArray) -> bool:
        return bool(0 < n[parts].sum() < min_n)

    primary = cells.own & (n > 0) & (n < min_n)
    return Kind("n", linked, complementary(linked, primary, width, few), width, n)


def _price(cells: Cells, n: Array) -> Array:
    """Return what is lost by hiding each cell; what says that totals agree is no cell."""
    totals = np.zeros(len(n), dtype=bool)
    totals[[total for total, _ in cells.lines]] = True
    return np.where(cells.own, price(n, totals), np.inf)


def _means(
    cells: Cells,
    answers: pd.Series,
    limits: tuple[float, float],
    people: Kind,
    min_n: int,
    managers: pd.Series | None,
    dominance: tuple[int, float],
) -> Kind:
    """Return the sums of answers above the lowest one, hidden where few people or managers are."""
    low, high = limits
    given = answers.notna().to_numpy()
    above = np.where(given, answers.to_numpy(dtype=float, na_value=low) - low, 0.0)
    counts = cells.atoms(given.astype(float))
    n = np.asarray(cells.sums @ counts)
    linked = Linked(
        cells.sums, cells.atoms(above), cells.lines, _price(cells, n), 0.0,
        (high - low) * counts, zeros=True,
    )  # fmt: skip
    rated = None if managers is None else managers.to_numpy()

    def few(parts: IntArray) -> bool:
        total = n[parts].sum()
        if rated is None or total <= 0:
            return bool(0 < total < min_n)
        each = pd.Series(rated[cells.people_in(parts) & given]).value_counts().to_numpy()
        return total < min_n or len(each) < min_n or dominated(each, *dominance)

    own = [cells.own[j] and few(np.array([j])) for j in range(len(n))]
    primary = (people.hidden | np.array(own)) & (n > 0)
    width = MEAN_WIDTH * (high - low) * np.maximum(n, 1.0)
    hidden = complementary(linked, primary, width, few)
    return Kind(str(answers.name), linked, hidden, width, n, limits)


def _frame(table: tuple[str, ...], cells: Cells, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return one table, totals after their parts."""
    at = cells.of(table)
    rows: dict[str, Any] = {c: [cells.keys[j].get(c, TOTAL) for j in at] for c in table}
    return pd.DataFrame(rows | {name: kind.shown[at] for name, kind in kinds.items()})


def _audited(kind: Kind, cells: Cells) -> Audit:
    """Return what a reader can tell of the hidden numbers of one kind."""
    linked, rows = kind.linked, [_row(cells.sums, j) for j in range(cells.sums.shape[0])]
    values, floors, ceilings = linked.values, linked.floors, linked.ceilings
    said = [
        Statement(
            _called(kind.name, cells, j),
            row,
            *((floors[j], ceilings[j]) if kind.hidden[j] else (values[j], values[j])),
        )
        for j, row in enumerate(rows)
    ]
    hidden = {_called(kind.name, cells, int(j)): int(j) for j in np.flatnonzero(kind.hidden)}
    most: Any = None if linked.ceiling is None else dict(enumerate(linked.ceiling.tolist()))
    return audit(
        said,
        {name: rows[j] for name, j in hidden.items()},
        width={name: float(kind.width[j]) for name, j in hidden.items()},
        most=most,
        whole=linked.whole,
    )


def _row(sums: Any, j: int) -> dict[Any, float]:
    row = sums[[j]].tocoo()
    return dict(zip(row.coords[1].tolist(), row.data.tolist(), strict=True))


def _called(name: str, cells: Cells, j: int) -> str:
    """Return what a cell is called in an audit."""
    if not cells.own[j]:
        return f"equal totals {j}"
    about = ", ".join(f"{column} {value}" for column, value in cells.keys[j].items())
    return f"{name} of {about or 'all'}"
