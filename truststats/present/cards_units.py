"""Cards of units: whether answers may be averaged within them."""

from __future__ import annotations

from typing import Any

from truststats.present.card import Card, Section, plain_signs
from truststats.present.numbers import fixed, integer, percent
from truststats.present.tables_units import aggregation_notes, scale_label
from truststats.present.words import words

__all__ = ["aggregation_card"]

_SHOWN = ("icc1", "icc2", "rwg_j", "share_agree", "ad")


def aggregation_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of an aggregation: one line a construct, and how to read it."""
    say = words(language)
    code = say.language
    rows: list[tuple[str, ...]] = []
    for row in found.frame().to_dict("records"):
        cells = [integer(row["units"], code, plain=plain)]
        for name in _SHOWN:
            bounded = name != "ad"
            cells.append(
                percent(row[name], 0, code, plain=plain)
                if name == "share_agree"
                else fixed(row[name], 2, code, bounded=bounded, plain=plain)
            )
        rows.append((scale_label(found, str(row["construct"]), code), *cells))
    header = tuple(say(f"column.{name}") for name in ("construct", "units", *_SHOWN))
    left = say("aggregation.units", used=found.units, left=found.units_left_out, min_n=found.min_n)
    notes = aggregation_notes(found, say)
    return Card(
        say("card.aggregation"),
        problems=found.problems,
        facts=((say("fact.units"), f"{left} ({found.by})"),),
        sections=(Section(header, tuple(rows), "lrrrrrr"),),
        notes=tuple(plain_signs(note) if plain else note for note in notes),
        language=code,
    )
