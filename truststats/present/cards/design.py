"""Cards of what was designed: items, constructs, questionnaires, claims and frameworks."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card, Section
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words, words
from truststats.results.verdicts import in_language

__all__ = ["claim_card", "construct_card", "framework_card", "instrument_card", "item_card"]


def construct_card(construct: Any, language: str, plain: bool) -> Card:
    """Return the card of a construct: definition, answers, items with (R), sources, status."""
    say = words(language)
    code = say.language
    dimensions = ", ".join(in_language(d.label, code) for d in construct.dimensions)
    answers = construct.response_set
    facts = [
        (say("fact.code"), f"{construct.code} ({construct.key})"),
        (say("fact.definition"), in_language(construct.definition, code)),
        (say("fact.level"), say.get(f"level.{construct.level}", construct.level)),
        (say("fact.structure"), say.get(f"structure.{construct.structure}", construct.structure)),
        (say("fact.dimensions"), dimensions),
        (say("fact.responses"), _answers(answers, code)),
        (say("fact.licence"), construct.licence),
        (say("fact.status"), _status(construct.status, say)),
        (say("fact.sources"), "; ".join(_source(s) for s in construct.sources)),
    ]
    rows = tuple((_named(i, say), in_language(i.text, code)) for i in construct.items)
    header = (say("column.item"), say("column.wording"))
    return Card(
        say("card.construct"),
        construct.label_for(code),
        facts=tuple(fact for fact in facts if fact[1]),
        sections=(Section(header, rows, "ll"),),
        language=code,
    )


def item_card(item: Any, language: str, plain: bool) -> Card:
    """Return the card of an item: its wording in every language it has."""
    say = words(language)
    facts = [(say("fact.construct"), item.construct)]
    facts += [(tag, text) for tag, text in item.text.items()]
    return Card(say("column.item"), _named(item, say), facts=tuple(facts), language=say.language)


def instrument_card(instrument: Any, language: str, plain: bool) -> Card:
    """Return the card of a questionnaire: version, hash, constructs and number of items."""
    say = words(language)
    code = say.language
    rows = tuple(
        (c.label_for(code), c.key, str(len(c.items)), ", ".join(_named(i, say) for i in c.items))
        for c in instrument.constructs.values()
    )
    header = ("construct", "key", "n_items", "item")
    facts = (
        (say("fact.title"), in_language(instrument.title, code)),
        (say("fact.version"), instrument.version),
        (say("fact.languages"), ", ".join(instrument.languages)),
        (say("fact.items"), str(len(instrument))),
        (say("fact.status"), _status(instrument.status, say)),
        (say("fact.hash"), instrument.content_hash[:12]),
    )
    section = Section(tuple(say(f"column.{name}") for name in header), rows, "llrl")
    return Card(
        say("card.instrument"), instrument.name, facts=facts, sections=(section,), language=code
    )


def framework_card(framework: Any, language: str, plain: bool) -> Card:
    """Return the card of a framework: its claims with smallest effects, and its rivals."""
    say = words(language)
    code = say.language
    claims = tuple(
        (c.id, in_language(c.statement, code), _estimand(c, say), _sesoi(c, code, plain))
        for c in framework.claims
    )
    header = tuple(say(f"column.{k}") for k in ("claim_id", "claim", "estimand", "sesoi"))
    sections = [Section(header, claims, "lllr", say("fact.claims"))]
    if framework.rivals:
        rows = tuple(
            (in_language(r.label, code), in_language(r.description, code)) for r in framework.rivals
        )
        header = (say("column.model"), say("column.meaning"))
        sections.append(Section(header, rows, "ll", say("fact.rivals")))
    labels = [c.label_for(code) for c in framework.constructs.values()]
    facts = (
        (say("fact.title"), in_language(framework.title, code)),
        (say("fact.version"), framework.version),
        (say("fact.constructs"), ", ".join(labels)),
        (say("fact.hash"), framework.content_hash[:12]),
    )
    return Card(
        say("card.framework"),
        framework.name,
        facts=facts,
        sections=tuple(sections),
        notes=(say("table.note_one_wave"),),
        language=code,
    )


def claim_card(claim: Any, language: str, plain: bool) -> Card:
    """Return the card of a claim: path, effect, adjustment, expected sign, smallest effect."""
    say = words(language)
    facts = (
        (say("fact.claim"), in_language(claim.statement, say.language)),
        (say("fact.path"), " -> ".join(claim.path)),
        (say("fact.estimand"), _estimand(claim, say)),
        (say("fact.adjust"), ", ".join(claim.adjust) or say("report.none")),
        (say("fact.sign"), "+" if claim.sign > 0 else "-"),
        (say("fact.sesoi"), _sesoi(claim, say.language, plain)),
        (say("fact.level"), say.get(f"level.{claim.level}", claim.level)),
        (say("fact.source"), claim.source),
    )
    return Card(
        say("card.claim"),
        claim.id,
        facts=facts,
        notes=(say("table.note_one_wave"),),
        language=say.language,
    )


def _named(item: Any, say: Words) -> str:
    return f"{item.name} {say('common.reversed')}" if item.reverse else item.name


def _estimand(claim: Any, say: Words) -> str:
    return say.get(f"estimand.{claim.estimand}", claim.estimand)


def _sesoi(claim: Any, code: str, plain: bool) -> str:
    return fixed(claim.sesoi, 2, code, bounded=True, plain=plain)


def _answers(answers: Any, code: str) -> str:
    labels = answers.labels.get(code) or next(iter(answers.labels.values()))
    known = [f"{c} {t}" for c, t in zip(answers.codes, labels, strict=True)]
    return "; ".join(known + [f"{c} {in_language(t, code)}" for c, t in answers.missing.items()])


def _status(status: str, say: Words) -> str:
    return say("common.draft") if status == "draft, not validated" else status


def _source(source: Any) -> str:
    return f"{source.citation} https://doi.org/{source.doi}" if source.doi else source.citation
