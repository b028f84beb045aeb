"""Tables as HTML: our own small element, and great_tables where a notebook shows one."""

from __future__ import annotations

import hashlib
from html import escape
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pandas as pd

from truststats.errors import NotSupportedError
from truststats.present.wording.words import words

if TYPE_CHECKING:
    from truststats.present.tables.table import Table

__all__ = ["element", "great_table", "notebook", "page"]


def element(table: Table, *, caption: bool = True) -> str:
    """Return the table as an HTML element; the first column heads its row.

    Parameters
    ----------
    table : Table
        The table.
    caption : bool
        Whether the title stands above it.
    """
    sides = [' class="num"' if side == "r" else "" for side in table.align]
    head = "".join(
        f'<th scope="col"{side}>{escape(name)}</th>'
        for name, side in zip(table.header, sides, strict=True)
    )
    body = "".join(_row(row, sides) for row in table.cells())
    title = f"<caption>{escape(table.title)}</caption>" if caption and table.title else ""
    return (
        f'<table class="ts-table">{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{notes(table)}"
    )


def _row(row: tuple[str, ...], sides: list[str]) -> str:
    first, *rest = zip(row, sides, strict=True)
    cells = "".join(f"<td{side}>{escape(text)}</td>" for text, side in rest)
    return f'<tr><th scope="row"{first[1]}>{escape(first[0])}</th>{cells}</tr>'


def notes(table: Table) -> str:
    """Return the notes below a table."""
    if not table.notes:
        return ""
    label = escape(words(table.language)("common.note"))
    text = " ".join(escape(note) for note in table.notes)
    return f'<p class="ts-notes"><em>{label}</em> {text}</p>'


def page(table: Table) -> str:
    """Return a whole HTML page with the table; nothing is loaded from elsewhere."""
    return (
        f'<!doctype html>\n<html lang="{table.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(table.title)}</title><style>{CSS}</style></head>"
        f'<body><div class="ts-scroll">{element(table)}</div></body></html>\n'
    )


def great_table(table: Table) -> Any:
    """Return the table as a `great_tables.GT` with every text escaped.

    Raises
    ------
    NotSupportedError
        If great_tables is not installed.
    """
    if find_spec("great_tables") is None:
        raise NotSupportedError(
            "Showing a table by great_tables needs that package, which is not installed.",
            fix='pip install "truststats[report]", or use table.save("table.html")',
        )
    from great_tables import GT, html

    cells = table.cells()
    names = [f"c{k}" for k in range(len(table.shown))]
    mark = hashlib.sha256(repr((table.title, table.header, cells)).encode()).hexdigest()[:10]
    frame = pd.DataFrame(cells, columns=pd.Index(names), dtype=object)
    # A formatter's result is taken as it is in every version; without one only new ones escape.
    made = GT(frame, id=f"ts{mark}").fmt(escape, columns=names)
    made = made.tab_header(title=html(escape(table.title)))
    labels: dict[str, Any] = {n: html(escape(h)) for n, h in zip(names, table.header, strict=True)}
    made = made.cols_label(cases=labels)
    for name, side in zip(names, table.align, strict=True):
        made = made.cols_align("right" if side == "r" else "left", columns=name)
    for note in table.notes:
        made = made.tab_source_note(html(escape(note)))
    return made


def notebook(table: Table) -> str:
    """Return what a notebook shows: great_tables where it is installed, else our element."""
    if find_spec("great_tables") is None:
        return f"<style>{CSS}</style>{element(table)}"
    return great_table(table).as_raw_html()


CSS = (
    "body{font:16px/1.5 system-ui,'Segoe UI',sans-serif;color:#1c2733;margin:1.5rem}"
    ".ts-scroll{overflow-x:auto}"
    ".ts-table{border-collapse:collapse;font-size:.9rem;border-top:2px solid #1c2733;"
    "border-bottom:2px solid #1c2733}"
    ".ts-table caption{text-align:left;font-weight:600;padding:.4rem 0}"
    ".ts-table th,.ts-table td{padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top}"
    ".ts-table tbody th{font-weight:400}"
    ".ts-table thead th{border-bottom:1px solid #1c2733}"
    ".ts-table .num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".ts-notes{font-size:.85rem;color:#46535f}"
)
