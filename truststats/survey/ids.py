"""Identifiers are names, not numbers: leading zeros stay, and 301.0 becomes 301."""

from __future__ import annotations

import numbers
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from truststats.errors import Problem
from truststats.survey.numbers import NO_ANSWER
from truststats.survey.text import identifier_key, nfc

__all__ = ["find_respondent", "normalise_ids", "normalise_sizes", "one_id"]

_FLOAT = re.compile(r"(\d+)[.,]0+")
_RESPONDENT = (
    "respondentid", "respid", "respondent", "responseid", "rid", "id", "personid", "caseid",
    "svarid", "loepenummer", "loepenr", "lopenr", "token", "uuid",
)  # fmt: skip


def find_respondent(columns: Sequence[str]) -> str | None:
    """Return the column that by its name identifies respondents, or None."""
    by_key = {identifier_key(column): column for column in reversed(columns)}
    return next((by_key[name] for name in _RESPONDENT if name in by_key), None)


def one_id(value: Any, width: int = 0) -> str | None:
    """Return one identifier as text, or None for a blank.

    Parameters
    ----------
    value : object
        A text, an int or a float.
    width : int
        Digits to fill up with zeros, for columns whose format says so.
    """
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return None
    text = nfc(value)
    match = _FLOAT.fullmatch(text)
    text = match.group(1) if match else text
    if text.casefold() in NO_ANSWER - {"na", "none", "null", "-"}:
        return None
    return text.zfill(width) if text.isdigit() else text


def normalise_ids(column: pd.Series, width: int = 0) -> tuple[pd.Series, tuple[Problem, ...]]:
    """Return an identifier column as texts, and what to know when it had been stored as numbers."""
    distinct = column.astype(object).dropna().unique()
    table = {value: one_id(value, width) for value in distinct}
    texts = column.astype(object).map(table).astype(object)
    whole = [v for v in distinct if _FLOAT.fullmatch(nfc(v))]
    found = _float_problem(str(column.name), column, whole)
    return texts, found or number_note(str(column.name), column, width)


def number_note(name: str, column: pd.Series, width: int = 0) -> tuple[Problem, ...]:
    """Return a note when identifiers are numbers in the source, where zeros in front are lost.

    Parameters
    ----------
    name : str
        The column.
    column : Series
        Cells as the source gives them.
    width : int
        Digits that zeros fill up; where the source says so, nothing is lost.
    """
    hit = column.map(lambda v: isinstance(v, numbers.Real) and not isinstance(v, bool) and v == v)
    count = int(hit.astype(bool).sum())
    if width or not count:
        return ()
    return (
        Problem(
            "ids_as_numbers",
            "note",
            f"The codes in {name!r} are numbers in the file, so zeros in front are lost: 030101 "
            "would stand there as 30101.",
            "Where codes begin with a zero, store them as text, and check that units match your "
            "lists.",
            where=name,
            count=count,
        ),
    )


def _float_problem(name: str, column: pd.Series, whole: Sequence[Any]) -> tuple[Problem, ...]:
    if not len(whole):
        return ()
    hit = column.isin(list(whole)).to_numpy()
    shown, plain = nfc(whole[0]), one_id(whole[0])
    return (
        Problem(
            "ids_as_floats",
            "warning",
            f"Identifiers in {name!r} were stored as decimal numbers ({shown}) and are read as "
            f"{plain!r}; leading zeros may have been lost before.",
            "Store identifiers as text in the file, and check that units still match your lists.",
            where=name,
            count=int(hit.sum()),
            rows=tuple(int(i) + 1 for i in hit.nonzero()[0][:5]),
        ),
    )


def normalise_sizes(sizes: Mapping[Any, int] | None) -> dict[str, int] | None:
    """Return the number of invited people by unit, with units as texts."""
    if sizes is None:
        return None
    return {str(one_id(unit)): int(size) for unit, size in sizes.items()}
