"""The chapter on how answers were taken: as numbers or as ordered categories, and by which rule."""

from __future__ import annotations

from truststats.present.cards.estimator import choice_sentences
from truststats.present.reports.html import Chapter, paragraph
from truststats.present.reports.material import Material

__all__ = ["estimator"]


def estimator(material: Material) -> Chapter | None:
    """Return which estimator was chosen, why, by which numbers, and how to choose another."""
    say, choice = material.say, material.choice
    if choice is None:
        return None
    lines = list(choice_sentences(choice, say))
    body = paragraph(lines[0], "lead") + "".join(paragraph(line) for line in lines[1:])
    return Chapter("estimator", say("report.estimator"), body)
