"""Units by their estimates where they may be compared, else their spread without any unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

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
from truststats.present.wording.numbers import fixed, percent
from truststats.present.wording.unit_words import (
    condition_cells,
    mean_words,
    reading_sentences,
    scale_label,
    spread_words,
)
from truststats.present.wording.words import Words, language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["caterpillar", "caterpillar_alt"]

_COLOUR: Final = "#0072b2"
_FILL: Final = "#d7e6f1"
_MET: Final = {True: ("✓", "#2a8a5f"), False: ("✗", "#b3261e")}
_TALLEST: Final = 9.2
_LABELLED: Final = 84


def caterpillar(comparison: Any, language: str = "en") -> Figure:
    """Draw units by their shrunken estimates with comparison intervals, lowest at the foot.

    Where units may not be compared, no unit is drawn: only how far units are spread around the
    overall mean, and which conditions are met.

    Parameters
    ----------
    comparison : UnitComparison
        From `truststats.compare_units`.
    language : str
        Language of labels and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    draw = _units if comparison.licensed else _spread
    with style():
        return stamped(draw(comparison, words(code)), comparison, code)


def caterpillar_alt(comparison: Any, language: str = "en") -> str:
    """Return the figure in words.

    Parameters
    ----------
    comparison, language
        As in `caterpillar`.
    """
    say = words(language_code(language))
    code = say.language
    label = scale_label(comparison, comparison.construct, code)
    mean = f"{say('fact.overall_mean')}: {mean_words(comparison, say)}"
    if comparison.licensed:
        estimates = comparison.units["estimate"]
        return say(
            "plot.caterpillar_alt",
            units=comparison.n_units,
            construct=label,
            low=fixed(float(estimates.min()), 2, code),
            high=fixed(float(estimates.max()), 2, code),
            apart=percent(comparison.pairs_apart, 0, code),
            mean=mean,
        )
    said = []
    for condition in comparison.conditions:
        asked, found, _ = condition_cells(condition, say)
        met = say("common.yes" if condition.met else "common.no")
        said.append(f"{asked}: {met} ({found}).")
    spread = spread_words(comparison, say)
    return say(
        "plot.caterpillar_refused_alt",
        construct=label,
        conditions=" ".join(said),
        mean=mean,
        spread=f"{say('fact.spread')}: {spread}." if spread else "",
    ).strip()


def _units(found: Any, say: Words) -> Figure:
    frame = found.units.sort_values("estimate", kind="stable")
    line = min(0.17, _TALLEST / len(frame))
    figure = new_figure(line * len(frame) + 1.4)
    axes = figure.subplots()
    at = np.arange(len(frame))
    _mean_line(axes, found)
    axes.hlines(
        at, frame["lower"], frame["upper"], color=_COLOUR, linewidth=min(1.4, 60 * line / 8)
    )
    axes.plot(frame["estimate"], at, "o", color=_COLOUR, markersize=min(4.5, 36 * line))
    axes.set_ylim(-1, len(frame))
    if len(frame) <= _LABELLED:
        names = [str(name).replace("$", r"\$") for name in frame["unit"]]
        axes.set_yticks(at, names, fontsize=min(8.0, 54 * line))
    else:
        axes.set_yticks([])
    note = " ".join(reading_sentences(found, say)[: 2 if found.assumed else 1])
    axes.set_xlabel(f"{say('plot.caterpillar_axis')}\n\n{folded(note, 5.6)}")
    _finish(axes, found, say)
    return figure


def _spread(found: Any, say: Words) -> Figure:
    rows = [(c.met, *condition_cells(c, say)) for c in found.conditions]
    figure = new_figure(2.4 + 0.21 * len(rows))
    upper, lower = figure.subplots(2, 1, height_ratios=[1.6, 0.21 * len(rows) + 0.1])
    _mean_line(upper, found)
    if found.between_sd > 0:
        x = found.mean + found.between_sd * np.linspace(-3.2, 3.2, 241)
        y = np.exp(-0.5 * ((x - found.mean) / found.between_sd) ** 2)
        inside = (x >= found.spread[0]) & (x <= found.spread[1])
        upper.fill_between(x[inside], y[inside], color=_FILL, linewidth=0)
        upper.plot(x, y, color=_COLOUR, linewidth=1.4)
        upper.text(found.mean, 0.32, say("plot.caterpillar_nine"), ha="center", fontsize=7.5,
                   color=SOFT, backgroundcolor=_FILL)  # fmt: skip
        upper.set_ylim(0, 1.12)
    upper.set_yticks([])
    upper.set_xlabel(say("plot.caterpillar_spread_axis"))
    _finish(upper, found, say)
    bare(lower)
    lower.set_xticks([])
    lower.set_yticks([])
    lower.set_ylim(len(rows) - 0.4, -0.6)
    lower.set_xlim(0, 1)
    for k, (met, asked, value, needed) in enumerate(rows):
        mark, colour = _MET[met]
        lower.text(0.0, k, mark, color=colour, fontweight="bold", va="center")
        lower.text(0.03, k, asked, color=INK, va="center")
        lower.text(0.50, k, value, color=INK if met else colour, va="center")
        lower.text(1.0, k, needed, color=SOFT, va="center", ha="right", fontsize=7.5)
    lower.set_xlabel(say("units.refused"), loc="left")
    return figure


def _mean_line(axes: Any, found: Any) -> None:
    axes.axvspan(found.mean_lower, found.mean_upper, color=GRID, linewidth=0, zorder=0)
    axes.axvline(found.mean, color=FAINT, linewidth=0.9, zorder=1)


def _finish(axes: Any, found: Any, say: Words) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    label = scale_label(found, found.construct, say.language)
    key = "units.compared" if found.licensed else "units.not_compared"
    axes.set_title(say(key, construct=label), loc="left", fontsize=9, fontweight="bold", color=INK)
    axes.annotate(
        say("plot.caterpillar_mean"), (found.mean, 1.0), (3, -2), textcoords="offset points",
        xycoords=("data", "axes fraction"), va="top", fontsize=7.5, color=SOFT,
    )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: fixed(float(value), 1, say.language))
    )
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    bare(axes, "bottom")
