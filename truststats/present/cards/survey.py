"""Cards of the answers: a survey, what its check found, and problems on their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from truststats.errors import Problem
from truststats.present.cards.card import Card
from truststats.present.wording.numbers import integer, percent
from truststats.present.wording.words import Words, words

__all__ = ["checks_card", "problems_card", "rows_counted", "survey_card", "worst_first"]

_RANK = {"error": 0, "warning": 1, "note": 2}


def worst_first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems by severity; equal ones stay in their order."""
    return tuple(sorted(problems, key=lambda problem: _RANK[problem.severity]))


def survey_card(survey: Any, language: str, plain: bool) -> Card:
    """Return the card of a survey: people, items found, missing answers, design."""
    say = words(language)
    code = say.language
    design = survey.design
    named = (("cluster", design.cluster), ("group", design.group), ("weights", design.weights))
    facts = [
        (say("fact.source"), survey.source),
        (say("fact.answers"), integer(survey.n, code, plain=plain)),
        (say("fact.items"), _items(survey, say)),
        (say("fact.missing"), _missing(survey, say, plain)),
        *((say(f"fact.{key}"), name or "") for key, name in named),
        (say("fact.synthetic"), say("card.simulated") if survey.synthetic else ""),
    ]
    units = survey.clusters()
    if units is not None:
        count = integer(units.nunique(), code, plain=plain)
        facts.append((say("fact.clusters"), count))
    return Card(
        say("card.survey"),
        problems=worst_first(survey.notes),
        facts=tuple((label, value) for label, value in facts if value),
        language=code,
    )


def _items(survey: Any, say: Words) -> str:
    inst = survey.instrument
    if inst is None:
        return str(len(survey.items)) if survey.items else ""
    return say(
        "fact.items_matched", matched=len(survey.items), total=len(inst), instrument=inst.name
    )


def _missing(survey: Any, say: Words, plain: bool) -> str:
    if not survey.items:
        return ""
    share = float(survey.missingness()["share_missing"].mean())
    return say("fact.missing_share", share=percent(share, 1, say.language, plain=plain))


def checks_card(checks: Any, language: str, plain: bool) -> Card:
    """Return the card of a survey's check: every problem, worst first."""
    say = words(language)
    card = problems_card(tuple(checks), language, plain)
    size = say(
        "card.checks_size",
        rows=integer(checks.n_rows, say.language, plain=plain),
        items=checks.n_items,
        checks=checks.n_checks,
    )
    return Card(
        say("card.checks"),
        checks.source,
        problems=card.problems,
        notes=(*card.notes, size, *rows_counted(checks, say)),
        language=say.language,
    )


def rows_counted(checks: Any, say: Words) -> tuple[str, ...]:
    """Return how the rows that a check names are counted; nothing where it names none."""
    if not any(problem.rows for problem in checks):
        return ()
    line = getattr(checks, "first_line", None)
    if line is None:
        return (say("card.rows_counted"),)
    return (say("card.rows_counted_line", line=line),)


def problems_card(problems: Sequence[Problem], language: str, plain: bool) -> Card:
    """Return the card of problems: how many of each severity, worst first."""
    say = words(language)
    counts = {s: sum(p.severity == s for p in problems) for s in _RANK}
    note = say("card.checks_none")
    if problems:
        note = say(
            "card.checks_count",
            errors=counts["error"],
            warnings=counts["warning"],
            notes=counts["note"],
        )
    return Card(
        say("card.problems"),
        problems=worst_first(problems),
        notes=(note,),
        language=say.language,
    )
