"""Tables as Word documents: a real table, its header row repeated on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from truststats.present.tables.files import xml_text
from truststats.present.wording.words import words

if TYPE_CHECKING:
    from truststats.present.tables.table import Table

__all__ = ["document"]

_WIDE = 6


def document(table: Table) -> Any:
    """Return a Word document with title, table (rules as in APA style) and notes.

    Parameters
    ----------
    table : Table
        The table; wide ones stand on a page turned sideways.
    """
    doc = Document()
    _language(doc, table.language)
    if len(table.shown) > _WIDE:
        _sideways(doc)
    title = doc.add_paragraph()
    title.add_run(xml_text(table.title)).bold = True
    rows = table.cells()
    grid = doc.add_table(rows=1 + len(rows), cols=len(table.shown))
    lines = [table.header, *rows]
    for cells, line in zip((row.cells for row in grid.rows), lines, strict=True):
        for cell, text, side in zip(cells, line, table.align, strict=True):
            _fill(cell, text, side)
    _rules(grid)
    if table.notes:
        note = doc.add_paragraph()
        note.add_run(words(table.language)("common.note") + " ").italic = True
        note.add_run(xml_text(" ".join(table.notes)))
        for run in note.runs:
            run.font.size = Pt(9)
    return doc


def _fill(cell: Any, text: str, side: str) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(xml_text(text))
    run.font.size = Pt(9)
    paragraph.paragraph_format.space_after = Pt(1)
    if side == "r":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _rules(grid: Any) -> None:
    """Draw the three rules, repeat the header row, and keep rows whole."""
    header = grid.rows[0]
    properties = header._tr.get_or_add_trPr()
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    properties.append(repeat)
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell in header.cells:
        _border(cell, "top", 12)
        _border(cell, "bottom", 6)
        for run in cell.paragraphs[0].runs:
            run.bold = True
    for cell in grid.rows[-1].cells:
        _border(cell, "bottom", 12)


def _border(cell: Any, edge: str, size: int) -> None:
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", str(size)), ("color", "1C2733")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


def _sideways(doc: Any) -> None:
    section = doc.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def _language(doc: Any, language: str) -> None:
    tag = {"nb": "nb-NO", "en": "en-GB"}.get(language, language)
    for node in doc.styles.element.iter(qn("w:lang")):
        node.set(qn("w:val"), tag)
