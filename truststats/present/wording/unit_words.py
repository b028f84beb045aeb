"""Units in words: what licenses their comparison, and what is left where nothing does."""

from __future__ import annotations

import math
from typing import Any

from truststats.present.wording.labels import library_label
from truststats.present.wording.numbers import fixed, integer, interval, percent
from truststats.present.wording.words import Words
from truststats.results.verdicts import in_language

__all__ = [
    "allowed_sentences",
    "condition_cells",
    "mean_words",
    "reading_sentences",
    "scale_label",
    "spread_words",
]

_WHOLE = ("units", "persons")


def scale_label(found: Any, scale: str, language: str) -> str:
    """Return what a scale is called in a language: its own label, the library's, or its name."""
    own = getattr(found, "labels", {}).get(scale)
    label = in_language(own, language) if own else library_label(scale, language)
    return label or scale


def condition_cells(condition: Any, say: Words, *, plain: bool = False) -> tuple[str, str, str]:
    """Return what a condition asks, what was found and what is needed.

    Parameters
    ----------
    condition : Condition
        One condition of a comparison of units.
    say : Words
        Words of the language.
    plain : bool
        Whether numbers use only characters of ASCII.
    """

    def number(value: float) -> str:
        if condition.name in _WHOLE:
            return integer(value, say.language, plain=plain)
        return fixed(value, 2, say.language, bounded=True, plain=plain)

    found = number(condition.value) if not math.isnan(condition.value) else ""
    if condition.reason:
        found = say(f"units.reason_{condition.reason}", n=found, where=condition.where)
    needed = ""
    if not math.isnan(condition.threshold) and condition.name != "persons":
        needed = say("units.at_least", value=number(condition.threshold))
    return say(f"units.condition_{condition.name}"), found, needed


def mean_words(found: Any, say: Words, *, plain: bool = False) -> str:
    """Return the overall mean with its interval."""
    code = say.language
    return say(
        "units.mean_value",
        mean=fixed(found.mean, 2, code, plain=plain),
        level=fixed(100 * found.level, 0, code),
        ci=interval(found.mean_lower, found.mean_upper, 2, code, plain=plain),
    )


def spread_words(found: Any, say: Words, *, plain: bool = False) -> str:
    """Return where nine units in ten lie; empty where there are too few units to say."""
    if math.isnan(found.between_sd):
        return ""
    low, high = (fixed(value, 2, say.language, plain=plain) for value in found.spread)
    sd = fixed(found.between_sd, 2, say.language, plain=plain)
    return say("units.spread_value", low=low, high=high, sd=sd)


def allowed_sentences(found: Any, say: Words) -> list[str]:
    """Return what may still be said where units may not be compared."""
    spread = [say("units.allowed_spread")] if not math.isnan(found.between_sd) else []
    return [say("units.refused"), say("units.allowed_mean"), *spread, say("units.allowed_own")]


def reading_sentences(found: Any, say: Words) -> list[str]:
    """Return how a licensed comparison is to be read."""
    code = say.language
    said = [
        say(
            "units.note_interval",
            share=percent(1.0 - found.level, 0, code),
            apart=percent(found.pairs_apart, 0, code),
        ),
        say("units.note_shrunken"),
        say("units.note_ranks", level=fixed(100 * found.level, 0, code)),
        say("units.note_people"),
    ]
    return [say("units.note_assumed"), *said] if found.assumed else said
