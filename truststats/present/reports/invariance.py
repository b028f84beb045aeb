"""The chapter that says whether groups may be compared: the ladder, the items apart, the means."""

from __future__ import annotations

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
from truststats.present.tables.invariance import freed_table, invariance_table, means_table
from truststats.present.wording.invariance_words import invariance_sentences

__all__ = ["may_we_compare"]


def may_we_compare(material: Material) -> Chapter | None:
    """Return whether the same questions measure the same thing in every group, in plain words."""
    from truststats.present.figures.invariance import invariance_alt, ladder_figure

    say, found = material.say, material.invariance
    if found is None:
        return None
    title = say("report.compare", group=found.group)
    body = "".join(
        paragraph(sentence, "lead" if k == 1 else "")
        for k, sentence in enumerate(invariance_sentences(found, say, min_n=material.min_n))
    )
    body += heading(say("report.compare_steps"))
    svg = figure_svg(ladder_figure(found, say.language))
    body += figure(svg, invariance_alt(found, say.language), "invariance", say)
    body += details(
        say("table.invariance"), table_block(invariance_table(found, say), say, caption=False)
    )
    if found.freed:
        body += heading(say("report.compare_items"))
        body += table_block(freed_table(found, say), say, caption=False)
    if found.latent_means is not None:
        body += heading(say("report.compare_means"))
        body += table_block(means_table(found, say), say, caption=False)
    return Chapter("invariance", title, body)
