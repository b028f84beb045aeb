"""Means of many groups with their intervals, and a map of the items that deviate in some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.options import choose
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
from truststats.present.wording.alignment_words import alignment_sentences, ordered_groups
from truststats.present.wording.labels import labels_of
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words, language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["alignment_alt", "alignment_figure"]

_COLOUR: Final = "#0072b2"
_DOUBT: Final = "#8a949c"
_TALLEST: Final = 9.2
_LABELLED: Final = 84
_COLUMNS: Final = 45
_FAINTEST: Final = 0.3
"""The deepest colour stands for no less than this, so that chance alone stays pale."""


def alignment_figure(
    found: Any, kind: str = "means", construct: str | None = None, order: str = "name",
    language: str = "en",
) -> Figure:  # fmt: skip
    """Draw the means of all groups, or which items deviate in which groups.

    Parameters
    ----------
    found : AlignmentResult
        What to draw.
    kind : {"means", "items"}
    construct : str, optional
        Which factor.
    order : {"name", "data"}
        Never by the means: this is no ranking.
    language : str
        Language of words and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    kind = choose("kind", kind, ("means", "items"))
    at = ordered_groups(found.groups, choose("order", order, ("name", "data")))
    factor = found.factor(construct)
    draw = _means if kind == "means" else _items
    with style():
        return stamped(draw(found, factor, at, words(code)), found, code)


def alignment_alt(found: Any, language: str = "en") -> str:
    """Return the figure of means in words.

    Parameters
    ----------
    found, language
        As in `alignment_figure`.
    """
    say = words(language_code(language))
    return " ".join(alignment_sentences(found, labels_of(found, say.language), say))


def _label(name: str) -> str:
    return name.replace("$", r"\$")


def _title(axes: Any, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=9, fontweight="bold", color=INK)


def _means(found: Any, factor: Any, at: list[int], say: Words) -> Figure:
    """Draw one line a group; means that are not to be trusted are grey."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    frame = found.frame()
    frame = frame[frame["factor"] == factor.name].iloc[at[::-1]]
    line = min(0.19, _TALLEST / len(frame))
    fine = factor.converged and factor.share <= found.limit
    colour = _COLOUR if fine else _DOUBT
    figure = new_figure(line * len(frame) + 1.5)
    axes: Any = figure.subplots()
    y = np.arange(len(frame))
    axes.axvline(0.0, color=FAINT, linewidth=0.9, zorder=1)
    axes.hlines(y, frame["ci_lower"], frame["ci_upper"], color=colour, linewidth=1.3)
    fixed_at = frame["se"].isna().to_numpy()
    for some, face in ((~fixed_at, colour), (fixed_at, "white")):
        axes.plot(
            frame["mean"][some], y[some], "o", color=colour, markerfacecolor=face,
            markersize=min(4.5, 36 * line),
        )  # fmt: skip
    axes.set_ylim(-1, len(frame))
    if len(frame) <= _LABELLED:
        axes.set_yticks(y, [_label(g) for g in frame["group"]], fontsize=min(8.0, 54 * line))
    else:
        axes.set_yticks([])
    axis = say("plot.alignment_axis", reference=found.reference,
               level=fixed(100 * found.level, 0, say.language))  # fmt: skip
    note = say("plot.alignment_trusted" if fine else "plot.alignment_doubtful")
    axes.set_xlabel(f"{folded(axis, 5.6)}\n\n{folded(note, 5.6)}")
    _title(axes, labels_of(found, say.language).name(factor.name))
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: fixed(float(value), 1, say.language))
    )
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    bare(axes, "bottom")
    return figure


def _items(found: Any, factor: Any, at: list[int], say: Words) -> Figure:
    """Draw items by groups: how far each parameter lies from its mean, dots where it deviates."""
    names = labels_of(found, say.language)
    p, count = len(factor.items), len(at)
    figure = new_figure(2 * (0.22 * p) + 2.2)
    panels: Any = figure.subplots(2, 1, sharex=True, squeeze=False)[:, 0]
    for axes, kind, values, alike in zip(
        panels, ("loading", "intercept"), (factor.loadings, factor.intercepts),
        (factor.loadings_alike, factor.intercepts_alike), strict=True,
    ):  # fmt: skip
        gap = _gaps(values, alike)[:, at]
        most = max(float(np.abs(gap).max()), _FAINTEST)
        shown = axes.imshow(gap, cmap=_shades(), vmin=-most, vmax=most, aspect="auto")
        row, column = np.nonzero(~alike[:, at])
        axes.plot(
            column, row, "o", color=INK, markersize=min(4.0, 160 / count), linestyle="none",
            markeredgecolor="white", markeredgewidth=0.4,
        )  # fmt: skip
        axes.set_yticks(range(p), [_label(names.named(item)) for item in factor.items])
        _title(axes, say(f"plot.items_{kind}"))
        bare(axes)
        bar = figure.colorbar(shown, ax=axes, fraction=0.04, pad=0.01, ticks=[-most, 0.0, most])
        bar.ax.set_yticklabels([fixed(v, 2, say.language) for v in (-most, 0.0, most)], fontsize=7)
        bar.outline.set_visible(False)
        bar.ax.tick_params(length=0)
    if count <= _COLUMNS:
        panels[1].set_xticks(
            range(count), [_label(found.groups[k]) for k in at], rotation=90,
            fontsize=min(8.0, 330 / count),
        )  # fmt: skip
    else:
        panels[1].set_xticks([])
    panels[1].set_xlabel(folded(say("plot.alignment_items"), 5.6), color=SOFT)
    return figure


def _gaps(values: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Return how far each value lies from the mean of the groups it is the same for."""
    inside = np.where(alike.any(axis=1, keepdims=True), alike, True)
    return values - (values * inside).sum(axis=1, keepdims=True) / inside.sum(axis=1, keepdims=True)


def _shades() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("deviation", ("#c8500a", "#ffffff", "#0072b2"))
