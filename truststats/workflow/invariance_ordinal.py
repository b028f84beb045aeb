"""The ladder for ordinal items: thresholds first, then loadings, intercepts and residuals.

Wu & Estabrook (2016), doi:10.1007/s11336-016-9506-0: with equal thresholds the intercepts and units
of the normal responses become free in further groups, and only then do equal loadings and
intercepts mean the same as for continuous items. With three categories equal thresholds are the
configural model in other words; with two, thresholds, loadings and intercepts can only be tested
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from truststats.errors import Problem
from truststats.model import ParTable
from truststats.results.fit import Fit
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.invariance_partial import loadings_of

__all__ = ["ORDINAL_STEPS", "freed_items", "held", "ordinal_steps", "refit_items", "whole_item"]

ORDINAL_STEPS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": ("thresholds",),
    "loadings": ("thresholds", "loadings"),
    "intercepts": ("thresholds", "loadings", "intercepts"),
    "residuals": ("thresholds", "loadings", "intercepts", "residuals"),
}
"""The steps for ordinal items, by name, with what is equal over groups."""
_BINARY = ("configural", "intercepts", "residuals")


def ordinal_steps(
    levels: Sequence[tuple[str, int]],
) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Return the steps that items of these numbers of categories have, and what to say of them.

    Parameters
    ----------
    levels : sequence of (str, int)
        The items and how many categories each has.
    """
    few = [name for name, count in levels if count == 2]
    three = [name for name, count in levels if count == 3]
    if few:
        steps = {name: ORDINAL_STEPS[name] for name in _BINARY}
        return steps, [
            Problem(
                "steps_collapse",
                "note",
                "Thresholds, loadings and intercepts are tested in one step, because items with "
                f"two categories do not tell them apart: {', '.join(few)}.",
                "Nothing is lost for comparing means: that needs all of them equal.",
                ", ".join(few),
                len(few),
            )
        ]
    said: list[Problem] = []
    if three:
        said.append(
            Problem(
                "thresholds_untested",
                "note",
                "Equal thresholds cannot be tested for items with three categories, where they say "
                f"the same as the configural model: {', '.join(three)}.",
                "They are tested together with the intercepts.",
                ", ".join(three),
                len(three),
            )
        )
    return dict(ORDINAL_STEPS), said


def whole_item(table: ParTable, item: str) -> tuple[str, ...]:
    """Return the thresholds and loadings of an item, as `group_partial` takes them."""
    rows = zip(table.lhs, table.op, table.rhs, table.group, strict=True)
    found = [
        f"{lhs}{op}{rhs}"
        for lhs, op, rhs, group in rows
        if group == 1 and ((op == "|" and lhs == item) or (op == "=~" and rhs == item))
    ]
    return tuple(sorted(found, key=lambda text: "|" not in text))


def freed_items(free: Sequence[str]) -> set[str]:
    """Return the items whose thresholds are free: nothing of them is equal over groups."""
    return {text.split("|")[0] for text in free if "|" in text}


def held(table: ParTable, items: set[str]) -> ParTable:
    """Return a table in which some items have intercept 0 and unit 1 in every group.

    Their thresholds are free, so that nothing else would give their normal response a scale.
    """
    fixed: dict[int, float] = {}
    for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
        if lhs not in items or table.unique[k] < 0:
            continue
        if op == "~1":
            fixed[k] = 0.0
        elif lhs == rhs and op in ("~~", "~*~"):
            fixed[k] = 1.0
    if not fixed:
        return table
    kept = sorted({u for k, u in enumerate(table.unique) if u >= 0 and k not in fixed})
    place = {u: spot for spot, u in enumerate(kept)}
    count = 0
    free: list[int] = []
    for k, number in enumerate(table.free):
        count += number > 0 and k not in fixed
        free.append(count if number > 0 and k not in fixed else 0)
    return replace(
        table,
        free=tuple(free),
        unique=tuple(-1 if k in fixed else place.get(u, -1) for k, u in enumerate(table.unique)),
        ustart=tuple(fixed.get(k, value) for k, value in enumerate(table.ustart)),
        label=tuple("" if k in fixed else label for k, label in enumerate(table.label)),
    )


def refit_items(
    base: Fit, equal: Sequence[str], free: Sequence[str] = (), near: Fit | None = None
) -> Fit:
    """Return the model of ordinal items with other equalities; see `refit_equal`.

    An item whose thresholds are free has nothing in common with its like in the other groups.
    """
    loose = freed_items(free)
    own = [text for text in free if text.split("~")[0] not in loose]
    return refit_equal(base, equal, own, near, shaped=lambda table: held(table, loose))


def also_freed(table: ParTable) -> dict[str, tuple[str, ...]]:
    """Return, by an item's first threshold, what is freed together with it."""
    found = {item: whole_item(table, item) for item in loadings_of(table)}
    return {texts[0]: texts[1:] for texts in found.values() if texts and "|" in texts[0]}
