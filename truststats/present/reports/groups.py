"""The chapter that compares groups: who, whether they are measured alike, and each claim."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

from truststats.present.reports.html import (
    Chapter,
    badge,
    details,
    figure,
    figure_svg,
    heading,
    paragraph,
    scroll_box,
    table_block,
)
from truststats.present.reports.material import Material
from truststats.present.tables.groups import groups_table, ladder_table, people_table
from truststats.present.tables.html import notes
from truststats.present.wording.group_words import comparison_sentences
from truststats.present.wording.numbers import fixed, interval, p_cell

__all__ = ["groups"]


def groups(material: Material) -> Chapter | None:
    """Return how the claims fare in each group, and whether their effects differ."""
    from truststats.present.figures.groups import forest_groups, forest_groups_alt

    say, code, found = material.say, material.language, material.groups
    if found is None:
        return None
    title = say("report.groups", group=found.group)
    body = "".join(
        paragraph(sentence, "lead" if k == 0 else "")
        for k, sentence in enumerate(comparison_sentences(found, say, min_n=material.min_n))
    )
    people = table_block(people_table(found, say, min_n=material.min_n), say, caption=False)
    body += details(say("report.groups_people"), people)
    if found.fit is None:
        return Chapter("groups", title, body)
    body += heading(say("table.groups_tests"))
    body += table_block(ladder_table(found, say), say, caption=False)
    body += heading(say("report.groups_effects"))
    svg = figure_svg(forest_groups(found.verdicts, code))
    body += figure(svg, forest_groups_alt(found.verdicts, code), "groups", say)
    body += _effects(found, material)
    return Chapter("groups", title, body)


def _effects(found: Any, material: Material) -> str:
    """Return every claim with a row for each group, and the test that the effects are equal."""
    say = material.say
    names = ("group", "estimate", "ci", "p_holm", "verdict")
    sides = ("", ' class="num"', ' class="num"', ' class="num"', "")
    head = "".join(
        f'<th scope="col"{side}>{escape(say(f"column.{name}"))}</th>'
        for name, side in zip(names, sides, strict=True)
    )
    p_equal = found.differences.set_index("claim_id")["p_holm"]
    order = list(dict.fromkeys(row.claim_id for row in found.verdicts))
    rows = sorted(found.verdicts, key=lambda row: order.index(row.claim_id))
    body = ""
    for claim_id, own in groupby(rows, key=lambda row: row.claim_id):
        sides_of = list(own)
        statement = escape(sides_of[0].statement_for(material.language))
        test = f"{say('column.p_equal')} {p_cell(float(p_equal[claim_id]), material.language)}"
        body += (
            f'<tr class="group"><th scope="rowgroup" colspan="{len(names)}">{statement} '
            f"<small>{escape(test)}</small></th></tr>"
        )
        body += "".join(_row(row, material) for row in sides_of)
    grid = f'<table class="items"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    label = escape(say("table.groups_effects"), quote=True)
    return scroll_box(grid, label, say) + notes(groups_table(found, say))


def _row(row: Any, material: Material) -> str:
    say, code = material.say, material.language
    numbers = (
        fixed(row.estimate, 2, code, bounded=True),
        interval(row.ci_lower, row.ci_upper, 2, code, bounded=True),
        p_cell(row.p_holm, code),
    )
    cells = "".join(f'<td class="num">{escape(text)}</td>' for text in numbers)
    word = badge(say(f"verdict.{row.verdict}"), row.verdict)
    return f'<tr><th scope="row">{escape(row.group)}</th>{cells}<td>{word}</td></tr>'
