"""Tables of units: agreement within them and what lies between them."""

from __future__ import annotations

from typing import Any

from truststats.present.labels import library_label
from truststats.present.numbers import fixed
from truststats.present.tables import Table
from truststats.present.tables_columns import built
from truststats.present.words import Words
from truststats.results.verdicts import in_language

__all__ = ["aggregation_notes", "aggregation_table", "scale_label"]

_FORMATS = {
    "icc1": "b2",
    "icc1_lower": "[b2",
    "icc1_upper": "]b2",
    "icc2": "b2",
    "icc2_lower": "[b2",
    "icc2_upper": "]b2",
    "rwg_j": "b2",
    "share_agree": "pct0",
    "ad": "f2",
    "design_effect": "f2",
    "units": "int",
    "n": "file",
}


def scale_label(found: Any, scale: str, language: str) -> str:
    """Return what a scale is called in a language: its own label, the library's, or its name."""
    own = getattr(found, "labels", {}).get(scale)
    label = in_language(own, language) if own else library_label(scale, language)
    return label or scale


def aggregation_notes(found: Any, say: Words) -> list[str]:
    """Return how the numbers of an aggregation are to be read."""
    least = fixed(0.7, 2, say.language, bounded=True)
    return [
        say("aggregation.note_icc"),
        say("aggregation.note_rwg", least=least),
        say(f"aggregation.note_{found.ci}"),
    ]


def aggregation_table(found: Any, say: Words) -> Table:
    """Return one line a construct: ICCs with their limits, agreement and design effect.

    Parameters
    ----------
    found : Aggregation
        The aggregation.
    say : Words
        Words of the language.
    """
    frame = found.frame()
    frame["construct"] = [scale_label(found, str(s), say.language) for s in frame["construct"]]
    level = fixed(100 * found.ci_level, 0, say.language)
    ci = say("common.ci", level=level)
    notes = aggregation_notes(found, say)
    if found.units_left_out:
        notes.append(say("aggregation.left_out", n=found.units_left_out, min_n=found.min_n))
    headers = {"icc1_lower": ci, "icc2_lower": ci}
    return built(frame, say("table.aggregation"), say, notes, _FORMATS, headers)
