"""The pieces a report page is made of, every text escaped."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from truststats.errors import Problem
from truststats.present.tables.html import element
from truststats.present.tables.table import Table
from truststats.present.wording.words import Words

__all__ = [
    "Chapter",
    "badge",
    "definitions",
    "details",
    "figure",
    "figure_svg",
    "heading",
    "inline_svg",
    "page",
    "paragraph",
    "problem_list",
    "scroll_box",
    "table_block",
]

_PROLOG = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_SIZE = re.compile(
    r'\s(width|height|role|aria-label|aria-labelledby|aria-describedby|id|style)="[^"]*"'
)
_ID = re.compile(r'(?<![\w-])id="([^"]+)"')
_NARROW = 3
_SCRIPT = re.compile(r"<script\b.*?(</script\s*>|$)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Chapter:
    """One part of the report: an anchor, a heading and what stands below it."""

    anchor: str
    title: str
    body: str


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; nothing for an empty text."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>" if text else ""


def heading(text: str, level: int = 3) -> str:
    """Return a heading inside a chapter."""
    return f"<h{level}>{escape(text)}</h{level}>"


def badge(text: str, kind: str) -> str:
    """Return a small coloured label; the colour repeats what the word says."""
    return f'<span class="badge {kind}">{escape(text)}</span>'


def details(title: str, body: str) -> str:
    """Return a part that is folded until the reader opens it."""
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Return labels with their values."""
    rows = "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in pairs)
    return f'<dl class="facts">{rows}</dl>'


def table_block(table: Table, say: Words, *, caption: bool = True) -> str:
    """Return a table in a box of its own, which scrolls where the page is narrower."""
    label = escape(table.title or say("table.generic"), quote=True)
    wide = len(table.shown) > _NARROW
    return scroll_box(element(table, caption=caption), label, say, hint=wide)


def scroll_box(body: str, label: str, say: Words, *, hint: bool = True) -> str:
    """Return a box that scrolls sideways where the page is narrower than what it holds.

    Parameters
    ----------
    body : str
        HTML of the content.
    label : str
        Escaped name of the box, for those who cannot see it.
    say : Words
        Words of the language.
    hint : bool
        Whether phones say that the box scrolls.
    """
    said = f'<p class="hint" aria-hidden="true">{escape(say("report.scroll_hint"))}</p>'
    box = f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">{body}</div>'
    return said + box if hint else box


def problem_list(problems: Iterable[tuple[Problem, str, str]], say: Words) -> str:
    """Return problems as a list: severity, message, what to do.

    Parameters
    ----------
    problems : iterable of (Problem, str, str)
        The problem, with its message and remedy in the reader's language.
    say : Words
        Words of the language.
    """
    items = []
    for problem, message, remedy in problems:
        todo = f'<span class="remedy">{escape(remedy)}</span>' if remedy else ""
        name = escape(say("severity." + problem.severity))
        items.append(
            f'<li class="{problem.severity}"><strong>{name}.</strong> {escape(message)} {todo}</li>'
        )
    return f'<ul class="problems">{"".join(items)}</ul>' if items else ""


def figure(svg: str, label: str, prefix: str, say: Words, least: int = 640) -> str:
    """Return a picture as inline SVG in a box of its own.

    Parameters
    ----------
    svg : str
        The SVG file's text.
    label : str
        What the picture shows, for those who cannot see it.
    prefix : str
        Put before every id in the picture, so that pictures do not mix up their parts.
    say : Words
        Words of the language.
    least : int
        Width in pixels below which the box scrolls instead of shrinking the picture further.
    """
    inner = inline_svg(svg, prefix, label, least)
    return f"<figure>{scroll_box(inner, escape(label, quote=True), say)}</figure>"


def inline_svg(svg: str, prefix: str, label: str, least: int = 640) -> str:
    """Return an SVG file's text as an element of a page: scaled, labelled, ids of its own."""
    text = _SCRIPT.sub("", _PROLOG.sub("", svg)).strip()
    for name in dict.fromkeys(_ID.findall(text)):
        new = f"{prefix}-{name}"
        text = text.replace(f'id="{name}"', f'id="{new}"')
        text = text.replace(f'href="#{name}"', f'href="#{new}"')
        text = text.replace(f"url(#{name})", f"url(#{new})")
    end = text.index(">")
    head, rest = text[:end], text[end:]
    if "viewBox" not in head:
        head += _view_box(head)
    head = _SIZE.sub("", head)
    name = escape(label, quote=True)
    return f'{head} role="img" aria-label="{name}" style="min-width:{least}px"{rest}'


def _view_box(head: str) -> str:
    width, height = (
        float(re.search(rf'\s{side}="([\d.]+)', head)[1])  # pyright: ignore[reportOptionalSubscript]
        for side in ("width", "height")
    )
    return f' viewBox="0 0 {width:g} {height:g}"'


def figure_svg(made: Any) -> str:
    """Return a matplotlib figure as SVG text, the same every time."""
    from truststats.present.figures.style import style

    out = io.StringIO()
    with style():
        made.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def page(title: str, head: str, chapters: Iterable[Chapter], foot: str, say: Words) -> str:
    """Return the whole page: one file that loads nothing.

    Parameters
    ----------
    title : str
        The document's title.
    head, foot : str
        HTML above and below the chapters.
    chapters : iterable of Chapter
        The report's parts, in order.
    say : Words
        Words of the language.
    """
    parts = list(chapters)
    links = "".join(f'<li><a href="#{c.anchor}">{escape(c.title)}</a></li>' for c in parts)
    body = "".join(
        f'<section id="{c.anchor}" aria-labelledby="{c.anchor}-h">'
        f'<h2 id="{c.anchor}-h">{escape(c.title)}</h2>{c.body}</section>'
        for c in parts
    )
    values: Mapping[str, str] = {
        "lang": say.language,
        "title": escape(title),
        "css": template("report.css"),
        "skip": escape(say("report.skip")),
        "contents": escape(say("report.contents")),
        "head": head,
        "links": links,
        "body": body,
        "foot": foot,
    }
    text = template("report.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found.group(1)], text)


def template(name: str) -> str:
    """Return the text of a template file."""
    return (files("truststats.present") / "templates" / name).read_text(encoding="utf-8").strip()
