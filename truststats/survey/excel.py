"""Workbooks, whose header seldom stands in the first row."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from truststats.errors import SurveyError
from truststats.options import did_you_mean
from truststats.survey.sniff import find_header, known_names
from truststats.survey.table import (
    Request,
    Table,
    drop_unnamed,
    first_line_of,
    header_notes,
    merge_labels,
    name_columns,
    note,
)

__all__ = ["read_excel"]


def read_excel(path: Path, data: bytes, request: Request) -> Table:
    """Return the sheet of a workbook whose header fits best, titles above it skipped."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets = book.sheetnames
    if request.sheet is not None and request.sheet not in sheets:
        raise SurveyError(
            f"The workbook has no sheet {request.sheet!r}.{did_you_mean(request.sheet, sheets)}",
            where=path.name,
            fix=f"use sheet= one of: {', '.join(sheets)}",
        )
    rows, sheet = _best_sheet(book, [request.sheet] if request.sheet else sheets, request)
    if not rows:
        raise SurveyError("The workbook holds no rows.", where=path.name)
    header = find_header(rows, request.known, request.answers)
    body = header.row + 1 + header.text_rows
    names, headers = name_columns(_trim(rows[header.row], rows))
    cells = [[*row[: len(names)], *[None] * (len(names) - len(row))] for row in rows[body:]]
    cells = [row for row in cells if any(c not in (None, "") for c in row)]
    frame = pd.DataFrame(cells, columns=pd.Index(names), dtype=object)
    notes = [note("read_as", f"Read from sheet {sheet!r}.")] if len(sheets) > 1 else []
    notes += header_notes(header.row, header.text_rows)
    return Table(
        drop_unnamed(frame, headers),
        headers,
        labels=merge_labels(names, rows[header.row + 1 : body]),
        widths=_zero_formats(book[sheet], names, body + 1),
        is_text=True,
        notes=tuple(notes),
        first_line=first_line_of(rows[body:], body + 1),
    )


def _best_sheet(book: Any, sheets: Sequence[str], request: Request) -> tuple[list[Any], str]:
    """Return the rows and name of the sheet with most known names, else most rows."""
    best: tuple[tuple[int, int], list[Any], str] = ((-1, -1), [], "")
    for sheet in sheets:
        rows = [list(row) for row in book[sheet].iter_rows(values_only=True)]
        while rows and all(c in (None, "") for c in rows[-1]):
            rows.pop()
        hits = 0
        if rows and request.known:
            row = rows[find_header(rows, request.known, request.answers).row]
            hits = known_names(row, request.known)
        if (hits, len(rows)) > best[0]:
            best = ((hits, len(rows)), rows, sheet)
    return best[1], best[2]


def _trim(header: Sequence[object], rows: Sequence[Sequence[object]]) -> list[object]:
    """Return the header without trailing columns that are blank in every row."""
    width = len(header)
    while width and all(len(r) < width or r[width - 1] in (None, "") for r in rows):
        width -= 1
    return list(header[:width])


def _zero_formats(sheet: Any, names: Sequence[str], row: int) -> dict[str, int]:
    """Return the columns whose cells are shown with leading zeros (number format ``0000``)."""
    widths: dict[str, int] = {}
    for cells in sheet.iter_rows(min_row=row, max_row=row, max_col=len(names)):
        for name, cell in zip(names, cells, strict=False):
            shown = getattr(cell, "number_format", "") or ""
            if len(shown) > 1 and set(shown) == {"0"}:
                widths[name] = len(shown)
    return widths
