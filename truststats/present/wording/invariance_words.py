"""A ladder of invariance in words: what each step found, and what may be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from truststats.present.wording.group_words import MIN_N, left_out, sizes
from truststats.present.wording.labels import Labels, labels_of
from truststats.present.wording.numbers import fixed, p_text
from truststats.present.wording.words import Words

__all__ = ["decision_words", "fit_words", "invariance_sentences", "item_words", "step_words"]


def step_words(name: str, say: Words) -> str:
    """Return what a step makes equal, in words."""
    return say.get(f"step.{name}", name)


def decision_words(step: Any, say: Words) -> str:
    """Return the decision about a step, in words."""
    return say.get(f"decision.{step.decision}", step.decision)


def fit_words(step: Any, say: Words, *, plain: bool = False) -> str:
    """Return what the decision rests on: the test of the difference, or the fit of the form."""
    code = say.language
    if step.difference is None:
        if step.note not in ("", "equivalent"):
            return say.get(f"decision.{step.note}", step.note)
        shown = [
            f"{name.upper()} {fixed(step.measures[name], 3, code, bounded=True, plain=plain)}"
            for name in ("cfi", "rmsea", "srmr")
        ]
        return ", ".join(shown)
    test = step.difference
    df = f"{test.df:g}".replace(".", say.numbers.decimal)
    chisq = fixed(test.chisq, 1, code, plain=plain)
    size = fixed(step.rmsea_d, 3, code, bounded=True, plain=plain)
    sign = "dchisq" if plain else "Δχ²"
    return f"{sign}({df}) = {chisq}, {p_text(test.pvalue, code, plain=plain)}, RMSEA_D = {size}"


def item_words(item: str, labels: Labels) -> str:
    """Return an item with its wording, where it is known."""
    wording = labels.wording(item)
    return f"{item} ({wording})" if wording else item


def invariance_sentences(found: Any, say: Words, *, min_n: int = MIN_N) -> Iterator[str]:
    """Yield what a ladder found, in sentences; what may be compared comes first.

    Parameters
    ----------
    found : Invariance
    say : Words
        Words of the language.
    min_n : int
        Groups of fewer people are not counted.
    """
    labels = labels_of(found.steps[0].fit, say.language)
    counts = found.steps[0].fit.group_nobs
    named = sizes(counts, say, min_n=min_n) if found.unit == "groups" else ", ".join(found.groups)
    yield say(f"invariance.lead_{found.unit}", count=len(found.groups), groups=named)
    yield _licence(found, say)
    freed = list(dict.fromkeys(one.item for one in found.freed))
    if freed:
        names = "; ".join(item_words(item, labels) for item in freed)
        yield say("invariance.freed", items=names)
    yield from _means(found, labels, say)
    if found.unit == "groups":
        yield say("invariance.no_ranking")
    yield from left_out(found, say)


def _licence(found: Any, say: Words) -> str:
    """Return what may be compared."""
    if found.licensed is not None:
        return say(f"invariance.{found.licensed}")
    failed = [step for step in found.steps if not step.accepted]
    related = any("loadings" in s.equal and s.accepted for s in found.steps)
    if not failed:
        return say("invariance.not_asked", step=step_words(found.reached, say))
    key = "relations" if related else "nothing"
    return say(f"invariance.{key}", step=step_words(failed[0].name, say))


def _means(found: Any, labels: Labels, say: Words) -> Iterator[str]:
    """Yield which factors' means differ, where they may be compared."""
    frame = found.latent_means
    if frame is None:
        return
    code, said = say.language, []
    for row in frame.to_dict("records"):
        if not math.isfinite(row["difference"]) or not row["pvalue"] < 0.05:
            continue
        name = labels.name(row["factor"])
        said.append(f"{name}, {row['group']}: d = {fixed(row['d'], 2, code)}")
    first = found.groups[0]
    if said:
        yield say("invariance.means_differ", first=first, list="; ".join(said))
    else:
        yield say("invariance.means_alike", first=first)
