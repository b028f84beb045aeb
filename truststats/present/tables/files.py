"""Tables as files: CSV that no spreadsheet takes for a formula, Word, HTML and LaTeX."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from truststats.errors import NotSupportedError
from truststats.present.tables.html import page
from truststats.present.wording.words import words

if TYPE_CHECKING:
    from truststats.present.tables.table import Table

__all__ = ["WRITERS", "csv_text", "safe_cell", "tex_text"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)([eE][+-]?\d+)?")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "χ²": r"$\chi^2$",
    "β": r"$\beta$",
    "Δ": r"$\Delta$",
    "−": "$-$",
    "±": r"$\pm$",
    "→": r"$\rightarrow$",
    "²": r"$^2$",
    "\N{NO-BREAK SPACE}": "~",
}
_TEX_PARTS = re.compile("|".join(sorted(map(re.escape, _TEX), key=len, reverse=True)))


def safe_cell(value: Any, decimal: str = ".") -> str:
    """Return a CSV cell that a spreadsheet cannot take for a formula.

    Parameters
    ----------
    value : object
        The cell. Numbers keep up to ten digits.
    decimal : str
        Decimal mark.

    Returns
    -------
    str
        A text that begins like a formula has an apostrophe before it, unless it is a number.
    """
    if isinstance(value, bool):
        return str(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", decimal)
    text = str(value)
    if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n")):
        return text if _NUMBER.fullmatch(text.strip()) else f"'{text}"
    return text


def csv_text(table: Table) -> str:
    """Return the table as CSV: values, not what is shown; delimiter and mark by language."""
    style = words(table.language).numbers
    out = io.StringIO()
    writer = csv.writer(out, delimiter=style.csv_delimiter, lineterminator="\n")
    writer.writerow([safe_cell(str(column)) for column in table.frame.columns])
    for row in table.frame.astype(object).itertuples(index=False):
        writer.writerow([safe_cell(_plain(cell), style.decimal) for cell in row])
    return out.getvalue()


def _plain(cell: Any) -> Any:
    """Return a numpy scalar as Python's own, and pandas' NA as None."""
    if type(cell).__name__ in ("NAType", "NaTType"):
        return None
    return cell.item() if hasattr(cell, "item") else cell


def _write_csv(table: Table, path: Path) -> None:
    # The byte-order mark makes Excel read the file as UTF-8.
    path.write_text(csv_text(table), encoding="utf-8-sig", newline="")


def _write_html(table: Table, path: Path) -> None:
    path.write_text(page(table), encoding="utf-8")


def tex_text(table: Table) -> str:
    """Return the table as LaTeX (booktabs), every text escaped."""
    head = " & ".join(map(_tex, table.header))
    rows = "\n".join(" & ".join(map(_tex, row)) + r" \\" for row in table.cells())
    notes = "".join(f"\\par\\footnotesize {_tex(note)}\n" for note in table.notes)
    return (
        f"\\begin{{table}}\n\\caption{{{_tex(table.title)}}}\n"
        f"\\begin{{tabular}}{{{table.align}}}\n\\toprule\n{head} \\\\\n\\midrule\n{rows}\n"
        f"\\bottomrule\n\\end{{tabular}}\n{notes}\\end{{table}}\n"
    )


def _tex(text: str) -> str:
    return _TEX_PARTS.sub(lambda found: _TEX[found.group()], text)


def _write_tex(table: Table, path: Path) -> None:
    path.write_text(tex_text(table), encoding="utf-8")


def _write_docx(table: Table, path: Path) -> None:
    if find_spec("docx") is None:
        raise NotSupportedError(
            "Writing a Word table needs python-docx, which is not installed.",
            fix='pip install "truststats[report]", or save the table as .html or .csv',
        )
    from truststats.present.tables.word import document

    document(table).save(str(path))


def xml_text(text: str) -> str:
    """Return the text without the control characters that no XML file may hold."""
    return _NOT_XML.sub("", text)


WRITERS: dict[str, Callable[[Table, Path], None]] = {
    ".csv": _write_csv,
    ".docx": _write_docx,
    ".html": _write_html,
    ".tex": _write_tex,
}
