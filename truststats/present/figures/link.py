"""The change of each construct between two waves, and why some may not be read."""

from __future__ import annotations

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
from truststats.present.wording.link_words import factor_label, reason_sentence
from truststats.present.wording.numbers import fixed, interval
from truststats.present.wording.words import Words, language_code, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["link_alt", "link_figure"]

_COLOUR: Final = "#0072b2"
_LINE: Final = 0.27


def link_figure(link: Any, language: str = "en") -> Figure:
    """Draw the change of every factor with its interval; where it may not be read, why.

    Parameters
    ----------
    link : InstrumentLink
        From `InstrumentChange.link`.
    language : str
        Language of labels and numbers.

    Returns
    -------
    matplotlib Figure
        Seven inches wide.
    """
    code = language_code(language)
    with style():
        return stamped(_drawn(link, words(code)), link, code)


def link_alt(link: Any, language: str = "en") -> str:
    """Return the figure in words.

    Parameters
    ----------
    link, language
        As in `link_figure`.
    """
    say = words(language_code(language))
    code = say.language
    told = []
    for label, found, why in _rows(link, say):
        if found is None:
            told.append(f"{label}: {why}")
            continue
        limits = interval(found.lower, found.upper, 2, code)
        told.append(f"{label}: {fixed(found.change, 2, code)} ({limits}).")
    return say("link.alt", changes=" ".join(told))


def _rows(link: Any, say: Words) -> list[tuple[str, Any, str]]:
    """Return the label, the change or None, and the reason of each line."""
    rows: list[tuple[str, Any, str]] = []
    for one in link.constructs:
        for found in one.changes or (None,):
            name = one.construct if found is None else found.factor
            label = factor_label(link, one, name, say.language)
            why = say("link.not_licensed", why=reason_sentence(link, one, say))
            rows.append((label, found, "" if found is not None else why))
    return rows


def _drawn(link: Any, say: Words) -> Figure:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    rows = _rows(link, say)
    figure = new_figure(_LINE * len(rows) + 1.3)
    axes = figure.subplots()
    known = [found for _, found, _ in rows if found is not None]
    reach = 1.1 * max([0.2, *(max(abs(f.lower), abs(f.upper)) for f in known)])
    axes.axvline(0.0, color=FAINT, linewidth=0.9)
    for k, (_, found, why) in enumerate(rows):
        if found is None:
            axes.text(
                -0.97 * reach, k, folded(why, 4.6, 6.5), va="center", fontsize=6.5, color=SOFT,
                style="italic", backgroundcolor="white",
            )  # fmt: skip
            continue
        axes.hlines(k, found.lower, found.upper, color=_COLOUR, linewidth=1.4)
        if found.lowest == found.lowest:
            axes.plot([found.lowest, found.highest], [k, k], "|", color=INK, markersize=7)
        axes.plot(found.change, k, "o", color=_COLOUR, markersize=5)
    axes.set_yticks(range(len(rows)), [folded(label, 2.0) for label, _, _ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xlim(-reach, reach)
    said = say("link.axis", level=fixed(100 * link.level, 0, say.language))
    if any(found.lowest == found.lowest for found in known):
        note = folded(f"| {say('link.note_range')}", 5.2)
        said = f"{said}\n{note}"
    axes.set_xlabel(said)
    axes.set_title(
        say("link.table", old=link.waves[0], new=link.waves[1]), loc="left", fontsize=9,
        fontweight="bold", color=INK,
    )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: fixed(float(x), 1, say.language)))
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    bare(axes, "bottom")
    return figure
