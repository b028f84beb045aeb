"""Answers to ordinal items: how often each is given, and by whom the model expects it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.errors import OptionError
from truststats.options import did_you_mean
from truststats.present.figures.likert_rows import colours
from truststats.present.figures.style import (
    FAINT,
    GRID,
    INK,
    SOFT,
    bare,
    new_figure,
    stamped,
    style,
)
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import language_code, words
from truststats.results.category_frames import factor_ranges

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["category_bars", "category_bars_alt", "category_curves", "category_curves_alt"]

_COLUMNS: Final = 3
_HEIGHT: Final = 1.75
_POINTS: Final = 121
_LINES: Final = ("-", "--", ":", "-.")
_BAR: Final = "#b9c4cc"


def category_bars(
    fit: Any,
    language: str = "en",
    items: str | Sequence[str] | None = None,
    *,
    group: str | None = None,
    min_n: int = 5,
) -> Figure:
    """Draw the observed share of each answer as a bar and the implied one as a dot on it.

    Parameters
    ----------
    fit : Fit
        Of ordinal items.
    language : str
        Language of numbers and labels.
    items : str or sequence of str, optional
        Items to show; all when None.
    group : str, optional
        One group only; without, every item has a panel for each group.
    min_n : int
        Shares of fewer answers are left out, and others that would give them away.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    say = words(code)
    frame = _chosen(fit.category_probabilities(group=group, min_n=min_n), items)
    panels = _panels(frame, "item", group)
    with style():
        figure, every = _grid(len(panels))
        top = 100.0 * float(np.nanmax([*frame["observed"], *frame["implied"], 0.1]))
        for axes, (name, rows) in zip(every, panels, strict=True):
            _bars(axes, rows, 1.15 * top)
            _finish(axes, name, code)
            axes.set_xticks(range(len(rows)), [f"{value:g}" for value in rows["category"]])
            axes.set_xlabel(say("plot.answer"))
        _outer(every, say("plot.share_axis"))
        hidden = bool(frame["observed"].isna().any())
        _key(figure, say, say("plot.category_hidden", min_n=min_n) if hidden else "")
        return stamped(figure, fit, code)


def category_bars_alt(
    fit: Any,
    language: str = "en",
    items: str | Sequence[str] | None = None,
    *,
    group: str | None = None,
    min_n: int = 5,
) -> str:
    """Return the figure in words: the largest difference of observed and implied shares.

    Parameters
    ----------
    fit, language, items, group, min_n
        As in `category_bars`.
    """
    code = language_code(language)
    frame = _chosen(fit.category_probabilities(group=group, min_n=min_n), items)
    gap = (frame["observed"] - frame["implied"]).abs().fillna(0.0)
    worst = frame.iloc[int(gap.to_numpy().argmax())]
    return words(code)(
        "plot.category_bars_alt",
        items=", ".join(dict.fromkeys(frame["item"])),
        gap=fixed(100.0 * float(gap.max()), 1, code),
        item=str(worst["item"]),
    )


def category_curves(
    fit: Any,
    language: str = "en",
    items: str | Sequence[str] | None = None,
    *,
    group: str | None = None,
) -> Figure:
    """Draw the probability of each answer against the factor that an item measures.

    The factor runs over three standard deviations about its mean; each curve carries the code of
    its answer. Groups are told apart by dashes.

    Parameters
    ----------
    fit, language, items, group
        As in `category_bars`.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.

    Raises
    ------
    OptionError
        With more than four groups and none named.
    """
    code = language_code(language)
    groups = fit.groups if group is None else ()
    if len(groups) > len(_LINES):
        raise OptionError(
            f"Curves of {len(groups)} groups cannot be told apart.", fix="name one: group=..."
        )
    frame = _chosen(_curves(fit, group), items)
    panels = [(item, rows) for (_, item), rows in frame.groupby(["factor", "item"], sort=False)]
    with style():
        figure, every = _grid(len(panels))
        for axes, (item, rows) in zip(every, panels, strict=True):
            _finish(axes, str(item), code)
            _lines(axes, rows, groups)
            axes.set_xlabel(str(rows["factor"].iloc[0]))
        _outer(every, words(code)("plot.probability_axis"))
        if len(groups) > 1:
            _dashes(figure, groups)
        return stamped(figure, fit, code)


def category_curves_alt(
    fit: Any,
    language: str = "en",
    items: str | Sequence[str] | None = None,
    *,
    group: str | None = None,
) -> str:
    """Return the figure in words: the likeliest answer at a low, middle and high factor.

    Parameters
    ----------
    fit, language, items, group
        As in `category_curves`.
    """
    code = language_code(language)
    frame = _chosen(_curves(fit, group), items)
    parts: list[str] = []
    by = ["factor", "item", "group"] if "group" in frame else ["factor", "item"]
    for key, rows in frame.groupby(by, sort=False, observed=True):
        values = rows["value"].unique()
        said = []
        for value in values[[0, len(values) // 2, -1]]:
            there = rows[rows["value"] == value]
            said.append(f"{there.loc[there['probability'].idxmax(), 'category']:g}")
        name = f"{key[1]} ({key[2]})" if len(by) == 3 else str(key[1])
        parts.append(f"{name} {', '.join(said)}")
    return words(code)("plot.category_curves_alt", items="; ".join(parts))


def _curves(fit: Any, group: str | None) -> pd.DataFrame:
    """Return probabilities over the range of each factor."""
    import pandas as pd

    parts = [
        fit.category_probabilities(np.linspace(low, high, _POINTS), factor=name, group=group)
        for name, (low, high) in factor_ranges(fit).items()
    ]
    return pd.concat(parts, ignore_index=True)


def _chosen(frame: pd.DataFrame, items: str | Sequence[str] | None) -> pd.DataFrame:
    if items is None:
        return frame
    wanted = [items] if isinstance(items, str) else list(items)
    known = list(dict.fromkeys(frame["item"]))
    strange = [name for name in wanted if name not in known]
    if strange or not wanted:
        name = strange[0] if strange else ""
        raise OptionError(
            f"items={name!r} is no ordinal item of this fit.{did_you_mean(name, known)}",
            fix=f"use some of {', '.join(known)}",
        )
    return frame[frame["item"].isin(wanted)].reset_index(drop=True)


def _panels(frame: pd.DataFrame, by: str, group: str | None) -> list[tuple[str, pd.DataFrame]]:
    """Return one panel an item, and with several groups one for each of them."""
    if "group" not in frame or group is not None:
        return [(str(item), rows) for item, rows in frame.groupby(by, sort=False)]
    found = frame.groupby([by, "group"], sort=False, observed=True)
    order = {item: k for k, item in enumerate(dict.fromkeys(frame[by]))}
    parts = sorted(found, key=lambda one: order[one[0][0]])
    return [(f"{item}, {label}", rows) for (item, label), rows in parts]


def _grid(count: int) -> tuple[Any, list[Any]]:
    """Return a figure with a panel for each item, and the panels."""
    lines = -(-count // _COLUMNS)
    figure = new_figure(_HEIGHT * lines + 0.4)
    every: list[Any] = figure.subplots(lines, _COLUMNS, squeeze=False).ravel().tolist()
    for axes in every[count:]:
        axes.remove()
    return figure, every[:count]


def _bars(axes: Any, rows: pd.DataFrame, top: float) -> None:
    at = np.arange(len(rows))
    observed, implied = (100.0 * rows[name].to_numpy() for name in ("observed", "implied"))
    axes.bar(at, np.nan_to_num(observed), width=0.72, color=_BAR, linewidth=0)
    axes.plot(at, implied, linestyle="none", marker="o", markersize=3.6, color=INK, zorder=3)
    for k in np.flatnonzero(np.isnan(observed)):
        axes.text(k, 1.0, "–", ha="center", va="bottom", color=SOFT)
    axes.set_ylim(0.0, top)


def _lines(axes: Any, rows: pd.DataFrame, groups: Sequence[str]) -> None:
    codes = list(dict.fromkeys(rows["category"]))
    parts = [(rows, "-")]
    if len(groups) > 1:
        parts = [
            (rows[rows["group"] == name], dash) for name, dash in zip(groups, _LINES, strict=False)
        ]
    for number, (own, dash) in enumerate(parts):
        for code, colour in zip(codes, _inks(len(codes)), strict=True):
            line = own[own["category"] == code]
            x, y = line["value"].to_numpy(), 100.0 * line["probability"].to_numpy()
            axes.plot(x, y, color=colour, linewidth=1.3, linestyle=dash)
            if not number:
                top = int(np.argmax(y))
                inside = min(max(top, 4), len(x) - 5)
                axes.annotate(
                    f"{code:g}", (x[inside], y[inside]), (0, 3), textcoords="offset points",
                    ha="center", va="bottom", fontsize=7.5, color=colour, fontweight="bold",
                )  # fmt: skip
    axes.set_ylim(0.0, 112.0)
    axes.set_yticks([0, 50, 100])


def _inks(count: int) -> list[str]:
    """Return the colours of answers, the light ones in the middle dark enough for a line."""
    from matplotlib.colors import to_hex, to_rgb

    made = []
    for colour in colours(count):
        rgb = np.array(to_rgb(colour))
        light = float(rgb @ [0.299, 0.587, 0.114])
        made.append(to_hex(tuple(rgb * min(1.0, 0.58 / light))))
    return made


def _finish(axes: Any, title: str, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_title(title.replace("$", r"\$"), loc="left", fontsize=8.5, fontweight="bold")
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    number = FuncFormatter(lambda value, _: fixed(float(value), 0, language))
    axes.yaxis.set_major_formatter(number)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(number)
    axes.grid(axis="y", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    bare(axes, "bottom")
    axes.spines["bottom"].set_color(FAINT)


def _outer(every: Sequence[Any], label: str) -> None:
    """Name the upright axis once a line."""
    for axes in every[::_COLUMNS]:
        axes.set_ylabel(label)


def _key(figure: Any, say: Any, hidden: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=_BAR, label=say("plot.observed")),
        Line2D([], [], linestyle="none", marker="o", markersize=3.6, color=INK,
               label=say("plot.implied")),
    ]  # fmt: skip
    if hidden:
        handles.append(Line2D([], [], linestyle="none", label=f"– {hidden}"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _dashes(figure: Any, groups: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles: list[Any] = [
        Line2D([], [], color=INK, linewidth=1.3, linestyle=dash, label=name.replace("$", r"\$"))
        for name, dash in zip(groups, _LINES, strict=False)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=2.5)
