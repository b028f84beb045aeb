"""Answers to every item as bars that part at the middle category."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.present.figures.likert_rows import (
    HIDDEN,
    LikertRow,
    answer_labels,
    colours,
    constructs_of,
    is_dark,
    rows_of,
)
from truststats.present.figures.style import (
    FAINT,
    GRID,
    INK,
    SOFT,
    bare,
    folded,
    new_figure,
    stamped,
    style,
)
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["likert_alt", "likert_bars", "likert_pages"]

_LABEL_INCHES: Final = 2.75
_LEAST_SHARE: Final = 5.5
_COLUMNS: Final = (0.38, 0.90, 1.34)


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
    rows = rows_of(survey, code, constructs_of(survey, construct), min_n)
    labels = answer_labels(survey, rows, code)
    heights = [0.27 if row.counts is None else 0.14 * _lines(row) + 0.12 for row in rows]
    with style():
        figure = new_figure(sum(heights) + 1.0)
        axes = figure.subplots()
        y = -np.cumsum(np.array(heights)) + np.array(heights) / 2
        reach = _draw_bars(axes, rows, y, heights, code)
        _draw_text(axes, rows, y, heights, code)
        _finish(figure, axes, rows, labels, (y[-1] - heights[-1] / 2, reach), code)
        return stamped(figure, survey, code)


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
    for key in constructs_of(survey, None):
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
    survey: Any,
    language: str = "en",
    construct: str | Sequence[str] | None = None,
    *,
    min_n: int = 5,
) -> str:
    """Return the figure in words: the share of answers above the middle, item by item.

    Parameters
    ----------
    survey, language, construct, min_n
        As in `likert_bars`.
    """
    code = language_code(language)
    say = words(code)
    parts = []
    for row in rows_of(survey, code, constructs_of(survey, construct), min_n):
        if row.counts is None or not row.n:
            continue
        above = 100 * row.counts[len(row.counts) // 2 + len(row.counts) % 2 :].sum() / row.n
        parts.append(f"{row.text} {fixed(float(above), 0, code)}")
    return say("plot.likert_alt", items="; ".join(parts))


def _lines(row: LikertRow) -> int:
    return folded(row.text, _LABEL_INCHES).count("\n") + 1


def _draw_bars(
    axes: Any, rows: list[LikertRow], y: np.ndarray, heights: list[float], language: str
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
        for part, colour in zip(share, colours(len(share)), strict=True):
            tall = min(high - 0.07, 0.26)
            axes.barh(at, part, left=left, height=tall, color=colour, linewidth=0)
            if part >= _LEAST_SHARE:
                ink = "white" if is_dark(colour) else INK
                label = fixed(float(part), 0, language)
                middle = left + part / 2
                axes.text(middle, at, label, ha="center", va="center", fontsize=7, color=ink)
            left += float(part)
    return reach


def _draw_text(
    axes: Any, rows: list[LikertRow], y: np.ndarray, heights: list[float], language: str
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
            row.size(language),
            *(
                HIDDEN if np.isnan(share) else fixed(100 * share, 1, language)
                for share in (row.blank, row.unsure)
            ),
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
    rows: list[LikertRow],
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
    said = {"pooled": any(row.pooled for row in rows), "hidden": any(row.hidden for row in rows)}
    note = "".join(f"  {say(f'plot.{name}')}" for name, there in said.items() if there)
    axes.set_xlabel(folded(say("plot.share_axis") + note, 4.0))
    heads = (say("plot.n"), say("plot.blank"), say("plot.unsure"))
    _columns(axes, 1.0, heads, axes.transAxes, "bottom")
    bare(axes)
    patches = [
        Patch(facecolor=colour, label=label)
        for colour, label in zip(colours(len(labels)), labels, strict=True)
    ]
    wide, longest = sum(len(label) for label in labels) > 95, max(map(len, labels))
    figure.legend(
        handles=patches,
        loc="outside upper center",
        ncols=len(labels) if not wide else 2 if longest > 30 else 3,
        handlelength=1.0,
        handleheight=1.0,
        columnspacing=1.2,
    )
