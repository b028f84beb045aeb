"""Groups in words: who they are and how many, what is equal over them, and how they compare."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from truststats.present.wording.numbers import fixed, integer, p_text
from truststats.present.wording.words import Words
from truststats.results.verdicts import in_language
from truststats.survey.disclosure import suppress

__all__ = [
    "MIN_N",
    "comparison_sentences",
    "equal_words",
    "group_sizes",
    "in_group",
    "left_out",
    "sizes",
]

MIN_N = 5
"""Groups of fewer people are not counted in public."""
_DOUBT = -0.010
"""Fall of CFI from which equal loadings are in doubt (Cheung & Rensvold 2002)."""


def in_group(group: str, text: str, say: Words) -> str:
    """Return a text with the group it is about in front; the text itself without a group."""
    return say("common.in_group", group=group, text=text) if group and text else text


def sizes(counts: pd.Series, say: Words, *, min_n: int = MIN_N, plain: bool = False) -> str:
    """Return groups with their numbers of people; small ones, and what gives them away, without.

    Parameters
    ----------
    counts : pandas.Series
        People by group.
    say : Words
        Words of the language.
    min_n : int
        Smallest number that is shown.
    plain : bool
        Whether numbers use only characters of ASCII.
    """
    safe: Any = suppress(counts, min_n).counts.iloc[:-1]
    return _said(safe, say, plain=plain)


def _said(shown: pd.Series, say: Words, *, plain: bool = False) -> str:
    """Return groups with their numbers, those that are not-a-number without."""
    return ", ".join(
        say("fact.group_hidden", group=name)
        if np.isnan(n)
        else f"{name} {integer(int(n), say.language, plain=plain)}"
        for name, n in shown.items()
    )


def group_sizes(fit: Any, say: Words, *, plain: bool = False) -> str:
    """Return the groups of a fit with their numbers of rows."""
    return sizes(fit.group_nobs, say, plain=plain)


def equal_words(fit: Any, say: Words) -> tuple[str, str]:
    """Return what is equal over the groups of a fit, and which parameters are not after all."""
    kinds = [str(kind).replace(".", "_") for kind in fit.options.get("group_equal") or ()]
    equal = ", ".join(say.get(f"equal.{kind}", kind) for kind in kinds)
    return equal, ", ".join(map(str, fit.options.get("group_partial") or ()))


def comparison_sentences(found: Any, say: Words, *, min_n: int = MIN_N) -> Iterator[str]:
    """Yield what a comparison of groups found, in sentences.

    Parameters
    ----------
    found : GroupComparison
        The comparison.
    say : Words
        Words of the language.
    min_n : int
        As for `sizes`.
    """
    if found.fit is None:
        known = found.reason == "few_groups"
        yield (
            say("comparison.few_groups")
            if known
            else say("comparison.not_estimated", reason=found.reason)
        )
    else:
        named = _said(found.shown_people(min_n)["used"][list(found.groups)], say)
        lead = "comparison.lead_items" if found.fit.partable.levels else "comparison.lead"
        yield say(lead, count=len(found.groups), groups=named)
        for name in ("thresholds", "loadings", "regressions"):
            if name in set(found.tests["model"]):
                yield _step(found, name, say)
        yield _claims(found, say)
        yield say("comparison.no_ranking")
    yield from left_out(found, say)


def left_out(found: Any, say: Words) -> Iterator[str]:
    """Yield why each group that was left out was."""
    for one in found.left_out:
        needed = integer(one.needed, say.language)
        items = ", ".join(one.items)
        yield say(f"comparison.left_{one.reason}", group=one.group, needed=needed, items=items)


def _step(found: Any, name: str, say: Words) -> str:
    """Return whether a further equality goes with the answers."""
    row = found.tests.set_index("model").loc[name]
    code, p = say.language, float(row["pvalue_diff"])
    chisq = fixed(float(row["chisq_diff"]), 2, code)
    test = f"Δχ²({int(row['df_diff'])}) = {chisq}, {p_text(p, code)}"
    fall = float(row["delta_cfi"])
    differ = math.isfinite(p) and p < 0.05
    if name == "regressions":
        return say(f"comparison.regressions_{'differ' if differ else 'hold'}", test=test)
    cfi = fixed(fall, 3, code, bounded=True)
    held = "doubt" if differ and fall < _DOUBT else "hold"
    return say(f"comparison.{name}_{held}", test=test, cfi=cfi)


def _claims(found: Any, say: Words) -> str:
    """Return which claims' effects differ between the groups."""
    there = found.differences
    apart = list(there.loc[there["p_holm"] < 0.05, "claim_id"])
    if not apart:
        return say("comparison.claims_none")
    statements = {row.claim_id: row.statement for row in found.verdicts}
    names = "; ".join(in_language(statements[k], say.language).rstrip(".") for k in apart)
    return say("comparison.claims_some", claims=f"{names}.")
