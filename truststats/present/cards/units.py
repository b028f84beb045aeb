"""Cards of units: whether answers may be averaged within them, and whether units compare."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card, Section, plain_signs
from truststats.present.tables.units import aggregation_notes
from truststats.present.wording.numbers import fixed, integer, percent
from truststats.present.wording.unit_words import (
    allowed_sentences,
    condition_cells,
    mean_words,
    reading_sentences,
    scale_label,
    spread_words,
)
from truststats.present.wording.words import words

__all__ = ["aggregation_card", "units_card"]

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


def units_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of a comparison of units: the conditions, and what may be said."""
    say = words(language)
    code = say.language
    left = say("aggregation.units", used=found.n_units, left=found.left_out, min_n=found.min_n)
    facts = [
        (say("fact.units"), f"{left} ({found.by})"),
        (say("fact.overall_mean"), mean_words(found, say, plain=plain)),
        (say("fact.spread"), spread_words(found, say, plain=plain)),
    ]
    if found.licensed:
        apart = percent(found.pairs_apart, 0, code, plain=plain)
        facts.append((say("fact.pairs_apart"), apart))
    rows = tuple(
        (*condition_cells(condition, say, plain=plain),
         say("common.yes" if condition.met else "common.no"))
        for condition in found.conditions
    )  # fmt: skip
    header = tuple(say(f"column.{name}") for name in ("condition", "found", "needed", "met"))
    notes = reading_sentences(found, say) if found.licensed else allowed_sentences(found, say)
    label = scale_label(found, found.construct, code)
    return Card(
        say("card.unitcomparison"),
        say("units.compared" if found.licensed else "units.not_compared", construct=label),
        problems=found.problems,
        facts=tuple((name, value) for name, value in facts if value),
        sections=(Section(header, rows, "llll"),),
        notes=tuple(plain_signs(note) if plain else note for note in notes),
        language=code,
    )
