"""Answers to every item as bars that part at the middle category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.errors import SurveyError
from truststats.options import did_you_mean
from truststats.present.figure_style import FAINT, GRID, INK, SOFT, bare, folded, new_figure, style
from truststats.present.numbers import fixed, integer
from truststats.present.words import language_code, words
from truststats.results.verdicts import in_language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["likert_alt", "likert_bars", "likert_pages", "pooled"]

# Orange to blue through grey: told apart in every common colour blindness and in grey print.
_RAMP: Final = ("#b35806", "#f1a35c", "#d9dde0", "#8fbfdc", "#2268a8")
_LABEL_INCHES: Final = 2.75
_LEAST_SHARE: Final = 5.5
_COLUMNS: Final = (0.38, 0.90, 1.34)


@dataclass(frozen=True)
class _Row:
    """One line of the figure: a construct's heading, or an item with its counts."""

    text: str
    counts: np.ndarray | None = None
    n: int = 0
    blank: float = 0.0
    unsure: float = 0.0
    pooled: bool = False
    codes: tuple[int, ...] = ()


def likert_bars(
    survey: Any,
    language: str = "en",
    construct: str | Sequence[str] | None = None,
    *,
    min_n: int = 5,
) -> Figure:
    """Draw the answers to each item, in the item's own direction, reversed items marked (R).

    Parameters
    ----------
    survey : Survey
        Answers bound to an instrument.
    language : str
        Language of items, answers and numbers.
    construct : str or sequence of str, optional
        Constructs to show; all when None. `likert_pages` says which fit one page.
    min_n : int
        Categories with fewer answers are pooled with the next one toward the middle, and items
        with fewer answers are not shown.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.

    Raises
    ------
    SurveyError
        If the survey has no instrument, or the construct is not in it.
    """
    code = language_code(language)
    rows = _rows(survey, code, _constructs(survey, construct), min_n)
    labels = _answer_labels(survey, rows, code)
    heights = [0.27 if row.counts is None else 0.14 * _lines(row) + 0.12 for row in rows]
    with style():
        figure = new_figure(sum(heights) + 1.0)
        axes = figure.subplots()
        y = -np.cumsum(np.array(heights)) + np.array(heights) / 2
        reach = _draw_bars(axes, rows, y, heights, code)
        _draw_text(axes, rows, y, heights, code)
        _finish(figure, axes, rows, labels, (y[-1] - heights[-1] / 2, reach), code)
    return figure


def likert_pages(survey: Any, *, rows: int = 24) -> list[tuple[str, ...]]:
    """Return the constructs of a survey in groups of which each fits one A4 page.

    Parameters
    ----------
    survey : Survey
        Answers bound to an instrument.
    rows : int
        Items and headings a page.
    """
    pages: list[tuple[str, ...]] = []
    used = rows
    for key in _constructs(survey, None):
        need = 1 + sum(i.name in survey.items for i in survey.instrument[key].items)
        if need == 1:
            continue
        if used + need > rows:
            pages.append(())
            used = 0
        pages[-1] = (*pages[-1], key)
        used += need
    return pages


def likert_alt(
    survey: Any, language: str = "en", construct: str | Sequence[str] | None = None
) -> str:
    """Return the figure in words: the share of answers above the middle, item by item.

    Parameters
    ----------
    survey, language, construct
        As in `likert_bars`.
    """
    code = language_code(language)
    say = words(code)
    parts = []
    for row in _rows(survey, code, _constructs(survey, construct), 5):
        if row.counts is None or not row.n:
            continue
        above = 100 * row.counts[len(row.counts) // 2 + len(row.counts) % 2 :].sum() / row.n
        parts.append(f"{row.text} {fixed(float(above), 0, code)}")
    return say("plot.likert_alt", items="; ".join(parts))


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


def _constructs(survey: Any, wanted: str | Sequence[str] | None) -> tuple[str, ...]:
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


def _rows(survey: Any, language: str, keys: tuple[str, ...], min_n: int) -> list[_Row]:
    missing = survey.missingness()
    values = survey.values()
    mark = words(language)("common.reversed")
    rows: list[_Row] = []
    for key in keys:
        construct = survey.instrument[key]
        items = [item for item in construct.items if item.name in values.columns]
        if items:
            rows.append(_Row(construct.label_for(language)))
        for item in items:
            codes = construct.response_set.codes
            counts = np.array([(values[item.name] == c).sum() for c in codes], dtype=int)
            total = max(int(missing.loc[item.name, "n"]), 1)
            unsure = int(missing.loc[item.name, "dont_know"]) / total
            share = float(missing.loc[item.name, "share_missing"])
            shown, changed = pooled(counts, min_n)
            if counts.sum() < min_n:
                shown = shown * 0
            text = in_language(item.text, language) + (f" {mark}" if item.reverse else "")
            rows.append(
                _Row(text, shown, int(shown.sum()), share - unsure, unsure, changed, tuple(codes))
            )
    if not any(row.counts is not None for row in rows):
        raise SurveyError(
            "There are no answers to draw.",
            why=f"no column belongs to an item of {', '.join(keys)}",
            fix="name the columns: read_survey(..., columns={'vtr1': 'Q12_1', ...})",
        )
    return rows


def _answer_labels(survey: Any, rows: list[_Row], language: str) -> list[str]:
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


def _lines(row: _Row) -> int:
    return folded(row.text, _LABEL_INCHES).count("\n") + 1


def _colours(count: int) -> list[str]:
    if count == len(_RAMP):
        return list(_RAMP)
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("answers", _RAMP)
    return [to_hex(ramp(k / max(count - 1, 1))) for k in range(count)]


def _draw_bars(
    axes: Any, rows: list[_Row], y: np.ndarray, heights: list[float], language: str
) -> float:
    reach = 10.0
    for row, at, high in zip(rows, y, heights, strict=True):
        if row.counts is None or not row.n:
            continue
        share = 100 * row.counts / row.n
        half = len(share) // 2
        odd = len(share) % 2
        left = -float(share[:half].sum()) - (float(share[half]) / 2 if odd else 0.0)
        reach = max(reach, -left, left + 100)
        for part, colour in zip(share, _colours(len(share)), strict=True):
            tall = min(high - 0.07, 0.26)
            axes.barh(at, part, left=left, height=tall, color=colour, linewidth=0)
            if part >= _LEAST_SHARE:
                ink = "white" if colour in (_RAMP[0], _RAMP[-1]) else INK
                label = fixed(float(part), 0, language)
                middle = left + part / 2
                axes.text(middle, at, label, ha="center", va="center", fontsize=7, color=ink)
            left += float(part)
    return reach


def _draw_text(
    axes: Any, rows: list[_Row], y: np.ndarray, heights: list[float], language: str
) -> None:
    say = words(language)
    ticks, labels = [], []
    beside = axes.get_yaxis_transform()
    for row, at, high in zip(rows, y, heights, strict=True):
        if row.counts is None:
            axes.text(
                -0.02,
                at - 0.03,
                folded(row.text, _LABEL_INCHES + 0.3, 9.0),
                transform=beside,
                ha="right",
                va="center",
                fontsize=8.5,
                fontweight="bold",
            )
            axes.axhline(at - high / 2 + 0.02, color=GRID, linewidth=0.6, zorder=0)
            continue
        ticks.append(at)
        labels.append(folded(row.text, _LABEL_INCHES))
        numbers = (
            integer(row.n, language) + ("*" if row.pooled else ""),
            fixed(100 * row.blank, 1, language),
            fixed(100 * row.unsure, 1, language),
        )
        _columns(axes, at, numbers, beside, "center")
        if not row.n:
            axes.text(0, at, say("plot.too_few"), ha="center", va="center", fontsize=7, color=FAINT)
    axes.set_yticks(ticks, labels)


def _columns(axes: Any, y: float, cells: Sequence[str], beside: Any, place: str) -> None:
    """Write a line of the small table at the right, at fixed distances from the bars."""
    from matplotlib.transforms import offset_copy

    for inches, cell in zip(_COLUMNS, cells, strict=True):
        where = offset_copy(beside, axes.figure, x=inches, y=0, units="inches")
        axes.text(1.0, y, cell, transform=where, ha="right", va=place, fontsize=7, color=SOFT)


def _finish(
    figure: Any,
    axes: Any,
    rows: list[_Row],
    labels: list[str],
    extent: tuple[float, float],
    language: str,
) -> None:
    from matplotlib.patches import Patch

    say = words(language)
    bottom, reach = extent
    reach = min(100.0, 10 * np.ceil(reach / 10))
    axes.set_xlim(-reach, reach)
    axes.set_ylim(bottom, 0.0)
    axes.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
    ticks = np.arange(-100, 101, 50 if reach > 60 else 25)
    ticks = ticks[np.abs(ticks) <= reach]
    axes.set_xticks(ticks, [fixed(abs(float(t)), 0, language) for t in ticks])
    note = f"  {say('plot.pooled')}" if any(row.pooled for row in rows) else ""
    axes.set_xlabel(folded(say("plot.share_axis") + note, 4.0))
    heads = (say("plot.n"), say("plot.blank"), say("plot.unsure"))
    _columns(axes, 1.0, heads, axes.transAxes, "bottom")
    bare(axes)
    patches = [
        Patch(facecolor=colour, label=label)
        for colour, label in zip(_colours(len(labels)), labels, strict=True)
    ]
    wide = sum(len(label) for label in labels) > 95
    figure.legend(
        handles=patches,
        loc="outside upper center",
        ncols=3 if wide else len(labels),
        handlelength=1.0,
        handleheight=1.0,
        columnspacing=1.2,
    )
