"""One reader per file format, each returning the same `Table`."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from truststats.errors import Problem, SurveyError
from truststats.options import did_you_mean
from truststats.survey import stata_spss
from truststats.survey.sniff import decode, find_header, known_names, sniff_delimiter
from truststats.survey.text import nfc

__all__ = ["SUFFIXES", "Request", "Table", "from_frame", "load"]


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


def _merge_labels(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, str]:
    """Return the variable labels that stand in text rows below the header."""
    labels: dict[str, str] = {}
    for row in rows:
        for name, cell in zip(names, row, strict=False):
            if cell not in (None, "") and name not in labels:
                labels[name] = nfc(cell)
    return labels


def read_text(path: Path, data: bytes, request: Request) -> Table:
    """Return a delimited text file as a table of texts."""
    text, encoding = decode(data, request.encoding, path.name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = request.delimiter or sniff_delimiter(text)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    if rows and rows[0] and rows[0][0].casefold().startswith("sep="):
        rows = rows[1:]
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
        labels=_merge_labels(names, rows[header.row + 1 : body]),
        is_text=True,
        delimiter=delimiter,
        notes=tuple(notes),
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
            f"{len(long)} row(s) have more than the header's {width} fields.",
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
            f"{len(rows)} row(s) have fewer than the header's {width} fields; the rest was read as "
            "blank.",
            "Check that these rows are complete in the file.",
            count=len(rows),
            rows=tuple(rows[:5]),
        )
    ]


def header_notes(row: int, text_rows: int) -> list[Problem]:
    """Return what to say about a header that is not the first row, or texts below it."""
    notes = []
    if row:
        notes.append(note("header_row", f"The header was found in row {row + 1}."))
    if text_rows:
        notes.append(
            note(
                "text_rows", f"{text_rows} row(s) below the header hold question texts, no answers."
            )
        )
    return notes


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
        labels=_merge_labels(names, rows[header.row + 1 : body]),
        widths=_zero_formats(book[sheet], names, body + 1),
        is_text=True,
        notes=tuple(notes),
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


def read_parquet(path: Path, data: bytes, request: Request) -> Table:
    """Return a parquet file with its own types."""
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data))
    title = " ".join(
        value.decode("utf-8", "replace")
        for key, value in (table.schema.metadata or {}).items()
        if key in (b"title", b"description", b"synthetic")
    )
    names, headers = name_columns(table.column_names)
    return Table(table.rename_columns(names).to_pandas(), headers, title=title)


def read_statistical(path: Path, data: bytes, request: Request) -> Table:
    """Return an SPSS or Stata file with its labels and user-missing codes."""
    found = stata_spss.read(path, request.encoding)
    names, headers = name_columns(list(found.frame.columns))
    rename = dict(zip(found.frame.columns, names, strict=True))
    return Table(
        found.frame.set_axis(names, axis=1),
        headers,
        labels={rename[k]: nfc(v) for k, v in found.labels.items() if v},
        value_labels={rename[k]: v for k, v in found.value_labels.items()},
        user_missing={rename[k]: v for k, v in found.user_missing.items()},
        widths={rename[k]: v for k, v in found.widths.items()},
        stores_floats=True,
        title=found.title,
        notes=tuple(note("read_as", text) for text in found.notes),
    )


SUFFIXES: Mapping[str, Callable[[Path, bytes, Request], Table]] = {
    ".csv": read_text,
    ".txt": read_text,
    ".tsv": read_text,
    ".xlsx": read_excel,
    ".xlsm": read_excel,
    ".sav": read_statistical,
    ".zsav": read_statistical,
    ".dta": read_statistical,
    ".parquet": read_parquet,
}


def load(path: Path, request: Request) -> tuple[Table, str]:
    """Return the table in a file and the sha256 of the file's bytes.

    Raises
    ------
    SurveyError
        If the file is absent or of an unknown format.
    """
    if not path.is_file():
        folder = path.parent if path.parent.is_dir() else Path()
        hint = did_you_mean(path.name, [p.name for p in folder.iterdir() if p.is_file()])
        raise SurveyError(f"There is no file {str(path)!r}.{hint}", fix="check the path")
    reader = SUFFIXES.get(path.suffix.casefold())
    if reader is None:
        raise SurveyError(
            f"Files ending in {path.suffix!r} cannot be read.",
            where=str(path.name),
            fix=f"save as one of {', '.join(SUFFIXES)}, or pass a data frame",
        )
    data = path.read_bytes()
    return reader(path, data, request), hashlib.sha256(data).hexdigest()


def from_frame(data: Any) -> tuple[Table, str]:
    """Return the table in any data frame that narwhals knows, and a sha256 of its contents.

    Raises
    ------
    SurveyError
        If the object is no data frame.
    """
    title = ""
    if isinstance(data, pd.DataFrame):
        frame = data.copy()
        title = "synthetic" if data.attrs.get("synthetic") else ""
    else:
        try:
            native = nw.from_native(data)
        except TypeError as error:
            raise SurveyError(
                f"{type(data).__name__} is neither a path nor a data frame.",
                fix="pass a file's path, or a pandas, polars, pyarrow or other narwhals frame",
            ) from error
        eager = native.collect() if isinstance(native, nw.LazyFrame) else native
        frame = eager.to_pandas()
    names, headers = name_columns(list(frame.columns))
    frame = frame.set_axis(names, axis=1).reset_index(drop=True)
    return Table(frame, headers, title=title), frame_hash(frame)


def frame_hash(frame: pd.DataFrame) -> str:
    """Return the sha256 of a frame's names and cells, independent of the library it came from."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        digest.update(str(name).encode() + b"\x1e")
        if pd.api.types.is_numeric_dtype(column):
            digest.update(column.astype("float64").to_numpy().tobytes())
        else:
            digest.update("\x1f".join(column.astype(object).map(str)).encode())
    return digest.hexdigest()
