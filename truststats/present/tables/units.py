"""Tables of units: agreement within them, what lies between them, and their comparison."""

from __future__ import annotations

from typing import Any

import pandas as pd

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.numbers import fixed
from truststats.present.wording.unit_words import (
    allowed_sentences,
    condition_cells,
    mean_words,
    reading_sentences,
    scale_label,
    spread_words,
)
from truststats.present.wording.words import Words

__all__ = ["aggregation_notes", "aggregation_table", "comparison_table", "conditions_table"]

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


def conditions_table(found: Any, say: Words) -> Table:
    """Return what licenses a comparison of units, and what does not.

    Parameters
    ----------
    found : UnitComparison
        The comparison.
    say : Words
        Words of the language.
    """
    cells = [condition_cells(condition, say) for condition in found.conditions]
    frame = pd.DataFrame(
        {
            "condition": [cell[0] for cell in cells],
            "found": [cell[1] for cell in cells],
            "needed": [cell[2] for cell in cells],
            "met": [say("common.yes" if c.met else "common.no") for c in found.conditions],
        }
    )
    label = scale_label(found, found.construct, say.language)
    notes = [f"{say('fact.overall_mean')}: {mean_words(found, say)}."]
    if spread := spread_words(found, say):
        notes.append(f"{say('fact.spread')}: {spread}.")
    notes += [] if found.licensed else allowed_sentences(found, say)
    return built(frame, say("table.units_conditions", construct=label), say, notes)


def comparison_table(found: Any, say: Words) -> Table:
    """Return the units, highest first, where they may be compared; else the conditions.

    Parameters
    ----------
    found : UnitComparison
        The comparison.
    say : Words
        Words of the language.
    """
    if not found.licensed:
        return conditions_table(found, say)
    frame = found.units.sort_values("estimate", ascending=False, kind="stable")
    names = ["unit", "n", "estimate", "lower", "upper", "rank", "rank_lower", "rank_upper"]
    formats = {
        "estimate": "f2", "lower": "[f2", "upper": "]f2", "rank": "int", "rank_lower": "[f0",
        "rank_upper": "]f0", "n": "int",
    }  # fmt: skip
    headers = {
        "estimate": say("column.est"),
        "lower": say("units.interval"),
        "rank_lower": say("units.rank_interval", level=fixed(100 * found.level, 0, say.language)),
    }
    label = scale_label(found, found.construct, say.language)
    title = say("table.units", construct=label)
    return built(frame[names], title, say, reading_sentences(found, say), formats, headers)
