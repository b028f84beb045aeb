"""Cards of two versions of a questionnaire, and of two waves linked over them."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card, Section, plain_signs
from truststats.present.wording.change_words import (
    change_sentences,
    construct_label,
    counts_words,
    details_words,
    licence_words,
    reason_words,
    version_words,
)
from truststats.present.wording.link_words import (
    factor_label,
    link_sentences,
    people_words,
    reason_sentence,
    shift_sentences,
)
from truststats.present.wording.numbers import fixed, interval
from truststats.present.wording.words import words

__all__ = ["change_card", "link_card"]


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


def link_card(link: Any, language: str, plain: bool) -> Card:
    """Return the card of two linked waves: the licensed changes, and why others are not."""
    say = words(language)
    code = say.language
    rows: list[tuple[str, ...]] = []
    for one in link.constructs:
        for found in one.changes:
            label = factor_label(link, one, found.factor, code)
            rows.append(
                (
                    label,
                    fixed(found.change, 2, code, plain=plain),
                    interval(found.lower, found.upper, 2, code, plain=plain),
                    ", ".join(found.anchors),
                )
            )
    refused = tuple(
        (construct_label(link.change, one.construct, code), reason_sentence(link, one, say))
        for one in link.constructs
        if not one.licensed
    )
    sections: list[Section] = []
    if rows:
        level = fixed(100 * link.level, 0, code)
        header = (say("column.construct"), say("link.change"), say("common.ci", level=level),
                  say("link.anchors"))  # fmt: skip
        sections.append(Section(header, tuple(rows), "lrrl"))
    if refused:
        header = (say("column.construct"), say("change.why"))
        sections.append(Section(header, refused, "ll", say("link.refused")))
    facts = (
        (say("change.old"), version_words(link.change.old)),
        (say("change.new"), version_words(link.change.new)),
        (say("link.people"), people_words(link, say)),
    )
    notes = [*shift_sentences(link, say, plain=plain), *link_sentences(link, say)]
    return Card(
        say("link.card"),
        problems=link.problems,
        facts=facts,
        sections=tuple(sections),
        notes=tuple(plain_signs(note) if plain else note for note in notes),
        language=code,
    )
