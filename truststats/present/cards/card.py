"""A card: what a value says about itself, before it is text or HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from truststats.errors import Problem
from truststats.present.wording.problem_words import problem_words
from truststats.present.wording.words import Words, words

__all__ = ["WIDTH", "Card", "Section", "card_html", "card_text", "columns_text", "plain_signs"]

WIDTH = 80
_NARROWEST = 14
_SIGNS = {"χ²": "chisq", "R²": "R2", "Δ": "d", "β": "beta", "→": "->", "↔": "<->", "–:": "NA:"}


@dataclass(frozen=True)
class Section:
    """A small table of a card.

    Attributes
    ----------
    header : tuple of str
        Column headings.
    rows : tuple of tuple of str
        Cells as shown.
    align : str
        One letter a column: ``l`` or ``r``.
    title : str
        Heading of the table; may be empty.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str
    title: str = ""


@dataclass(frozen=True)
class Card:
    """Problems first, then facts, tables and notes.

    Attributes
    ----------
    kind : str
        What sort of value it is, in words.
    title : str
        The value's own name; may be empty.
    problems : sequence of Problem
        What a reader must know first, worst first.
    facts : tuple of (str, str)
        Label and value.
    sections : tuple of Section
        Small tables.
    notes : tuple of str
        What stands at the end.
    banner : str
        A warning that stands above everything, such as that data are synthetic.
    code : str
        Text that is shown line by line as it is, such as a model's.
    language : str
        Language code of the words.
    """

    kind: str
    title: str = ""
    problems: Sequence[Problem] = ()
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    banner: str = ""
    code: str = ""
    language: str = "en"


def card_text(card: Card) -> str:
    """Return a card as plain text, at most 80 columns wide."""
    say = words(card.language)
    blocks = [_heading(card), card.banner and _fold(f"*** {card.banner} ***")]
    blocks += [_problem_text(problem, say) for problem in card.problems]
    blocks.append(_facts_text(card.facts))
    blocks += [_section_text(section) for section in card.sections]
    blocks.append(card.code.rstrip())
    blocks += [_fold(note) for note in card.notes]
    return "\n".join(block for block in blocks if block).replace("\N{NO-BREAK SPACE}", " ")


def _heading(card: Card) -> str:
    return _fold(f"{card.kind}: {card.title}" if card.title else card.kind)


def _fold(text: str, indent: str = "", first: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )


def _problem_text(problem: Problem, say: Words) -> str:
    message, remedy = problem_words(problem, say)
    head = f"{say('severity_plain.' + problem.severity)} [{problem.code}] {message}"
    return "\n".join(
        _fold(part, indent="  ", first=first)
        for part, first in ((head, ""), (_place(problem, message, say), "  "), (remedy, "  "))
        if part
    )


def _place(problem: Problem, message: str, say: Words) -> str:
    """Return where a problem is, unless its message says so already."""
    parts = []
    if problem.where and problem.where not in message:
        parts.append(_shortened(problem.where, say))
    if problem.rows:
        parts.append(say("fact.in_rows", rows=", ".join(map(str, problem.rows))))
    return f"{say('fact.where')}: {'; '.join(parts)}." if parts else ""


def _shortened(where: str, say: Words, most: int = 12) -> str:
    names = where.split(", ")
    if len(names) <= most:
        return where
    return f"{', '.join(names[:most])} {say('common.and_more', n=len(names) - most)}"


def _facts_text(facts: Iterable[tuple[str, str]]) -> str:
    facts = list(facts)
    pad = min(max((len(label) for label, _ in facts), default=0), 28) + 2
    return "\n".join(_fold(value, " " * pad, f"{label:<{pad}}") for label, value in facts)


def plain_signs(text: str) -> str:
    """Return a text with signs that every terminal can show."""
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    return text


def _section_text(section: Section) -> str:
    table = columns_text(section)
    return f"\n{section.title}\n{table}" if section.title else f"\n{table}"


def columns_text(section: Section) -> str:
    """Return the header and rows of a section in columns, folded to the width of a card."""
    cells = [tuple(map(plain_signs, row)) for row in (section.header, *section.rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(section.header))]
    room = WIDTH - 2 * (len(widths) - 1)
    texts = [k for k, side in enumerate(section.align) if side == "l"]
    while sum(widths) > room and any(widths[k] > _NARROWEST for k in texts):
        widths[max(texts, key=lambda k: widths[k])] -= 1
    lines = [line for row in cells for line in _row_lines(row, widths, section.align)]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    head = len(_row_lines(cells[0], widths, section.align))
    return "\n".join([*lines[:head], rule, *lines[head:]])


def _row_lines(row: Sequence[str], widths: Sequence[int], align: str) -> list[str]:
    folded = [textwrap.wrap(c, w) or [""] for c, w in zip(row, widths, strict=True)]
    lines = []
    for k in range(max(map(len, folded))):
        parts = []
        for cell, width, side in zip(folded, widths, align, strict=True):
            text = cell[k] if k < len(cell) else ""
            parts.append(text.rjust(width) if side == "r" else text.ljust(width))
        lines.append("  ".join(parts).rstrip())
    return lines


def card_html(card: Card) -> str:
    """Return a card as a piece of HTML: escaped, without ids, the same every time."""
    say = words(card.language)
    parts = [f'<p class="ts-kind">{escape(card.kind)}</p>']
    if card.title:
        parts.append(f'<p class="ts-title">{escape(card.title)}</p>')
    if card.banner:
        parts.insert(0, f'<p class="ts-banner">{escape(card.banner)}</p>')
    parts += [_problem_html(problem, say) for problem in card.problems]
    parts.append(_facts_html(card.facts))
    parts += [_section_html(section) for section in card.sections]
    parts.append(f'<pre class="ts-code">{escape(card.code.rstrip())}</pre>' if card.code else "")
    parts += [f'<p class="ts-note">{escape(note)}</p>' for note in card.notes]
    body = "".join(parts)
    return f'<div class="ts-card" lang="{card.language}"><style>{_CSS}</style>{body}</div>'


def _problem_html(problem: Problem, say: Words) -> str:
    message, todo = problem_words(problem, say)
    extra = (_place(problem, message, say), todo)
    remedy = "".join(f" <em>{escape(part)}</em>" for part in extra if part)
    return (
        f'<p class="ts-problem ts-{problem.severity}">'
        f"<strong>{escape(say('severity.' + problem.severity))}.</strong> "
        f"{escape(message)}{remedy}</p>"
    )


def _facts_html(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>'
        for label, value in facts
    )
    return f'<table class="ts-facts"><tbody>{rows}</tbody></table>' if rows else ""


def _section_html(section: Section) -> str:
    sides = [' class="ts-r"' if side == "r" else "" for side in section.align]
    head = "".join(
        f'<th scope="col"{side}>{escape(name)}</th>'
        for name, side in zip(section.header, sides, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td{s}>{escape(c)}</td>" for c, s in zip(row, sides, strict=True))
        + "</tr>"
        for row in section.rows
    )
    caption = f"<caption>{escape(section.title)}</caption>" if section.title else ""
    return (
        f'<div class="ts-scroll"><table class="ts-section">{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


_CSS = (
    ".ts-card{max-width:56rem;padding:.9rem 1.1rem;border:1px solid #d5dce3;border-radius:8px;"
    "background:#fff;color:#1c2733;font:14px/1.45 system-ui,'Segoe UI',sans-serif}"
    ".ts-card p{margin:.25rem 0}"
    ".ts-card .ts-kind{color:#52606d;font-size:12px;text-transform:uppercase;"
    "letter-spacing:.05em;margin:0}"
    ".ts-card .ts-title{font-size:17px;font-weight:600;margin:0 0 .5rem}"
    ".ts-card .ts-banner{background:#5b2a86;color:#fff;font-weight:600;padding:.25rem .6rem;"
    "border-radius:4px}"
    ".ts-card .ts-problem{border-left:4px solid #52606d;background:#f2f5f8;"
    "padding:.35rem .7rem;border-radius:0 4px 4px 0}"
    ".ts-card .ts-error{border-color:#b3261e;background:#fdecea}"
    ".ts-card .ts-warning{border-color:#b26a00;background:#fff6e5}"
    ".ts-card table{border-collapse:collapse;margin:.5rem 0;font-size:13px;color:inherit}"
    ".ts-card caption{text-align:left;font-weight:600;padding:.2rem 0}"
    ".ts-card.ts-card th,.ts-card.ts-card td{text-align:left;vertical-align:top;"
    "padding:.15rem .9rem .15rem 0;border:0;background:none}"
    ".ts-card .ts-facts th{color:#52606d;font-weight:500;white-space:nowrap}"
    ".ts-card .ts-section thead th{border-bottom:1px solid #9aa7b4}"
    ".ts-card .ts-section td{border-bottom:1px solid #e8edf1}"
    ".ts-card.ts-card .ts-r{text-align:right;font-variant-numeric:tabular-nums}"
    ".ts-card td.ts-r{white-space:nowrap}"
    ".ts-card .ts-scroll{overflow-x:auto}"
    ".ts-card .ts-code{font:12px/1.45 ui-monospace,Consolas,monospace;background:#f2f5f8;"
    "color:inherit;padding:.5rem .7rem;border-radius:4px;overflow-x:auto;margin:.4rem 0}"
    ".ts-card .ts-note{color:#52606d;font-size:13px}"
)
