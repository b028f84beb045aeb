"""A file as read: cells and what the file says about them, the same for every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from truststats.errors import Problem
from truststats.survey.finding import counted
from truststats.survey.text import nfc

__all__ = [
    "Request",
    "Table",
    "drop_unnamed",
    "first_line_of",
    "header_notes",
    "merge_labels",
    "name_columns",
    "note",
]


@dataclass(frozen=True)
class Table:
    """A file as read: the cells and what the file itself says about them.

    Attributes
    ----------
    frame : DataFrame
        Raw cells; the column names are unique and in NFC.
    headers : mapping
        Column name to the header as written (they differ only for repeated headers).
    labels : mapping
        Column name to variable label.
    value_labels : mapping
        Column name to code to label.
    user_missing : mapping
        Column name to the codes or (low, high) ranges declared as missing.
    widths : mapping
        Column name to the digits that leading zeros fill up.
    stores_floats : bool
        Whether the format itself stores every number as a float, so that 301.0 means nothing.
    is_text : bool
        Whether numbers are still written as text.
    delimiter : str
        Of a text file, else empty.
    title : str
        What the file calls itself.
    notes : tuple of Problem
        What the reading had to decide.
    first_line : int or None
        Line of the file in which the first row of answers stands, where the others follow it one
        a line; None where blank lines or answers of several lines stand between.
    """

    frame: pd.DataFrame
    headers: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    user_missing: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    widths: Mapping[str, int] = field(default_factory=dict)
    stores_floats: bool = False
    is_text: bool = False
    delimiter: str = ""
    title: str = ""
    notes: tuple[Problem, ...] = ()
    first_line: int | None = None


@dataclass(frozen=True)
class Request:
    """What the user overrides, and what a header of this instrument may hold."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    known: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()


def note(code: str, message: str, remedy: str = "", where: str = "") -> Problem:
    """Return a remark on the reading that is no fault of the file."""
    return Problem(code, "note", message, remedy, where)


def name_columns(headers: Sequence[object]) -> tuple[list[str], dict[str, str]]:
    """Return unique column names and, for each, the header as written."""
    names: list[str] = []
    originals: dict[str, str] = {}
    for position, header in enumerate(headers, start=1):
        original = "" if header is None else nfc(header)
        name = original or f"column {position}"
        if name in originals:
            name = f"{name} (column {position})"
        names.append(name)
        originals[name] = original
    return names, originals


def drop_unnamed(frame: pd.DataFrame, headers: Mapping[str, str]) -> pd.DataFrame:
    """Return the frame without columns that have neither a header nor any cell."""
    empty = [
        name for name in frame.columns if not headers[name] and frame[name].isin(["", None]).all()
    ]
    return frame.drop(columns=empty)


def merge_labels(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, str]:
    """Return the variable labels that stand in text rows below the header."""
    labels: dict[str, str] = {}
    for row in rows:
        for name, cell in zip(names, row, strict=False):
            if cell not in (None, "") and name not in labels:
                labels[name] = nfc(cell)
    return labels


def first_line_of(rows: Sequence[Sequence[object]], line: int) -> int | None:
    """Return the line of the first row, or None where a blank row stands before another one.

    Parameters
    ----------
    rows : sequence
        The rows below the header.
    line : int
        Line in which the first of them stands.
    """
    filled = [any(str(c).strip() for c in row if c is not None) for row in rows]
    return line if sum(filled) and all(filled[: sum(filled)]) else None


def header_notes(row: int, text_rows: int) -> list[Problem]:
    """Return what to say about a header that is not the first row, or texts below it."""
    notes = []
    if row:
        notes.append(note("header_row", f"The header was found in row {row + 1}."))
    if text_rows:
        notes.append(
            note(
                "text_rows",
                f"{counted(text_rows, 'row', 'rows')} "
                "below the header with question texts, no answers.",
            )
        )
    return notes
