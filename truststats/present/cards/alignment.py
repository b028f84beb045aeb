"""The card of an alignment: whether the means can be trusted, then the items."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card, Section, plain_signs
from truststats.present.wording.alignment_words import alignment_sentences, fit_words, named_groups
from truststats.present.wording.labels import labels_of
from truststats.present.wording.numbers import fixed, integer, percent
from truststats.present.wording.words import words

__all__ = ["alignment_card"]


def alignment_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of an alignment: one line an item, and how far to trust the means."""
    say = words(language)
    code = say.language
    names = labels_of(found, code)
    rows: list[tuple[str, ...]] = []
    for factor in found.factors:
        for i, item in enumerate(factor.items):
            cells = [names.named(item)]
            for alike, r2 in (
                (factor.loadings_alike, factor.loadings_r2),
                (factor.intercepts_alike, factor.intercepts_r2),
            ):
                cells.append(integer(int((~alike[i]).sum()), code, plain=plain))
                shown = fixed(float(r2[i]), 2, code, bounded=True, plain=plain)
                cells.append("< 0" if r2[i] < 0.0 else shown)
            rows.append(tuple(cells))
    header = tuple(
        say(key)
        for key in ("column.item", "alignment.loading", "column.r_square", "alignment.intercept",
                    "column.r_square")
    )  # fmt: skip
    notes = [*alignment_sentences(found, names, say), say("alignment.note_r2")]
    return Card(
        say("card.alignment"),
        ", ".join(names.name(factor.name) for factor in found.factors),
        problems=found.problems,
        facts=(
            (say("fact.groups"), f"{integer(len(found.groups), code)} ({found.group}): "
             f"{named_groups(found.groups, say)}"),
            (say("alignment.fit"), fit_words(found, say, plain=plain)),
            (say("alignment.share"), percent(found.share, 0, code, plain=plain)),
        ),
        sections=(
            Section(
                tuple(plain_signs(text) if plain else text for text in header), tuple(rows), "lrrrr"
            ),
        ),
        notes=tuple(plain_signs(text) if plain else text for text in notes),
        language=code,
    )  # fmt: skip
