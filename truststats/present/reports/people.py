"""Chapters about the people: who answered, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from truststats.present.reports.bars import answer_bars
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
from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.numbers import integer, percent
from truststats.survey.disclosure import suppress
from truststats.survey.item_counts import shown_exclusions, shown_items

__all__ = ["answers", "by_group", "exclusion_table", "missing_table", "unit_bands", "who"]

_HIDDEN = "•"
_EDGES = (10, 20, 50)


def who(material: Material) -> Chapter:
    """Return how many answered, from how many units, and what is missing."""
    say, survey = material.say, material.survey
    title = say("report.who")
    if survey is None:
        return Chapter("who", title, paragraph(say("report.who_none")))
    body = [paragraph(" ".join(_lead(material)))]
    groups = by_group(material)
    if groups is not None:
        body.append(table_block(groups, say))
    bands = unit_bands(material)
    if bands is not None:
        body.append(heading(bands.title))
        body.append(table_block(bands, say, caption=False))
    if survey.items:
        table = table_block(missing_table(material), say, caption=False)
        body.append(details(say("report.who_missing_table"), table))
    left_out = exclusion_table(material)
    if left_out is not None:
        body.append(details(left_out.title, table_block(left_out, say, caption=False)))
    return Chapter("who", title, "".join(body))


def _lead(material: Material) -> list[str]:
    say, code, survey, fit = material.say, material.language, material.survey, material.fit
    answered = int(survey.answered().sum())
    lines = [say("report.who_lead", n=integer(answered, code), items=len(survey.items))]
    response = survey.response()
    if survey.design.cluster is not None:
        units = integer(int((response["answered"] > 0).sum()), code)
        lines.append(say("report.who_units", units=units))
    if response["invited"].notna().all() and response["invited"].sum() > 0:
        invited = int(response["invited"].sum())
        lines.append(
            say(
                "report.who_response",
                answered=integer(answered, code),
                invited=integer(invited, code),
                rate=percent(answered / invited, 0, code),
            )
        )
    silent = int((response["answered"] == 0).sum())
    if silent and survey.design.cluster is not None:
        lines.append(say("report.who_silent", n=silent))
    if survey.items:
        lines.append(_missing_line(material))
    used, given = integer(fit.nobs, code), integer(fit.n_rows, code)
    return [*lines, say("report.who_used", used=used, given=given)]


def _missing_line(material: Material) -> str:
    """Return how many answers are missing; coarser where an item's count is hidden."""
    code, say = material.language, material.say
    missing = material.survey.missingness()
    shown = shown_items(missing, material.min_n)["missing"]
    hidden = bool(shown.isna().any())
    share = percent(float(missing["share_missing"].mean()), 0 if hidden else 1, code)
    if hidden and not (shown > 0).any():
        return say("report.who_missing_share", share=share)
    worst = shown.idxmax()
    most = float(missing.loc[worst, "share_missing"])
    return say("report.who_missing", share=share, item=worst, max=percent(most, 1, code))


def by_group(material: Material) -> Table | None:
    """Return answers and response rates by group, small cells hidden; None without groups."""
    say, survey = material.say, material.survey
    groups = survey.groups()
    if groups is None:
        return None
    counts = survey.answered().groupby(groups.to_numpy(), dropna=True, sort=False).sum().astype(int)
    safe = suppress(counts, material.min_n)
    frame = pd.DataFrame({"group": [str(g) for g in counts.index]})
    frame["answered"] = _shown(safe.counts.iloc[:-1], material)
    response = survey.response()
    if "group" in response.columns and response["invited"].notna().all():
        known = response.groupby("group")[["invited", "answered"]].sum().reindex(counts.index)
        hidden = safe.hidden.iloc[:-1].to_numpy(dtype=bool)
        rate = (known["answered"] / known["invited"]).astype(float).to_numpy()
        frame["invited"] = [integer(v, material.language) for v in known["invited"]]
        frame["rate"] = [
            _HIDDEN if off else percent(r, 0, material.language)
            for r, off in zip(rate, hidden, strict=True)
        ]
    notes = _suppression_note(material, bool(safe.hidden.any()))
    if "invited" in frame.columns and known["invited"].sum() < response["invited"].sum():
        notes.append(say("report.who_group_note"))
    name = survey.design.group
    numbers = {c: "label" for c in frame.columns if c != "group"}
    return built(
        frame,
        say("report.who_by_group", group=name),
        say,
        notes,
        numbers,
    )


def _shown(counts: Any, material: Material) -> list[str]:
    return [_HIDDEN if np.isnan(c) else integer(c, material.language) for c in counts]


def _suppression_note(material: Material, hidden: bool) -> list[str]:
    return [material.say("table.note_suppressed", min_n=material.min_n)] if hidden else []


def unit_bands(material: Material) -> Table | None:
    """Return how many units have how many answers; no unit is named or ranked."""
    say, survey = material.say, material.survey
    if survey.design.cluster is None:
        return None
    sizes = survey.response()["answered"].to_numpy()
    low = material.min_n
    edges = [low, *(edge for edge in _EDGES if edge > low)]
    rows = [(say("report.size_zero"), int((sizes == 0).sum()))]
    rows.append((say("report.size_band_less", high=low), int(((sizes > 0) & (sizes < low)).sum())))
    for start, stop in zip(edges, [*edges[1:], None], strict=True):
        if stop is None:
            count = int((sizes >= start).sum())
            rows.append((say("report.size_band_open", low=start), count))
        else:
            count = int(((sizes >= start) & (sizes < stop)).sum())
            rows.append((say("report.size_band", low=start, high=stop - 1), count))
    frame = pd.DataFrame(rows, columns=pd.Index(["answered", "units"]))
    formats = {"answered": "text", "units": "int"}
    return built(frame, say("report.who_units_size"), say, formats=formats)


def missing_table(material: Material) -> Table:
    """Return the share of missing answers by item; what tells of fewer than `min_n` is hidden."""
    say, survey = material.say, material.survey
    missing = survey.missingness()
    frame = pd.DataFrame(
        {
            "item": list(missing.index),
            "wording": [material.labels.wording(i) for i in missing.index],
        }
    )
    shown = shown_items(missing, material.min_n)["missing"].isna()
    frame["share_missing"] = [
        _HIDDEN if off else percent(float(share), 1, say.language)
        for off, share in zip(shown, missing["share_missing"], strict=True)
    ]
    hidden = bool((frame["share_missing"] == _HIDDEN).any())
    note = _suppression_note(material, hidden)
    return built(frame, say("table.missingness"), say, note, {"share_missing": "label"})


def exclusion_table(material: Material) -> Table | None:
    """Return what carries no value, counted by reason; None where nothing was left out."""
    say = material.say
    found = shown_exclusions(material.survey, material.min_n)
    if not found:
        return None
    frame = pd.DataFrame(
        {
            "message": [say.get(f"exclusion.{e['code']}", e["message"]) for e in found],
            "where": [say.get(f"exclusion.{e['unit']}", e["unit"]) for e in found],
        }
    )
    frame["count"] = [
        _HIDDEN if e["count"] is None else integer(e["count"], say.language) for e in found
    ]
    note = _suppression_note(material, bool((frame["count"] == _HIDDEN).any()))
    headers = {"message": say("report.exclusion_reason"), "where": say("report.exclusion_unit")}
    return built(frame, say("report.exclusions"), say, note, {"count": "label"}, headers)


def answers(material: Material) -> Chapter | None:
    """Return the spread of the answers to each item, one picture a page of constructs."""
    from truststats.present.figures import likert_alt, likert_bars, likert_pages

    say, code, survey = material.say, material.language, material.survey
    if survey is None or survey.instrument is None or not survey.items:
        return None
    body = [paragraph(say("report.answers_lead"), "lead")]
    for number, keys in enumerate(likert_pages(survey), start=1):
        svg = figure_svg(likert_bars(survey, code, keys, min_n=material.min_n))
        drawn = figure(
            svg, likert_alt(survey, code, keys, min_n=material.min_n), f"answers{number}", say
        )
        body.append(f'<div class="wide">{drawn}</div>')
        body.append(answer_bars(survey, keys, say, min_n=material.min_n))
    return Chapter("answers", say("report.answers"), "".join(body))
