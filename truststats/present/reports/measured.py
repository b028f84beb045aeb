"""The chapter on measurement: whether items hang together, and scales are different things."""

from __future__ import annotations

from typing import Any

from truststats.present.reports.html import (
    Chapter,
    details,
    figure,
    figure_svg,
    heading,
    paragraph,
    table_block,
)
from truststats.present.reports.material import Material
from truststats.present.reports.model import in_group_title
from truststats.present.tables.table import table
from truststats.present.tables.validity import relabelled, scales_table
from truststats.present.wording.numbers import fixed
from truststats.present.wording.problem_words import problem_words
from truststats.present.wording.words import Words

__all__ = ["measured"]

_ENOUGH = 0.70


def measured(material: Material) -> Chapter | None:
    """Return reliability of every scale, and whether the scales can be told apart."""
    say, frame = material.say, material.reliability
    if frame is None or not len(frame):
        return None
    frame = frame.assign(label=[material.labels.name(key) for key in frame["construct"]])
    body = paragraph(say("report.reliability_lead"), "lead")
    body += _reliability(frame, say)
    body += details(
        say("table.reliability"), table_block(table(frame, say.language), say, caption=False)
    )
    body += _validity(material)
    return Chapter("reliability", say("report.reliability"), body)


def _reliability(frame: Any, say: Words) -> str:
    """Return a picture and a sentence of each group's scales."""
    from truststats.present.figures import reliability_alt, reliability_dots

    sides = [("", frame)]
    if "group" in frame.columns:
        sides = [(str(name), side) for name, side in frame.groupby("group", sort=False)]
    body = ""
    for k, (name, side) in enumerate(sides):
        body += heading(in_group_title(name, say)) if name else ""
        body += _counted(side, say)
        svg = figure_svg(reliability_dots(side, say.language))
        alt = reliability_alt(side, say.language)
        body += figure(svg, alt, f"reliability{k or ''}", say)
    return body


def _counted(frame: Any, say: Words) -> str:
    """Return how many scales reach .70, and which is the lowest, in plain words."""
    omega = frame[frame["coefficient"].isin(("omega", "omega_categorical"))].dropna(
        subset=["value"]
    )
    if omega.empty:
        return ""
    low = omega.loc[omega["value"].idxmin()]
    return paragraph(
        say(
            "report.reliability_count",
            held=int((omega["value"] >= _ENOUGH).sum()),
            all=len(omega),
            limit=fixed(_ENOUGH, 2, say.language, bounded=True),
            name=str(low["label"]),
            value=fixed(float(low["value"]), 2, say.language, bounded=True),
        )
    )


def _validity(material: Material) -> str:
    """Return the part about telling scales apart; findings come first."""
    from truststats.present.figures import (
        validity_alt,
        validity_map,
        validity_pairs,
        validity_pairs_alt,
    )

    say, found = material.say, material.validity
    if found is None:
        return ""
    found = relabelled(
        found, {row.construct: material.labels.name(row.construct) for row in found.scales}
    )
    code = say.language
    body = heading(say("report.validity")) + paragraph(say("report.validity_lead"), "lead")
    for problem in found.problems:
        message, remedy = problem_words(problem, say)
        body += paragraph(f"{message} {remedy}".strip())
    if not found.problems:
        body += paragraph(say("report.validity_apart"))
    pairs = figure_svg(validity_pairs(found, code))
    body += figure(pairs, validity_pairs_alt(found, code), "validity_pairs", say)
    drawn = figure_svg(validity_map(found, code))
    body += details(
        say("report.validity_map"), figure(drawn, validity_alt(found, code), "validity", say)
    )
    for made in (table(found, code), scales_table(found, say)):
        body += details(made.title, table_block(made, say, caption=False))
    return body
