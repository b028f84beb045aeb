"""Tables of two versions of a questionnaire and of two linked waves: constructs and items."""

from __future__ import annotations

from typing import Any

import pandas as pd

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.change_words import (
    change_sentences,
    construct_label,
    licence_words,
    reason_words,
    version_words,
)
from truststats.present.wording.labels import library_label
from truststats.present.wording.link_words import (
    factor_label,
    items_words,
    link_sentences,
    reason_sentence,
)
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words

__all__ = ["change_items_table", "change_table", "link_table"]


def change_table(change: Any, say: Words) -> Table:
    """Return one line a construct: its anchors, what may be compared and why.

    Parameters
    ----------
    change : InstrumentChange
        The two versions.
    say : Words
        Words of the language.
    """
    frame = pd.DataFrame(
        {
            "construct": [
                construct_label(change, row.construct, say.language) for row in change.constructs
            ],
            "anchors": [", ".join(row.anchors) for row in change.constructs],
            "licence": [licence_words(row, say) for row in change.constructs],
            "why": [reason_words(row, say) for row in change.constructs],
        }
    )
    headers = {name: say(f"change.{name}") for name in ("anchors", "licence", "why")}
    title = say("change.table", old=version_words(change.old), new=version_words(change.new))
    return built(frame, title, say, change_sentences(change, say), headers=headers)


def change_items_table(frame: pd.DataFrame, say: Words) -> Table:
    """Return one line an item: what changed, both wordings, and whether it can anchor.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `InstrumentChange.frame`.
    say : Words
        Words of the language.
    """
    rows = frame.to_dict("records")

    def what(row: Any) -> str:
        if not row["details"]:
            return say(f"change.kind_{row['kind']}")
        return ", ".join(
            say(f"change.detail_{name}", old=row["points"], new=row["new_points"])
            for name in row["details"].split(", ")
        )

    keys = [str(row["construct"] or row["new_construct"]) for row in rows]
    same = [row["wording"] == row["new_wording"] for row in rows]
    shown = pd.DataFrame(
        {
            "item": [row["item"] or row["new_item"] for row in rows],
            "construct": [library_label(key, say.language) or key for key in keys],
            "what": [what(row) for row in rows],
            "anchor": [say("common.yes" if row["anchor"] else "common.no") for row in rows],
            "wording": [row["wording"] for row in rows],
            "new_wording": [
                say("change.same") if alike else row["new_wording"]
                for row, alike in zip(rows, same, strict=True)
            ],
        }
    )
    headers = {name: say(f"change.{name}") for name in ("what", "anchor", "wording", "new_wording")}
    return built(shown, say("change.items"), say, [say("change.note_anchor")], headers=headers)


def link_table(link: Any, say: Words) -> Table:
    """Return one line a construct: its change with limits where licensed, and why.

    Parameters
    ----------
    link : InstrumentLink
        The two waves.
    say : Words
        Words of the language.
    """
    frame = link.frame()
    known = {one.construct: one for one in link.constructs}
    ones = [known[key] for key in frame["construct"]]
    pairs = list(zip(ones, frame["factor"], strict=True))
    shown = pd.DataFrame(
        {
            "construct": [factor_label(link, one, name, say.language) for one, name in pairs],
            "change": frame["change"], "lower": frame["ci_lower"], "upper": frame["ci_upper"],
            "lowest": frame["lowest"], "highest": frame["highest"],
            "anchors": [items_words(one, name) for one, name in pairs],
            "why": [reason_sentence(link, one, say) for one in ones],
        }
    )  # fmt: skip
    headers = {
        "change": say("link.change"),
        "lower": say("common.ci", level=fixed(100 * link.level, 0, say.language)),
        "lowest": say("link.range"),
        "anchors": say("link.anchors"),
        "why": say("change.why"),
    }
    formats = {"change": "f2", "lower": "[f2", "upper": "]f2", "lowest": "[f2", "highest": "]f2"}
    title = say("link.table", old=link.waves[0], new=link.waves[1])
    return built(shown, title, say, link_sentences(link, say), formats, headers)
