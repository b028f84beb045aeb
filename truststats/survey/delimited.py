"""Delimited text files, as spreadsheets and survey tools export them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from truststats.errors import Problem, SurveyError
from truststats.survey.finding import counted
from truststats.survey.sniff import decode, find_header, sniff_delimiter
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

__all__ = ["read_text"]


def read_text(path: Path, data: bytes, request: Request) -> Table:
    """Return a delimited text file as a table of texts."""
    text, encoding = decode(data, request.encoding, path.name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = request.delimiter or sniff_delimiter(text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    rows = list(reader)
    above, one_each = 1, reader.line_num == len(rows)
    if rows and rows[0] and rows[0][0].casefold().startswith("sep="):
        rows, above = rows[1:], 2
    if not any(cell.strip() for row in rows for cell in row):
        raise SurveyError(
            "The file holds no rows.", where=path.name, fix="export the answers again"
        )
    header = find_header(rows, request.known, request.answers)
    body = header.row + 1 + header.text_rows
    names, headers = name_columns(rows[header.row])
    frame, short = _rectangle(path, rows[body:], names, delimiter)
    notes = [note("read_as", f"Read as {encoding} text with delimiter {delimiter!r}.")]
    notes += header_notes(header.row, header.text_rows) + mojibake(names) + short
    return Table(
        drop_unnamed(frame, headers),
        headers,
        labels=merge_labels(names, rows[header.row + 1 : body]),
        is_text=True,
        delimiter=delimiter,
        notes=tuple(notes),
        first_line=first_line_of(rows[body:], body + above) if one_each else None,
    )


def _rectangle(
    path: Path, rows: Sequence[Sequence[str]], names: Sequence[str], delimiter: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return rows of texts as a frame; rows that are too long are an error, short ones filled."""
    width = len(names)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    long = [i for i, row in enumerate(rows, 1) if any(cell.strip() for cell in row[width:])]
    if long:
        raise SurveyError(
            f"{counted(len(long), 'row has', 'rows have')} more than the header's {width} fields.",
            where=f"{path.name}, first data rows {', '.join(map(str, long[:5]))}",
            why="a wrong delimiter or an unquoted text shifts answers into other columns",
            fix=f"give delimiter= (now {delimiter!r}), or quote the texts in the file",
        )
    short = [i for i, row in enumerate(rows, 1) if len(row) < width]
    filled = [[*row[:width], *[""] * (width - len(row))] for row in rows]
    cells = zip(*filled, strict=True) if filled else ((),) * width
    columns = {name: pd.Series(list(c), dtype=object) for name, c in zip(names, cells, strict=True)}
    return pd.DataFrame(columns, columns=pd.Index(names)), short_rows(short, width)


def short_rows(rows: Sequence[int], width: int) -> list[Problem]:
    """Return a warning when rows have fewer fields than the header."""
    if not rows:
        return []
    return [
        Problem(
            "short_rows",
            "warning",
            f"{counted(len(rows), 'row has', 'rows have')} "
            f"fewer than the header's {width} fields; the rest was read as "
            "blank.",
            "Check that these rows are complete in the file.",
            count=len(rows),
            rows=tuple(rows[:5]),
        )
    ]


def mojibake(names: Sequence[str]) -> list[Problem]:
    """Return a warning when the names look like UTF-8 that was read as cp1252 and saved again."""
    marks = ("Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…", "Ã¤", "Ã¶", "\ufffd")
    broken = [name for name in names if any(mark in name for mark in marks)]
    if not broken:
        return []
    return [
        Problem(
            "broken_letters",
            "warning",
            "Column names hold letters that were broken by an earlier conversion.",
            "Export the file again as UTF-8, or map the columns with columns=.",
            where=", ".join(broken[:5]),
            count=len(broken),
        )
    ]
