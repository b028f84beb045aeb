"""Numbers written as text: decimal comma, thousand separators, and what counts as no answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from truststats.errors import Problem

__all__ = ["NO_ANSWER", "Decimal", "convert", "has_leading_zero", "parse_number", "sniff_decimal"]

NO_ANSWER = frozenset(
    ["", ".", "-", "na", "n/a", "nan", "null", "none", "#n/a", "#null!", "#i/t", "#saknas!", "<na>"]
)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?")
_BLANKS = re.compile(r"[ \u00a0\u202f]")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?"),
}
_FRACTION = re.compile(r"[+-]?(\d*)([.,])(\d+)")
_LEADING_ZERO = re.compile(r"0\d+")


@dataclass(frozen=True)
class Decimal:
    """The decimal mark of a file and the columns that disagree with it."""

    mark: str
    conflicting: tuple[str, ...] = ()


def parse_number(text: str, decimal: str = ".") -> float | None:
    """Return the number a text stands for, or None when it is no number.

    Parameters
    ----------
    text : str
        One cell; blanks and U+00A0 between groups of three digits are thousand separators.
    decimal : {".", ","}
        The decimal mark of the file.
    """
    plain = text.strip().replace("\u2212", "-")
    if _SPACED.fullmatch(plain):
        plain = _BLANKS.sub("", plain)
    if _GROUPED[decimal].fullmatch(plain):
        plain = plain.replace("," if decimal == "." else ".", "")
    if decimal == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return float(plain) if _PLAIN.fullmatch(plain) else None


def has_leading_zero(values: Iterable[str]) -> bool:
    """Return whether any value is a digit string such as ``0301`` that a number would shorten."""
    return any(_LEADING_ZERO.fullmatch(value) for value in values)


def _marks(values: Iterable[str]) -> dict[str, set[str]]:
    """Return the decimal marks seen in a column, split into certain and possible ones."""
    seen: dict[str, set[str]] = {"certain": set(), "possible": set()}
    for value in values:
        match = _FRACTION.fullmatch(_BLANKS.sub("", value))
        if match is None:
            continue
        whole, mark, fraction = match.groups()
        grouped = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0"
        seen["possible" if grouped else "certain"].add(mark)
    return seen


def _is_numeric(values: Iterable[str]) -> bool:
    return all(parse_number(v) is not None or parse_number(v, ",") is not None for v in values)


def _filled(column: pd.Series) -> list[str]:
    """Return the distinct texts of a column that are answers."""
    distinct = (str(v).strip() for v in column.dropna().unique() if isinstance(v, str))
    return [v for v in distinct if v.casefold() not in NO_ANSWER]


def sniff_decimal(frame: pd.DataFrame, delimiter: str = ",") -> Decimal:
    """Return the decimal mark used consistently by the numeric columns of a table of texts.

    A comma is the decimal mark only when no numeric column uses a point. When both occur the
    point is kept and the columns with a comma are named as conflicting.
    """
    commas, points, possible = [], [], set()
    for name in frame.columns:
        values = _filled(frame[name])
        if not values or not _is_numeric(values):
            continue
        marks = _marks(values)
        if "," in marks["certain"]:
            commas.append(str(name))
        if "." in marks["certain"]:
            points.append(str(name))
        possible |= marks["possible"]
    if commas and points:
        return Decimal(".", tuple(commas))
    if commas or (not points and "," in possible and delimiter == ";"):
        return Decimal(",")
    return Decimal(".")


def convert(column: pd.Series, decimal: str) -> pd.Series:
    """Return a column of texts as numbers when every answer is a number, else as it was.

    Digit strings with a leading zero stay text, because they are codes and not quantities.
    """
    values = column.dropna().unique()
    distinct = [v for v in values if isinstance(v, str)]
    others = [v for v in values if not isinstance(v, str)]
    filled = [v.strip() for v in distinct if v.strip().casefold() not in NO_ANSWER]
    numbers = {v: parse_number(v, decimal) for v in filled}
    quantities = all(isinstance(v, int | float) and not isinstance(v, bool) for v in others)
    readable = None not in numbers.values() and not has_leading_zero(filled)
    if not (filled or others) or not quantities or not readable:
        blank = {v for v in distinct if not v.strip()}
        return column.mask(column.isin(blank)) if blank else column
    table: dict[object, object] = {v: numbers.get(v.strip(), np.nan) for v in distinct}
    return _tidy(column, table | {v: v for v in others})


def _tidy(column: pd.Series, table: Mapping[object, object]) -> pd.Series:
    mapped = pd.to_numeric(column.astype(object).map(table), errors="coerce")
    whole = mapped.notna().all() and (mapped == mapped.round()).all()
    return mapped.astype("int64") if whole else mapped.astype("float64")


def conflict_problem(decimal: Decimal) -> tuple[Problem, ...]:
    """Return the problem of a file that uses both decimal comma and decimal point."""
    if not decimal.conflicting:
        return ()
    return (
        Problem(
            "mixed_decimals",
            "warning",
            "Some numeric columns use a decimal comma and others a decimal point, so the columns "
            "with a comma were left as text.",
            'Give decimal="," to read_survey, or make the file consistent.',
            where=", ".join(decimal.conflicting),
            count=len(decimal.conflicting),
        ),
    )
