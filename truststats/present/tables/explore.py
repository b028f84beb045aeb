"""Tables of explorations: rotated loadings, and eigenvalues beside random ones."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.explore import suggestion_words
from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.words import Words

__all__ = ["count_table", "efa_table"]


def efa_table(found: Any, say: Words) -> Table:
    """Return the loadings, items sorted by factor, with communality and complexity."""
    frame = found.frame(language=say.language).drop(columns="uniqueness")
    marks = [
        f" {say('common.reversed')}" if i in found.reversed_items else "" for i in frame["item"]
    ]
    frame["item"] = [f"{item}{mark}" for item, mark in zip(frame["item"], marks, strict=True)]
    if "wording" in frame:
        frame["wording"] = [str(text).removesuffix(" (R)") for text in frame["wording"]]
    formats = dict.fromkeys((*found.factors, "communality"), "b2") | {"complexity": "f1"}
    notes = [say("explore.note_table")]
    if any(marks):
        notes.append(say("table.note_reversed"))
    return built(frame, say("card.factoranalysis"), say, notes, formats=formats)


def count_table(found: Any, say: Words) -> Table:
    """Return eigenvalues and average partial correlations, and what the rules make of them."""
    frame = found.frame()
    formats = {"number": "int", "map": "b4", "map4": "b4"}
    formats |= dict.fromkeys(("component", "component_reference"), "f2")
    formats |= dict.fromkeys(("factor", "factor_reference"), "f2")
    said = "; ".join(f"{rule}: {number}" for rule, number in suggestion_words(found, say))
    notes = [f"{said}.", say("explore.note_rules")]
    headers = {"number": say("explore.number_axis")}
    return built(frame, say("card.factorcount"), say, notes, formats=formats, headers=headers)
