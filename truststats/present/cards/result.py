"""Cards of what was found: verdicts, rivals, a second engine, a whole study, and the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from truststats.present.cards.card import Card, Section, plain_signs
from truststats.present.cards.estimator import choice_short
from truststats.present.cards.fit import fit_facts
from truststats.present.tables.fit import bootstrap_table
from truststats.present.wording.group_words import comparison_sentences
from truststats.present.wording.numbers import fixed, integer, interval, p_cell
from truststats.present.wording.words import Words, words

__all__ = [
    "bootstrap_card",
    "caveat_words",
    "comparison_card",
    "nesting_card",
    "other_card",
    "relation_words",
    "rivals_card",
    "shared_caveats",
    "study_card",
    "verdict_card",
    "verdicts_card",
]


_MOST = 15
"""Rows of a card's table."""


def caveat_words(caveat: str, say: Words) -> str:
    """Return a caveat in words; one that is no known key is a sentence already."""
    return say.get(f"caveat.{caveat}", caveat)


def shared_caveats(verdicts: Any) -> tuple[str, ...]:
    """Return the caveats that hold for every claim of several, so that they are said once."""
    lists = [row.caveats for row in verdicts]
    if len(lists) < 2:
        return ()
    return tuple(c for c in lists[0] if all(c in other for other in lists))


def relation_words(relation: str, say: Words) -> str:
    """Return how a rival compares, in words."""
    return say.get(f"relation.{relation.replace(' ', '_')}", relation)


def verdicts_card(verdicts: Any, language: str, plain: bool) -> Card:
    """Return the card of verdicts: one row a claim, and the note that belongs to all."""
    say = words(language)
    header = tuple(say(f"column.{k}") for k in ("claim", "estimate", "ci", "sesoi", "verdict"))
    rows = tuple(_verdict_row(row, say, plain) for row in verdicts)
    align = "lrrrl"
    if verdicts.groups:
        header, align = (say("column.group"), *header), f"l{align}"
        rows = tuple((row.group, *cells) for row, cells in zip(verdicts, rows, strict=True))
    notes = (verdicts.note or say("table.note_one_wave"), say("table.note_standardised"))
    return Card(
        say("card.verdicts"),
        _tally(verdicts, say),
        sections=(Section(header, rows, align),),
        notes=notes,
        language=say.language,
    )


def _verdict_row(row: Any, say: Words, plain: bool) -> tuple[str, ...]:
    code = say.language
    return (
        row.statement_for(code),
        fixed(row.estimate, 2, code, bounded=True, plain=plain),
        interval(row.ci_lower, row.ci_upper, 2, code, bounded=True, plain=plain),
        fixed(row.sesoi, 2, code, bounded=True, plain=plain),
        say.get(f"verdict.{row.verdict}", row.verdict),
    )


def _tally(verdicts: Any, say: Words) -> str:
    counts: dict[str, int] = {}
    for row in verdicts:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return ", ".join(f"{n} {say.get(f'verdict.{name}', name)}" for name, n in counts.items())


def verdict_card(row: Any, language: str, plain: bool) -> Card:
    """Return the card of one verdict."""
    say = words(language)
    code = say.language
    _, estimate, ci, sesoi, verdict = _verdict_row(row, say, plain)
    name = "beta" if plain else say("column.estimate")
    facts = (
        (say("fact.claim"), row.statement_for(code)),
        (say("fact.group"), row.group),
        (say("fact.verdict"), verdict),
        (name, f"{estimate}, {say('column.ci')} {ci}"),
        (say("fact.sesoi"), sesoi),
        (say("fact.estimand"), say.get(f"estimand.{row.estimand}", row.estimand)),
        (say("fact.adjust"), ", ".join(row.adjust) or say("report.none")),
        (say("column.caveats"), "; ".join(caveat_words(c, say) for c in row.caveats)),
    )
    return Card(
        say("card.verdict"),
        row.claim_id,
        facts=tuple(fact for fact in facts if fact[1]),
        notes=(say("table.note_one_wave"),),
        language=code,
    )


def rivals_card(rivals: Any, language: str, plain: bool) -> Card:
    """Return the card of the rival models: fit of each and how it compares."""
    say = words(language)
    code = say.language
    tested = any(math.isfinite(row.pvalue_diff) for row in rivals)
    deciding = "pvalue_diff" if tested else "delta_bic"
    names = ("model", "cfi", "rmsea", "srmr", deciding, "relation")
    rows = tuple(
        (
            row.label_for(code),
            *(
                fixed(getattr(row, k), 3, code, bounded=True, plain=plain)
                for k in ("cfi", "rmsea", "srmr")
            ),
            p_cell(row.pvalue_diff, code, plain=plain)
            if tested
            else fixed(row.delta_bic, 1, code, plain=plain),
            relation_words(row.relation, say),
        )
        for row in rivals
    )
    header = tuple(say(f"column.{k}") for k in names)
    note = rivals.note_for(code)
    return Card(
        say("card.rivals"),
        sections=(Section(header, rows, "lrrrrl"),),
        notes=(note,) if note else (),
        language=code,
    )


def study_card(study: Any, language: str, plain: bool) -> Card:
    """Return the card of a study: its fit and its verdicts, problems first."""
    say = words(language)
    card = verdicts_card(study.verdicts, language, plain)
    problems = [*study.checks, *study.fit.problems]
    return Card(
        say("card.study"),
        study.title,
        problems=tuple(p for p in problems if p.severity != "note"),
        facts=tuple(fit_facts(study.fit, language, plain)),
        sections=card.sections,
        notes=(*card.notes, *_choice_note(study, say), *_groups_note(study, say, plain)),
        language=say.language,
    )


def _choice_note(study: Any, say: Words) -> tuple[str, ...]:
    """Return how the answers were taken, as one note."""
    return () if study.choice is None else (choice_short(study.choice, say),)


def _groups_note(study: Any, say: Words, plain: bool) -> tuple[str, ...]:
    """Return what the comparison of groups found, as one note."""
    if study.groups is None:
        return ()
    head = say("report.groups", group=study.groups.group)
    said = " ".join(comparison_sentences(study.groups, say, min_n=study.options.get("min_n", 5)))
    return (plain_signs(f"{head}: {said}") if plain else f"{head}: {said}",)


def comparison_card(found: Any, language: str, plain: bool) -> Card:
    """Return the card of a comparison of groups: its tests, its verdicts and what they mean."""
    say = words(language)
    cards = [verdicts_card(found.verdicts, language, plain)] if found.verdicts is not None else []
    return Card(
        say("card.groupcomparison"),
        say("report.groups", group=found.group),
        problems=() if found.fit is None else found.fit.problems,
        sections=tuple(section for card in cards for section in card.sections),
        notes=tuple(plain_signs(s) if plain else s for s in comparison_sentences(found, say)),
        language=say.language,
    )


def bootstrap_card(bootstrap: Any, language: str, plain: bool) -> Card:
    """Return the card of a bootstrap: how it was drawn, and the intervals of what it is for.

    Those are the paths and the defined parameters, or the loadings where there are neither.
    """
    say = words(language)
    code = say.language
    frame = bootstrap_table(bootstrap, say).frame
    wanted = frame["op"].isin(["~", ":="])
    frame = frame[wanted if wanted.any() else frame["op"] == "=~"].dropna(subset=["se"])
    rows = tuple(
        (
            f"{row['parameter']} ({row['group']})" if row.get("group") else str(row["parameter"]),
            *(fixed(row[k], 3, code, plain=plain) for k in ("est", "se")),
            interval(row["ci_lower"], row["ci_upper"], 3, code, plain=plain),
        )
        for row in frame.head(_MOST).to_dict("records")
    )
    header = tuple(say(f"column.{k}") for k in ("parameter", "est", "se", "ci"))
    draws, failed = (integer(n, code, plain=plain) for n in (bootstrap.draws, bootstrap.failed))
    more = len(frame) - len(rows)
    return Card(
        say("card.bootstrap"),
        problems=bootstrap.problems,
        facts=(
            (say("fact.draws"), say("fact.draws_value", draws=draws, failed=failed)),
            (say("fact.unit"), _unit(bootstrap.unit, say)),
            (say("fact.seed"), str(bootstrap.seed)),
            (say("fact.intervals"), say(f"interval.{bootstrap.ci}")),
        ),
        sections=(Section(header, rows, "lrrr"),),
        notes=(say("common.and_more", n=more),) if more else (),
        language=code,
    )


def _unit(unit: str, say: Words) -> str:
    return say("fact.unit_rows") if unit == "rows" else unit


def nesting_card(nesting: Any, language: str, plain: bool) -> Card:
    """Return the card of a nesting check: its sentence, then what it rests on."""
    say = words(language)

    def misfit(one: str, other: str, value: float) -> tuple[str, str]:
        shown = f"{say('fact.chisq')} {fixed(value, 2, say.language, plain=plain)}"
        return say("fact.nesting_to", one=one, other=other), shown

    return Card(
        say("card.nesting"),
        say(f"nesting.{nesting.relation.replace(' ', '_')}"),
        facts=(
            (say("fact.nesting_df"), say("fact.nesting_df_value", a=nesting.df_a, b=nesting.df_b)),
            misfit("b", "a", nesting.a_to_b),
            misfit("a", "b", nesting.b_to_a),
        ),
        language=say.language,
    )


def other_card(value: Any, language: str, plain: bool) -> Card:
    """Return a card of any other result: what it says, its short values, its table."""
    say = words(language)
    kind = type(value).__name__
    names = [f.name for f in fields(value)] if is_dataclass(value) else []
    names = [name for name in names if name != "synthetic"]
    facts = []
    for name in names:
        shown = _short(getattr(value, name), say, plain)
        if shown:
            facts.append((name.replace("_", " "), shown))
    return Card(
        say.get(f"card.{kind.lower()}", kind),
        problems=tuple(getattr(value, "problems", ())),
        facts=tuple(facts),
        sections=_table_of(value, say, plain),
        language=say.language,
    )


def _short(value: Any, say: Words, plain: bool) -> str:
    if isinstance(value, bool):
        return say("common.yes" if value else "common.no")
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return integer(value, say.language, plain=plain)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    if isinstance(value, Mapping) and isinstance(value.get("en"), str):
        return value.get(say.language) or value["en"]
    return ""


def _table_of(value: Any, say: Words, plain: bool) -> tuple[Section, ...]:
    frame = getattr(value, "frame", None)
    found: Any = frame() if callable(frame) else frame
    if found is None or not hasattr(found, "columns"):
        return ()
    columns = list(found.columns)[:7]
    rows = tuple(
        tuple(_cell(cell, say, plain) for cell in record)
        for record in found[columns].head(_MOST).itertuples(index=False)
    )
    align = "".join("r" if found[c].dtype.kind in "if" else "l" for c in columns)
    return (Section(tuple(map(str, columns)), rows, align),)


def _cell(cell: Any, say: Words, plain: bool) -> str:
    return fixed(cell, 3, say.language, plain=plain) if isinstance(cell, float) else str(cell)
