"""An alignment in words: whether its means can be trusted, what deviates, which means differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from truststats.present.wording.group_words import left_out
from truststats.present.wording.labels import Labels
from truststats.present.wording.numbers import fixed, integer, percent
from truststats.present.wording.words import Words

__all__ = ["alignment_sentences", "deviating", "fit_words", "named_groups", "ordered_groups"]

_NAMED = 6
_DIGITS = re.compile(r"(\d+)")


def ordered_groups(groups: Sequence[str], order: str) -> list[int]:
    """Return the places of groups by their names ("name") or as they are ("data")."""
    if order == "data":
        return list(range(len(groups)))

    def key(k: int) -> list[tuple[int, int, str]]:
        parts = _DIGITS.split(groups[k].casefold())
        return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts if p]

    return sorted(range(len(groups)), key=key)


def named_groups(groups: Sequence[str], say: Words) -> str:
    """Return names of groups in one line, the first few of many."""
    shown = ", ".join(groups[:_NAMED])
    more = len(groups) - _NAMED
    return f"{shown} {say('common.and_more', n=more)}" if more > 0 else shown


def fit_words(found: Any, say: Words, *, plain: bool = False) -> str:
    """Return how well the same form fits in all groups together."""
    cfi, rmsea = (
        fixed(found.measures[name], 3, say.language, bounded=True, plain=plain)
        for name in ("cfi", "rmsea")
    )
    return say("alignment.fit_value", cfi=cfi, rmsea=rmsea)


def deviating(found: Any, names: Labels, say: Words) -> list[str]:
    """Return each item that deviates somewhere, with the groups, loadings before intercepts."""
    rows = found.invariance
    out: list[str] = []
    for row in rows[rows["apart"] > 0].to_dict("records"):
        groups = named_groups(str(row["groups"]).split(", "), say)
        key = f"alignment.apart_{row['parameter']}"
        out.append(say(key, item=names.named(str(row["item"])), groups=groups))
    return out


def alignment_sentences(found: Any, names: Labels, say: Words) -> list[str]:
    """Return what an alignment says, in sentences, the doubts first."""
    code = say.language
    said = [say("alignment.lead", count=integer(len(found.groups), code), group=found.group)]
    for factor in found.factors:
        values = {"factor": names.name(factor.name), "share": percent(factor.share, 0, code)}
        fine = factor.converged and factor.share <= found.limit
        said.append(say(f"alignment.{'trusted' if fine else 'doubtful'}", **values))
    pairs = found.pairs()
    if not found.trustworthy:
        return [*said, say("alignment.no_ranking"), *left_out(found, say)]
    said.append(
        say(
            "alignment.pairs", differ=integer(int(pairs["differ"].sum()), code),
            all=integer(len(pairs), code), level=fixed(100 * found.level, 0, code),
        )
    )  # fmt: skip
    said.append(say(f"alignment.unit_{found.method}", reference=found.reference))
    said.append(say("alignment.no_ranking"))
    said += left_out(found, say)
    return said
