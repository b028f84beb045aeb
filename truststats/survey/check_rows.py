"""Checks of respondents: empty rows, copies, and answers given without reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from truststats.errors import Problem
from truststats.survey.answers import CellState
from truststats.survey.finding import counted, first_rows
from truststats.survey.limits import Limits

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = ["duplicate_respondents", "duplicate_rows", "empty_rows", "straight_lining"]


def empty_rows(survey: Survey, limits: Limits) -> list[Problem]:
    """Return rows without any valid answer."""
    hit = ~survey.answered().to_numpy()
    if not hit.any():
        return []
    return [
        Problem(
            "empty_rows",
            "warning",
            f"{int(hit.sum())} of {survey.n} rows without a valid answer to any item. Such rows "
            "are kept and counted, and no model uses them.",
            "Check whether they are people who opened the form and left, or a failed export.",
            count=int(hit.sum()),
            rows=first_rows(hit, limits.first),
        )
    ]


def _same_answer(survey: Survey, items: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows give one answer through many items, and whether over both keyings.

    Blank cells neither break nor lengthen a run.
    """
    values = survey.answers.values.to_numpy()
    instrument = survey.instrument
    keyed = [bool(instrument and instrument.item(i).reverse) for i in survey.items]
    n = len(values)
    last, run = np.full(n, np.nan), np.zeros(n, dtype=int)
    seen = {True: np.zeros(n, dtype=bool), False: np.zeros(n, dtype=bool)}
    long, both = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for j, reverse in enumerate(keyed):
        x = values[:, j]
        valid = ~np.isnan(x)
        start = valid & (x != last)
        run = np.where(start, 1, run + valid)
        for key in seen:
            seen[key] = np.where(start, False, seen[key])
        seen[reverse] |= valid
        last = np.where(valid, x, last)
        long |= run >= items
        both |= (run >= items) & seen[True] & seen[False]
    return long, both


def straight_lining(survey: Survey, limits: Limits) -> list[Problem]:
    """Return rows with one answer through many items, reverse-keyed ones among them."""
    items = min(limits.straight_items, len(survey.items))
    instrument = survey.instrument
    if instrument is None or items < limits.straight_least:
        return []
    reversed_items = any(instrument.item(i).reverse for i in survey.items)
    long, both = _same_answer(survey, items)
    hit = both if reversed_items else long
    if not hit.any():
        return []
    through = ", reverse-keyed ones among them" if reversed_items else ""
    return [
        Problem(
            "straight_lining",
            "warning" if reversed_items else "note",
            f"{int(hit.sum())} of {survey.n} rows with the same answer through {items} items or "
            f"more in a row{through}: the items may not have been read.",
            "Report the count, and repeat the main result without these rows.",
            count=int(hit.sum()),
            rows=first_rows(hit, limits.first),
        )
    ]


def _modal_share(cells: np.ndarray) -> np.ndarray:
    """Return, for each row, the share of its answers that are its most common answer."""
    codes = np.unique(cells[~np.isnan(cells)])
    most = np.max([(cells == code).sum(axis=1) for code in codes], axis=0)
    return most / np.maximum((~np.isnan(cells)).sum(axis=1), 1)


def duplicate_rows(survey: Survey, limits: Limits) -> list[Problem]:
    """Return rows that equal an earlier row in every answer.

    Rows that are nearly a straight line are left aside, because two people can well agree by
    chance when both tick one answer nearly everywhere.
    """
    enough = (survey.answers.states == CellState.VALID).sum(axis=1) >= limits.duplicate_items
    candidates = survey.answers.values[enough]
    hit = np.zeros(survey.n, dtype=bool)
    hit[np.flatnonzero(enough)] = candidates.duplicated().to_numpy()
    if hit.any():
        varied = _modal_share(survey.answers.values.to_numpy()[hit]) <= limits.duplicate_modal_share
        hit[np.flatnonzero(hit)[~varied]] = False
    if not hit.any():
        return []
    return [
        Problem(
            "duplicate_rows",
            "warning",
            f"{counted(int(hit.sum()), 'row equals', 'rows equal')} "
            "an earlier row in every answer, of which there are "
            f"{limits.duplicate_items} or more; they may be copies of one form.",
            "Compare with the source, and remove copies before reading the file.",
            count=int(hit.sum()),
            rows=first_rows(hit, limits.first),
        )
    ]


def duplicate_respondents(survey: Survey, limits: Limits) -> list[Problem]:
    """Return respondent identifiers that stand in more than one row."""
    name = survey.design.respondent
    if name is None:
        return []
    ids = survey.frame[name]
    hit = (ids.duplicated() & ids.notna()).to_numpy()
    if not hit.any():
        return []
    shown = ", ".join(repr(v) for v in pd.unique(ids[hit])[:3])
    return [
        Problem(
            "duplicate_respondents",
            "warning",
            f"{counted(int(hit.sum()), 'row repeats', 'rows repeat')} "
            f"a respondent's identifier ({shown} ...).",
            "Keep one row a person; if the column is no identifier, name the right one with "
            "respondent=.",
            where=name,
            count=int(hit.sum()),
            rows=first_rows(hit, limits.first),
        )
    ]
