"""Tables of a comparison of groups: who, the tests of equality, and each claim in each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.group_words import MIN_N, left_out
from truststats.present.wording.numbers import integer
from truststats.present.wording.words import Words

__all__ = ["groups_table", "people_table", "ladder_table"]

_FORMATS = {"chisq_diff": "f1", "df_diff": "int", "pvalue_diff": "p", "delta_cfi": "b3"}
_EFFECTS = [
    "claim_id", "statement", "group", "estimand", "estimate", "ci_lower", "ci_upper", "sesoi",
    "p_holm", "verdict", "p_equal",
]  # fmt: skip


def groups_table(found: Any, say: Words) -> Table:
    """Return one row a claim and group: effect, interval, verdict, and the test of equality.

    Parameters
    ----------
    found : GroupComparison
        The comparison.
    say : Words
        Words of the language.
    """
    frame = found.frame(say.language)
    title = say("table.groups_effects")
    if frame.empty:
        return built(pd.DataFrame({"group": []}), title, say, tuple(left_out(found, say)))
    frame["verdict"] = [say.get(f"verdict.{v}", v) for v in frame["verdict"]]
    frame["estimand"] = [say.get(f"estimand.{e}", e) for e in frame["estimand"]]
    notes = [say("table.note_one_wave"), say("table.note_standardised"), say("table.note_holm")]
    notes += [say("table.note_equal"), say("table.note_order")]
    return built(frame[_EFFECTS], title, say, notes, {"p_equal": "p"})


def ladder_table(found: Any, say: Words) -> Table:
    """Return the models that were compared, each with its difference to the one above.

    Parameters
    ----------
    found : GroupComparison
        The comparison, with a fit.
    say : Words
        Words of the language.
    """
    frame = found.tests.copy()
    frame["model"] = [say(f"ladder.{name}") for name in frame["model"]]
    return built(frame, say("table.groups_tests"), say, formats=_FORMATS)


def people_table(found: Any, say: Words, *, min_n: int = MIN_N) -> Table:
    """Return the groups with their numbers of people, and which were compared.

    Parameters
    ----------
    found : GroupComparison
        The comparison.
    say : Words
        Words of the language.
    min_n : int
        Counts of fewer people are hidden, and others from which they could be worked out.
    """
    shown = found.shown_people(min_n)["answered"]
    compared = set(found.groups)
    frame = pd.DataFrame({"group": [str(name) for name in found.people.index]})
    frame["answered"] = ["•" if np.isnan(n) else integer(int(n), say.language) for n in shown]
    frame["compared"] = [
        say("common.yes" if g in compared else "common.no") for g in frame["group"]
    ]
    notes = list(left_out(found, say))
    if shown.isna().any():
        notes.append(say("table.note_suppressed", min_n=min_n))
    return built(frame, say("table.groups_people"), say, notes, {"answered": "label"})
