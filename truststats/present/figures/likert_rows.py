"""What a figure of answers shows: rows of counts, small ones pooled, with labels and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from truststats.errors import SurveyError
from truststats.options import did_you_mean
from truststats.present.wording.numbers import integer
from truststats.present.wording.words import language_code, words
from truststats.results.verdicts import in_language
from truststats.survey.item_counts import rounded_shares, share_step, shown_items
from truststats.survey.managers import too_few_managers

__all__ = [
    "LikertRow",
    "answer_labels",
    "colours",
    "constructs_of",
    "in_labels",
    "is_dark",
    "likert_rows",
    "pooled",
    "rows_of",
]

HIDDEN: Final = "•"
"""Stands for a number that is not shown."""
# Orange to blue through grey: told apart in every common colour blindness and in grey print.
_RAMP: Final = ("#b35806", "#f1a35c", "#d9dde0", "#8fbfdc", "#2268a8")


@dataclass(frozen=True)
class LikertRow:
    """One line of the figure: a construct's heading, or an item with its counts."""

    text: str
    counts: np.ndarray | None = None
    n: int = 0
    blank: float = 0.0
    unsure: float = 0.0
    pooled: bool = False
    codes: tuple[int, ...] = ()
    hidden: bool = False

    def size(self, language: str) -> str:
        """How many answered, with a mark where categories were pooled; a dot where not shown."""
        number = HIDDEN if self.hidden else integer(self.n, language)
        return number + ("*" if self.pooled else "")

    @property
    def coloured(self) -> list[tuple[int, str]]:
        """Counts with the colours of their answers."""
        counts = [] if self.counts is None else self.counts.tolist()
        return list(zip(counts, colours(len(counts)), strict=True))


def likert_rows(
    survey: Any, language: str, construct: str | Sequence[str] | None = None, *, min_n: int = 5
) -> tuple[list[tuple[str, str]], list[LikertRow]]:
    """Return what `likert_bars` draws: each answer with its colour, and the rows.

    Parameters
    ----------
    survey, language, construct, min_n
        As in `likert_bars`.
    """
    code = language_code(language)
    rows = rows_of(survey, code, constructs_of(survey, construct), min_n)
    labels = answer_labels(survey, rows, code)
    return list(zip(labels, colours(len(labels)), strict=True)), rows


def pooled(counts: np.ndarray, min_n: int) -> tuple[np.ndarray, bool]:
    """Return the counts with every small category pooled toward the middle.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (categories,)
        Answers by category.
    min_n : int
        Smallest count that may be shown.

    Returns
    -------
    counts : numpy.ndarray
        No entry between 1 and ``min_n - 1``, unless all answers together are fewer.
    changed : bool
        Whether anything was pooled.
    """
    out = counts.copy()
    last = len(out) - 1
    middle = last / 2
    for at in sorted(range(len(out)), key=lambda k: -abs(k - middle)):
        if 0 < out[at] < min_n and out.sum() > out[at]:
            if abs(at - middle) >= 0.5:
                to = at + (1 if at < middle else -1)
            else:
                to = at + (1 if out[at + 1] >= out[at - 1] else -1)
            out[to] += out[at]
            out[at] = 0
    small = np.flatnonzero((out > 0) & (out < min_n))
    if len(small) and out.sum() > out[small].sum():
        out[int(np.argmax(out))] += out[small].sum()
        out[small] = 0
    return out, bool((out != counts).any())


def constructs_of(survey: Any, wanted: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the constructs that are asked for, all by default, or raise for one not there."""
    if survey.instrument is None:
        raise SurveyError(
            "The answers cannot be drawn by construct.",
            why="the survey is not bound to an instrument, so no item has a wording",
            fix="read_survey(..., instrument='tbm-core')",
        )
    known = tuple(survey.instrument.constructs)
    if wanted is None:
        return known
    keys = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    for key in keys:
        if key not in known:
            raise SurveyError(
                f"The instrument has no construct {key!r}.{did_you_mean(key, known)}",
                fix=f"use one of: {', '.join(known)}",
            )
    return keys


def rows_of(survey: Any, language: str, keys: tuple[str, ...], min_n: int) -> list[LikertRow]:
    """Return the headings and items of constructs, with counts of which none is small."""
    missing = survey.missingness()
    shown = shown_items(missing, min_n)
    few = too_few_managers(survey, min_n)
    values = survey.values()
    mark = words(language)("common.reversed")
    rows: list[LikertRow] = []
    for key in keys:
        construct = survey.instrument[key]
        items = [item for item in construct.items if item.name in values.columns]
        if items:
            rows.append(LikertRow(construct.label_for(language)))
        for item in items:
            codes = construct.response_set.codes
            counts = np.array([(values[item.name] == c).sum() for c in codes], dtype=int)
            text = in_language(item.text, language) + (f" {mark}" if item.reverse else "")
            rows.append(_item_row(text, counts, codes, shown.loc[item.name], min_n))
            if item.name in few:
                rows[-1] = replace(rows[-1], counts=counts * 0, n=0, hidden=True)
    if not any(row.counts is not None for row in rows):
        raise SurveyError(
            "There are no answers to draw.",
            why=f"no column belongs to an item of {', '.join(keys)}",
            fix="name the columns: read_survey(..., columns={'vtr1': 'Q12_1', ...})",
        )
    return rows


def _item_row(
    text: str, counts: np.ndarray, codes: Sequence[int], shown: Any, min_n: int
) -> LikertRow:
    """Return the row of an item; where few did not answer, shares in steps and no number."""
    total = int(shown["all"])
    held, changed = pooled(counts, min_n)
    hidden = bool(np.isnan(shown["valid"]))
    step = share_step(total, min_n)
    if counts.sum() < min_n or (hidden and step == 100):
        held = held * 0
    elif hidden:
        held = rounded_shares(held, step)
    blank, unsure = (float(shown[name]) / max(total, 1) for name in ("blank", "dont_know"))
    return LikertRow(text, held, int(held.sum()), blank, unsure, changed, tuple(codes), hidden)


def answer_labels(survey: Any, rows: list[LikertRow], language: str) -> list[str]:
    """Labels of the answers; bare codes where items offer different ones."""
    shown = {row.text for row in rows if row.counts is None}
    sets = {
        c.response_set.key: c.response_set
        for c in survey.instrument.constructs.values()
        if c.label_for(language) in shown
    }
    first = next(iter(sets.values()))
    same = [s for s in sets.values() if len(s.codes) == len(first.codes)]
    if len(same) == len(sets) == 1:
        return list(in_labels(first.labels, language))
    parts = [list(in_labels(s.labels, language)) for s in same]
    return [" / ".join(dict.fromkeys(names)) for names in zip(*parts, strict=True)]


def in_labels(labels: Any, language: str) -> Sequence[str]:
    """Return the answer labels in a language, else in English, else in any."""
    return labels.get(language) or labels.get("en") or next(iter(labels.values()))


def colours(count: int) -> list[str]:
    """Return a colour for each answer, from disagreement to agreement."""
    if count == len(_RAMP):
        return list(_RAMP)
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("answers", _RAMP)
    return [to_hex(ramp(k / max(count - 1, 1))) for k in range(count)]


def is_dark(colour: str) -> bool:
    """Return whether numbers on an answer's colour are written in white."""
    return colour in (_RAMP[0], _RAMP[-1])
