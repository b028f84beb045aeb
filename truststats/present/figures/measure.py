"""Reliability by construct, and missing answers by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from truststats.errors import OptionError, SurveyError
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
from truststats.present.tables.make import SUMMED
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import language_code, words
from truststats.results.verdicts import in_language
from truststats.survey.item_counts import shown_items

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["missingness_alt", "missingness_grid", "reliability_alt", "reliability_dots"]

_MARKS: Final = (
    ("#0072b2", "o", True),
    ("#c8500a", "D", False),
    ("#5b6670", "s", True),
    ("#2a8a5f", "^", False),
    ("#b8860b", "v", True),
)


def reliability_dots(reliability: pd.DataFrame, language: str = "en") -> Figure:
    """Draw alpha and omega of each construct on one scale, with their confidence intervals.

    Parameters
    ----------
    reliability : pandas.DataFrame
        Columns construct, label, coefficient, value as from ``fit.reliability()``.
    language : str
        Language of labels and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.

    Raises
    ------
    OptionError
        For several groups at once.
    """
    code = language_code(language)
    say = words(code)
    _refuse_groups(reliability)
    table = _reliability_table(reliability, code)
    keys = list(dict.fromkeys(table["construct"]))
    kinds = list(dict.fromkeys(table["coefficient"]))
    texts = [
        folded(str(table.loc[table["construct"] == key, "label"].iloc[0]), 2.6) for key in keys
    ]
    with style():
        figure = new_figure(0.30 * len(keys) + 1.1)
        axes = figure.subplots()
        for at, key in enumerate(keys):
            own = table[(table["construct"] == key) & table["value"].notna()]
            if len(own) > 1:
                ends = [own["value"].min(), own["value"].max()]
                axes.plot(ends, [-at, -at], color=GRID, linewidth=3, zorder=1)
            for record in own.to_dict("records"):
                kind = kinds.index(record["coefficient"])
                apart = 0.16 * (kind - (len(kinds) - 1) / 2)
                ends = [float(record.get(side, np.nan)) for side in ("ci_lower", "ci_upper")]
                axes.plot(ends, [-at - apart] * 2, color=_MARKS[kind][0], linewidth=1.1, zorder=2)
                _dot(axes, float(record["value"]), -at - apart, kind)
        lower = table["ci_lower"].astype(float) if "ci_lower" in table else table["value"]
        lowest = float(np.nanmin([*table["value"], *lower, 0.6]))
        axes.set_xlim(min(0.5, np.floor(10 * lowest) / 10) - 0.02, 1.0)
        for limit in (0.7, 0.8):
            axes.axvline(limit, color=FAINT, linewidth=0.6, linestyle=(0, (4, 3)), zorder=0)
        axes.set_yticks([-k for k in range(len(keys))], texts)
        axes.set_ylim(-len(keys) + 0.4, 0.6)
        axes.set_xlabel(say("plot.reliability_axis"))
        _decimal_axis(axes, code)
        axes.grid(axis="x", color=GRID, linewidth=0.5)
        bare(axes, "bottom")
        _kinds_legend(figure, kinds, say)
        return stamped(figure, reliability, code)


def _refuse_groups(frame: pd.DataFrame) -> None:
    """Refuse the coefficients of several groups in one picture."""
    if "group" in frame.columns and frame["group"].nunique() > 1:
        names = ", ".join(repr(str(name)) for name in frame["group"].unique())
        raise OptionError(
            "The reliability of several groups is not drawn in one figure.",
            where=f"groups: {names}",
            fix="draw one: reliability_dots(fit.group(label).reliability())",
        )


def reliability_alt(reliability: pd.DataFrame, language: str = "en") -> str:
    """Return the figure in words.

    Parameters
    ----------
    reliability, language
        As in `reliability_dots`.
    """
    code = language_code(language)
    table = _reliability_table(reliability, code)
    said = [
        f"{r['label']}: {_kind(r['coefficient'], words(code))} "
        f"{fixed(float(r['value']), 2, code, bounded=True)}"
        for r in table.to_dict("records")
    ]
    return words(code)("plot.reliability_alt", values="; ".join(said))


def missingness_grid(survey: Any, language: str = "en", *, min_n: int = 5) -> Figure:
    """Draw the share of missing answers of every item, a line a construct.

    Items left blank and answers of "don't know" stand in two panels.

    Parameters
    ----------
    survey : Survey
        Answers bound to an instrument.
    language : str
        Language of labels and numbers.
    min_n : int
        Shares that tell of fewer people are left out.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.

    Raises
    ------
    SurveyError
        If the survey has no instrument.
    """
    code = language_code(language)
    say = words(code)
    labels, _, shares = _missing_shares(survey, code, min_n)
    top = max(5.0, float(np.nanmax(shares)) if np.isfinite(shares).any() else 5.0)
    with style():
        figure = new_figure(0.27 * len(labels) + 1.0)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, part, head in zip(panels, shares, ("blank", "unsure"), strict=True):
            axes.imshow(part, cmap=_whites(), vmin=0, vmax=top, aspect="auto")
            for (i, k), share in np.ndenumerate(part):
                if np.isfinite(share):
                    ink = "white" if share > 0.62 * top else INK
                    axes.text(k, i, fixed(float(share), 1, code), ha="center", va="center",
                              fontsize=7, color=ink)  # fmt: skip
            axes.set_title(folded(say("plot.missing_" + head), 2.6), fontsize=8.5, color=INK)
            count = part.shape[1]
            axes.set_xticks(range(count), [str(k + 1) for k in range(count)])
            axes.set_xlabel(say("plot.item_number"))
            bare(axes)
        panels[0].set_yticks(range(len(labels)), [folded(text, 2.2) for text in labels])
        return stamped(figure, survey, code)


def missingness_alt(survey: Any, language: str = "en", *, min_n: int = 5) -> str:
    """Return the figure in words: the range, and the item with most missing answers.

    Parameters
    ----------
    survey, language, min_n
        As in `missingness_grid`.
    """
    code = language_code(language)
    _, names, shares = _missing_shares(survey, code, min_n)
    both = shares.sum(axis=0)
    if not np.isfinite(both).any():
        return words(code)("plot.missing_alt_few")
    at = np.unravel_index(int(np.nanargmax(both)), both.shape)
    return words(code)(
        "plot.missing_alt",
        low=fixed(float(np.nanmin(both)), 1, code),
        high=fixed(float(np.nanmax(both)), 1, code),
        item=names[int(at[0])][int(at[1])],
    )


def _missing_shares(
    survey: Any, language: str, min_n: int
) -> tuple[list[str], list[list[str]], np.ndarray]:
    """Return construct labels, item names, and per cent by (blank, don't know), construct, item."""
    if survey.instrument is None:
        raise SurveyError(
            "Missing answers cannot be drawn by construct.",
            why="the survey is not bound to an instrument",
            fix="read_survey(..., instrument='tbm-core')",
        )
    table = shown_items(survey.missingness(), min_n)
    constructs = list(survey.instrument.constructs.values())
    names = [[i.name for i in c.items if i.name in table.index] for c in constructs]
    kept = [k for k, own in enumerate(names) if own]
    wide = max((len(names[k]) for k in kept), default=1)
    shares = np.full((2, len(kept), wide), np.nan)
    everybody = table["all"].to_numpy(dtype=float)
    for row, k in enumerate(kept):
        for column, name in enumerate(names[k]):
            own = table.loc[name, ["blank", "dont_know"]].to_numpy(dtype=float)
            shares[:, row, column] = 100 * own / max(everybody[table.index.get_loc(name)], 1.0)
    return [constructs[k].label_for(language) for k in kept], [names[k] for k in kept], shares


def _reliability_table(reliability: pd.DataFrame, language: str) -> pd.DataFrame:
    table = reliability.reset_index() if "construct" not in reliability else reliability.copy()
    table["label"] = [
        in_language(label, language) if isinstance(label, dict) else str(label)
        for label in (table["label"] if "label" in table else table["construct"])
    ]
    table["value"] = table["value"].astype(float)
    return table[table["coefficient"].isin(SUMMED)]


def _kind(name: str, say: Any) -> str:
    return say.get(f"coefficient.{name}", name)


def _dot(axes: Any, value: float, at: float, kind: int) -> None:
    colour, marker, filled = _MARKS[kind % len(_MARKS)]
    axes.plot(
        value,
        at,
        marker=marker,
        markersize=6,
        color=colour,
        markerfacecolor=colour if filled else "white",
        markeredgewidth=1.3,
        linestyle="none",
        zorder=3,
    )


def _kinds_legend(figure: Any, kinds: list[str], say: Any) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for k, kind in enumerate(kinds):
        colour, marker, filled = _MARKS[k % len(_MARKS)]
        face = colour if filled else "white"
        handles.append(
            Line2D(
                [],
                [],
                color=colour,
                marker=marker,
                markerfacecolor=face,
                markersize=6,
                markeredgewidth=1.3,
                linestyle="none",
                label=_kind(kind, say),
            )
        )
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 2))


def _decimal_axis(axes: Any, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: fixed(float(value), 1, language, bounded=True))
    )


def _whites() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    found = LinearSegmentedColormap.from_list("missing", ("#f6f8f9", "#8fbfdc", "#2268a8"))
    return found.with_extremes(bad="white")
