"""Chapters about the claims: picture, verdicts, sentences, and what else could explain it."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from truststats.present.cards.result import caveat_words, shared_caveats
from truststats.present.reports.html import (
    Chapter,
    badge,
    definitions,
    details,
    figure,
    figure_svg,
    paragraph,
    scroll_box,
    table_block,
)
from truststats.present.reports.material import Material
from truststats.present.tables.html import notes
from truststats.present.tables.table import Table, table
from truststats.present.wording.group_words import in_group
from truststats.present.wording.numbers import fixed, interval, p_cell
from truststats.present.wording.text import claim_sentence, fit_sentence, reliability_sentences
from truststats.present.wording.words import Words

__all__ = ["crosscheck", "forest_plot", "rivals", "sentences", "verdicts"]


def forest_plot(material: Material) -> Chapter | None:
    """Return the claims' estimates as a picture with the band of effects too small to matter."""
    from truststats.present.figures import forest, forest_alt

    say, code = material.say, material.language
    if material.verdicts is None or not len(material.verdicts):
        return None
    svg = figure_svg(forest(material.verdicts, code))
    label = forest_alt(material.verdicts, code)
    body = paragraph(say("report.forest_lead"), "lead") + figure(svg, label, "forest", say)
    return Chapter("forest", say("report.forest"), body)


def verdicts(material: Material) -> Chapter | None:
    """Return one row a claim, with adjustment set, smallest effect, verdict and caveats."""
    say = material.say
    if material.verdicts is None or not len(material.verdicts):
        return None
    names = ("claim", "estimate", "ci", "sesoi", "p_holm", "verdict")
    sides = ("", ' class="num"', ' class="num"', ' class="num"', ' class="num"', "")
    head = "".join(
        f'<th scope="col"{side}>{escape(say(f"column.{n}"))}</th>'
        for n, side in zip(names, sides, strict=True)
    )
    shared = shared_caveats(material.verdicts)
    rows = "".join(_verdict_row(row, material, shared) for row in material.verdicts)
    label = escape(say("table.verdicts"), quote=True)
    body = paragraph(material.verdicts.note or say("report.verdicts_lead"))
    if shared:
        said = "; ".join(caveat_words(c, say) for c in shared)
        body += paragraph(say("report.shared_caveats", caveats=said))
    grid = f'<table class="items"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    body += scroll_box(grid, label, say)
    body += notes(_without_lead(table(material.verdicts, material.language), say)) + _legend(
        material
    )
    return Chapter("verdicts", say("report.verdicts"), body)


def _without_lead(made: Table, say: Words) -> Table:
    """Return the table without the notes that the chapter says above it."""
    shown = {say("table.note_one_wave")}
    opening = say("report.shared_caveats").split("{", 1)[0]
    kept = tuple(n for n in made.notes if n not in shown and not n.startswith(opening))
    return replace(made, notes=kept)


def _verdict_row(row: Any, material: Material, shared: tuple[str, ...]) -> str:
    say, code, labels = material.say, material.language, material.labels
    adjusted = ", ".join(labels.name(k) for k in row.adjust) or say("report.none")
    lines = [
        say("report.estimand", estimand=say.get(f"estimand.{row.estimand}", row.estimand)),
        say("report.adjusted_for", names=adjusted),
    ]
    caveats = "; ".join(caveat_words(c, say) for c in row.caveats if c not in shared)
    if caveats:
        lines.append(f"{say('column.caveats')}: {caveats}.")
    more = f"<br><small>{escape(' '.join(lines))}</small>"
    numbers = (
        fixed(row.estimate, 2, code, bounded=True),
        interval(row.ci_lower, row.ci_upper, 2, code, bounded=True),
        fixed(row.sesoi, 2, code, bounded=True),
        p_cell(row.p_holm, code),
    )
    cells = "".join(f'<td class="num">{escape(text)}</td>' for text in numbers)
    word = badge(say(f"verdict.{row.verdict}"), row.verdict)
    statement = escape(in_group(row.group, row.statement_for(code), say))
    claim = f'<th scope="row">{statement}{more}</th>'
    return f"<tr>{claim}{cells}<td>{word}</td></tr>"


def _legend(material: Material) -> str:
    say = material.say
    there = dict.fromkeys(row.verdict for row in material.verdicts)
    pairs = [(say(f"verdict.{name}"), say(f"verdict_means.{name}")) for name in there]
    return details(say("report.verdicts_legend"), definitions(pairs))


def sentences(material: Material) -> Chapter:
    """Return APA sentences about fit, reliability and claims."""
    say, code = material.say, material.language
    found = [fit_sentence(material.fit, code)]
    if material.reliability is not None and len(material.reliability):
        keys = material.reliability["construct"]
        named = material.reliability.assign(label=[material.labels.name(k) for k in keys])
        found += reliability_sentences(named, code)
    for row in material.verdicts or ():
        found.append(claim_sentence(row, code))
    quoted = "".join(paragraph(sentence) for sentence in found)
    body = paragraph(say("report.text_lead"), "lead") + f"<blockquote>{quoted}</blockquote>"
    return Chapter("text", say("report.text"), body)


def rivals(material: Material) -> Chapter | None:
    """Return how other explanations of the same answers fare."""
    say, code, found = material.say, material.language, material.rivals
    if found is None or not len(found):
        return None
    body = paragraph(say("report.rivals_lead"), "lead")
    body += table_block(table(found, code), say, caption=False)
    pairs = [(row.label_for(code), row.sentence_for(code)) for row in found]
    body += definitions([pair for pair in pairs if pair[1]])
    return Chapter("rivals", say("report.rivals"), body)


def crosscheck(material: Material) -> Chapter | None:
    """Return what a second engine found."""
    say, found = material.say, material.crosscheck
    if found is None:
        return None
    body = paragraph(found.sentence_for(material.language))
    parameters = table_block(table(found, material.language), say, caption=False)
    body += details(say("table.crosscheck"), parameters)
    return Chapter("crosscheck", say("report.crosscheck"), body)
