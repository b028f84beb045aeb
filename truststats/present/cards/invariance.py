"""The card of a ladder of invariance: what may be compared, then the steps."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card, Section, plain_signs
from truststats.present.wording.invariance_words import (
    decision_words,
    fit_words,
    invariance_sentences,
    step_words,
)
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import words

__all__ = ["invariance_card"]


def invariance_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of a ladder of invariance."""
    say = words(language)
    code = say.language
    rows = []
    for step in found.steps:
        change = found.changes(step)["cfi"]
        fall = "" if step.difference is None else fixed(change, 3, code, bounded=True, plain=plain)
        rows.append(
            (step_words(step.name, say), fit_words(step, say, plain=plain), fall,
             decision_words(step, say))
        )  # fmt: skip
    header = tuple(say(f"column.{name}") for name in ("step", "test", "delta_cfi", "decision"))
    notes = [*invariance_sentences(found, say), say(f"table.rule_{found.rule.name}")]
    return Card(
        say("card.invariance"),
        say("report.compare", group=found.group),
        problems=found.problems,
        sections=(
            Section(
                tuple(plain_signs(text) if plain else text for text in header),
                tuple(rows),
                "llrl",
            ),
        ),
        notes=tuple(plain_signs(text) if plain else text for text in notes),
        language=code,
    )
