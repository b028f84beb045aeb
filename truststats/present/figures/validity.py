"""Whether scales can be told apart: their correlations as a map, and the closest pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from truststats.present.figures.style import (
    FAINT,
    GRID,
    INK,
    bare,
    folded,
    new_figure,
    stamped,
    style,
)
from truststats.present.tables.validity import spoken
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["validity_alt", "validity_map", "validity_pairs", "validity_pairs_alt"]

_MOST = 12
_BLUE, _ORANGE = "#0072b2", "#c8500a"


def _values(found: Any) -> np.ndarray:
    """Return correlations below the diagonal, ratios above it, and roots of AVE on it."""
    cor, ratio = found.fornell_larcker.to_numpy(), found.htmt.to_numpy()
    at = np.tri(len(cor), dtype=bool)
    return np.where(at, cor, ratio)


def validity_map(found: Any, language: str = "en") -> Figure:
    """Draw correlations of the scales below, heterotrait ratios above the diagonal.

    On the diagonal stands the root of the average variance extracted, which should be larger than
    what stands beside and below it.

    Parameters
    ----------
    found : Validity
        What to draw.
    language : str
        Language of labels and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    say, values = words(code), _values(found)
    found = spoken(found, say)
    labels = [folded(row.label, 2.2) for row in found.scales]
    count = len(labels)
    with style():
        figure = new_figure(0.36 * count + 1.6)
        axes = figure.subplots()
        shown = np.abs(values)
        shown[np.diag_indices(count)] = np.nan
        axes.imshow(shown, cmap=_shades(), vmin=0.0, vmax=1.0, aspect="auto")
        for (i, k), value in np.ndenumerate(values):
            if np.isfinite(value):
                strong = i != k and abs(value) > 0.75
                axes.text(
                    k, i, fixed(float(value), 2, code, bounded=True), ha="center", va="center",
                    fontsize=7, color="white" if strong else INK,
                    fontweight="bold" if i == k else "normal",
                )  # fmt: skip
        axes.set_xticks(range(count), [str(k + 1) for k in range(count)])
        axes.set_yticks(range(count), [f"{text}  {k + 1}" for k, text in enumerate(labels)])
        axes.set_xlabel(folded(say("plot.validity_axis"), 4.4))
        bare(axes)
        return stamped(figure, found, code)


def validity_alt(found: Any, language: str = "en") -> str:
    """Return the map in words: the pair with the largest correlation.

    Parameters
    ----------
    found, language
        As in `validity_map`.
    """
    code = language_code(language)
    found = spoken(found, words(code))
    row = max(found.rows, key=lambda one: abs(one.cor))
    return words(code)(
        "plot.validity_alt", count=len(found.scales), one=found.label(row.lhs),
        other=found.label(row.rhs), cor=fixed(row.cor, 2, code, bounded=True),
    )  # fmt: skip


def _closest(found: Any) -> list[Any]:
    return sorted(found.rows, key=lambda row: -abs(row.cor))[:_MOST]


def validity_pairs(found: Any, language: str = "en") -> Figure:
    """Draw the closest pairs: correlation and heterotrait ratio with intervals, and the cuts.

    Parameters
    ----------
    found : Validity
        What to draw.
    language : str
        Language of labels and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    code = language_code(language)
    say, rows = words(code), _closest(found)
    found = spoken(found, say)
    with style():
        figure = new_figure(0.36 * len(rows) + 1.2)
        axes = figure.subplots()
        for k, row in enumerate(rows):
            sides = ((row.cor, row.cor_lower, row.cor_upper, _BLUE, "o", 0.13),
                     (row.htmt, row.htmt_lower, row.htmt_upper, _ORANGE, "D", -0.13))  # fmt: skip
            for value, low, high, colour, marker, apart in sides:
                ends = sorted((abs(low), abs(high))) if np.isfinite(low) else (np.nan, np.nan)
                axes.plot(ends, [apart - k] * 2, color=colour, linewidth=1.2)
                face = colour if marker == "o" else "white"
                axes.plot(
                    abs(value), apart - k, marker=marker, markersize=5, color=colour,
                    markerfacecolor=face, linestyle="none",
                )  # fmt: skip
        for limit in (0.8, 0.9, 1.0):
            axes.axvline(limit, color=FAINT, linewidth=0.6, linestyle=(0, (4, 3)), zorder=0)
        names = [f"{found.label(r.lhs)} – {found.label(r.rhs)}" for r in rows]
        axes.set_yticks([-k for k in range(len(rows))], [folded(name, 2.8) for name in names])
        axes.set_ylim(-len(rows) + 0.4, 0.6)
        axes.set_xlim(0.0, 1.05)
        axes.set_xlabel(say("plot.pairs_axis"))
        axes.xaxis.set_major_locator(MultipleLocator(0.2))
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: fixed(float(value), 1, code, bounded=True))
        )
        axes.grid(axis="x", color=GRID, linewidth=0.5)
        bare(axes, "bottom")
        _legend(figure, say)
        return stamped(figure, found, code)


def _legend(figure: Any, say: Any) -> None:
    from matplotlib.lines import Line2D

    kinds = (("column.cor", _BLUE, "o", _BLUE), ("column.htmt", _ORANGE, "D", "white"))
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=5, markerfacecolor=face,
               linestyle="none", label=say(name))
        for name, colour, marker, face in kinds
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=2)


def validity_pairs_alt(found: Any, language: str = "en") -> str:
    """Return the figure of pairs in words.

    Parameters
    ----------
    found, language
        As in `validity_pairs`.
    """
    code = language_code(language)
    found = spoken(found, words(code))
    said = "; ".join(
        f"{found.label(r.lhs)} – {found.label(r.rhs)} {fixed(r.cor, 2, code, bounded=True)}"
        for r in _closest(found)
    )
    return words(code)("plot.pairs_alt", values=said)


def _shades() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    found = LinearSegmentedColormap.from_list(
        "apart", ("#ffffff", "#e3eef5", "#8fbfdc", "#2268a8", "#12365a")
    )
    return found.with_extremes(bad="#f2f0ea")
