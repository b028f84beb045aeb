"""Chapters about the model: items, picture, fit, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from truststats.present.diagrams.diagram import diagram
from truststats.present.reports.html import (
    Chapter,
    definitions,
    details,
    figure,
    heading,
    paragraph,
    scroll_box,
    table_block,
)
from truststats.present.reports.material import Material
from truststats.present.tables.fit import (
    effects_table,
    measurement_table,
    r_square_table,
    structural_table,
)
from truststats.present.tables.html import notes
from truststats.present.tables.table import Table
from truststats.present.wording.numbers import integer
from truststats.present.wording.text import measure_words
from truststats.present.wording.words import Words
from truststats.results.part import parts

__all__ = ["fit_measures", "in_group_title", "measurement", "picture", "provenance"]


def in_group_title(name: str, say: Words) -> str:
    """Return the heading of what is about one group."""
    return f"{say('column.group')} {name}"


def measurement(material: Material) -> Chapter | None:
    """Return every item with wording and loading, reversed items marked (R)."""
    say, fit = material.say, material.fit
    if not fit.model.latents:
        return None
    body = paragraph(say("report.measurement_lead"), "lead")
    status = getattr(material.instrument, "status", "")
    if "draft" in status:
        body += paragraph(say("report.measurement_draft"), "lead")
    if not fit.groups:
        body += _items(measurement_table(fit, say, material.standardized), material)
    for name, side in parts(fit):
        items = _items(measurement_table(side, say), material)
        body += details(in_group_title(name, say), items)
    body += _not_modelled(material)
    return Chapter("measurement", say("report.measurement"), body)


def _items(items: Table, material: Material) -> str:
    """Return the items under a heading for each construct."""
    cells, header = items.cells(), items.header[1:]
    sides = [' class="num"' if side == "r" else "" for side in items.align[1:]]
    head = "".join(
        f'<th scope="col"{side}>{escape(name)}</th>'
        for name, side in zip(header, sides, strict=True)
    )
    rows, before = [], ""
    for construct, *rest in cells:
        if construct != before:
            name = f'<th scope="rowgroup" colspan="{len(header)}">{escape(construct)}</th>'
            rows.append(f'<tr class="group">{name}</tr>')
            before = construct
        first, *others = zip(rest, sides, strict=True)
        row = "".join(f"<td{side}>{escape(text)}</td>" for text, side in others)
        rows.append(f'<tr><th scope="row"{first[1]}>{escape(first[0])}</th>{row}</tr>')
    label = escape(material.say("table.measurement"), quote=True)
    body = (
        f'<table class="items"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )
    return scroll_box(body + notes(items), label, material.say)


def _not_modelled(material: Material) -> str:
    """Return which constructs were asked about but are no part of the model."""
    if material.instrument is None:
        return ""
    modelled = {*material.fit.model.latents, *material.fit.model.constructs.values()}
    left = [
        c.label_for(material.language)
        for key, c in material.instrument.constructs.items()
        if key not in modelled
    ]
    return paragraph(material.say("report.not_modelled", names=", ".join(left))) if left else ""


def picture(material: Material) -> Chapter | None:
    """Return the path diagram, and its paths as a table."""
    say, fit = material.say, material.fit
    body = paragraph(say("report.diagram_lead"), "lead")
    for k, (name, side) in enumerate(parts(fit) or (("", fit),)):
        drawn = diagram(side, language=material.language)
        label = drawn.alt or say("report.diagram_alt", n=len(fit.model.latents))
        least = max(640, min(round(drawn.width), 900))
        body += heading(in_group_title(name, say)) if name else ""
        body += figure(drawn.svg, label, f"diagram{k or ''}", say, least=least)
    if "~" in fit.partable.op:
        paths = table_block(structural_table(fit, say, material.standardized), say, caption=False)
        body += details(say("report.paths_table"), paths)
        effects = table_block(effects_table(fit, say), say, caption=False)
        body += details(say("table.effects"), effects)
    return Chapter("diagram", say("report.diagram"), body)


def fit_measures(material: Material) -> Chapter:
    """Return each fit measure with what it means in plain words."""
    say, fit = material.say, material.fit
    items = "".join(
        f"<li><b>{escape(m.name)}</b> {escape(m.value)}<p>{escape(m.meaning)}</p></li>"
        for m in measure_words(fit, material.language)
    )
    body = f'{paragraph(say("report.fit_lead"), "lead")}<ul class="measures">{items}</ul>'
    if "~" in fit.partable.op:
        body += heading(say("report.r_square"))
        body += table_block(r_square_table(fit, say), say, caption=False)
    return Chapter("fit", say("report.fit"), body)


def provenance(material: Material) -> Chapter:
    """Return data, versions, options and the model's text, folded."""
    say = material.say
    data = definitions(_flat(material.provenance, say))
    options = definitions(_flat(material.options, say))
    text = f"<pre>{escape(str(material.fit.model))}</pre>"
    body = paragraph(say("report.provenance_lead"), "lead")
    body += details(say("report.provenance_data"), data)
    body += details(say("report.provenance_options"), options)
    body += details(say("report.provenance_model"), text)
    return Chapter("provenance", say("report.provenance"), body)


def _flat(tree: Mapping[str, Any], say: Words, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return nested settings as names with dots, each with its value in words."""
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _flat(value, say, f"{name}.")
        elif _are_exclusions(value):
            yield name, "; ".join(_exclusion(entry, say) for entry in value)
        else:
            yield name, _as_text(value, say)


def _are_exclusions(value: Any) -> bool:
    kinds = isinstance(value, list | tuple) and bool(value)
    return kinds and all(isinstance(v, Mapping) and "code" in v and "count" in v for v in value)


def _exclusion(entry: Mapping[str, Any], say: Words) -> str:
    """Return why something carries no value, and how often, as a table of the report says it."""
    reason = say.get(f"exclusion.{entry['code']}", str(entry.get("message", entry["code"])))
    unit = say.get(f"exclusion.{entry['unit']}", str(entry["unit"]))
    count = entry["count"]
    shown = say("report.few") if count is None else integer(count, say.language)
    return f"{reason}: {shown} {unit}"


def _as_text(value: Any, say: Words) -> str:
    """Return one value in words: no quotation marks, brackets or null."""
    if value is None or value in ("", (), [], {}):
        return say("report.none")
    if isinstance(value, bool):
        return say("common.yes") if value else say("common.no")
    if isinstance(value, list | tuple):
        return ", ".join(_as_text(one, say) for one in value)
    return str(value)
