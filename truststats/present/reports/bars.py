"""Answers as bars in plain HTML, each under its wording: for screens too narrow for the figure."""

from __future__ import annotations

from html import escape
from typing import Any

from truststats.present.figures.likert_rows import LikertRow, is_dark, likert_rows
from truststats.present.wording.numbers import fixed, percent
from truststats.present.wording.words import Words

__all__ = ["answer_bars"]

_ROOM_FOR_NUMBER = 0.09


def answer_bars(survey: Any, keys: tuple[str, ...], say: Words, *, min_n: int) -> str:
    """Return the answers to the items of some constructs as a list of bars.

    Parameters
    ----------
    survey : Survey
        Answers bound to an instrument.
    keys : tuple of str
        Constructs to show.
    say : Words
        Words of the language.
    min_n : int
        As in `truststats.present.figures.likert_bars`: no share stands for fewer people.
    """
    labels, rows = likert_rows(survey, say.language, keys, min_n=min_n)
    key = "".join(
        f'<li><i style="background:{colour}"></i>{escape(label)}</li>' for label, colour in labels
    )
    body = "".join(_row(row, say) for row in rows)
    said = {"pooled": any(row.pooled for row in rows), "hidden": any(row.hidden for row in rows)}
    note = "".join(f"<p>{escape(say(f'plot.{name}'))}</p>" for name, there in said.items() if there)
    return f'<div class="bars"><ul class="key">{key}</ul><ul>{body}</ul>{note}</div>'


def _row(row: LikertRow, say: Words) -> str:
    """Return a construct's name, or an item with its bar."""
    text = escape(row.text)
    if row.counts is None:
        return f'<li class="head">{text}</li>'
    if not row.n:
        return f"<li>{text} <small>{escape(say('plot.too_few'))}</small></li>"
    shares = [(count / row.n, colour) for count, colour in row.coloured]
    said = escape(", ".join(percent(s, 0, say.language) for s, _ in shares), quote=True)
    parts = "".join(_part(share, colour, say) for share, colour in shares if share)
    size = f"n = {row.size(say.language)}"
    bar = f'<span class="bar" role="img" aria-label="{said}">{parts}</span>'
    return f"<li>{text} <small>{size}</small>{bar}</li>"


def _part(share: float, colour: str, say: Words) -> str:
    """Return one answer's piece of a bar; its number where there is room."""
    number = fixed(100 * share, 0, say.language) if share >= _ROOM_FOR_NUMBER else ""
    dark = ' class="dark"' if is_dark(colour) else ""
    return f'<b{dark} style="width:{share:.1%};background:{colour}">{number}</b>'
