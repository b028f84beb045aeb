"""The claims' effects in every group, the groups side by side for each claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

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
from truststats.present.wording.group_words import in_group
from truststats.present.wording.numbers import fixed, interval
from truststats.present.wording.words import language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["forest_groups", "forest_groups_alt", "group_legend", "group_look"]

# Colour, marker and filling each tell the group on their own; none of them is a verdict's.
_LOOKS: Final = (
    ("#3b5b92", "o", True),
    ("#a05a2c", "s", False),
    ("#4a7c59", "^", True),
    ("#7a4b8a", "D", False),
    ("#5b6670", "v", True),
    ("#94733b", "P", False),
)
_LABEL_INCHES: Final = 2.6
_LINE: Final = 0.17
_ROOM: Final = 0.14


def forest_groups(verdicts: Any, language: str = "en") -> Figure:
    """Draw each claim's standardised effect in every group, turned so that right is as expected.

    The grey band around zero is the claim's smallest effect of interest. Groups keep their order
    for every claim; they are told apart by colour and marker.

    Parameters
    ----------
    verdicts : Verdicts
        Of several groups.
    language : str
        Language of statements and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    say = words(code)
    panels = [
        (head, found)
        for head, indirect in (("direct", False), ("indirect", True))
        if (found := _claims(verdicts, indirect=indirect))
    ]
    tall = [sum(_height(rows, code) for rows in found) for _, found in panels]
    with style():
        figure = new_figure(max(sum(tall) + 0.62 * len(panels) + 0.6, 1.2))
        if not panels:
            figure.text(0.5, 0.5, say("plot.no_claims"), ha="center", color=SOFT)
            return figure
        every = figure.subplots(len(panels), 1, height_ratios=tall, squeeze=False)[:, 0]
        for axes, (head, found) in zip(every, panels, strict=True):
            _panel(axes, found, verdicts.groups, code)
            axes.set_title(
                say(f"plot.{head}"), loc="left", fontsize=9, fontweight="bold", color=INK
            )
        every[-1].set_xlabel(say("plot.forest_axis"))
        _legend(figure, verdicts.groups, code)
        return stamped(figure, verdicts, code)


def forest_groups_alt(verdicts: Any, language: str = "en") -> str:
    """Return the figure in words: every claim with its estimate and interval in every group.

    Parameters
    ----------
    verdicts, language
        As in `forest_groups`.
    """
    code = language_code(language)
    say = words(code)
    said = []
    for rows in [*_claims(verdicts, indirect=False), *_claims(verdicts, indirect=True)]:
        parts = [in_group(row.group, _numbers(row, code), say) for row in rows]
        said.append(f"{rows[0].statement_for(code)} {'; '.join(parts)}.")
    return say("plot.groups_alt", claims=" ".join(said))


def _claims(verdicts: Any, *, indirect: bool) -> list[list[Any]]:
    """Return the rows of each claim, groups in their order."""
    found: dict[str, list[Any]] = {}
    for row in verdicts:
        if (row.estimand == "indirect") == indirect:
            found.setdefault(row.claim_id, []).append(row)
    return list(found.values())


def _height(rows: Sequence[Any], language: str) -> float:
    lines = folded(rows[0].statement_for(language), _LABEL_INCHES).count("\n") + 1
    return max(_LINE * len(rows), 0.145 * lines) + _ROOM


def _panel(axes: Any, claims: list[list[Any]], groups: Sequence[str], language: str) -> None:
    ticks, texts, y, reach = [], [], 0.0, [0.0]
    for rows in claims:
        high = _height(rows, language)
        sesoi = rows[0].sesoi
        axes.barh(
            y - high / 2, 2 * sesoi, left=-sesoi, height=high - 0.05, color="#e9edf0", linewidth=0
        )
        ticks.append(y - high / 2)
        texts.append(folded(rows[0].statement_for(language), _LABEL_INCHES))
        top = y - high / 2 + _LINE * (len(rows) - 1) / 2
        for k, row in enumerate(rows):
            reach += _effect(axes, row, top - _LINE * k, _look(groups, row.group), language)
        reach += [-sesoi, sesoi]
        y -= high
    axes.axvline(0, color=FAINT, linewidth=0.8, zorder=1)
    axes.set_yticks(ticks, texts)
    axes.set_ylim(y, 0.0)
    room = 0.06 * (max(reach) - min(reach))
    axes.set_xlim(min(reach) - room, max(reach) + room)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    bare(axes, "bottom")
    _x_numbers(axes, language)


def group_look(number: int) -> tuple[str, str, bool]:
    """Return colour, marker and whether it is filled, of a group by its place."""
    return _LOOKS[number % len(_LOOKS)]


def _look(groups: Sequence[str], group: str) -> tuple[str, str, bool]:
    return group_look(list(groups).index(group))


def _effect(
    axes: Any, row: Any, at: float, look: tuple[str, str, bool], language: str
) -> list[float]:
    colour, marker, filled = look
    axes.text(
        1.02, at, _numbers(row, language), transform=axes.get_yaxis_transform(), va="center",
        fontsize=7.5, color=colour,
    )  # fmt: skip
    values = [row.sign * v for v in (row.estimate, row.ci_lower, row.ci_upper)]
    if not all(math.isfinite(v) for v in values):
        return []
    axes.plot(sorted(values[1:]), [at, at], color=colour, linewidth=1.4, zorder=2)
    axes.plot(
        values[0], at, marker=marker, markersize=5, markeredgecolor=colour, linestyle="none",
        markerfacecolor=colour if filled else "white", markeredgewidth=1.2, zorder=3,
    )  # fmt: skip
    return values


def _numbers(row: Any, language: str) -> str:
    if not math.isfinite(row.estimate):
        return words(language).numbers.missing
    digits = 3 if row.estimand == "indirect" else 2
    limits = interval(row.ci_lower, row.ci_upper, digits, language, bounded=True)
    return f"{fixed(row.estimate, digits, language, bounded=True)} {limits}"


def _x_numbers(axes: Any, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: fixed(float(value), 2, language, bounded=True))
    )


def _legend(figure: Any, groups: Sequence[str], language: str) -> None:
    from matplotlib.patches import Patch

    group_legend(figure, groups, [Patch(facecolor="#e9edf0", label=words(language)("plot.band"))])


def group_legend(figure: Any, groups: Sequence[str], more: Sequence[Any] = ()) -> None:
    """Put the groups' markers, and further handles, below a figure."""
    from matplotlib.lines import Line2D

    handles: list[Any] = []
    for name in groups:
        colour, marker, filled = _look(groups, name)
        handles.append(
            Line2D(
                [], [], color=colour, marker=marker, markersize=5, linewidth=1.4,
                markerfacecolor=colour if filled else "white", label=name.replace("$", r"\$"),
            )
        )  # fmt: skip
    handles += more
    columns = 3 if len(handles) > 4 else len(handles)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=2.0)
