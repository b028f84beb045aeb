"""Cards of validity and of a common method: findings first, then one table."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card, Section
from truststats.present.tables.validity import spoken
from truststats.present.wording.numbers import fixed, integer, interval, p_text
from truststats.present.wording.words import Words, words

__all__ = ["method_card", "validity_card"]

_MOST = 15
"""Pairs of a card's table: those with the largest correlations."""


def validity_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of validity: pairs that are hard to tell apart first."""
    say = words(language)
    code, found = say.language, spoken(found, say)
    closest = sorted(found.rows, key=lambda row: -abs(row.cor))[:_MOST]

    def two(value: float) -> str:
        return fixed(value, 2, code, bounded=True, plain=plain)

    rows = tuple(
        (
            f"{found.label(row.lhs)} - {found.label(row.rhs)}",
            two(row.cor),
            interval(row.cor_lower, row.cor_upper, 2, code, bounded=True, plain=plain),
            two(row.htmt),
            say(f"apart.{row.severity}"),
        )
        for row in closest
    )
    heads = ("scales", "cor", "ci", "htmt", "apart")
    header = tuple(say(f"column.{name}") for name in heads)
    facts = (
        (say("column.n"), integer(round(found.n), code)),
        (say("fact.fornell_larcker"), _fornell(found, say)),
    )
    return Card(
        say("card.validity"), problems=found.problems, facts=facts,
        sections=(Section(header, rows, "lrrrl"),), notes=(say("table.note_cut"),), language=code,
    )  # fmt: skip


def _fornell(found: Any, say: Words) -> str:
    known = [row for row in found.scales if row.fornell_larcker is not None]
    held = sum(bool(row.fornell_larcker) for row in known)
    return say("card.fornell_larcker", held=held, all=len(known))


def _p(value: float, code: str) -> str:
    """Return a p-value under a heading that says so."""
    return "" if value != value else p_text(value, code).removeprefix("p ").removeprefix("= ")


def method_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of a check of common method."""
    say = words(language)
    code = say.language
    rows = tuple(
        (
            say(f"method.{row.model}"),
            fixed(row.cfi, 3, code, bounded=True, plain=plain),
            fixed(row.srmr, 3, code, bounded=True, plain=plain),
            _p(row.pvalue_diff, code),
            fixed(row.largest_change, 2, code, bounded=True, plain=plain),
        )
        for row in found.rows
    )
    heads = ("model", "cfi", "srmr", "pvalue_diff", "largest_change")
    return Card(
        say("card.method"), problems=found.problems,
        facts=((say("column.n"), integer(round(found.n), code)),),
        sections=(Section(tuple(say(f"column.{name}") for name in heads), rows, "lrrrr"),),
        notes=(say("table.note_method"),), language=code,
    )  # fmt: skip
