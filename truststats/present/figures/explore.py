"""Figures of explorations: loadings as a heat map, and eigenvalues beside random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.present.cards.explore import suggestion_words
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
from truststats.present.wording.words import Words, language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["loadings_alt", "loadings_heatmap", "scree", "scree_alt"]

_SALIENT: Final = 0.3
_ITEM_INCHES: Final = 3.4


def loadings_heatmap(found: Any, language: str = "en", *, sort: bool = True) -> Figure:
    """Draw the loadings of a factor analysis, items by factors.

    Loadings of .30 or more in size carry their number; items stand under the factor they load on
    most, with their wording where it is known.

    Parameters
    ----------
    found : FactorAnalysis
    language : str
        Language of wordings and numbers.
    sort : bool
        Items by factor; else in the order of the questionnaire.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    say = words(code)
    frame = found.frame(sort=sort, language=code)
    matrix = frame[list(found.factors)].to_numpy(dtype=float)
    size = 7.0 if len(frame) <= 40 else 5.5
    labels = [_item_label(found, record, code, say, size) for record in frame.to_dict("records")]
    lines = sum(label.count("\n") + 1 for label in labels)
    with style():
        figure = new_figure(1.3 + max(0.19 * lines, 0.24 * len(frame)) * size / 7.0)
        axes = figure.subplots()
        image = axes.imshow(matrix, cmap=_diverging(), vmin=-1, vmax=1, aspect="auto")
        for (i, k), value in np.ndenumerate(matrix):
            if abs(value) >= _SALIENT:
                ink = "white" if abs(value) > 0.8 else INK
                text = fixed(float(value), 2, code, bounded=True)
                axes.text(k, i, text, ha="center", va="center", fontsize=size, color=ink)
        axes.set_xticks(range(len(found.factors)), [folded(f, 1.0) for f in found.factors])
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(labels)), labels, fontsize=size)
        for at in _breaks(matrix) if sort else []:
            axes.axhline(at - 0.5, color=FAINT, linewidth=0.6)
        bare(axes)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, aspect=30)
        bar.outline.set_visible(False)  # type: ignore[operator]
        ticks = [-1.0, -0.5, 0.0, 0.5, 1.0]
        bar.set_ticks(ticks, labels=[fixed(t, 1, code, bounded=True) for t in ticks])
        bar.set_label(say("column.loading"))
        return stamped(figure, found, code)


def loadings_alt(found: Any, language: str = "en") -> str:
    """Return the figure in words: which items belong to each factor.

    Parameters
    ----------
    found, language
        As in `loadings_heatmap`.
    """
    code = language_code(language)
    say = words(code)
    main = found.main_factor()
    parts = [
        f"{factor}: {', '.join(main.index[main == factor]) or say('report.none')}"
        for factor in found.factors
    ]
    return say("explore.loadings_alt", factors="; ".join(parts))


def scree(found: Any, language: str = "en") -> Figure:
    """Draw eigenvalues beside those of data without common factors: factors and components.

    Parameters
    ----------
    found : FactorCount
    language : str
        Language of words and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    say = words(code)
    shown = min(len(found.items), max(10, max(found.suggested.values()) + 4))
    number = np.arange(1, shown + 1)
    with style():
        figure = new_figure(3.4)
        panels = figure.subplots(1, 2)
        pairs = ((found.factors, "factors"), (found.components, "components"))
        for axes, (analysis, kind) in zip(panels, pairs, strict=True):
            reference = analysis.reference(found.quantile)[:shown]
            count = analysis.suggested(found.quantile)
            axes.plot(number, reference, color=SOFT, linewidth=1.1, linestyle=(0, (4, 3)),
                      label=say("explore.random_line"))  # fmt: skip
            axes.plot(number, analysis.observed[:shown], color="#0072b2", linewidth=1.0,
                      marker="o", markersize=4, markerfacecolor="white",
                      label=say("explore.observed_line"))  # fmt: skip
            axes.plot(number[:count], analysis.observed[:count], color="#0072b2", marker="o",
                      markersize=4, linestyle="none")  # fmt: skip
            axes.set_title(say(f"explore.panel_{kind}", n=count), fontsize=8.5, color=INK)
            axes.set_xlabel(say("explore.number_axis"))
            axes.grid(axis="y", color=GRID, linewidth=0.5)
            _decimals(axes, code)
            bare(axes, "bottom", "left")
        panels[0].set_ylabel(say("explore.eigenvalue"))
        panels[1].legend(loc="upper right")
        return stamped(figure, found, code)


def scree_alt(found: Any, language: str = "en") -> str:
    """Return the figure in words: what each rule suggests.

    Parameters
    ----------
    found, language
        As in `scree`.
    """
    code = language_code(language)
    say = words(code)
    said = "; ".join(f"{rule}: {number}" for rule, number in suggestion_words(found, say))
    return say("explore.scree_alt", rules=said)


def _item_label(found: Any, record: Any, code: str, say: Words, size: float) -> str:
    item = str(record["item"])
    mark = f" {say('common.reversed')}" if item in found.reversed_items else ""
    text = found.wording(item, code).removesuffix(" (R)")
    whole = f"{item}{mark}  {text}" if text else f"{item}{mark}"
    return folded(whole, _ITEM_INCHES, size)


def _breaks(matrix: np.ndarray) -> list[int]:
    main = np.abs(matrix).argmax(axis=1)
    return [k for k in range(1, len(main)) if main[k] != main[k - 1]]


def _decimals(axes: Any, code: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: fixed(float(value), 1, code)))


def _diverging() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    stops = ("#b35806", "#f1b985", "#f7f7f7", "#9cc6e0", "#2268a8")
    return LinearSegmentedColormap.from_list("loadings", stops)
