"""The only room that formats: cards, tables, figures, diagrams, sentences, the report.

Every value stays a number until something here shows it, in the reader's language.
"""

from __future__ import annotations

from truststats.present.diagrams.diagram import Diagram, diagram
from truststats.present.progress import Progress, progress
from truststats.present.reports.report import report, report_html
from truststats.present.repr import html_card, summary, text_card
from truststats.present.tables.table import Table, table
from truststats.present.wording.words import languages

__all__ = [
    "Diagram",
    "Progress",
    "Table",
    "diagram",
    "html_card",
    "languages",
    "progress",
    "report",
    "report_html",
    "summary",
    "table",
    "text_card",
]
