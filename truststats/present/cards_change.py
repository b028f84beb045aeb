"""Cards of two versions of a questionnaire."""

from __future__ import annotations

from typing import Any

from truststats.present.card import Card, Section
from truststats.present.change_words import (
    change_sentences,
    construct_label,
    counts_words,
    details_words,
    licence_words,
    reason_words,
    version_words,
)
from truststats.present.words import words

__all__ = ["change_card"]


def change_card(change: Any, language: str, plain: bool) -> Card:
    """Return the card of an instrument change: constructs with their licence, then what changed."""
    say = words(language)
    code = say.language
    facts = (
        (say("change.old"), version_words(change.old)),
        (say("change.new"), version_words(change.new)),
        (say("fact.languages"), ", ".join(change.languages) or say("report.none")),
        (say("fact.items"), counts_words(change, say)),
    )
    constructs = tuple(
        (construct_label(change, row.construct, code), licence_words(row, say),
         reason_words(row, say))
        for row in change.constructs
    )  # fmt: skip
    header = (say("column.construct"), say("change.licence"), say("change.why"))
    sections = [Section(header, constructs, "lll")]
    changed = tuple(
        (row.name, details_words(row, say))
        for row in change.items
        if row.kind not in ("kept", "added", "dropped") or row.renamed
    )
    if changed:
        header = (say("column.item"), say("change.what"))
        sections.append(Section(header, changed, "ll", say("change.changed_items")))
    return Card(
        say("change.card"),
        problems=change.problems,
        facts=facts,
        sections=tuple(sections),
        notes=tuple(change_sentences(change, say)),
        language=code,
    )
