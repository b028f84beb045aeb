"""How finely people may be told apart: crossings of background, and rows that carry it.

A crossing of background with units, or of one background variable with another, soon singles
people out. One whose cells fall below a level is refused, or replaced by coarser tables, which is
said.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from truststats.errors import DataError, OptionError, Problem
from truststats.options import choose, did_you_mean

__all__ = [
    "CROSSINGS",
    "allowed_tables",
    "of_persons",
    "refuse_person_rows",
    "refuse_person_table",
    "smallest_cell",
]

CROSSINGS = ("refuse", "coarsen", "suppress")


def smallest_cell(people: pd.DataFrame, columns: Sequence[str]) -> int:
    """Return the number of people in the smallest cell of a crossing that holds somebody.

    Parameters
    ----------
    people : DataFrame
        One row a person.
    columns : sequence of str
        What is crossed; a missing value is a category of its own.
    """
    if not len(columns) or people.empty:
        return len(people)
    sizes = people.groupby(list(columns), dropna=False, observed=True).size()
    return int(np.asarray(sizes).min())


def allowed_tables(
    people: pd.DataFrame,
    tables: Sequence[tuple[str, ...]],
    levels: Sequence[str],
    min_n: int,
    crossings: str = "refuse",
) -> tuple[tuple[tuple[str, ...], ...], tuple[Problem, ...]]:
    """Return the tables that may be made, and what was made coarser.

    Parameters
    ----------
    people : DataFrame
        One row a person.
    tables : sequence of tuple of str
        The columns of each table.
    levels : sequence of str
        Columns that say where people work, the widest first; every other one is background.
    min_n : int
        Smallest cell of a crossing.
    crossings : {"refuse", "coarsen", "suppress"}
        What to do with a crossing that has a smaller one. Coarsening takes the next wider level,
        then none, then each variable by itself; "suppress" leaves it to the hiding of cells.

    Raises
    ------
    DataError
        If a crossing is too fine and none may be made coarser.
    OptionError
        If a level lies in two of the wider level, or a name is no column.
    """
    choose("crossings", crossings, CROSSINGS)
    _check(people, tables, levels)
    kept: list[tuple[str, ...]] = []
    notes = []
    for table in tables:
        coarser = _coarser(people, table, levels, min_n) if crossings != "suppress" else (table,)
        if coarser == (table,):
            kept.append(table)
            continue
        name = " x ".join(table)
        if crossings == "refuse":
            raise DataError(
                f"The crossing {name} has cells of fewer than {min_n} people.",
                why="background crossed so finely tells who somebody is",
                fix="leave a variable out, or use crossings='coarsen'",
            )
        said = ", ".join(" x ".join(one) for one in coarser) or "nothing"
        notes.append(
            Problem(
                "crossing_coarsened",
                "note",
                f"The crossing {name} has cells of fewer than {min_n} people; "
                f"shown instead: {said}.",
                "Join categories if the crossing itself is needed.",
                where=name,
            )
        )
        kept.extend(coarser)
    return tuple(dict.fromkeys(kept)), tuple(notes)


def _check(people: pd.DataFrame, tables: Sequence[tuple[str, ...]], levels: Sequence[str]) -> None:
    """Refuse names that are no columns, and levels that do not lie within each other."""
    for name in dict.fromkeys([*(n for table in tables for n in table), *levels]):
        if name not in people.columns:
            raise OptionError(
                f"There is no column {name!r}.{did_you_mean(name, list(map(str, people.columns)))}",
                fix="name columns of the answers",
            )
    for wide, fine in pairwise(levels):
        inside = people.groupby(fine, observed=True)[wide].nunique()
        if (inside > 1).any():
            raise OptionError(
                f"{fine} {str(inside.idxmax())!r} lies in more than one {wide}.",
                why="levels lie within each other, the widest first",
                fix=f"make the codes of {fine} unique, or leave {wide} out of levels",
            )


def _coarser(
    people: pd.DataFrame, table: tuple[str, ...], levels: Sequence[str], min_n: int
) -> tuple[tuple[str, ...], ...]:
    """Return the table itself where its crossing is coarse enough, else what stands for it."""
    background = tuple(name for name in table if name not in levels)
    place = [levels.index(name) for name in table if name in levels]
    if not background or (len(background) == 1 and not place):
        return (table,)
    if smallest_cell(people, table) >= min_n:
        return (table,)
    for at in range(max(place, default=0) - 1, -1, -1):
        own = (levels[at], *background)
        if smallest_cell(people, own) >= min_n:
            return (own,)
    if place and len(background) > 1 and smallest_cell(people, background) >= min_n:
        return (background,)
    return tuple((name,) for name in background)


def of_persons(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same frame, which says that it holds a row a person; summaries of it do not."""
    rows.attrs["person_rows"] = str(rows.index.dtype)
    return rows


def refuse_person_table(value: object, *, allow: bool = False) -> None:
    """Raise `DataError` where rows of single people would become a table to show.

    Parameters
    ----------
    value : object
        What is to be shown.
    allow : bool
        Whether rows of single people are wanted.
    """
    if allow or not isinstance(value, pd.DataFrame):
        return
    if value.attrs.get("person_rows") != str(value.index.dtype):
        return
    raise DataError(
        "These are rows of single people, not numbers to show.",
        why="a factor score is personal data like the answers it is made of",
        fix="average them with truststats.survey.release, or say allow_person_rows=True",
    )


def refuse_person_rows(
    rows: pd.DataFrame, columns: Sequence[str], *, min_n: int = 5, allow: bool = False
) -> None:
    """Raise where rows of single people would leave with what tells who they are.

    Parameters
    ----------
    rows : DataFrame
        One row a person.
    columns : sequence of str
        Unit and background among its columns.
    min_n : int
        How many people must share each combination of them.
    allow : bool
        Whether such rows are wanted at all.

    Raises
    ------
    DataError
        If they are not, or if a combination is that of fewer people.
    """
    if not columns:
        return
    named = ", ".join(map(str, columns))
    if not allow:
        raise DataError(
            f"Rows of single people are not given out with {named}.",
            why="beside a unit or background, a score is an answer with a name on it",
            fix="leave the columns out, or say allow_person_rows=True if the rows stay with you",
        )
    least = smallest_cell(rows, columns)
    if least < min_n:
        raise DataError(
            f"Some combinations of {named} are those of fewer than {min_n} people.",
            why="their rows would be known to whoever knows the people",
            fix="take fewer or coarser columns",
        )
