"""What a fit leaves over: residual correlations, and the spread of bootstrap estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.errors import DataError, OptionError
from truststats.present.figures.style import FAINT, INK, bare, folded, new_figure, stamped, style
from truststats.present.wording.numbers import fixed, integer, interval
from truststats.present.wording.words import language_code, words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["bootstrap_alt", "bootstrap_histogram", "residual_alt", "residual_heatmap"]

_NOTABLE: Final = 0.10
_SCALE: Final = 0.20
_NUMBERED: Final = 14


def residual_heatmap(
    residuals: Any, language: str = "en", *, groups: Sequence[str] | None = None
) -> Figure:
    """Draw residual correlations: what the sample has and the model does not explain.

    Cells beyond .10 in size are marked with a dot, or with their number in small models.

    Parameters
    ----------
    residuals : Fit or pandas.DataFrame
        A fit, or its ``residuals("cor")``: symmetric, variables as index and columns.
    language : str
        Language of numbers and labels.
    groups : sequence of str, optional
        For each variable what it belongs to; lines part the groups. Taken from the names
        (``vtr1`` belongs to ``vtr``) when None.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    say = words(code)
    table = _residuals(residuals)
    names = [str(name) for name in table.index]
    matrix = table.to_numpy(dtype=float).copy()
    matrix[np.triu_indices(len(names))] = np.nan
    size = 6.5 if len(names) > 40 else 7.0
    with style():
        figure = new_figure(max(3.0, min(6.6, 1.4 + 0.24 * len(names))))
        axes = figure.subplots()
        image = axes.imshow(matrix, cmap=_diverging(), vmin=-_SCALE, vmax=_SCALE)
        _mark(axes, matrix, code)
        small = size if len(names) <= 30 else 5.0
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=small)
        axes.set_yticks(range(len(names)), names, fontsize=small)
        bare(axes)
        for at in _breaks(groups or [name.rstrip("0123456789") for name in names]):
            axes.plot([-0.5, at - 0.5], [at - 0.5] * 2, color=FAINT, linewidth=0.5)
            axes.plot([at - 0.5] * 2, [at - 0.5, len(names) - 0.5], color=FAINT, linewidth=0.5)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, extend="both")
        bar.outline.set_visible(False)  # type: ignore[operator]
        ticks = [-0.2, -0.1, 0.0, 0.1, 0.2]
        bar.set_ticks(ticks, labels=[fixed(t, 1, code, bounded=True) for t in ticks])
        bar.set_label(folded(say("plot.residual_axis"), 2.4))
        return stamped(figure, residuals, code)


def residual_alt(residuals: Any, language: str = "en") -> str:
    """Return the figure in words: how many residual correlations are notable, and the largest.

    Parameters
    ----------
    residuals, language
        As in `residual_heatmap`.
    """
    code = language_code(language)
    table = _residuals(residuals)
    matrix = table.to_numpy(dtype=float)
    row, column = np.tril_indices(len(matrix), -1)
    values = matrix[row, column]
    at = int(np.nanargmax(np.abs(values)))
    return words(code)(
        "plot.residual_alt",
        count=integer(int((np.abs(values) > _NOTABLE).sum()), code),
        total=integer(len(values), code),
        one=str(table.index[row[at]]),
        two=str(table.index[column[at]]),
        value=fixed(float(values[at]), 2, code, bounded=True),
    )


def bootstrap_histogram(
    draws: Any,
    estimate: float | None = None,
    limits: tuple[float, float] | None = None,
    *,
    label: str = "",
    language: str = "en",
) -> Figure:
    """Draw the bootstrap estimates of one parameter, with its estimate and interval.

    Parameters
    ----------
    draws : array-like
        Estimates of the refits that succeeded; NaN are left out.
    estimate : float, optional
        The estimate from the data.
    limits : (float, float), optional
        Confidence limits.
    label : str
        What is estimated.
    language : str
        Language of labels and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.

    Raises
    ------
    DataError
        If no draw is a number.
    """
    from matplotlib.ticker import FuncFormatter

    code = language_code(language)
    say = words(code)
    values = _finite(draws)
    with style():
        figure = new_figure(2.8)
        axes = figure.subplots()
        counts, edges = np.histogram(values, bins=_bins(values))
        axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color="#8fbfdc",
                 edgecolor="white", linewidth=0.4)  # fmt: skip
        high = 1.12 * float(counts.max())
        axes.set_ylim(0, high)
        if limits is not None:
            axes.axvspan(*limits, color="#0072b2", alpha=0.10, linewidth=0)
            for limit in limits:
                axes.axvline(limit, color="#0072b2", linewidth=1, linestyle=(0, (4, 3)))
        if estimate is not None and math.isfinite(estimate):
            axes.axvline(estimate, color=INK, linewidth=1.4)
        axes.set_title(_caption(estimate, limits, label, code), loc="left", fontsize=8.5)
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: fixed(float(value), 2, code, bounded=True))
        )
        axes.set_xlabel(say("plot.bootstrap_axis"))
        axes.set_ylabel(say("plot.bootstrap_count", count=integer(len(values), code)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: integer(float(v), code)))
        bare(axes, "bottom")
        return stamped(figure, draws, code)


def bootstrap_alt(
    draws: Any,
    estimate: float | None = None,
    limits: tuple[float, float] | None = None,
    *,
    label: str = "",
    language: str = "en",
) -> str:
    """Return the figure in words.

    Parameters
    ----------
    draws, estimate, limits, label, language
        As in `bootstrap_histogram`.
    """
    code = language_code(language)
    values = _finite(draws)
    return words(code)(
        "plot.bootstrap_alt",
        count=integer(len(values), code),
        caption=_caption(estimate, limits, label, code),
        low=fixed(float(values.min()), 2, code, bounded=True),
        high=fixed(float(values.max()), 2, code, bounded=True),
    )


def _residuals(residuals: Any) -> pd.DataFrame:
    if not hasattr(residuals, "residuals"):
        return residuals
    found = residuals.residuals("cor")
    if isinstance(found, dict):
        names = ", ".join(map(repr, found))
        raise OptionError(
            "The residuals of several groups are not drawn in one figure.",
            where=f"groups: {names}",
            fix="draw one: residual_heatmap(fit.group(label))",
        )
    return found


def _mark(axes: Any, matrix: np.ndarray, language: str) -> None:
    numbered = len(matrix) <= _NUMBERED
    for (i, k), value in np.ndenumerate(matrix):
        if not np.isfinite(value):
            continue
        ink = "white" if abs(value) > 0.75 * _SCALE else INK
        if numbered:
            label = fixed(float(value), 2, language, bounded=True)
            axes.text(k, i, label, ha="center", va="center", fontsize=6.5, color=ink)
        elif abs(value) > _NOTABLE:
            axes.plot(k, i, marker="o", markersize=1.6, color=ink, linestyle="none")


def _breaks(groups: Sequence[str]) -> list[int]:
    return [k for k in range(1, len(groups)) if groups[k] != groups[k - 1]]


def _diverging() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    stops = ("#b35806", "#f1b985", "#f7f7f7", "#9cc6e0", "#2268a8")
    found = LinearSegmentedColormap.from_list("residuals", stops)
    return found.with_extremes(bad="white")


def _finite(draws: Any) -> np.ndarray:
    values = np.asarray(draws, dtype=float).ravel()
    values = values[np.isfinite(values)]
    if not len(values):
        raise DataError(
            "There is no bootstrap estimate to draw.",
            why="every refit failed or none was asked for",
            fix="look at how many refits failed before using the interval",
        )
    return values


def _bins(values: np.ndarray) -> int:
    return int(np.clip(np.sqrt(len(values)), 10, 45))


def _caption(
    estimate: float | None, limits: tuple[float, float] | None, label: str, language: str
) -> str:
    parts = [label] if label else []
    if estimate is not None:
        parts.append(fixed(estimate, 2, language, bounded=True))
    if limits is not None:
        parts.append(interval(*limits, 2, language, bounded=True))
    return " ".join(parts)
