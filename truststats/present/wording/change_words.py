"""Two versions of a questionnaire in words: what changed, and what may be compared."""

from __future__ import annotations

from typing import Any

from truststats.constructs.change import KINDS, ConstructChange, ItemChange
from truststats.present.wording.words import Words
from truststats.results.verdicts import in_language

__all__ = [
    "change_sentences",
    "construct_label",
    "counts_words",
    "details_words",
    "licence_words",
    "reason_words",
    "version_words",
]


def version_words(instrument: Any) -> str:
    """Return the name and version of a questionnaire, with the start of its hash."""
    return f"{instrument.name} {instrument.version} ({instrument.short_hash})"


def construct_label(change: Any, key: str, language: str) -> str:
    """Return what a construct is called, in the newer version where it has it."""
    for instrument in (change.new, change.old):
        if key in instrument.constructs:
            return in_language(instrument.constructs[key].label, language)
    return key


def counts_words(change: Any, say: Words) -> str:
    """Return how many items there are of each kind of change."""
    kinds = [row.kind for row in change.items]
    return ", ".join(
        f"{say(f'change.kind_{kind}')}: {kinds.count(kind)}" for kind in KINDS if kind in kinds
    )


def details_words(row: ItemChange, say: Words) -> str:
    """Return everything that differs in an item; what happened to it where nothing does."""
    if not row.details:
        if row.new is not None and row.renamed:
            return say("change.renamed", name=row.new.name)
        return say(f"change.kind_{row.kind}")
    return ", ".join(
        say(f"change.detail_{name}", old=row.points[0], new=row.points[1]) for name in row.details
    )


def licence_words(row: ConstructChange, say: Words) -> str:
    """Return what may be compared of a construct."""
    return say(f"change.licence_{row.licence}")


def reason_words(row: ConstructChange, say: Words) -> str:
    """Return why, as one sentence."""
    return say(
        f"change.reason_{row.reason}",
        anchors=", ".join(row.anchors),
        n=len(row.anchors),
        common=len(row.anchors) + len(row.changed),
    )


def change_sentences(change: Any, say: Words) -> list[str]:
    """Return how a comparison of two versions is to be read."""
    licences = {row.licence for row in change.constructs}
    said = [say("change.note_anchor")]
    said += [say(f"change.note_{name}") for name in ("all", "means", "form") if name in licences]
    return said
