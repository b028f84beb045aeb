"""Cards of explorations: rotated factors, and how many there may be."""

from __future__ import annotations

from typing import Any

import numpy as np

from truststats.present.cards.card import Card, Section, plain_signs
from truststats.present.cards.fit import Facts, measure_facts
from truststats.present.wording.measures import measures_of
from truststats.present.wording.numbers import fixed, integer
from truststats.present.wording.words import Words, words

__all__ = ["count_card", "efa_card", "suggestion_words"]

_SALIENT = 0.3
_MOST_ROWS = 40
_MOST_FACTORS = 7


def efa_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of a factor analysis: fit, sorted loadings, factor correlations."""
    say = words(language)
    sections = [_loadings(found, say, plain)]
    if found.oblique and len(found.factors) > 1:
        sections.append(_correlations(found, say, plain))
    notes = [say("explore.note_blank")]
    hidden = len(found.items) - _MOST_ROWS
    if hidden > 0:
        notes.append(say("common.and_more", n=hidden))
    if len(found.factors) > _MOST_FACTORS:
        notes.append(say("explore.more_factors", n=len(found.factors) - _MOST_FACTORS))
    if found.reversed_items:
        notes.append(say("table.note_reversed"))
    return Card(
        say("card.factoranalysis"),
        say("explore.title", m=len(found.factors), p=len(found.items)),
        problems=found.problems,
        facts=tuple(_facts(found, say, plain)),
        sections=tuple(sections),
        notes=tuple(notes),
        language=say.language,
    )


def _facts(found: Any, say: Words, plain: bool) -> Facts:
    code = say.language
    estimator = say(f"explore.estimator_{found.estimator}")
    if found.ordered:
        estimator = say("explore.polychoric", text=estimator)
    kind = "oblique" if found.oblique else "orthogonal"
    facts = [
        (say("fact.rows"), integer(found.n, code, plain=plain)),
        (say("fact.estimator"), estimator),
        (say("explore.rotation"), say(f"explore.{kind}", name=found.rotation)),
    ]
    if len(found.rotated.minima):
        facts.append((say("explore.starts"), _starts(found.rotated, say)))
    if found.se_type != "none":
        facts.append((say("fact.se"), say(f"explore.se_{found.se_type}")))
    if found.cluster:
        facts.append((say("fact.cluster"), found.cluster))
    explained = float(found.variance["proportion"].sum())
    facts.append((say("explore.explained"), fixed(explained, 2, code, bounded=True, plain=plain)))
    if np.isfinite(found.chisq):
        return [*facts, *measure_facts(measures_of(found), say, plain)]
    srmr = fixed(found.measures["srmr"], 3, code, bounded=True, plain=plain)
    return [*facts, (say("fact.srmr"), srmr)]


def _starts(rotated: Any, say: Words) -> str:
    return say(
        "explore.starts_value", starts=rotated.starts, minima=len(rotated.minima), best=rotated.best
    )


def _loadings(found: Any, say: Words, plain: bool) -> Section:
    code = say.language
    names = list(found.factors[:_MOST_FACTORS])
    frame = found.frame().head(_MOST_ROWS)
    rows = []
    for record in frame.to_dict("records"):
        mark = f" {say('common.reversed')}" if record["item"] in found.reversed_items else ""
        cells = [
            fixed(record[f], 2, code, bounded=True, plain=plain)
            if abs(record[f]) >= _SALIENT
            else ""
            for f in names
        ]
        common = fixed(record["communality"], 2, code, bounded=True, plain=plain)
        rows.append((f"{record['item']}{mark}", *cells, common))
    header = (say("column.item"), *names, say("column.communality"))
    return Section(header, tuple(rows), "l" + "r" * (len(names) + 1), say("explore.loadings"))


def _correlations(found: Any, say: Words, plain: bool) -> Section:
    names = list(found.factors[:_MOST_FACTORS])
    phi = found.rotated.phi
    rows = tuple(
        (
            name,
            *(
                fixed(float(phi[i, k]), 2, say.language, bounded=True, plain=plain) if k < i else ""
                for k in range(len(names))
            ),
        )
        for i, name in enumerate(names)
    )
    header = ("", *names)
    return Section(header, rows, "l" + "r" * len(names), say("explore.correlations"))


def suggestion_words(found: Any, say: Words) -> tuple[tuple[str, str], ...]:
    """Return what each rule is called and the number it suggests; Kaiser's is not among them."""
    return tuple(
        (say(f"explore.{rule}"), str(number))
        for rule, number in found.suggested.items()
        if rule != "kaiser"
    )


def count_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of a number of factors: what each rule says, and the eigenvalues."""
    say = words(language)
    code = say.language
    reference = say("explore.mean")
    if found.quantile is not None:
        reference = say("explore.quantile", q=fixed(100 * found.quantile, 0, code, plain=plain))
    random = say(f"explore.random_{found.random}", draws=found.draws, reference=reference)
    kind = say("explore.polychoric_kind" if found.ordered else "explore.pearson_kind")
    facts = (
        (say("fact.rows"), integer(found.n, code, plain=plain)),
        (say("explore.correlated"), kind),
        (say("explore.random"), random),
        *suggestion_words(found, say),
    )
    most = max(number for rule, number in found.suggested.items()) + 2
    frame = found.frame().head(min(most, _MOST_ROWS))
    columns = ["factor", "factor_reference", "component", "component_reference", "map"]
    rows = tuple(
        (
            str(record["number"]),
            *(fixed(record[c], 2, code, plain=plain) for c in columns[:-1]),
            fixed(record["map"], 4, code, bounded=True, plain=plain),
        )
        for record in frame.to_dict("records")
    )
    header = ("", *(say(f"column.{c}") for c in columns))
    kaiser = say("explore.kaiser_warning", n=found.suggested["kaiser"])
    return Card(
        say("card.factorcount"),
        say("explore.count_title", p=len(found.items)),
        problems=found.problems,
        facts=facts,
        sections=(Section(header, rows, "rrrrrr"),),
        notes=tuple(plain_signs(n) if plain else n for n in (kaiser, say("explore.note_rules"))),
        language=code,
    )
