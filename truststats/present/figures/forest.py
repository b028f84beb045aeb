"""The claims' effects with their intervals, beside the smallest effect that would matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from truststats.present.figures.groups import forest_groups, forest_groups_alt
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
from truststats.present.wording.numbers import fixed, interval
from truststats.present.wording.words import language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["VERDICT_STYLES", "forest", "forest_alt"]

# Colour, marker and filling each tell the verdict on their own (Okabe and Ito's colours).
VERDICT_STYLES: Final = {
    "supported": ("#0072b2", "o", True),
    "contradicted": ("#c8500a", "X", True),
    "practically_zero": ("#5b6670", "s", True),
    "undetermined": ("#8a6400", "D", False),
    "not_judged": ("#6b7680", "o", False),
}
_LABEL_INCHES: Final = 2.75


def forest(verdicts: Any, language: str = "en") -> Figure:
    """Draw each claim's standardised effect, turned so that right is what the claim expects.

    The grey band around zero is the claim's own smallest effect of interest. Direct and total
    effects stand above indirect ones, which are products and have a scale of their own.

    Parameters
    ----------
    verdicts : Verdicts
        Rows as in `truststats.results.Verdict`.
    language : str
        Language of statements and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide; of several groups that of `forest_groups`.
    """
    code = language_code(language)
    if verdicts.groups:
        return forest_groups(verdicts, code)
    groups = _groups(verdicts)
    lines = [[folded(r.statement_for(code), _LABEL_INCHES) for r in rows] for _, rows in groups]
    heights = [[0.145 * (text.count("\n") + 1) + 0.16 for text in texts] for texts in lines]
    tall = [sum(column) for column in heights]
    with style():
        figure = new_figure(max(sum(tall) + 0.62 * len(groups) + 0.5, 1.2))
        if not groups:
            figure.text(0.5, 0.5, words(code)("plot.no_claims"), ha="center", color=SOFT)
            return figure
        every = figure.subplots(len(groups), 1, height_ratios=tall, squeeze=False)
        for k, ((head, rows), axes) in enumerate(zip(groups, every[:, 0], strict=True)):
            _panel(axes, head, rows, lines[k], heights[k], code)
        every[-1, 0].set_xlabel(words(code)("plot.forest_axis"))
        _legend(figure, [row for _, rows in groups for row in rows], code)
        return stamped(figure, verdicts, code)


def forest_alt(verdicts: Any, language: str = "en") -> str:
    """Return the figure in words: every claim with its estimate, interval and verdict.

    Parameters
    ----------
    verdicts, language
        As in `forest`.
    """
    code = language_code(language)
    if verdicts.groups:
        return forest_groups_alt(verdicts, code)
    say = words(code)
    said = [
        f"{row.statement_for(code)} {_numbers(row, code)} {say('verdict.' + row.verdict)}."
        for row in verdicts
    ]
    return say("plot.forest_alt", claims=" ".join(said))


def _groups(verdicts: Any) -> list[tuple[str, list[Any]]]:
    rows = list(verdicts)
    straight = [row for row in rows if row.estimand != "indirect"]
    products = [row for row in rows if row.estimand == "indirect"]
    return [(h, g) for h, g in (("direct", straight), ("indirect", products)) if g]


def _panel(
    axes: Any,
    head: str,
    rows: Sequence[Any],
    texts: list[str],
    heights: list[float],
    language: str,
) -> None:
    say = words(language)
    ticks, y = [], 0.0
    reach = [0.0]
    for row, high in zip(rows, heights, strict=True):
        at = y - high / 2
        ticks.append(at)
        axes.barh(
            at, 2 * row.sesoi, left=-row.sesoi, height=high - 0.03, color="#e9edf0", linewidth=0
        )
        reach += _effect(axes, row, at)
        colour = VERDICT_STYLES[row.verdict][0]
        beside = axes.get_yaxis_transform()
        axes.text(1.02, at + 0.065, _numbers(row, language), transform=beside, va="center",
                  fontsize=7.5, color=INK)  # fmt: skip
        axes.text(1.02, at - 0.075, say("verdict." + row.verdict), transform=beside, va="center",
                  fontsize=7.5, color=colour, fontweight="bold")  # fmt: skip
        y -= high
    axes.axvline(0, color=FAINT, linewidth=0.8, zorder=1)
    axes.set_yticks(ticks, texts)
    axes.set_ylim(y, 0.0)
    low, top = min(reach + [-r.sesoi for r in rows]), max(reach + [r.sesoi for r in rows])
    room = 0.06 * (top - low)
    axes.set_xlim(low - room, top + room)
    axes.set_title(say("plot." + head), loc="left", fontsize=9, fontweight="bold", color=INK)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    bare(axes, "bottom")
    _x_numbers(axes, language)


def _effect(axes: Any, row: Any, at: float) -> list[float]:
    colour, marker, filled = VERDICT_STYLES[row.verdict]
    values = [row.sign * v for v in (row.estimate, row.ci_lower, row.ci_upper)]
    if not math.isfinite(values[0]):
        return []
    low, top = sorted(values[1:])
    if math.isfinite(low) and math.isfinite(top):
        axes.plot([low, top], [at, at], color=colour, linewidth=1.5, zorder=2,
                  solid_capstyle="butt")  # fmt: skip
    axes.plot(
        values[0],
        at,
        marker=marker,
        markersize=6,
        markerfacecolor=colour if filled else "white",
        markeredgecolor=colour,
        markeredgewidth=1.3,
        linestyle="none",
        zorder=3,
    )
    return [v for v in values if math.isfinite(v)]


def _numbers(row: Any, language: str) -> str:
    if not math.isfinite(row.estimate):
        return words(language).numbers.missing
    digits = 3 if row.estimand == "indirect" else 2
    estimate = fixed(row.estimate, digits, language, bounded=True)
    limits = interval(row.ci_lower, row.ci_upper, digits, language, bounded=True)
    return f"{estimate} {limits}"


def _x_numbers(axes: Any, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: fixed(float(value), 2, language, bounded=True))
    )


def _legend(figure: Any, rows: Sequence[Any], language: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    say = words(language)
    present = {row.verdict for row in rows}
    handles: list[Any] = [
        Line2D(
            [],
            [],
            color=colour,
            marker=marker,
            markersize=6,
            markerfacecolor=colour if filled else "white",
            markeredgewidth=1.3,
            linewidth=1.5,
            label=say("verdict." + name),
        )
        for name, (colour, marker, filled) in VERDICT_STYLES.items()
        if name in present
    ]
    handles.append(Patch(facecolor="#e9edf0", label=say("plot.band")))
    columns = 3 if len(handles) > 4 else len(handles)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=2.0)
