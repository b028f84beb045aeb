"""The ladder of invariance as a picture, and loadings and intercepts of items by group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from truststats.options import choose
from truststats.present.figures.groups import group_legend, group_look
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
from truststats.present.wording.invariance_words import decision_words, fit_words, step_words
from truststats.present.wording.labels import Labels, labels_of
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words, language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["invariance_alt", "invariance_figure", "item_figure", "ladder_figure"]

# Marker, filling and colour each tell the decision on their own.
_LOOKS: Final = {
    "holds": ("#2c6e49", "o", True),
    "approximately": ("#2c6e49", "o", False),
    "partial": ("#94733b", "D", True),
    "equivalent": (FAINT, "o", False),
    "fails": ("#9b2d30", "X", True),
}
_ROW: Final = 0.42
_LABEL_INCHES: Final = 2.1


def invariance_figure(found: Any, kind: str = "ladder", language: str = "en") -> Figure:
    """Draw the ladder, or the items' parameters by group.

    Parameters
    ----------
    found : Invariance
    kind : {"ladder", "items"}
    language : str
        Language of words and numbers.
    """
    if choose("kind", kind, ("ladder", "items")) == "items":
        return item_figure(found, language)
    return ladder_figure(found, language)


def ladder_figure(found: Any, language: str = "en") -> Figure:
    """Draw the steps as rungs, the first at the bottom, each with its change of CFI.

    Left of the dashed mark CFI falls by more than the rule allows. Steps are told apart by marker,
    filling and colour, and the decision stands beside each.

    Parameters
    ----------
    found : Invariance
    language : str
        Language of words and numbers.
    """
    code = language_code(language)
    say = words(code)
    with style():
        figure = new_figure(_ROW * len(found.steps) + 0.95)
        axes: Any = figure.subplots()
        lowest = -0.02
        for y, step in enumerate(found.steps):
            colour, marker, filled = _LOOKS[step.decision]
            change = found.changes(step)["cfi"]
            at = change if math.isfinite(change) else 0.0
            lowest = min(lowest, at)
            axes.axhline(y, color=GRID, linewidth=2.4, zorder=0)
            axes.plot(
                at, y, marker=marker, markersize=8, color=colour, linestyle="none", zorder=3,
                markerfacecolor=colour if filled else "white", markeredgewidth=1.4,
            )  # fmt: skip
            cut = found.rule.cut_offs(step.name).cfi
            if step.against and math.isfinite(cut) and step.name in _MEASURED:
                axes.plot([-cut, -cut], [y - 0.3, y + 0.3], color=SOFT, linewidth=1, dashes=(3, 2))
            right = f"{decision_words(step, say)}\n{fit_words(step, say)}"
            axes.text(
                1.02, y, right, transform=axes.get_yaxis_transform(), va="center", fontsize=7.2,
                color=colour if step.decision != "equivalent" else SOFT,
            )  # fmt: skip
        names = [_rung(step, say) for step in found.steps]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(-0.6, len(names) - 0.4)
        axes.set_xlim(lowest * 1.15, max(0.006, -lowest * 0.15))
        axes.axvline(0, color=FAINT, linewidth=0.8, zorder=1)
        axes.set_xlabel(say("plot.ladder_axis"))
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: fixed(float(value), 3, code, bounded=True))
        bare(axes, "bottom")
        return stamped(figure, found, code)


_MEASURED: Final = (
    "metric", "scalar", "strict", "thresholds", "loadings", "intercepts", "residuals",
)  # fmt: skip


def _rung(step: Any, say: Any) -> str:
    """Return the label of a step, with the items that are free."""
    name = folded(step_words(step.name, say), _LABEL_INCHES)
    items = list(dict.fromkeys(_item_of(text) for text in step.free))
    if not items:
        return name
    return f"{name}\n{folded(say('plot.without', items=', '.join(items)), _LABEL_INCHES, 7.0)}"


def _item_of(text: str) -> str:
    """Return the item of a parameter such as ``f=~x2``, ``x2~1`` or ``x2|t1``."""
    return text.split("=~")[1] if "=~" in text else text.split("|")[0].split("~1")[0]


def item_figure(found: Any, language: str = "en") -> Figure:
    """Draw every item's loading and intercept in each group, with 95% intervals.

    Each item stands on the scale of its factor that all other items give. Items that the ladder
    freed are marked by a dot before their name.

    Parameters
    ----------
    found : Invariance
    language : str
        Language of words and numbers.
    """
    code = language_code(language)
    say, frame, groups = words(code), found.items, list(found.groups)
    labels = labels_of(found.steps[0].fit, code)
    items = list(dict.fromkeys(frame["item"]))
    freed = {one.item for one in found.freed}
    high = max(0.34, 0.1 * len(groups) + 0.16)
    with style():
        figure = new_figure(high * len(items) + 1.1)
        panels = figure.subplots(1, 2, sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, ("loading", "intercept"), strict=True):
            for y, item in enumerate(items):
                own = frame[frame["item"] == item].set_index("group")
                for g, group in enumerate(groups):
                    _dot(axes, own.loc[group], name, _at(y, g, len(groups)), g)
            axes.set_title(
                say(f"plot.items_{name}"), loc="left", fontsize=9, fontweight="bold", color=INK
            )
            axes.grid(axis="x", color=GRID, linewidth=0.5)
            axes.set_axisbelow(True)
            axes.xaxis.set_major_formatter(lambda value, _: fixed(float(value), 2, code))
            bare(axes, "bottom")
        texts = [
            ("● " if item in freed else "") + folded(_named(item, labels, say), _LABEL_INCHES, 7.0)
            for item in items
        ]
        panels[0].set_yticks(range(len(items)), texts, fontsize=7)
        panels[0].set_ylim(len(items) - 0.5, -0.5)
        group_legend(figure, groups)
        return stamped(figure, found, code)


def _named(item: str, labels: Labels, say: Words) -> str:
    """Return an item, marked if it is reverse-keyed, with its wording."""
    mark = say("common.reversed") if labels.is_reversed(item) else ""
    return " ".join(part for part in (item, mark, labels.wording(item)) if part)


def _at(y: int, g: int, groups: int) -> float:
    return y + 0.62 * ((g + 0.5) / groups - 0.5)


def _dot(axes: Any, row: Any, name: str, y: float, g: int) -> None:
    colour, marker, filled = group_look(g)
    value, se = float(row[name]), float(row[f"{name}_se"])
    if not math.isfinite(value):
        return
    if math.isfinite(se) and se > 0:
        axes.plot([value - 1.96 * se, value + 1.96 * se], [y, y], color=colour, linewidth=1.2)
    axes.plot(
        value, y, marker=marker, markersize=4.2, markeredgecolor=colour, linestyle="none",
        markerfacecolor=colour if filled else "white", markeredgewidth=1.0, zorder=3,
    )  # fmt: skip


def invariance_alt(found: Any, language: str = "en") -> str:
    """Return the ladder in words.

    Parameters
    ----------
    found, language
        As in `ladder_figure`.
    """
    say = words(language_code(language))
    said = [
        f"{step_words(step.name, say)}: {decision_words(step, say)} ({fit_words(step, say)})"
        for step in found.steps
    ]
    return say("plot.ladder_alt", steps="; ".join(said))
